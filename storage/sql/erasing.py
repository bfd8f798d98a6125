"""Erasure: the one path on which anything leaves the store, in steps that survive being stopped anywhere.

1. The intent is committed: parts (and a session, if nothing of it is left) are marked, and no reader or
   writer sees them from now on.
2. Their wrapped keys are deleted, and the log of the key database is emptied: what was sealed is noise.
3. Their blobs are deleted.
4. Rows are deleted and a receipt for each part is written, in one transaction.
5. The log of the session database is emptied.

A start finishes what was open. Each step may be done twice.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Delete, Row, Table, bindparam, delete, exists, insert, select, true, update

from storage.holds import Bar
from storage.ids import uuid7
from storage.ledger.happened import erased
from storage.ledger.tree import Edge, leaf_hash
from storage.records import AssignmentState, ClassKind, ErasureReason, PartKind, Receipt
from storage.retention import STOPPED_BY_RESTRICTION
from storage.sql.ending import end_assignments
from storage.sql.ledger import append
from storage.sql.tables import (
    assignments,
    consent_states,
    contents,
    ended_purposes,
    facts,
    holds,
    intents,
    locators,
    parts,
    receipts,
    recorded,
    recordings,
    restrictions,
    rules,
    segments,
    session_events,
    sessions,
    turns,
)

ERASE_CHUNK: Final = 500
PART_TABLES: Final = (intents, recorded, facts, segments, recordings, contents, turns, assignments)
"""What belongs to a part, in the order in which it goes; then the part itself."""
KEY_AND_ROWS: Final = "key destroyed, rows deleted"
ROWS: Final = "rows deleted"  # figures are not sealed and have no key
WITHDRAWER: Final = "subject"
"""The actor of an erasure that follows from a withdrawal."""
SESSION_TABLES: Final = (turns, locators, consent_states, session_events, ended_purposes, restrictions, holds)
"""What belongs to a session beside its parts, in the order in which it goes; then the session itself."""


def mark(
    connection: Connection, part_ids: Collection[UUID], reason: ErasureReason, actor: str, now: datetime
) -> set[UUID]:
    """Write down that parts are to be erased; from the commit on they are unreadable, and sessions left empty too.

    What a hold, a statutory period or a restriction keeps loses its operational purposes instead, and is erased for
    this reason when it may be. Returns the parts that are to be erased, by this call or another.
    """
    each = parts.c
    found = select(each.session_id, each.id, each.erasing, each.bars, each.due_at, each.doomed)
    existing: Sequence[Any] = connection.execute(found.where(each.id.in_(part_ids)).with_for_update()).all()
    fresh = [row for row in existing if not row.erasing and (reason is not ErasureReason.EXPIRED or row.due_at <= now)]
    kept = _kept(connection, fresh, now)
    if reason in STOPPED_BY_RESTRICTION:
        kept |= {row.id for row in fresh if row.bars}
    if kept and reason is not ErasureReason.EXPIRED:
        _block(connection, [row for row in fresh if row.id in kept], reason, now)
    going = [row for row in fresh if row.id not in kept]
    if going:
        connection.execute(insert(intents), [_intent(row, reason, actor, now) for row in going])
        connection.execute(update(parts).where(each.id.in_([row.id for row in going])).values(erasing=True))
        mark_sessions(connection, {row.session_id for row in going})
    return {row.id for row in going} | {row.id for row in existing if row.erasing}


def mark_all(
    connection: Connection, part_ids: Collection[UUID], reason: ErasureReason, actor: str, now: datetime
) -> set[UUID]:
    """Do as `mark`, for any number of parts."""
    wanted, marked = list(part_ids), set[UUID]()
    for at in range(0, len(wanted), ERASE_CHUNK):
        marked |= mark(connection, wanted[at : at + ERASE_CHUNK], reason, actor, now)
    return marked


def _kept(connection: Connection, rows: Collection[Row[Any]], now: datetime) -> set[UUID]:
    """Return which of the parts a hold or a statutory period keeps."""
    each = assignments.c
    running = [row for row in rows if row.due_at > now]
    found = (
        select(each.part_id)
        .join(rules, rules.c.id == each.rule_id)
        .where(
            each.session_id.in_({row.session_id for row in running}),
            each.part_id.in_([row.id for row in running]),
            each.state == AssignmentState.ACTIVE.value,
            each.delete_by > now,
            rules.c.kind == ClassKind.STATUTORY.value,
        )
    )
    statutory = set(connection.execute(found).scalars()) if running else set()
    return statutory | {row.id for row in rows if row.bars & Bar.HOLD}


def _block(connection: Connection, rows: Collection[Row[Any]], reason: ErasureReason, now: datetime) -> None:
    operational = rules.c.kind == ClassKind.OPERATIONAL.value
    for session_id in {row.session_id for row in rows}:
        of_these = assignments.c.part_id.in_([row.id for row in rows if row.session_id == session_id])
        end_assignments(connection, session_id, operational & of_these, AssignmentState.ENDED, now)
    fresh = [row.id for row in rows if row.doomed is None]
    connection.execute(update(parts).where(parts.c.id.in_(fresh)).values(doomed=reason.value))


def _intent(row: Row[Any], reason: ErasureReason, actor: str, now: datetime) -> dict[str, Any]:
    why = row.doomed if row.doomed is not None and reason is ErasureReason.EXPIRED else reason.value
    return {"session_id": row.session_id, "part_id": row.id, "reason": why, "actor": actor, "at": now}


def withdrawn_parts(connection: Connection, session_id: UUID) -> set[UUID]:
    """Return the session's parts that a withdrawal has marked and that are not erased yet."""
    of_it = (intents.c.session_id == session_id, intents.c.reason == ErasureReason.WITHDRAWN.value)
    return set(connection.execute(select(intents.c.part_id).where(*of_it)).scalars())


def mark_sessions(connection: Connection, session_ids: Collection[UUID]) -> None:
    """Mark those of the sessions that have no part left to be read, and are not held themselves."""
    left = exists().where(parts.c.session_id == sessions.c.id, ~parts.c.erasing)
    held = sessions.c.bars.op("&")(int(Bar.HOLD)) != 0
    connection.execute(update(sessions).where(sessions.c.id.in_(session_ids), ~left, ~held).values(erasing=True))


def open_parts(connection: Connection, *, with_blobs: bool) -> dict[UUID, UUID]:
    """Return parts of some of the open intents, each with its session: those that have blobs, or those without.

    Apart, so that what lies in the database alone does not wait for a blob store that is away.
    """
    has_blobs = exists().where(segments.c.session_id == intents.c.session_id, segments.c.part_id == intents.c.part_id)
    found = select(intents.c.part_id, intents.c.session_id).where(has_blobs if with_blobs else ~has_blobs)
    return {row.part_id: row.session_id for row in connection.execute(found.limit(ERASE_CHUNK))}


def blobs_of(connection: Connection, owners: Mapping[UUID, UUID]) -> list[bytes]:
    """Return the ids of the blobs of parts, each part with its session."""
    mine = (segments.c.session_id.in_(set(owners.values())), segments.c.part_id.in_(list(owners)))
    return list(connection.execute(select(segments.c.blob).where(*mine)).scalars())


def open_sessions(connection: Connection) -> list[UUID]:
    """Return some of the sessions that are marked and will hold nothing when the open parts without blobs are gone."""
    waits = exists().where(segments.c.session_id == sessions.c.id)
    found = select(sessions.c.id).where(sessions.c.erasing.is_(true()), ~waits)
    return list(connection.execute(found.limit(ERASE_CHUNK)).scalars())


def receipts_of(connection: Connection, part_ids: Collection[UUID]) -> list[Receipt]:
    """Return the receipts of erased parts."""
    found = select(receipts).where(receipts.c.part_id.in_(part_ids)).order_by(receipts.c.part_id)
    return [receipt_of(row) for row in connection.execute(found)]


def delete_rows(
    connection: Connection, owners: Mapping[UUID, UUID], session_ids: Collection[UUID], backups_clean_by: datetime
) -> None:
    """Delete marked parts (of the sessions that own them) and sessions, and write the receipts."""
    written = _receipts(connection, list(owners), backups_clean_by)
    if written:
        connection.execute(insert(receipts), [_receipt_row(receipt) for receipt in written])
        append(connection, [erased(receipt) for receipt in written])
    if written:
        gone = {receipt.part_id for receipt in written}
        keys = [{"of": of, "of_part": part_id} for part_id, of in owners.items() if part_id in gone]
        for table in (*PART_TABLES, parts):
            connection.execute(_DELETE_OF_PART[table], keys)
    empty = ~exists().where(parts.c.session_id == sessions.c.id)
    going = select(sessions.c.id).where(sessions.c.id.in_(session_ids), sessions.c.erasing, empty)
    over = list(connection.execute(going).scalars())
    for table in SESSION_TABLES:
        connection.execute(delete(table).where(table.c.session_id.in_(over)))
    connection.execute(delete(sessions).where(sessions.c.id.in_(over)))


def _of_part(table: Table) -> Delete:
    # By both columns: the primary keys begin with the session.
    part_id = table.c.id if table is parts else table.c.part_id
    return delete(table).where(table.c.session_id == bindparam("of"), part_id == bindparam("of_part"))


_DELETE_OF_PART: Final = {table: _of_part(table) for table in (*PART_TABLES, parts)}


def _receipts(connection: Connection, part_ids: Collection[UUID], backups_clean_by: datetime) -> list[Receipt]:
    found = (
        select(intents, parts.c.kind, sessions.c.notice_version)
        .join(parts, (parts.c.session_id == intents.c.session_id) & (parts.c.id == intents.c.part_id))
        .join(sessions, sessions.c.id == intents.c.session_id)
        .where(intents.c.part_id.in_(part_ids))
        .order_by(intents.c.part_id)
    )
    rows = connection.execute(found).all()
    classes = _classes(connection, {row.session_id for row in rows})
    return [
        Receipt(
            id=uuid7(row.at),
            part_id=row.part_id,
            kind=PartKind(row.kind),
            deletion_classes=classes.get(row.part_id, ()),
            reason=ErasureReason(row.reason),
            actor=row.actor,
            notice_version=row.notice_version,
            records=records or 1,  # facts are one record, not sealed
            ciphertext_root=root,
            method=ROWS if row.kind == PartKind.FACTS.value else KEY_AND_ROWS,
            erased_at=row.at,
            backups_clean_by=max(backups_clean_by, row.at),
        )
        for row in rows
        for records, root in [_ciphertext(connection, row.session_id, row.part_id)]
    ]


def _classes(connection: Connection, session_ids: Collection[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    found = (
        select(assignments.c.part_id, rules.c.deletion_class)
        .join(rules, rules.c.id == assignments.c.rule_id)
        .where(assignments.c.session_id.in_(session_ids))
        .distinct()
        .order_by(rules.c.deletion_class)
    )
    classes: dict[UUID, tuple[str, ...]] = {}
    for row in connection.execute(found):
        classes[row.part_id] = (*classes.get(row.part_id, ()), row.deletion_class)
    return classes


def _ciphertext(connection: Connection, session_id: UUID, part_id: UUID) -> tuple[int, str]:
    """Return how many sealed records and segments a part has, and the root over them in order.

    A segment stands for itself by the SHA-256 of its sealed bytes.
    """
    mine = (contents.c.session_id == session_id, contents.c.part_id == part_id)
    found = select(contents.c.sealed).where(*mine).order_by(contents.c.sequence)
    edge = Edge()
    for sealed in connection.execute(found).scalars():
        edge.add(leaf_hash(sealed))
    pieces = select(segments.c.digest).where(segments.c.session_id == session_id, segments.c.part_id == part_id)
    for digest in connection.execute(pieces.order_by(segments.c.number)).scalars():
        edge.add(leaf_hash(digest))
    return edge.size, edge.root().hex()


def _receipt_row(receipt: Receipt) -> dict[str, Any]:
    row = {name: getattr(receipt, name) for name in Receipt.__slots__}
    row["kind"] = receipt.kind.value
    row["reason"] = receipt.reason.value
    row["deletion_classes"] = json.dumps(receipt.deletion_classes)
    return row


def receipt_of(row: Row[Any]) -> Receipt:
    """Return a receipt as it was written."""
    return Receipt(
        id=row.id,
        part_id=row.part_id,
        kind=PartKind(row.kind),
        deletion_classes=tuple(json.loads(row.deletion_classes)),
        reason=ErasureReason(row.reason),
        actor=row.actor,
        notice_version=row.notice_version,
        records=row.records,
        ciphertext_root=row.ciphertext_root,
        method=row.method,
        erased_at=row.erased_at,
        backups_clean_by=row.backups_clean_by,
    )
