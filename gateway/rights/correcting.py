"""A correction (Art. 16): the person's statement is kept beside what was said, and shown wherever that is.

What somebody said is on record as they said it, so no word of it is changed; the statement becomes the last turn of
the transcript, redacted as all that is kept of the channel, whole where originals are kept. A channel that keeps no
transcript has nothing beside which it could stand: it stays with the request. Nothing is indexed from it, for it may
name a number that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from gateway.clock import Clock
from gateway.consent import Rules
from gateway.notice.model import Notice
from gateway.recent import Heard
from gateway.redacting import ChannelRedaction
from gateway.rights.words import words_in
from storage.copies import SessionCopy
from storage.records import PartKind, Speaker, Turn, Write
from storage.store import SessionStore


class Corrections:
    """Adds statements to transcripts."""

    def __init__(
        self, notice: Notice, store: SessionStore, texts: Callable[[str], ChannelRedaction], clock: Clock
    ) -> None:
        """Take the notice, the store, and what gives the redaction of a channel."""
        self._notice = notice
        self._store = store
        self._texts = texts
        self._clock = clock
        self._rules = {name: Rules(notice, channel) for name, channel in notice.channels.items()}

    async def add(self, request: UUID, statement: str, copies: Iterable[SessionCopy]) -> None:
        """Add a statement to each session that has a transcript, once. Raises RedactionError or StorageError."""
        for copy in copies:
            rules = self._rules.get(copy.channel)
            if rules is None or all(part.kind is not PartKind.TRANSCRIPT for part in copy.parts):
                continue
            plan = rules.decide(await self._store.consent_states(copy.session_id), disclosed=True).plan
            kept, _ = self._texts(copy.channel).keep(statement, Heard())
            whole = PartKind.ORIGINAL in plan.assignments
            turn = Turn(
                Speaker.SUBJECT,
                self._marked(kept),
                self._clock.now(),
                once=f"correction:{request}",
                original=self._marked(statement) if whole else None,
            )
            await self._store.write(Write(copy.session_id, plan, self._clock.now(), turns=(turn,)))

    def _marked(self, statement: str) -> str:
        return words_in(self._notice.language, self._notice.language).correction.format(statement)
