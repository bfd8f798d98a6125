"""What a write needs to know of its session: loaded once for a batch, then changed in memory write by write.

States of sessions that were written lately are kept in memory. They hold as long as the session has the revision
that it had then: whoever changes something of a session, in whatever process, gives it another one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, select

from storage.holds import Ground
from storage.key_material import SecretBytes
from storage.records import ConsentState, NewSession, PartKind, StartEvent
from storage.sql.bulk import padded
from storage.sql.cache import BoundedCache
from storage.sql.databases import Unit
from storage.sql.keys import KeyStore
from storage.sql.tables import consent_states, ended_purposes, parts, restrictions, sessions, turns

CACHED_STATES: Final = 16_384
# Built once: that costs more than its execution, and every batch needs it.
_REVISIONS: Final = (
    select(sessions.c.id, sessions.c.revision)
    .where(sessions.c.id.in_(bindparam("ids", expanding=True)), ~sessions.c.erasing)
    .order_by(sessions.c.id)
    .with_for_update(key_share=True)
)


@dataclass(slots=True)
class OpenPart:
    """A part that content may still be added to."""

    id: UUID
    month: int
    first_end_at: datetime
    tail: bytes | None = None
    stored_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Make ready the id as it is stored."""
        self.stored_id = self.id.bytes


@dataclass(slots=True)
class SessionState:
    """A session in the course of a batch."""

    id: UUID
    digest_key: SecretBytes
    active_at: datetime
    ended_at: datetime | None = None
    disclosed_at: datetime | None = None
    agreed_since: datetime | None = None
    matter_resolved_at: datetime | None = None
    consent_ended_at: datetime | None = None
    relation_ended_at: datetime | None = None
    next_turn: int = 0
    next_record: int = 0
    bare: bool = True
    bars: int = 0
    revision: int = 0
    parts: dict[tuple[PartKind, bytes], OpenPart] = field(default_factory=dict)
    consents: dict[str, ConsentState] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    once: set[bytes] = field(default_factory=set)
    stored_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Make ready the id as it is stored."""
        self.stored_id = self.id.bytes

    def last_month(self) -> int:
        """Return the last of the deletion months of the parts that may be added to; 0 if there is none."""
        return max((part.month for part in self.parts.values()), default=0)

    def events(self) -> dict[StartEvent, datetime]:
        """Return what has happened to the session and starts a period."""
        times = {
            StartEvent.SESSION_END: self.ended_at,
            StartEvent.MATTER_RESOLVED: self.matter_resolved_at,
            StartEvent.CONSENT_END: self.consent_ended_at,
            StartEvent.RELATION_END: self.relation_ended_at,
        }
        return {event: at for event, at in times.items() if at is not None}


class StateCache:
    """States of sessions written lately."""

    def __init__(self) -> None:
        """Start empty."""
        self._states: BoundedCache[UUID, SessionState] = BoundedCache(CACHED_STATES)

    def take(self, revisions: Mapping[UUID, int]) -> dict[UUID, SessionState]:
        """Take out the states of sessions: a batch that fails leaves none of those that it had begun to change."""
        found = ((self._states.take(session_id), revision) for session_id, revision in revisions.items())
        return {state.id: state for state, revision in found if state is not None and state.revision == revision}

    def forget(self, session_ids: Collection[UUID] | None) -> None:
        """Forget the states of sessions, with their keys; None: of all."""
        if session_ids is None:
            self._states.clear()
        else:
            self._states.ban(session_ids)

    def put(self, states: Iterable[SessionState]) -> None:
        """Keep states that have been committed."""
        for state in states:
            self._states.put(state.id, state)


def opened(new: NewSession, digest_key: SecretBytes) -> SessionState:
    """Return the state of a session that a write opens."""
    return SessionState(id=new.id, digest_key=digest_key, active_at=new.started_at)


def locked(connection: Connection, session_ids: Collection[UUID]) -> dict[UUID, int]:
    """Lock those of the sessions that exist until the batch ends; returns their revisions."""
    found = connection.execute(_REVISIONS, {"ids": padded(session_ids)})
    return {row.id: row.revision for row in found}


def load(unit: Unit, keys: KeyStore, session_ids: Collection[UUID]) -> dict[UUID, SessionState]:
    """Return the states of sessions that are locked and exist."""
    if not session_ids:
        return {}
    found = select(sessions).where(sessions.c.id.in_(padded(session_ids)))
    states = {row.id: _state(row, keys.digest_key(unit, row.id)) for row in unit.sessions.execute(found)}
    known = padded(states)
    each = parts.c
    their_parts = select(each.session_id, each.id, each.kind, each.plan, each.month, each.first_end_at, each.tail)
    # In the order of their ids, which is that of their making: of parts with one plan the newest stays.
    for row in unit.sessions.execute(
        their_parts.where(each.session_id.in_(known), ~each.erasing).order_by(each.session_id, each.id)
    ):
        part = OpenPart(id=row.id, month=row.month, first_end_at=row.first_end_at, tail=row.tail)
        # Each recording is a part of its own, whatever others are made for the same purposes.
        plan = row.id.bytes if row.kind == PartKind.RECORDING else row.plan
        states[row.session_id].parts[PartKind(row.kind), plan] = part
    said = select(consent_states).where(consent_states.c.session_id.in_(known))
    for answer in unit.sessions.execute(said):
        states[answer.session_id].consents[answer.consent] = ConsentState(answer.state)
    _load_ended(unit.sessions, states, known)
    once = select(turns.c.session_id, turns.c.once).where(turns.c.session_id.in_(known), turns.c.once.is_not(None))
    for session_id, digest in unit.sessions.execute(once):
        if digest is not None:
            states[session_id].once.add(digest)
    return states


def _load_ended(connection: Connection, states: dict[UUID, SessionState], known: Collection[UUID]) -> None:
    ended, objected = ended_purposes.c, restrictions.c
    for found in (
        select(ended.session_id, ended.purpose).where(ended.session_id.in_(known)),
        select(objected.session_id, objected.purpose).where(
            objected.session_id.in_(known), objected.ground == Ground.OBJECTION.value
        ),
    ):
        for session_id, purpose in connection.execute(found):
            states[session_id].over.add(purpose)


def _state(row: Row[Any], digest_key: SecretBytes) -> SessionState:
    return SessionState(
        id=row.id,
        digest_key=digest_key,
        active_at=row.active_at,
        ended_at=row.ended_at,
        disclosed_at=row.disclosed_at,
        agreed_since=row.agreed_since,
        matter_resolved_at=row.matter_resolved_at,
        consent_ended_at=row.consent_ended_at,
        relation_ended_at=row.relation_ended_at,
        next_turn=row.next_turn,
        next_record=row.next_record,
        bare=row.bare,
        bars=row.bars,
        revision=row.revision,
    )
