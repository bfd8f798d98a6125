"""When parts end: days set anew after an event, assignments that end early, sessions ended by silence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, select, true, update

from storage.holds import Bar
from storage.plans import fingerprint
from storage.records import Assignment, AssignmentState, ClassKind, ConsentState, DeletionClass, RoundTo, StartEvent
from storage.retention import STANDING, Assigned, delete_by, ends, kept_by_any, stays_ended
from storage.sql.databases import lock_sessions
from storage.sql.tables import assignments, consent_states, parts, rules, sessions

IDLE_CHUNK: Final = 500
_assignments, _parts, _rules, _sessions, _said = assignments.c, parts.c, rules.c, sessions.c, consent_states.c
STANDS: Final = _assignments.state.in_(sorted(STANDING))

_of_assignment = and_(
    _assignments.session_id == bindparam("of"),
    _assignments.part_id == bindparam("of_part"),
    _assignments.rule_id == bindparam("of_rule"),
)
_SET_DELETE_BY: Final = update(assignments).where(_of_assignment).values(delete_by=bindparam("new_delete_by"))
_SET_STATE: Final = (
    update(assignments).where(_of_assignment).values(state=bindparam("new_state"), delete_by=bindparam("new_delete_by"))
)
_SET_PART: Final = (
    update(parts)
    .where(_parts.session_id == bindparam("of"), _parts.id == bindparam("of_part"))
    .values({name: bindparam(f"new_{name}") for name in ("plan", "visible_until", "first_end_at", "due_at", "bars")})
)
_SET_ENDED: Final = (
    update(sessions)
    .where(_sessions.id == bindparam("of"))
    .values(ended_at=bindparam("new_ended_at"), revision=_sessions.revision + 1)
)


@dataclass(frozen=True, slots=True)
class Idle:
    """What one step of ending idle sessions did: how many it ended, and which of the idle ones hold nothing."""

    ended: int
    bare: tuple[UUID, ...]


def class_of(row: Row[Any]) -> DeletionClass:
    """Return the deletion class of a row of `rules`."""
    return DeletionClass(
        row.deletion_class,
        StartEvent(row.start),
        row.period,
        row.time_zone,
        row.maximum_open,
        ClassKind(row.kind),
        None if row.round_to is None else RoundTo(row.round_to),
    )


def assignment_of(row: Row[Any]) -> Assignment:
    """Return the assignment of a row of `rules`."""
    return Assignment(row.purpose, row.legal_basis, class_of(row), row.consent, row.legal_claims)


def events_of(row: Row[Any]) -> dict[StartEvent, datetime]:
    """Return what has happened to the session of a row and starts a period."""
    times = {
        StartEvent.SESSION_END: row.ended_at,
        StartEvent.MATTER_RESOLVED: row.matter_resolved_at,
        StartEvent.CONSENT_END: row.consent_ended_at,
        StartEvent.RELATION_END: row.relation_ended_at,
    }
    return {event: at for event, at in times.items() if at is not None}


def reschedule(
    connection: Connection,
    session_id: UUID,
    events: Mapping[StartEvent, datetime],
    changed: Mapping[StartEvent, datetime],
) -> None:
    """Set anew the days of a session's assignments whose period the changed events start; each has when it was told."""
    found = (
        select(_assignments.part_id, _assignments.rule_id, _assignments.delete_by, _parts.collected_at, rules)
        .join(parts, (_parts.session_id == _assignments.session_id) & (_parts.id == _assignments.part_id))
        .join(rules, _rules.id == _assignments.rule_id)
        .where(
            _assignments.session_id == session_id,
            STANDS,
            _rules.start.in_([event.value for event in changed]),
        )
    )
    told_at = max(changed.values())
    rows = [row for row in connection.execute(found) if not stays_ended(class_of(row), row.delete_by, events, told_at)]
    if not rows:
        return
    moved = [
        {
            "of": session_id,
            "of_part": row.part_id,
            "of_rule": row.rule_id,
            "new_delete_by": delete_by(class_of(row), row.collected_at, events),
        }
        for row in rows
    ]
    connection.execute(_SET_DELETE_BY, moved)
    settle(connection, session_id, {row.part_id for row in rows})


def settle(connection: Connection, session_id: UUID, part_ids: Collection[UUID]) -> dict[UUID, list[Assigned]]:
    """Bring parts in line with their assignments, which are returned."""
    found = (
        select(_assignments.part_id, _assignments.rule_id, _assignments.state, _assignments.delete_by, _rules.kind)
        .join(rules, _rules.id == _assignments.rule_id)
        .where(_assignments.session_id == session_id, _assignments.part_id.in_(part_ids))
    )
    assigned: defaultdict[UUID, list[Assigned]] = defaultdict(list)
    standing: defaultdict[UUID, list[bytes]] = defaultdict(list)
    for row in connection.execute(found):
        each = Assigned(ClassKind(row.kind), AssignmentState(row.state), row.delete_by)
        assigned[row.part_id].append(each)
        if each.state in STANDING:
            standing[row.part_id].append(row.rule_id)
    kept = select(_parts.id, _parts.bars).where(_parts.session_id == session_id, _parts.id.in_(part_ids))
    settled = []
    for part in connection.execute(kept):
        its = ends(assigned[part.id])
        bars = Bar(part.bars) & ~Bar.OBJECTION | (Bar.OBJECTION if its.objected else Bar(0))
        settled.append(
            {
                "of": session_id,
                "of_part": part.id,
                "new_plan": fingerprint(standing[part.id]),
                "new_visible_until": its.visible_until,
                "new_first_end_at": its.first_end_at,
                "new_due_at": its.due_at,
                "new_bars": int(bars),
            }
        )
    if settled:
        connection.execute(_SET_PART, settled)
    return assigned


def resting_on(consent: str) -> ColumnElement[bool]:
    """Return the condition of rules that rest on a consent."""
    return _rules.consent == consent


def end_assignments(
    connection: Connection,
    session_id: UUID,
    which: ColumnElement[bool],
    state: AssignmentState,
    at: datetime,
    *,
    spared: Collection[UUID] = (),
) -> set[UUID]:
    """Put the session's standing assignments whose rules are of `which` into a state, but for spared parts.

    What ends does so at the latest now. Returns the parts that no assignment keeps any more: none stands, or those
    that do have run out before.
    """
    lock_sessions(connection, [session_id])
    found = (
        select(_assignments.part_id, _assignments.rule_id, _assignments.state, _assignments.delete_by)
        .join(rules, _rules.id == _assignments.rule_id)
        .where(_assignments.session_id == session_id, STANDS, which)
    )
    rows = [row for row in connection.execute(found) if row.part_id not in spared and row.state != state]
    if not rows:
        return set()
    changed = [
        {
            "of": session_id,
            "of_part": row.part_id,
            "of_rule": row.rule_id,
            "new_state": state.value,
            "new_delete_by": row.delete_by if state in STANDING else min(row.delete_by, at),
        }
        for row in rows
    ]
    connection.execute(_SET_STATE, changed)
    settled = settle(connection, session_id, {row.part_id for row in rows})
    return {part_id for part_id, assigned in settled.items() if not kept_by_any(assigned, at)}


def end_consent(connection: Connection, session_id: UUID, consent: str, at: datetime) -> set[UUID]:
    """End what rests on a consent that is not given now; returns as `end_assignments`.

    Where it has been given again since its withdrawal, what rests on it is newer: the withdrawal's record has ended
    the rest.
    """
    lock_sessions(connection, [session_id])
    said = select(_said.state).where(_said.session_id == session_id, _said.consent == consent)
    if connection.execute(said).scalar_one_or_none() == ConsentState.GIVEN.value:
        return set()
    return end_assignments(connection, session_id, resting_on(consent), AssignmentState.WITHDRAWN, at)


def end_idle(connection: Connection, channel: str, idle_since: datetime, now: datetime) -> Idle:
    """End some of the channel's open sessions without a turn since `idle_since`, at the moment they became idle."""
    silent = (_sessions.channel == channel, _sessions.active_at < idle_since, ~_sessions.erasing)
    open_ones = select(_sessions.id, _sessions.active_at).where(*silent, _sessions.ended_at.is_(None))
    # A session that another transaction holds is hardly idle; the next step looks at it again.
    rows = connection.execute(open_ones.limit(IDLE_CHUNK).with_for_update(skip_locked=True)).all()
    idle = now - idle_since
    if rows:
        connection.execute(_SET_ENDED, [{"of": row.id, "new_ended_at": row.active_at + idle} for row in rows])
        _reschedule_ended(connection, {row.id: row.active_at + idle for row in rows})
    bare = connection.execute(
        select(_sessions.id).where(*silent, _sessions.bare.is_(true()), _sessions.bars == 0).limit(IDLE_CHUNK)
    ).scalars()
    return Idle(ended=len(rows), bare=tuple(bare))


def _reschedule_ended(connection: Connection, ended: Mapping[UUID, datetime]) -> None:
    waiting = (
        select(_assignments.session_id)
        .join(rules, _rules.id == _assignments.rule_id)
        .where(
            _assignments.session_id.in_(list(ended)),
            STANDS,
            _rules.start == StartEvent.SESSION_END.value,
        )
        .distinct()
    )
    for session_id in connection.execute(waiting).scalars().all():
        events = {StartEvent.SESSION_END: ended[session_id]}
        reschedule(connection, session_id, events, events)
