"""Reads what `storage.verifying` compares, some sessions at a time.

Every row that is kept is read, so what a row costs counts: ids stay bytes, the few rules are read once a step, and
sessions are asked for as a range of ids rather than one by one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, LargeBinary, Row, Select, select, type_coerce

from storage.holds import Bar, Ground
from storage.plans import Rule
from storage.records import AssignmentState, ConsentState
from storage.retention import EVERY_PURPOSE, Ends
from storage.sql.ending import assignment_of, events_of
from storage.sql.holding import WHOLE_SESSION
from storage.sql.tables import assignments, consent_states, ended_purposes, holds, parts, restrictions, rules, sessions
from storage.verifying import (
    Difference,
    PartAsKept,
    RuleAsKept,
    SessionAsKept,
    differences,
)

SESSIONS_AT_ONCE: Final = 1000
_STATES: Final = {state.value: state for state in AssignmentState}
_CONSENTS: Final = {state.value: state for state in ConsentState}
_ID: Final = type_coerce(sessions.c.id, LargeBinary).label("id")
_EVENTS: Final = (
    sessions.c.ended_at, sessions.c.matter_resolved_at, sessions.c.consent_ended_at, sessions.c.relation_ended_at,
)  # fmt: skip


def verify(connection: Connection, after: UUID | None) -> tuple[Counter[Difference], UUID | None]:
    """Compare some sessions behind one; returns what differs and the last of them, None if there was none."""
    found = select(_ID, sessions.c.bars, *_EVENTS).where(~sessions.c.erasing)
    found = found.order_by(sessions.c.id).limit(SESSIONS_AT_ONCE)
    rows = connection.execute(found if after is None else found.where(sessions.c.id > after)).all()
    if not rows:
        return Counter(), None
    last = UUID(bytes=rows[-1].id)
    kept = _Kept(connection, after, last)
    return Counter(each for row in rows for each in differences(kept.session(row))), last


class _Kept:
    """The rows of the sessions behind one up to another, by session and part."""

    def __init__(self, connection: Connection, after: UUID | None, last: UUID) -> None:
        self._connection, self._after, self._last = connection, after, last
        self._rules = {row.id: Rule(row.id, assignment_of(row)) for row in connection.execute(select(rules))}
        its, part = parts.c, type_coerce(parts.c.id, LargeBinary).label("part")
        found = self._of(
            its.session_id, part, its.collected_at, its.plan, its.visible_until, its.first_end_at, its.due_at, its.bars
        )
        self._parts = _grouped(connection.execute(found.where(~its.erasing)))
        self._consents = self._read(
            consent_states.c.session_id, consent_states.c.consent, consent_states.c.state, consent_states.c.at
        )
        self._ended = self._read(ended_purposes.c.session_id, ended_purposes.c.purpose)
        self._restricted = self._read(restrictions.c.session_id, restrictions.c.ground, restrictions.c.purpose)
        self._holds = self._read(holds.c.session_id, holds.c.part_id)
        each, part = assignments.c, type_coerce(assignments.c.part_id, LargeBinary).label("part")
        self._assigned: defaultdict[bytes, list[RuleAsKept]] = defaultdict(list)
        for row in connection.execute(self._of(each.session_id, part, each.rule_id, each.state, each.delete_by)):
            self._assigned[row.part].append(RuleAsKept(self._rules[row.rule_id], _STATES[row.state], row.delete_by))

    def session(self, row: Row[Any]) -> SessionAsKept:
        """Return a session with its parts."""
        restricted, held = self._restricted.get(row.id, ()), self._holds.get(row.id, ())
        objected = (each.purpose for each in restricted if each.ground == Ground.OBJECTION)
        whole = Bar(0)
        if any(each.part_id == WHOLE_SESSION for each in held):
            whole |= Bar.HOLD
        if any(each.purpose == EVERY_PURPOSE for each in restricted):
            whole |= Bar.RESTRICTION
        single = {each.part_id.bytes for each in held if each.part_id != WHOLE_SESSION}
        return SessionAsKept(
            events=events_of(row),
            consents={each.consent: (_CONSENTS[each.state], each.at) for each in self._consents.get(row.id, ())},
            over=frozenset((*(each.purpose for each in self._ended.get(row.id, ())), *objected)),
            bars=_bars(row.bars),
            whole=whole,
            parts=[self._part(part, held=part.part in single) for part in self._parts.get(row.id, ())],
        )

    def _part(self, row: Row[Any], *, held: bool) -> PartAsKept:
        return PartAsKept(
            collected_at=row.collected_at,
            rules=self._assigned.get(row.part, ()),
            plan=row.plan,
            ends=Ends(row.visible_until, row.first_end_at, row.due_at, objected=_objected(row.bars)),
            bars=_bars(row.bars),
            held=held,
        )

    def _of(self, session_id: ColumnElement[UUID], *columns: ColumnElement[Any]) -> Select[Any]:
        """Return the selection of columns of a table's rows that belong to these sessions."""
        found = select(type_coerce(session_id, LargeBinary).label("of"), *columns).where(session_id <= self._last)
        return found if self._after is None else found.where(session_id > self._after)

    def _read(self, session_id: ColumnElement[UUID], *columns: ColumnElement[Any]) -> Mapping[bytes, list[Row[Any]]]:
        return _grouped(self._connection.execute(self._of(session_id, *columns)))


@cache
def _bars(number: int) -> Bar:
    return Bar(number)


@cache
def _objected(number: int) -> bool:
    return bool(number & Bar.OBJECTION)


def _grouped(rows: Iterable[Row[Any]]) -> Mapping[bytes, list[Row[Any]]]:
    grouped: defaultdict[bytes, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        grouped[row.of].append(row)
    return grouped
