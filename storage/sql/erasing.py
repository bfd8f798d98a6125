"""Erasure: the one path on which anything leaves the store, in steps that survive being stopped anywhere.

1. The intent is committed: parts (and a session, if nothing of it is left) are marked, and no reader or
   writer sees them from now on.
2. The ledger's sink, which lies outside the databases, is told of it (`sinking`): from now on not even a backup
   that is put back can be read.
3. Their wrapped keys are deleted, and the log of the key database is emptied: what was sealed is noise.
4. Their blobs are deleted.
5. Rows are deleted and a receipt for each part is written and logged, in one transaction.
6. The log of the session database is emptied.

A start finishes what was open. Each step may be done twice.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Column, Connection, Row, Select, Table, bindparam, delete, exists, insert, select, true, update

from storage.holds import Bar
from storage.ids import uuid7
from storage.ledger.happened import erased
from storage.ledger.tree import Edge, leaf_hash
from storage.records import AssignmentState, ClassKind, ErasureReason, PartKind, Receipt
from storage.retention import STOPPED_BY_RESTRICTION
from storage.sql.bulk import Bulk, execute_together
from storage.sql.databases import lock_sessions
from storage.sql.ending import end_assignments
from storage.sql.ledger import append
from storage.sql.tables import (
    assignments,
    consent_states,
    contents,
    ended_purposes,
    facts,
    holds,
    index_tokens,
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
_READ_AT_ONCE: Final = 50  # parts whose content is in memory at a time
PART_TABLES: Final = (intents, index_tokens, recorded, facts, segments, recordings, contents, turns, assignments)
"""What belongs to a part, in the order in which it goes; then the part itself."""
KEY_AND_ROWS: Final = "key destroyed, rows deleted"
ROWS: Final = "rows deleted"  # figures are not sealed and have no key
SESSION_TABLES: Final = (turns, locators, consent_states, session_events, ended_purposes, restrictions, holds)
"""What belongs to a session beside its parts, in the order in which it goes; then the session itself."""


class MarkedPart(NamedTuple):
    """A part that is to be erased: its session, its id and its deletion month."""

    of: UUID
    of_part: UUID
    of_month: int


def mark(
    connection: Connection, part_ids: Collection[UUID], reason: ErasureReason, actor: str, now: datetime
) -> set[UUID]:
    """Write down that parts are to be erased; from the commit on they are unreadable, and sessions left empty too.

    What a hold, a statutory period or a restriction keeps loses its operational purposes instead, and is erased for
    this reason when it may be. Returns the parts that are to be erased, by this call or another.
    """
    each = parts.c
    owners = select(each.session_id).where(each.id.in_(part_ids)).distinct()
    lock_sessions(connection, connection.execute(owners).scalars().all())
    found = select(each.session_id, each.id, each.erasing, each.bars, each.due_at, each.doomed)
    existing: Sequence[Any] = connection.execute(found.where(each.id.in_(part_ids))).all()
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
    lock_sessions(connection, session_ids)
    left = exists().where(parts.c.session_id == sessions.c.id, ~parts.c.erasing)
    held = sessions.c.bars.op("&")(int(Bar.HOLD)) != 0
    connection.execute(update(sessions).where(sessions.c.id.in_(session_ids), ~left, ~held).values(erasing=True))


def open_parts(connection: Connection, *, with_blobs: bool, of: Collection[UUID] | None = None) -> list[MarkedPart]:
    """Return parts of some of the open intents, locked: those that have blobs, or those without.

    Only those that the ledger's sink knows. Apart, so that what lies in the database alone does not wait for a blob
    store that is away. Those that another process has locked are passed over; with `of` only these parts are looked
    for, and waited for.
    """
    found = _open_parts(with_blobs=with_blobs, some=of is not None)
    marked = connection.execute(found, {} if of is None else {"of": list(of)}).scalars().all()
    if not marked:
        return []
    each = parts.c
    rows = connection.execute(select(each.session_id, each.id, each.month).where(each.id.in_(marked)))
    return [MarkedPart(row.session_id, row.id, row.month) for row in rows]


@cache  # to put it together takes longer than to execute it
def _open_parts(*, with_blobs: bool, some: bool) -> Select[Any]:
    has_blobs = exists().where(segments.c.session_id == intents.c.session_id, segments.c.part_id == intents.c.part_id)
    found = select(intents.c.part_id).where(intents.c.sunk, has_blobs if with_blobs else ~has_blobs).limit(ERASE_CHUNK)
    if not some:
        return found.with_for_update(skip_locked=True)
    these = intents.c.part_id.in_(bindparam("of", expanding=True))
    return found.where(these).order_by(intents.c.part_id).with_for_update()


def blobs_of(connection: Connection, marked: Collection[MarkedPart]) -> list[bytes]:
    """Return the ids of the blobs of parts."""
    mine = (
        segments.c.session_id.in_({part.of for part in marked}),
        segments.c.part_id.in_([part.of_part for part in marked]),
    )
    return list(connection.execute(select(segments.c.blob).where(*mine)).scalars())


def open_sessions(connection: Connection, owners: Collection[UUID]) -> list[UUID]:
    """Lock the owners of open parts and some more sessions that are marked; return those of them that are marked.

    Those with blobs wait until these have gone.
    """
    marked = connection.execute(_SOME_SESSIONS).scalars().all()
    if not owners and not marked:
        return []
    lock_sessions(connection, {*owners, *marked})
    return list(connection.execute(_OPEN_SESSIONS.where(sessions.c.id.in_({*owners, *marked}))).scalars())


_OPEN_SESSIONS: Final = select(sessions.c.id).where(
    sessions.c.erasing.is_(true()), ~exists().where(segments.c.session_id == sessions.c.id)
)
_SOME_SESSIONS: Final = _OPEN_SESSIONS.limit(ERASE_CHUNK)


def receipts_of(connection: Connection, part_ids: Collection[UUID]) -> list[Receipt]:
    """Return the receipts of erased parts."""
    wanted, found = sorted(part_ids), select(receipts).order_by(receipts.c.part_id)
    chunks = (wanted[at : at + ERASE_CHUNK] for at in range(0, len(wanted), ERASE_CHUNK))
    return [receipt_of(row) for some in chunks for row in connection.execute(found.where(receipts.c.part_id.in_(some)))]


def delete_rows(
    connection: Connection,
    marked: Sequence[MarkedPart],
    session_ids: Collection[UUID],
    backups_clean_by: datetime,
    *,
    left: Collection[int] = (),
) -> None:
    """Delete marked parts and sessions, and write the receipts.

    The content of the months in `left` stays where it is, noise without its keys, to be dropped as a whole.
    """
    written = _receipts(connection, marked, backups_clean_by)
    if written:
        connection.execute(insert(receipts), [_receipt_row(receipt) for receipt in written])
        append(connection, [erased(receipt) for receipt in written])
        gone = {receipt.part_id for receipt in written}
        going = [part for part in marked if part.of_part in gone]
        keys = [(part.of.bytes, part.of_part.bytes) for part in going]
        delete_contents(connection, [part for part in going if part.of_month not in left])
        execute_together(connection, [(deletion, keys) for deletion in _DELETE_OF_PART])
        _DELETE_PART.execute(connection, keys)
    empty = ~exists().where(parts.c.session_id == sessions.c.id)
    emptied = select(sessions.c.id).where(sessions.c.id.in_(session_ids), sessions.c.erasing, empty)
    over = list(connection.execute(emptied).scalars())
    if not over:
        return
    for table in SESSION_TABLES:
        connection.execute(delete(table).where(table.c.session_id.in_(over)))
    connection.execute(delete(sessions).where(sessions.c.id.in_(over)))


def delete_contents(connection: Connection, going: Collection[MarkedPart]) -> None:
    """Delete the content of parts."""
    _DELETE_CONTENTS.execute(connection, [(part.of.bytes, part.of_part.bytes, part.of_month) for part in going])


def _of_part(table: Table, part_id: Column[Any]) -> Bulk:
    # By both columns: the primary keys begin with the session.
    return Bulk(
        lambda its: delete(table).where(table.c.session_id == its["of"], part_id == its["of_part"]),
        {"of": table.c.session_id.type, "of_part": part_id.type},
    )


_DELETE_OF_PART: Final = [_of_part(table, table.c.part_id) for table in PART_TABLES if table is not contents]
_DELETE_PART: Final = _of_part(parts, parts.c.id)
# By the month as well: it names the partition.
_DELETE_CONTENTS: Final = Bulk(
    lambda its: delete(contents).where(
        contents.c.session_id == its["of"], contents.c.part_id == its["of_part"], contents.c.month == its["of_month"]
    ),
    {"of": contents.c.session_id.type, "of_part": contents.c.part_id.type, "of_month": contents.c.month.type},
)


def _receipts(connection: Connection, marked: Sequence[MarkedPart], backups_clean_by: datetime) -> list[Receipt]:
    found = (
        select(intents, parts.c.kind, sessions.c.notice_version)
        .join(parts, (parts.c.session_id == intents.c.session_id) & (parts.c.id == intents.c.part_id))
        .join(sessions, sessions.c.id == intents.c.session_id)
        .where(intents.c.part_id.in_([part.of_part for part in marked]))
        .order_by(intents.c.part_id)
    )
    rows = connection.execute(found).all()
    edges = _ciphertexts(connection, marked)
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
            records=edge.size or 1,  # facts are one record, not sealed
            ciphertext_root=edge.root().hex(),
            method=ROWS if row.kind == PartKind.FACTS.value else KEY_AND_ROWS,
            erased_at=row.at,
            backups_clean_by=max(backups_clean_by, row.at),
        )
        for row in rows
        for edge in [edges.get(row.part_id) or Edge()]
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


def _ciphertexts(connection: Connection, marked: Sequence[MarkedPart]) -> Mapping[UUID, Edge]:
    """Return of each part the sealed records and segments, in order, as a tree: how many they are, and their root.

    A segment stands for itself by the SHA-256 of its sealed bytes.
    """
    edges: defaultdict[UUID, Edge] = defaultdict(Edge)
    for at in range(0, len(marked), _READ_AT_ONCE):
        some = marked[at : at + _READ_AT_ONCE]
        of, part_ids = {part.of for part in some}, [part.of_part for part in some]
        each = contents.c
        mine = (each.session_id.in_(of), each.part_id.in_(part_ids), each.month.in_({part.of_month for part in some}))
        sealed = select(each.part_id, each.sealed).where(*mine).order_by(each.part_id, each.sequence)
        for part_id, record in connection.execute(sealed):
            edges[part_id].add(leaf_hash(record))
        theirs = (segments.c.session_id.in_(of), segments.c.part_id.in_(part_ids))
        pieces = select(segments.c.part_id, segments.c.digest).where(*theirs)
        for part_id, digest in connection.execute(pieces.order_by(segments.c.part_id, segments.c.number)):
            edges[part_id].add(leaf_hash(digest))
    return edges


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
