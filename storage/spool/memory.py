"""The open sessions that this process has seen: what answers for them while the databases are away.

A session is remembered as it was last found, and as what was written since has changed it. How it is found is
remembered as a keyed digest, under a key of this process. What has not been asked for in an hour is forgotten.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from storage.crypto.framing import framed
from storage.key_material import SecretBytes
from storage.records import Locator, NewSession, Session, SessionEvent, TurnRef, Write, Written

REMEMBERED: Final = 16_384
LONGEST: Final = timedelta(hours=1)
_LOCATORS_EACH: Final = 4


@dataclass(slots=True)
class Remembered:
    """A session in memory.

    `token`: the digest of its owner's token, if it was seen. `next_turn`: the number of its next turn, as far as is
    known here. `waiting`: how many of its entries wait.
    """

    session: Session
    used_at: datetime
    token: bytes | None = None
    next_turn: int = 0
    waiting: int = 0


class Memory:
    """Sessions by how they are found."""

    def __init__(self) -> None:
        """Start empty."""
        self._key = os.urandom(32)
        self._sessions: OrderedDict[UUID, Remembered] = OrderedDict()
        self._by_locator: OrderedDict[bytes, UUID] = OrderedDict()

    def get(self, session_id: UUID) -> Remembered | None:
        """Return a session that is remembered."""
        return self._sessions.get(session_id)

    def located(self, locator: Locator) -> tuple[UUID | None, bool]:
        """Return the session that a locator names, and whether that is known; (None, True): it names none."""
        found = self._by_locator.get(self._name(locator))
        if found is not None:
            return found, found in self._sessions
        named = self._sessions.get(locator.id) if locator.id is not None and locator.token is not None else None
        if named is None or named.token is None or locator.token is None:
            return None, False
        same = hmac.compare_digest(named.token, hashlib.sha256(locator.token).digest())
        if named.session.channel != locator.channel or not same:
            return None, True
        return named.session.id, True

    def found(self, locator: Locator, session: Session, now: datetime) -> None:
        """Remember what the store has found. What waits is not in it: then only how it was found is new."""
        known = self._sessions.get(session.id)
        if known is None or not known.waiting:
            known = self._put(session, now, known)
        if locator.token is not None:
            known.token = hashlib.sha256(locator.token).digest()
        self._name_it(locator, session.id)

    def wrote(self, write: Write, written: Written, refs: Iterable[TurnRef], key: SecretBytes | None) -> None:
        """Remember what a write has changed; a session whose periods it may have changed is forgotten."""
        if write.new is not None and key is not None:
            self._opened(write.new, key, write.now)
        known = self._sessions.get(write.session_id)
        if known is None:
            return
        if any(event is not SessionEvent.AI_DISCLOSED for event in write.events) and not known.waiting:
            self.forget([write.session_id])
            return
        session, fresh = known.session, tuple(refs)
        stored = [number for number in written.sequences if number is not None]
        times = [turn.at for turn, number in zip(write.turns, written.sequences, strict=True) if number is not None]
        known.next_turn = max(known.next_turn, *(number + 1 for number in stored)) if stored else known.next_turn
        known.session = replace(
            session,
            history=(*session.history, *fresh),
            last_turn_at=max([*times, *([session.last_turn_at] if session.last_turn_at else [])], default=None),
            disclosed_at=session.disclosed_at or (write.now if write.events else None),
            consents={**session.consents, **{record.consent: record.state for record in write.consents}},
            answered_at={**session.answered_at, **{record.consent: record.at for record in write.consents}},
            pseudonyms=session.pseudonyms if write.pseudonyms is None else write.pseudonyms,
        )

    def forget(self, session_ids: Iterable[UUID]) -> None:
        """Forget sessions."""
        for session_id in session_ids:
            self._sessions.pop(session_id, None)

    def idle(self) -> list[Remembered]:
        """Return the sessions of which nothing waits."""
        return [known for known in self._sessions.values() if not known.waiting]

    def _opened(self, new: NewSession, key: SecretBytes, now: datetime) -> None:
        session = Session(
            id=new.id, channel=new.channel, started_at=new.started_at, last_turn_at=None, ended_at=None,
            disclosed_at=None, consents={}, history=(), digest_key=key, language=new.language,
        )  # fmt: skip
        self._put(session, now, None).token = hashlib.sha256(new.token).digest()
        for conversation in new.conversations:
            self._name_it(Locator(new.channel, conversation=conversation), new.id)

    def _put(self, session: Session, now: datetime, known: Remembered | None) -> Remembered:
        token = None if known is None else known.token
        next_turn = max((ref.sequence + 1 for ref in session.history), default=0)
        self._sessions[session.id] = made = Remembered(session, now, token, next_turn)
        self._sessions.move_to_end(session.id)
        if len(self._sessions) > REMEMBERED:
            oldest = next((each for each, one in self._sessions.items() if not one.waiting), session.id)
            if oldest != session.id:
                del self._sessions[oldest]
        return made

    def _name_it(self, locator: Locator, session_id: UUID) -> None:
        name = self._name(locator)
        self._by_locator[name] = session_id
        self._by_locator.move_to_end(name)
        if len(self._by_locator) > REMEMBERED * _LOCATORS_EACH:
            self._by_locator.popitem(last=False)

    def _name(self, locator: Locator) -> bytes:
        conversation = (locator.conversation or "").encode("utf-8", "surrogatepass")
        by = framed(b"token", locator.token) if locator.token is not None else framed(b"conversation", conversation)
        of = b"" if locator.id is None else locator.id.bytes
        return hmac.digest(self._key, framed(locator.channel.encode(), of) + by, "sha256")
