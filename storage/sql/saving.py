"""The rows of a planned batch, executed: keys first and durable, then everything else in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from storage.plans import Rule
from storage.records import NewSession
from storage.sql import tables
from storage.sql.columns import Instant
from storage.sql.ending import reschedule
from storage.sql.key_tables import creations, part_keys, session_keys
from storage.sql.sqlite import Unit
from storage.sql.states import SessionState
from storage.sql.writing import Counts, WriteBatch

_KEYS = (part_keys, session_keys)
_ORDER = (tables.locators, tables.parts, tables.assignments, tables.turns, tables.contents)
_INSERT = {
    table: insert(table)
    for table in (*_KEYS, *_ORDER, tables.sessions, tables.facts, tables.consent_states, tables.rules)
}

_sessions, _facts, _consents = tables.sessions.c, tables.facts.c, tables.consent_states.c
_ADVANCE = (
    update(tables.sessions)
    .where(_sessions.id == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in ("active_at", "next_turn", "next_record", "bare")})
)
_EVENT_COLUMNS = ("ended_at", "disclosed_at", "matter_resolved_at", "consent_ended_at", "relation_ended_at")
_MARK = (
    update(tables.sessions)
    .where(_sessions.id == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in _EVENT_COLUMNS})
)
_COUNT = (
    update(tables.facts)
    .where(_facts.session_id == bindparam("of"), _facts.part_id == bindparam("of_part"))
    .values(
        messages=_facts.messages + bindparam("turns"),
        ratings_positive=_facts.ratings_positive + bindparam("positive"),
        ratings_negative=_facts.ratings_negative + bindparam("negative"),
        last_turn_at=func.coalesce(bindparam("at", type_=Instant), _facts.last_turn_at),
    )
)
_FORGET_CONSENT = delete(tables.consent_states).where(
    _consents.session_id == bindparam("of"), _consents.consent == bindparam("of_consent")
)
_DROP_REPLACED = delete(tables.contents).where(
    tables.contents.c.session_id == bindparam("of"),
    tables.contents.c.part_id == bindparam("of_part"),
    tables.contents.c.sequence < bindparam("below"),
)


def save_keys(unit: Unit, batch: WriteBatch, settled: Iterable[UUID]) -> UUID | None:
    """Make the keys of a batch durable, with a note of which they are; returns the note's id.

    The note lets a start find keys whose rows never came (`orphans`). Notes of earlier batches, whose rows
    have been committed since, go in the same step.
    """
    made = [(table, batch.rows[table]) for table in _KEYS if batch.rows[table]]
    if not made:
        return None
    connection = unit.keys
    for table, rows in made:
        connection.execute(_INSERT[table], rows)
    note = uuid4()
    part_ids = b"".join(row["part_id"].bytes for row in batch.rows[part_keys])
    session_ids = b"".join(row["session_id"].bytes for row in batch.rows[session_keys])
    connection.execute(insert(creations), [{"id": note, "part_ids": part_ids, "session_ids": session_ids}])
    over = list(settled)
    if over:
        connection.execute(delete(creations).where(creations.c.id.in_(over)))
    connection.commit()
    return note


def save_rows(unit: Unit, batch: WriteBatch, known_rules: set[bytes]) -> None:
    """Execute the rows of a batch; they last when the unit's transaction does."""
    connection = unit.sessions
    _save_rules(connection, batch.rules, known_rules)
    _execute(connection, tables.sessions, [_new_row(new, batch.changed[new.id]) for new in batch.opened.values()])
    for table in _ORDER:
        _execute(connection, table, batch.rows[table])
    _advance(connection, [state for state in batch.changed.values() if not state.new])
    _count(connection, batch.counts)
    if batch.consents:
        forget = [{"of": session_id, "of_consent": consent} for session_id, consent in batch.consents]
        connection.execute(_FORGET_CONSENT, forget)
        _execute(connection, tables.consent_states, list(batch.consents.values()))
    if batch.replaced:
        connection.execute(
            _DROP_REPLACED, [{"of": of, "of_part": part, "below": at} for of, part, at in batch.replaced]
        )
    for session_id, events in batch.happened.items():
        reschedule(connection, session_id, batch.changed[session_id].events(), events)


def _execute(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(_INSERT[table], rows)


def _save_rules(connection: Connection, rules: dict[bytes, Rule], known: set[bytes]) -> None:
    missing = rules.keys() - known
    if not missing:
        return
    found = select(tables.rules.c.id).where(tables.rules.c.id.in_(missing))
    missing -= set(connection.execute(found).scalars())
    _execute(connection, tables.rules, [_rule_row(rules[key]) for key in missing])


def _rule_row(rule: Rule) -> dict[str, Any]:
    each, its = rule.assignment, rule.assignment.deletion_class
    return {
        "id": rule.id,
        "purpose": each.purpose,
        "legal_basis": each.legal_basis,
        "consent": each.consent,
        "deletion_class": its.name,
        "start": its.start.value,
        "period": its.period,
        "time_zone": its.time_zone,
        "maximum_open": its.maximum_open,
    }


def _new_row(new: NewSession, state: SessionState) -> dict[str, Any]:
    row = {
        "id": new.id,
        "channel": new.channel,
        "notice_version": new.notice_version,
        "notice_digest": new.notice_digest,
        "language": new.language,
        "token_digest": hashlib.sha256(new.token).digest(),
        "started_at": new.started_at,
        "active_at": state.active_at,
        "next_turn": state.next_turn,
        "next_record": state.next_record,
        "bare": state.bare,
    }
    return row | {name: getattr(state, name) for name in _EVENT_COLUMNS}


def _advance(connection: Connection, states: list[SessionState]) -> None:
    if not states:
        return
    rows = [
        {
            "of": state.id,
            "new_active_at": state.active_at,
            "new_next_turn": state.next_turn,
            "new_next_record": state.next_record,
            "new_bare": state.bare,
        }
        for state in states
    ]
    connection.execute(_ADVANCE, rows)
    marked = [state for state in states if state.marked]
    if marked:
        columns = [(name, f"new_{name}") for name in _EVENT_COLUMNS]
        connection.execute(
            _MARK, [{"of": state.id} | {new: getattr(state, name) for name, new in columns} for state in marked]
        )


def _count(connection: Connection, counts: dict[UUID, Counts]) -> None:
    made, counted = [], []
    for part_id, each in counts.items():
        if each.new:
            row = {"session_id": each.session_id, "part_id": part_id, "last_turn_at": each.last_turn_at}
            figures = {"messages": each.turns, "ratings_positive": each.positive, "ratings_negative": each.negative}
            made.append(row | figures)
        else:
            row = {"of": each.session_id, "of_part": part_id, "at": each.last_turn_at}
            counted.append(row | {"turns": each.turns, "positive": each.positive, "negative": each.negative})
    _execute(connection, tables.facts, made)
    if counted:
        connection.execute(_COUNT, counted)
