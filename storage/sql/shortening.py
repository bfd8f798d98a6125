"""A changed notice over the rows: what it shortens, and shortening it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select, update

from storage.plans import Rule
from storage.records import Assignment, AssignmentState, ErasureReason, PartKind
from storage.shortening import Change, Kept, Promises, change, first_later
from storage.sql.databases import lock_sessions
from storage.sql.ending import STANDS, assignment_of, end_assignments, events_of, settle
from storage.sql.erasing import mark_all
from storage.sql.saving import save_rules
from storage.sql.tables import assignments, parts, rules, sessions

SHOWN_AT_ONCE: Final = 200
APPLIED_AT_ONCE: Final = 50
"""How many sessions are looked at or changed in one step; conversations go on between two."""
_EVENTS: Final = ("ended_at", "matter_resolved_at", "consent_ended_at", "relation_ended_at")
_REPLACE: Final = (
    update(assignments)
    .where(
        assignments.c.session_id == bindparam("of"),
        assignments.c.part_id == bindparam("of_part"),
        assignments.c.rule_id == bindparam("of_rule"),
    )
    .values(rule_id=bindparam("new_rule"), delete_by=bindparam("new_delete_by"))
)


def next_sessions(connection: Connection, after: UUID | None, most: int) -> tuple[UUID | None, int]:
    """Return the last of the next sessions behind one, and how many they are; None if there is none."""
    ids = select(sessions.c.id).order_by(sessions.c.id).limit(most)
    found = connection.execute(ids if after is None else ids.where(sessions.c.id > after)).scalars().all()
    return (found[-1], len(found)) if found else (None, 0)


def changes_of(
    connection: Connection, promises: Promises, until: datetime, after: UUID | None, last: UUID
) -> list[Change]:
    """Return what the notice shortens of what was there at a moment, in sessions behind one up to the last."""
    its = assignments.c.session_id
    behind = () if after is None else (its > after,)
    return _changes(connection, promises, (parts.c.id < first_later(until), its <= last, *behind))


def _changes(connection: Connection, promises: Promises, which: Collection[ColumnElement[bool]]) -> list[Change]:
    each = assignments.c
    known = {row.id: Rule(row.id, assignment_of(row)) for row in connection.execute(select(rules))}
    concerned = _concerned(known.values(), promises)
    if not concerned:
        return []
    found = (
        select(
            each.session_id, each.part_id, each.rule_id, each.delete_by, sessions.c.channel, parts.c.kind,
            parts.c.collected_at, *(sessions.c[name] for name in _EVENTS),
        )
        .join(parts, (parts.c.session_id == each.session_id) & (parts.c.id == each.part_id))
        .join(sessions, sessions.c.id == each.session_id)
        .where(STANDS, ~parts.c.erasing, *which)
        .where(or_(*concerned))
    )  # fmt: skip
    changes: list[Change] = []
    for row in connection.execute(found):
        kept = Kept(
            session_id=row.session_id,
            part_id=row.part_id,
            channel=row.channel,
            kind=PartKind(row.kind),
            collected_at=row.collected_at,
            events=events_of(row),
            rule=known[row.rule_id],
            delete_by=row.delete_by,
        )
        changed = change(kept, promises)
        if changed is not None:
            changes.append(changed)
    return changes


def _concerned(kept: Collection[Rule], promises: Promises) -> list[ColumnElement[bool]]:
    """Return where the notice says something else than a rule: of which channel, kind of part, and rules."""
    places = []
    for channel, kinds in promises.items():
        for kind in PartKind:
            promised = kinds.get(kind, {})
            others = [each.id for each in kept if not _repeated(promised.get(each.assignment.purpose), each)]
            if others:
                here = (sessions.c.channel == channel, parts.c.kind == kind.value)
                places.append(and_(*here, assignments.c.rule_id.in_(others)))
    return places


def _repeated(promised: Assignment | None, rule: Rule) -> bool:
    return promised is not None and promised.deletion_class == rule.assignment.deletion_class


def apply(connection: Connection, changes: Sequence[Change], now: datetime) -> set[UUID]:
    """Shorten; returns the parts that are to be erased at once."""
    lock_sessions(connection, {each.session_id for each in changes})
    save_rules(connection, {each.new.id: each.new for each in changes if each.new is not None})
    replaced = [
        {
            "of": each.session_id,
            "of_part": each.part_id,
            "of_rule": each.old.id,
            "new_rule": each.new.id,
            "new_delete_by": each.delete_by,
        }
        for each in changes
        if each.new is not None
    ]
    if replaced:
        connection.execute(_REPLACE, replaced)
    ended: defaultdict[UUID, set[tuple[UUID, bytes]]] = defaultdict(set)
    touched: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for each in changes:
        touched[each.session_id].add(each.part_id)
        if each.new is None:
            ended[each.session_id].add((each.part_id, each.old.id))
    left: set[UUID] = set()
    for session_id, part_ids in touched.items():
        settle(connection, session_id, part_ids)
        if ended[session_id]:
            which = or_(*(_is(part_id, rule_id) for part_id, rule_id in sorted(ended[session_id])))
            left |= end_assignments(connection, session_id, which, AssignmentState.ENDED, now)
    return mark_all(connection, left, ErasureReason.ENDED, "notice", now)


def _is(part_id: UUID, rule_id: bytes) -> ColumnElement[bool]:
    return and_(assignments.c.part_id == part_id, assignments.c.rule_id == rule_id)
