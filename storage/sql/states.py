"""What a write needs to know of its session: loaded once for a whole batch, then changed in memory write by write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select

from storage.digests import once_digest
from storage.records import ConsentState, NewSession, PartKind, SecretBytes, StartEvent, Write
from storage.sql.keys import KeyStore
from storage.sql.sqlite import Unit
from storage.sql.tables import consent_states, parts, sessions, turns


@dataclass(slots=True)
class OpenPart:
    """A part that content may still be added to."""

    id: UUID
    month: int
    first_end_at: datetime


@dataclass(slots=True)
class SessionState:
    """A session in the course of a batch."""

    id: UUID
    new: bool
    digest_key: SecretBytes
    active_at: datetime
    ended_at: datetime | None = None
    disclosed_at: datetime | None = None
    matter_resolved_at: datetime | None = None
    consent_ended_at: datetime | None = None
    relation_ended_at: datetime | None = None
    next_turn: int = 0
    next_record: int = 0
    bare: bool = True
    marked: bool = False
    parts: dict[tuple[PartKind, bytes], OpenPart] = field(default_factory=dict)
    consents: dict[str, ConsentState] = field(default_factory=dict)
    once: set[bytes] = field(default_factory=set)

    def events(self) -> dict[StartEvent, datetime]:
        """Return what has happened to the session and starts a period."""
        times = {
            StartEvent.SESSION_END: self.ended_at,
            StartEvent.MATTER_RESOLVED: self.matter_resolved_at,
            StartEvent.CONSENT_END: self.consent_ended_at,
            StartEvent.RELATION_END: self.relation_ended_at,
        }
        return {event: at for event, at in times.items() if at is not None}


def opened(new: NewSession, digest_key: SecretBytes) -> SessionState:
    """Return the state of a session that a write opens."""
    return SessionState(id=new.id, new=True, digest_key=digest_key, active_at=new.started_at)


def load(unit: Unit, keys: KeyStore, writes: Sequence[Write]) -> dict[UUID, SessionState]:
    """Return the states of the sessions that exist already, locked until the batch ends."""
    created = {write.session_id for write in writes if write.new is not None}
    wanted = list({write.session_id for write in writes} - created)
    if not wanted:
        return {}
    found = select(sessions).where(sessions.c.id.in_(wanted), ~sessions.c.erasing).with_for_update()
    states = {row.id: _state(row, keys.digest_key(unit, row.id)) for row in unit.sessions.execute(found)}
    _load_parts(unit, states)
    _load_consents(unit, states, [write for write in writes if write.consents])
    _load_once(unit, states, [write for write in writes if any(turn.once is not None for turn in write.turns)])
    return states


def _state(row: Row[tuple[object, ...]], digest_key: SecretBytes) -> SessionState:
    return SessionState(
        id=row.id,
        new=False,
        digest_key=digest_key,
        active_at=row.active_at,
        ended_at=row.ended_at,
        disclosed_at=row.disclosed_at,
        matter_resolved_at=row.matter_resolved_at,
        consent_ended_at=row.consent_ended_at,
        relation_ended_at=row.relation_ended_at,
        next_turn=row.next_turn,
        next_record=row.next_record,
        bare=row.bare,
    )


def _load_parts(unit: Unit, states: dict[UUID, SessionState]) -> None:
    each = parts.c
    found = select(each.session_id, each.id, each.kind, each.plan, each.month, each.first_end_at)
    # In the order of their ids, which is that of their making: of parts with one plan the newest stays.
    for row in unit.sessions.execute(
        found.where(each.session_id.in_(list(states)), ~each.erasing).order_by(each.session_id, each.id)
    ):
        part = OpenPart(id=row.id, month=row.month, first_end_at=row.first_end_at)
        states[row.session_id].parts[PartKind(row.kind), row.plan] = part


def _load_consents(unit: Unit, states: dict[UUID, SessionState], writes: Sequence[Write]) -> None:
    wanted = [write.session_id for write in writes if write.session_id in states]
    if wanted:
        found = select(consent_states).where(consent_states.c.session_id.in_(wanted))
        for row in unit.sessions.execute(found):
            states[row.session_id].consents[row.consent] = ConsentState(row.state)


def _load_once(unit: Unit, states: dict[UUID, SessionState], writes: Sequence[Write]) -> None:
    wanted = [
        (write.session_id, once_digest(states[write.session_id].digest_key, turn.once))
        for write in writes
        for turn in write.turns
        if turn.once is not None and write.session_id in states
    ]
    if wanted:
        session_ids, digests = zip(*wanted, strict=True)
        found = select(turns.c.session_id, turns.c.once)
        for row in unit.sessions.execute(
            found.where(turns.c.session_id.in_(set(session_ids)), turns.c.once.in_(set(digests)))
        ):
            states[row.session_id].once.add(row.once)
