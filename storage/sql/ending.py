"""When parts end: days set anew after an event, assignments ended by a withdrawal, sessions ended by silence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, true, update

from storage.plans import fingerprint
from storage.records import DeletionClass, StartEvent
from storage.retention import delete_by
from storage.sql.tables import assignments, parts, rules, sessions

IDLE_CHUNK: Final = 500
_assignments, _parts, _rules, _sessions = assignments.c, parts.c, rules.c, sessions.c

_SET_DELETE_BY = (
    update(assignments)
    .where(
        _assignments.session_id == bindparam("of"),
        _assignments.part_id == bindparam("of_part"),
        _assignments.rule_id == bindparam("of_rule"),
    )
    .values(delete_by=bindparam("new_delete_by"))
)
_SET_PART = (
    update(parts)
    .where(_parts.session_id == bindparam("of"), _parts.id == bindparam("of_part"))
    .values({name: bindparam(f"new_{name}") for name in ("plan", "first_end_at", "due_at")})
)
_SET_ENDED = update(sessions).where(_sessions.id == bindparam("of")).values(ended_at=bindparam("new_ended_at"))


@dataclass(frozen=True, slots=True)
class Idle:
    """What one step of ending idle sessions did: how many it ended, and which of the idle ones hold nothing."""

    ended: int
    bare: tuple[UUID, ...]


def reschedule(
    connection: Connection,
    session_id: UUID,
    events: Mapping[StartEvent, datetime],
    changed: Collection[StartEvent],
) -> None:
    """Set anew the days of a session's assignments whose period the changed events start."""
    found = (
        select(assignments.c.part_id, assignments.c.rule_id, parts.c.collected_at, rules)
        .join(parts, (_parts.session_id == _assignments.session_id) & (_parts.id == _assignments.part_id))
        .join(rules, _rules.id == _assignments.rule_id)
        .where(
            _assignments.session_id == session_id,
            _assignments.state == "active",
            _rules.start.in_([event.value for event in changed]),
        )
    )
    rows = connection.execute(found).all()
    if not rows:
        return
    moved = [
        {
            "of": session_id,
            "of_part": row.part_id,
            "of_rule": row.rule_id,
            "new_delete_by": delete_by(
                DeletionClass(row.deletion_class, StartEvent(row.start), row.period, row.time_zone, row.maximum_open),
                row.collected_at,
                events,
            ),
        }
        for row in rows
    ]
    connection.execute(_SET_DELETE_BY, moved)
    settle(connection, session_id, {row.part_id for row in rows})


def settle(connection: Connection, session_id: UUID, part_ids: Collection[UUID]) -> set[UUID]:
    """Bring parts in line with their active assignments; returns those that have none left."""
    found = select(_assignments.part_id, _assignments.rule_id, _assignments.delete_by).where(
        _assignments.session_id == session_id, _assignments.part_id.in_(part_ids), _assignments.state == "active"
    )
    active = defaultdict(list)
    for row in connection.execute(found):
        active[row.part_id].append(row)
    settled = [
        {
            "of": session_id,
            "of_part": part_id,
            "new_plan": fingerprint(row.rule_id for row in rows),
            "new_first_end_at": min(row.delete_by for row in rows),
            "new_due_at": max(row.delete_by for row in rows),
        }
        for part_id, rows in active.items()
    ]
    if settled:
        connection.execute(_SET_PART, settled)
    return set(part_ids) - active.keys()


def end_assignments(connection: Connection, session_id: UUID, consent: str, spared: Collection[UUID] = ()) -> set[UUID]:
    """End the session's assignments that rest on a consent, but for spared parts; returns parts left with none."""
    resting = select(_rules.id).where(_rules.consent == consent)
    mine = (_assignments.session_id == session_id, _assignments.rule_id.in_(resting), _assignments.state == "active")
    part_ids = set(connection.execute(select(_assignments.part_id).where(*mine)).scalars()).difference(spared)
    if not part_ids:
        return set()
    ended = update(assignments).where(*mine, _assignments.part_id.in_(part_ids))
    connection.execute(ended.values(state="withdrawn"))
    return settle(connection, session_id, part_ids)


def end_idle(connection: Connection, channel: str, idle_since: datetime, now: datetime) -> Idle:
    """End some of the channel's open sessions without a turn since `idle_since`, at the moment they became idle."""
    silent = (_sessions.channel == channel, _sessions.active_at < idle_since, ~_sessions.erasing)
    open_ones = select(_sessions.id, _sessions.active_at).where(*silent, _sessions.ended_at.is_(None))
    rows = connection.execute(open_ones.limit(IDLE_CHUNK)).all()
    idle = now - idle_since
    if rows:
        connection.execute(_SET_ENDED, [{"of": row.id, "new_ended_at": row.active_at + idle} for row in rows])
        _reschedule_ended(connection, {row.id: row.active_at + idle for row in rows})
    bare = connection.execute(
        select(_sessions.id).where(*silent, _sessions.bare.is_(true())).limit(IDLE_CHUNK)
    ).scalars()
    return Idle(ended=len(rows), bare=tuple(bare))


def _reschedule_ended(connection: Connection, ended: Mapping[UUID, datetime]) -> None:
    waiting = (
        select(_assignments.session_id)
        .join(rules, _rules.id == _assignments.rule_id)
        .where(
            _assignments.session_id.in_(list(ended)),
            _assignments.state == "active",
            _rules.start == StartEvent.SESSION_END.value,
        )
        .distinct()
    )
    for session_id in connection.execute(waiting).scalars().all():
        events = {StartEvent.SESSION_END: ended[session_id]}
        reschedule(connection, session_id, events, {StartEvent.SESSION_END})
