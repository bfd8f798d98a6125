"""The rows of a planned batch, executed: the keys in one database, everything else in the other."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, func, select, update

from storage.crypto.keyring import Keyring
from storage.plans import Rule
from storage.records import AssignmentState, ConsentState, ErasureReason, NewSession
from storage.retention import SUBJECT
from storage.sql import indexing, key_tables, ledger, recording, rows, tables
from storage.sql.bulk import Bulk, bulk_insert, execute_together, insert_new
from storage.sql.columns import microseconds
from storage.sql.databases import Unit
from storage.sql.ending import end_assignments, reschedule, resting_on
from storage.sql.epochs import require
from storage.sql.erasing import mark
from storage.sql.planned import Counts, Planned
from storage.sql.states import SessionState

_ADVANCED: Final = ("active_at", "next_turn", "next_record", "revision", "bare")
_EVENTS: Final = (
    "ended_at", "disclosed_at", "agreed_since", "matter_resolved_at", "consent_ended_at", "relation_ended_at",
)  # fmt: skip
_sessions, _facts, _contents, _said = tables.sessions.c, tables.facts.c, tables.contents.c, tables.consent_states.c
_parts: Final = tables.parts.c
_notes: Final = key_tables.creations.c

_PART_KEYS: Final = bulk_insert(key_tables.part_keys, rows.PartKeyRow)
_SESSION_KEYS: Final = bulk_insert(key_tables.session_keys, rows.SessionKeyRow)
_MOVED_KEYS: Final = Bulk(
    lambda its: (
        update(key_tables.session_keys)
        .where(key_tables.session_keys.c.session_id == its["of"])
        .values(epoch_id=its["new_epoch"], wrapped=its["new_wrapped"])
    ),
    {
        "new_epoch": key_tables.session_keys.c.epoch_id.type,
        "new_wrapped": key_tables.session_keys.c.wrapped.type,
        "of": key_tables.session_keys.c.session_id.type,
    },
)
_NOTES: Final = bulk_insert(key_tables.creations, rows.NoteRow)
_FORGET_NOTES: Final = Bulk(
    lambda its: delete(key_tables.creations).where(_notes.id == its["of"]), {"of": _notes.id.type}
)
_SESSIONS: Final = bulk_insert(tables.sessions, rows.SessionRow)
_LOCATORS: Final = bulk_insert(tables.locators, rows.LocatorRow)
_PARTS: Final = bulk_insert(tables.parts, rows.PartRow)
_ASSIGNMENTS: Final = bulk_insert(tables.assignments, rows.AssignmentRow)
_TURNS: Final = bulk_insert(tables.turns, rows.TurnRow)
_CONTENTS: Final = bulk_insert(tables.contents, rows.ContentRow)
_NEW_FACTS: Final = bulk_insert(tables.facts, rows.FactsRow)
_CONSENTS: Final = bulk_insert(tables.consent_states, rows.ConsentRow)


def _set_of_session(names: Iterable[str]) -> Bulk:
    columns = {f"new_{name}": _sessions[name] for name in names}
    return Bulk(
        lambda its: (
            update(tables.sessions)
            .where(_sessions.id == its["of"])
            .values({column.name: its[name] for name, column in columns.items()})
        ),
        {name: column.type for name, column in columns.items()} | {"of": _sessions.id.type},
    )


_ADVANCE: Final = _set_of_session(_ADVANCED)
_MARK: Final = _set_of_session(_EVENTS)
_COUNT: Final = Bulk(
    lambda its: (
        update(tables.facts)
        .where(_facts.session_id == its["of"], _facts.part_id == its["of_part"])
        .values(
            last_turn_at=func.coalesce(its["at"], _facts.last_turn_at),
            messages=_facts.messages + its["turns"],
            ratings_positive=_facts.ratings_positive + its["positive"],
            ratings_negative=_facts.ratings_negative + its["negative"],
        )
    ),
    {
        "at": _facts.last_turn_at.type,
        "turns": _facts.messages.type,
        "positive": _facts.ratings_positive.type,
        "negative": _facts.ratings_negative.type,
        "of": _facts.session_id.type,
        "of_part": _facts.part_id.type,
    },
)
_DROP_REPLACED: Final = Bulk(
    lambda its: delete(tables.contents).where(
        _contents.session_id == its["of"],
        _contents.part_id == its["of_part"],
        _contents.month == its["of_month"],
        _contents.sequence < its["below"],
    ),
    {
        "of": _contents.session_id.type,
        "of_part": _contents.part_id.type,
        "of_month": _contents.month.type,
        "below": _contents.sequence.type,
    },
)
_TAILS: Final = Bulk(
    lambda its: (
        update(tables.parts)
        .where(_parts.session_id == its["of"], _parts.id == its["of_part"])
        .values(tail=its["new_tail"])
    ),
    {"new_tail": _parts.tail.type, "of": _parts.session_id.type, "of_part": _parts.id.type},
)
_FORGET_CONSENT: Final = Bulk(
    lambda its: delete(tables.consent_states).where(_said.session_id == its["of"], _said.consent == its["of_consent"]),
    {"of": _said.session_id.type, "of_consent": _said.consent.type},
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
    made = [row for session_id, row in planned.session_keys.items() if session_id in planned.opened]
    moved = [row for session_id, row in sorted(planned.session_keys.items()) if session_id not in planned.opened]
    # Before the epoch keys, as all lock them.
    _MOVED_KEYS.execute(connection, [(row.epoch_id, row.wrapped, row.session_id) for row in moved])
    require(connection, keyring, planned.epochs)
    note = uuid4()
    part_ids = b"".join([row.part_id for row in planned.part_keys])
    session_ids = b"".join([row.session_id for row in made])
    execute_together(
        connection,
        [
            (_PART_KEYS, planned.part_keys),
            (_SESSION_KEYS, made),
            (_NOTES, [rows.NoteRow(note.bytes, part_ids, session_ids)]),
            (_FORGET_NOTES, [(each.bytes,) for each in settled]),
        ],
    )
    return note


def save_rows(unit: Unit, planned: Planned, known_rules: set[bytes]) -> None:
    """Execute the rows of a batch; they last when the unit's transaction does."""
    connection = unit.sessions
    save_rules(connection, planned.rules, known_rules)
    opened = sorted(planned.opened.values(), key=lambda new: new.id)
    made = {row.id for row in planned.parts}
    earlier = [state for state in planned.changed.values() if state.id not in planned.opened]
    execute_together(
        connection,
        [
            (_SESSIONS, [_row(new, planned.changed[new.id]) for new in opened]),
            (_LOCATORS, planned.locators),
            (_PARTS, [_with_tail(row, planned) for row in planned.parts]),
            (_ASSIGNMENTS, planned.assignments),
            (_TURNS, planned.turns),
            (_CONTENTS, planned.contents),
            (_TAILS, [each for part, each in planned.tails.items() if part not in made]),
            (_ADVANCE, [_advanced(state) for state in earlier]),
            (_NEW_FACTS, [_facts_row(part, each) for part, each in planned.counts.items() if each.new]),
            (_COUNT, [_counted(part, each) for part, each in planned.counts.items() if not each.new]),
            (_FORGET_CONSENT, [(of.bytes, consent) for of, consent in planned.consents]),
            *ledger.steps(planned.events),
        ],
    )
    # What needs to see the rows above, or changes some of them once more.
    execute_together(
        connection,
        [
            (_DROP_REPLACED, planned.replaced),
            (_MARK, [_marked(state) for state in earlier if state.id in planned.marked]),
            (_CONSENTS, [_consent_row(*answer) for answer in planned.consents.items()]),
        ],
    )
    indexing.save(connection, planned.index)
    recording.save(connection, planned.recordings)
    for session_id, events in planned.happened.items():
        reschedule(connection, session_id, planned.changed[session_id].events(), events)
    for (session_id, consent), at in planned.withdrawn.items():
        left = end_assignments(
            connection, session_id, resting_on(consent), AssignmentState.WITHDRAWN, at, spared=planned.spared
        )
        mark(connection, left, ErasureReason.WITHDRAWN, SUBJECT, at)


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
    ended, disclosed, agreed, resolved, consent_ended, relation_ended = _moments(state)
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
        agreed_since=agreed,
        matter_resolved_at=resolved,
        consent_ended_at=consent_ended,
        relation_ended_at=relation_ended,
        next_turn=state.next_turn,
        next_record=state.next_record,
        revision=state.revision,
        bare=state.bare,
    )


def _with_tail(row: rows.PartRow, planned: Planned) -> rows.PartRow:
    tail = planned.tails.get(row.id)
    return row if tail is None else row._replace(tail=tail[0])


def _moments(state: SessionState) -> list[int | None]:
    moments = (getattr(state, name) for name in _EVENTS)
    return [None if moment is None else microseconds(moment) for moment in moments]


def _advanced(state: SessionState) -> tuple[Any, ...]:
    return (
        microseconds(state.active_at), state.next_turn, state.next_record, state.revision, state.bare, state.stored_id,
    )  # fmt: skip


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


def _consent_row(answer: tuple[UUID, str], said: tuple[ConsentState, datetime]) -> rows.ConsentRow:
    (session_id, consent), (state, at) = answer, said
    return rows.ConsentRow(session_id.bytes, consent, state.value, microseconds(at))
