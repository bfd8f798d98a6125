"""`MemoryCopies`: the reference of `CopyStore`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from storage.copies import COPY_PURPOSE, MOST_LINKED, HeldAssignment, HeldPart, SessionCopy
from storage.errors import UnknownSessionError
from storage.evidence import completed
from storage.holds import Bar
from storage.ledger.events import Event
from storage.ledger.happened import was_read
from storage.memory.state import MemoryPart, MemorySession, figures
from storage.records import PartKind, StoredTurn


class MemoryCopies:
    """A `storage.copies.CopyStore` in memory."""

    def __init__(self, sessions: Mapping[UUID, MemorySession], log: Callable[[Event], None]) -> None:
        """Share the store's sessions, and log to it."""
        self._sessions = sessions
        self._log = log

    async def of(self, session_id: UUID, now: datetime, *, content: bool = True) -> SessionCopy:
        """Return all that is held of a session."""
        session = self._sessions.get(session_id)
        if session is None or session.gone:
            raise UnknownSessionError("there is no such session, or it has been erased")
        parts = there(session, now)
        copy = SessionCopy(
            session_id=session_id,
            channel=session.new.channel,
            started_at=session.new.started_at,
            notice_version=session.new.notice_version,
            restricted=session.restricted,
            parts=tuple(_held(part, session) for part in sorted(parts, key=lambda each: each.id)),
            facts=figures(session, [part for part in parts if part.kind is PartKind.FACTS]),
        )
        if not content:
            return copy
        self._log(was_read(session_id, COPY_PURPOSE, now))
        return replace(
            copy,
            turns=_turns(parts),
            consents=completed(record for part in parts for record in part.consents),
            connections=tuple(each for part in parts for each in part.connections),
            pseudonyms=tuple(part.pseudonyms for part in parts if part.pseudonyms is not None),
        )

    async def linked(self, session_ids: Collection[UUID], now: datetime, limit: int = MOST_LINKED) -> tuple[UUID, ...]:
        """Return other sessions that share an identifier with one of these, newest first."""
        mine = [self._sessions[each] for each in session_ids if each in self._sessions]
        known = {each for session in mine for part in there(session, now) for each in part.identifiers}
        found = [
            session_id
            for session_id, session in self._sessions.items()
            if session_id not in session_ids and any(part.identifiers & known for part in there(session, now))
        ]
        return tuple(sorted(found, reverse=True)[:limit])


def there(session: MemorySession, now: datetime) -> list[MemoryPart]:
    """Return the parts of a session that are held at a moment, for whatever reason."""
    parts = (part for part in session.parts.values() if part.erasing is None)
    return [part for part in parts if part.ends().due_at > now or session.bars(part)]


def _held(part: MemoryPart, session: MemorySession) -> HeldPart:
    kept = [
        HeldAssignment(
            purpose=each.rule.assignment.purpose,
            legal_basis=each.rule.assignment.legal_basis,
            deletion_class=each.rule.assignment.deletion_class.name,
            kind=each.rule.assignment.deletion_class.kind,
            state=each.state,
            delete_by=each.delete_by,
            consent=each.rule.assignment.consent,
        )
        for each in part.rules.values()
    ]
    ordered = tuple(sorted(kept, key=lambda each: (each.purpose, each.deletion_class)))
    return HeldPart(part.id, part.kind, part.collected_at, ordered, held=bool(session.bars(part) & Bar.HOLD))


def _turns(parts: Collection[MemoryPart]) -> tuple[StoredTurn, ...]:
    turns: dict[int, StoredTurn] = {}
    for part in sorted(parts, key=lambda each: each.kind is PartKind.ORIGINAL):
        for sequence, turn in part.turns.items():
            both = turns.get(sequence)
            turns[sequence] = turn if both is None else replace(both, original=turn.original)
    return tuple(turns[sequence] for sequence in sorted(turns))
