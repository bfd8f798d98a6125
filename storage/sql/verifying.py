"""Reads what `storage.verifying` compares, some sessions at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, select

from storage.holds import Bar, Ground
from storage.plans import Rule
from storage.records import AssignmentState, ConsentState
from storage.retention import Ends
from storage.sql.ending import assignment_of, events_of
from storage.sql.holding import part_holds, session_bars
from storage.sql.tables import assignments, consent_states, ended_purposes, parts, restrictions, rules, sessions
from storage.verifying import Difference, PartAsKept, RuleAsKept, SessionAsKept, differences

SESSIONS_AT_ONCE: Final = 500


def verify(connection: Connection, after: UUID | None) -> tuple[Counter[Difference], UUID | None]:
    """Compare some sessions behind one; returns what differs and the last of them, None if there was none."""
    found = select(sessions).where(~sessions.c.erasing).order_by(sessions.c.id).limit(SESSIONS_AT_ONCE)
    rows = connection.execute(found if after is None else found.where(sessions.c.id > after)).all()
    if not rows:
        return Counter(), None
    kept = _Kept(connection, [row.id for row in rows])
    return Counter(each for row in rows for each in differences(kept.session(row))), rows[-1].id


class _Kept:
    """The rows of some sessions, by session and part."""

    def __init__(self, connection: Connection, ids: Sequence[UUID]) -> None:
        self._whole = session_bars(connection, ids)
        self._held = part_holds(connection, ids)
        self._parts = _grouped(connection, select(parts).where(parts.c.session_id.in_(ids), ~parts.c.erasing))
        self._consents = _grouped(connection, select(consent_states).where(consent_states.c.session_id.in_(ids)))
        self._ended = _grouped(connection, select(ended_purposes).where(ended_purposes.c.session_id.in_(ids)))
        objected = restrictions.c.ground == Ground.OBJECTION.value
        self._objected = _grouped(connection, select(restrictions).where(restrictions.c.session_id.in_(ids), objected))
        self._rules: defaultdict[UUID, list[RuleAsKept]] = defaultdict(list)
        each = assignments.c
        found = (
            select(each.part_id, each.state, each.delete_by, rules)
            .join(rules, rules.c.id == each.rule_id)
            .where(each.session_id.in_(ids))
        )
        for row in connection.execute(found):
            rule = RuleAsKept(Rule(row.id, assignment_of(row)), AssignmentState(row.state), row.delete_by)
            self._rules[row.part_id].append(rule)

    def session(self, row: Row[Any]) -> SessionAsKept:
        """Return a session with its parts."""
        over = (*self._ended[row.id], *self._objected[row.id])
        return SessionAsKept(
            events=events_of(row),
            consents={each.consent: ConsentState(each.state) for each in self._consents[row.id]},
            over=frozenset(each.purpose for each in over),
            bars=Bar(row.bars),
            whole=self._whole[row.id],
            parts=[self._part(part) for part in self._parts[row.id]],
        )

    def _part(self, row: Row[Any]) -> PartAsKept:
        bars = Bar(row.bars)
        return PartAsKept(
            collected_at=row.collected_at,
            rules=self._rules[row.id],
            plan=row.plan,
            ends=Ends(row.visible_until, row.first_end_at, row.due_at, objected=bool(bars & Bar.OBJECTION)),
            bars=bars,
            held=row.id in self._held,
        )


def _grouped(connection: Connection, found: Any) -> defaultdict[UUID, list[Row[Any]]]:  # noqa: ANN401 - any Select
    grouped: defaultdict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(found):
        grouped[row.session_id].append(row)
    return grouped
