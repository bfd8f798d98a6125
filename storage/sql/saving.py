"""The rows of a planned batch, executed: the keys in one database, everything else in the other."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from storage.crypto.keyring import Keyring
from storage.plans import Rule
from storage.records import AssignmentState, ErasureReason, NewSession
from storage.sql import indexing, key_tables, ledger, recording, rows, tables
from storage.sql.bulk import Bulk, bulk_insert, insert_new
from storage.sql.columns import microseconds
from storage.sql.databases import Unit
from storage.sql.ending import end_assignments, reschedule, resting_on
from storage.sql.epochs import require
from storage.sql.erasing import WITHDRAWER, mark
from storage.sql.planned import Counts, Planned
from storage.sql.states import SessionState

_ADVANCED: Final = ("active_at", "next_turn", "next_record", "bare")
_EVENTS: Final = ("ended_at", "disclosed_at", "matter_resolved_at", "consent_ended_at", "relation_ended_at")
_sessions, _facts, _contents = tables.sessions.c, tables.facts.c, tables.contents.c

_PART_KEYS: Final = bulk_insert(key_tables.part_keys, rows.PartKeyRow)
_SESSION_KEYS: Final = bulk_insert(key_tables.session_keys, rows.SessionKeyRow)
_NOTES: Final = bulk_insert(key_tables.creations, rows.NoteRow)
_FORGET_NOTES: Final = Bulk(delete(key_tables.creations).where(key_tables.creations.c.id == bindparam("of")), ["of"])
_SESSIONS: Final = bulk_insert(tables.sessions, rows.SessionRow)
_LOCATORS: Final = bulk_insert(tables.locators, rows.LocatorRow)
_PARTS: Final = bulk_insert(tables.parts, rows.PartRow)
_ASSIGNMENTS: Final = bulk_insert(tables.assignments, rows.AssignmentRow)
_TURNS: Final = bulk_insert(tables.turns, rows.TurnRow)
_CONTENTS: Final = bulk_insert(tables.contents, rows.ContentRow)
_NEW_FACTS: Final = bulk_insert(tables.facts, rows.FactsRow)

_of_session = _sessions.id == bindparam("of")
_ADVANCE: Final = Bulk(
    update(tables.sessions).where(_of_session).values({name: bindparam(f"new_{name}") for name in _ADVANCED}),
    [*(f"new_{name}" for name in _ADVANCED), "of"],
)
_MARK: Final = Bulk(
    update(tables.sessions).where(_of_session).values({name: bindparam(f"new_{name}") for name in _EVENTS}),
    [*(f"new_{name}" for name in _EVENTS), "of"],
)
_COUNT: Final = Bulk(
    update(tables.facts)
    .where(_facts.session_id == bindparam("of"), _facts.part_id == bindparam("of_part"))
    .values(
        last_turn_at=func.coalesce(bindparam("at", type_=_facts.last_turn_at.type), _facts.last_turn_at),
        messages=_facts.messages + bindparam("turns"),
        ratings_positive=_facts.ratings_positive + bindparam("positive"),
        ratings_negative=_facts.ratings_negative + bindparam("negative"),
    ),
    ["at", "turns", "positive", "negative", "of", "of_part"],
)
_DROP_REPLACED: Final = Bulk(
    delete(tables.contents).where(
        _contents.session_id == bindparam("of"),
        _contents.part_id == bindparam("of_part"),
        _contents.month == bindparam("of_month"),
        _contents.sequence < bindparam("below"),
    ),
    ["of", "of_part", "of_month", "below"],
)
_FORGET_CONSENT: Final = delete(tables.consent_states).where(
    tables.consent_states.c.session_id == bindparam("of"), tables.consent_states.c.consent == bindparam("of_consent")
)


def save_keys(unit: Unit, keyring: Keyring, planned: Planned, settled: Iterable[UUID]) -> UUID | None:
    """Execute the keys of a batch, with a note of which they are; returns the note's id, None without keys.

    The note lets a start find keys whose rows never came (`opening.collect_orphans`). Notes of earlier
    batches, whose rows have been committed since, go in the same step. They last when the key connection is
    committed, which has to happen before the rows are. Raises MissingEpochError if an epoch key has been destroyed
    since the batch was planned.
    """
    if not planned.part_keys and not planned.session_keys:
        return None
    connection = unit.keys
    require(connection, keyring, planned.epochs)
    _PART_KEYS.execute(connection, planned.part_keys)
    _SESSION_KEYS.execute(connection, planned.session_keys)
    note = uuid4()
    part_ids = b"".join([row.part_id for row in planned.part_keys])
    session_ids = b"".join([row.session_id for row in planned.session_keys])
    _NOTES.execute(connection, [rows.NoteRow(note.bytes, part_ids, session_ids)])
    _FORGET_NOTES.execute(connection, [(each.bytes,) for each in settled])
    return note


def save_rows(unit: Unit, planned: Planned, known_rules: set[bytes]) -> None:
    """Execute the rows of a batch; they last when the unit's transaction does."""
    connection = unit.sessions
    save_rules(connection, planned.rules, known_rules)
    opened = sorted(planned.opened.values(), key=lambda new: new.id)
    _SESSIONS.execute(connection, [_row(new, planned.changed[new.id]) for new in opened])
    _LOCATORS.execute(connection, planned.locators)
    _PARTS.execute(connection, planned.parts)
    _ASSIGNMENTS.execute(connection, planned.assignments)
    _TURNS.execute(connection, planned.turns)
    _CONTENTS.execute(connection, planned.contents)
    indexing.save(connection, planned.index)
    _DROP_REPLACED.execute(connection, planned.replaced)
    earlier = [state for state in planned.changed.values() if state.id not in planned.opened]
    _ADVANCE.execute(connection, [_advanced(state) for state in earlier])
    _MARK.execute(connection, [_marked(state) for state in earlier if state.id in planned.marked])
    _NEW_FACTS.execute(connection, [_facts_row(part, each) for part, each in planned.counts.items() if each.new])
    _COUNT.execute(connection, [_counted(part, each) for part, each in planned.counts.items() if not each.new])
    recording.save(connection, planned.recordings)
    _save_consents(connection, planned)
    if planned.events:
        ledger.append(connection, planned.events)
    for session_id, events in planned.happened.items():
        reschedule(connection, session_id, planned.changed[session_id].events(), events)
    for (session_id, consent), at in planned.withdrawn.items():
        left = end_assignments(
            connection, session_id, resting_on(consent), AssignmentState.WITHDRAWN, at, spared=planned.spared
        )
        mark(connection, left, ErasureReason.WITHDRAWN, WITHDRAWER, at)


def save_rules(connection: Connection, rules: Mapping[bytes, Rule], known: Collection[bytes] = ()) -> None:
    """Insert those of the rules that are not there yet."""
    missing = rules.keys() - set(known)
    if not missing:
        return
    missing -= set(connection.execute(select(tables.rules.c.id).where(tables.rules.c.id.in_(missing))).scalars())
    if missing:
        # In order, as everything that others may wait for.
        insert_new(connection, tables.rules, [_rule_row(rules[key]) for key in sorted(missing)])


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
        "kind": its.kind.value,
        "round_to": None if its.round_to is None else its.round_to.value,
        "legal_claims": each.legal_claims,
    }


def _row(new: NewSession, state: SessionState) -> rows.SessionRow:
    ended, disclosed, resolved, consent_ended, relation_ended = _moments(state)
    return rows.SessionRow(
        id=state.stored_id,
        channel=new.channel,
        notice_version=new.notice_version,
        notice_digest=new.notice_digest,
        language=new.language,
        imported=new.imported,
        token_digest=hashlib.sha256(new.token).digest(),
        started_at=microseconds(new.started_at),
        active_at=microseconds(state.active_at),
        ended_at=ended,
        disclosed_at=disclosed,
        matter_resolved_at=resolved,
        consent_ended_at=consent_ended,
        relation_ended_at=relation_ended,
        next_turn=state.next_turn,
        next_record=state.next_record,
        bare=state.bare,
    )


def _moments(state: SessionState) -> list[int | None]:
    moments = (getattr(state, name) for name in _EVENTS)
    return [None if moment is None else microseconds(moment) for moment in moments]


def _advanced(state: SessionState) -> tuple[Any, ...]:
    return (microseconds(state.active_at), state.next_turn, state.next_record, state.bare, state.stored_id)


def _marked(state: SessionState) -> tuple[Any, ...]:
    return (*_moments(state), state.stored_id)


def _facts_row(part_id: UUID, counts: Counts) -> rows.FactsRow:
    at = None if counts.last_turn_at is None else microseconds(counts.last_turn_at)
    return rows.FactsRow(
        counts.session_id.bytes, part_id.bytes, at, counts.turns, counts.positive, counts.negative
    )  # fmt: skip


def _counted(part_id: UUID, counts: Counts) -> tuple[Any, ...]:
    at = None if counts.last_turn_at is None else microseconds(counts.last_turn_at)
    return (at, counts.turns, counts.positive, counts.negative, counts.session_id.bytes, part_id.bytes)


def _save_consents(connection: Connection, planned: Planned) -> None:
    if not planned.consents:
        return
    # Deleted and inserted instead of an upsert, which each database spells its own way.
    connection.execute(_FORGET_CONSENT, [{"of": of, "of_consent": consent} for of, consent in planned.consents])
    connection.execute(
        insert(tables.consent_states),
        [
            {"session_id": session_id, "consent": consent, "state": state.value, "at": at}
            for (session_id, consent), (state, at) in planned.consents.items()
        ],
    )
