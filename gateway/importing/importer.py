"""From the transcripts of another system to sealed sessions, redacted on the way, with their original dates.

A conversation is stored in one durable step, under a blind token of its own id, so an import that was broken off
is repeated and adds only what is missing. What the notice would erase at once is not stored at all: purposes whose
period is over, and whatever rests on a consent, for no answer came with the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.consent import lasting
from gateway.importing.transcripts import Conversation
from gateway.indexing import Index
from gateway.notice.load import Loaded
from gateway.recent import Heard
from gateway.redacting import ChannelRedaction
from gateway.tokens import new_token
from storage.records import (
    Locator,
    NewSession,
    PartKind,
    Plan,
    SessionEvent,
    Speaker,
    StartEvent,
    Turn,
    Write,
)
from storage.store import SessionStore

_SERVICE = {Speaker.BOT, Speaker.AGENT}
_IN_A_FILE = {PartKind.TRANSCRIPT, PartKind.ORIGINAL, PartKind.FACTS}
"""What a file has something for; it holds no answers to questions for consent, and no caller's number."""


@dataclass(slots=True)
class Outlook:
    """What an import would keep, and what the notice would erase at once: conversations by part and purpose."""

    conversations: int = 0
    turns: int = 0
    nothing_left: int = 0
    kept: Counter[tuple[PartKind, str]] = field(default_factory=Counter)
    over: Counter[tuple[PartKind, str]] = field(default_factory=Counter)


class Importer:
    """Imports conversations into one channel. `plan` is what the channel keeps without any consent."""

    def __init__(
        self, loaded: Loaded, channel: str, plan: Plan, texts: ChannelRedaction, store: SessionStore, now: datetime
    ) -> None:
        """Take where the conversations go; `now` decides what is over."""
        self._loaded = loaded
        self._channel = channel
        self._plan = Plan({kind: each for kind, each in plan.assignments.items() if kind in _IN_A_FILE})
        self._texts = texts
        self._index = Index(loaded.notice.channels[channel])
        self._store = store
        self._now = now

    def look(self, conversations: Iterable[Conversation]) -> Outlook:
        """Read everything and store nothing: what would be kept, and what is over already."""
        outlook = Outlook()
        for conversation in conversations:
            outlook.conversations += 1
            outlook.turns += len(conversation.turns)
            left = self._left(conversation)
            outlook.nothing_left += not left.assignments
            for kind, assignments in self._plan.assignments.items():
                for each in assignments:
                    where = outlook.kept if each in left.assignments.get(kind, ()) else outlook.over
                    where[kind, each.purpose] += 1
        return outlook

    async def add(self, conversation: Conversation) -> bool:
        """Store one conversation; False if it is stored already, or if nothing of it may be kept any more.

        Raises RedactionError or StorageError; then nothing of it is stored.
        """
        plan = self._left(conversation)
        if not plan.assignments or await self._store.find(self._locator(conversation), self._now) is not None:
            return False
        began, ended = conversation.turns[0].at.astimezone(UTC), conversation.turns[-1].at.astimezone(UTC)
        turns, language = self._redacted(conversation, plan)
        token = new_token(began)
        new = NewSession(
            id=token.id,
            channel=self._channel,
            notice_version=self._loaded.notice.version,
            notice_digest=self._loaded.digest,
            started_at=began,
            token=token.secret,
            conversations=(_name(conversation),),
            language=language,
            imported=True,
        )
        await self._store.write(Write(token.id, plan, ended, new=new, turns=turns, events=(SessionEvent.SESSION_END,)))
        return True

    def _locator(self, conversation: Conversation) -> Locator:
        return Locator(self._channel, conversation=_name(conversation))

    def _left(self, conversation: Conversation) -> Plan:
        """Return the plan without what would be erased at once."""
        began, ended = conversation.turns[0].at, conversation.turns[-1].at
        return lasting(self._plan, began, self._now, {StartEvent.SESSION_END: ended})

    def _redacted(self, conversation: Conversation, plan: Plan) -> tuple[tuple[Turn, ...], str | None]:
        """Redact each turn, read with the other side's last words and what was found before."""
        turns, spoken = [], Heard()
        last: dict[bool, str] = {}
        for said in conversation.turns:
            side = said.speaker in _SERVICE
            heard = Heard(last.get(not side, ""), spoken.values, spoken.language)
            language = self._texts.language(said.text, heard)
            heard = Heard(heard.previous, heard.values, language)
            kept, values = self._texts.keep(said.text, heard)
            spoken = Heard("", spoken.values, language).after("", values)
            last[side] = said.text
            original = said.text if PartKind.ORIGINAL in plan.assignments else None
            own = self._index.identifiers(values) if said.speaker is Speaker.SUBJECT else ()
            at = said.at.astimezone(UTC)
            turns.append(Turn(said.speaker, kept, at, match=said.text, original=original, identifiers=own))
        return tuple(turns), spoken.language


def _name(conversation: Conversation) -> str:
    return f"import:{conversation.name}"
