"""What is kept already, moved under new epoch keys after one has leaked; those that leaked are destroyed with that.

Only closed epoch keys are looked at (`epochs.close`): nothing goes under them any more, so that a pass over the keys
under them comes to an end. The keys of parts and sessions stay what they are, and so do the index keys, which go along.
It may be stopped after any chunk: what was moved is moved, and the next pass finds the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, Connection, bindparam, func, select, update

from storage.crypto.keyring import WRAPS_PER_EPOCH, Keyring
from storage.sql import epochs
from storage.sql.bulk import padded
from storage.sql.databases import Unit
from storage.sql.key_tables import epoch_keys, part_keys, session_keys
from storage.sql.request_tables import rights_requests
from storage.sql.rewrapping import copy_index_keys
from storage.sql.survey_tables import survey_weeks
from storage.sql.tables import errands, parts

WRAPPED: Final = (part_keys.c.part_id, session_keys.c.session_id)
"""What epoch keys wrap: the owner's column of each table."""
_CLOSED: Final = select(epoch_keys.c.id).where(epoch_keys.c.wraps > WRAPS_PER_EPOCH)


@dataclass(frozen=True, slots=True)
class Passed:
    """How far a pass over one table has come: the last owner looked at, None at its end, and how many were moved."""

    last: UUID | None
    moved: int


def left(connection: Connection) -> int:
    """Return how many keys lie under closed epoch keys."""
    counts = (
        connection.execute(
            select(func.count()).select_from(of.table).where(of.table.c.epoch_id.in_(_CLOSED))
        ).scalar_one()
        for of in WRAPPED
    )
    return sum(counts)


def move(unit: Unit, keyring: Keyring, of: Column[UUID], last: UUID | None, limit: int) -> Passed:
    """Move the next keys of a table that lie under closed epoch keys. Raises MissingEpochError before anything.

    A key whose row in the session database is not there, or not yet, stays where it is.
    """
    its = of.table.c
    found = (
        select(of.label("of"), its.epoch_id, its.wrapped, epoch_keys.c.month)
        .join(epoch_keys, epoch_keys.c.id == its.epoch_id)
        .where(its.epoch_id.in_(_CLOSED))
        .order_by(of)
        .limit(limit)
        .with_for_update(of=of.table)
    )
    rows = unit.keys.execute(found if last is None else found.where(of > last)).all()
    if not rows:
        return Passed(None, 0)
    uses = _uses(unit.sessions, keyring, of, [row.of for row in rows])
    moves = []
    for row in rows:
        if row.of in uses:
            key = keyring.unwrapped(row.epoch_id, row.wrapped, uses[row.of])
            if key is None:
                continue  # it was altered, and stays
            epoch_id, wrapped = keyring.wrap(key, uses[row.of], row.month)
            moves.append({"its": row.of, "old": row.epoch_id, "new": epoch_id, "key": wrapped, "month": row.month})
    moved = _replace(unit.keys, keyring, of, moves) if moves else 0
    unit.keys.commit()
    return Passed(rows[-1].of, moved)


def _replace(connection: Connection, keyring: Keyring, of: Column[UUID], moves: list[dict[str, Any]]) -> int:
    ways = {(each["old"], each["new"]) for each in moves}
    epochs.lock(connection, {epoch_id for way in ways for epoch_id in way})
    epochs.require(connection, keyring, {each["new"]: each["month"] for each in moves})
    for old, new in sorted(ways):
        copy_index_keys(connection, keyring, {old}, new)
    its = of.table.c
    # Where it is still under the old one: what has been erased meanwhile does not come back.
    change = update(of.table).where(of == bindparam("its"), its.epoch_id == bindparam("old"))
    values: dict[Any, Any] = {its.epoch_id: bindparam("new"), its.wrapped: bindparam("key")}
    connection.execute(
        change.values(values), [{name: each[name] for name in ("its", "old", "new", "key")} for each in moves]
    )
    keyring.drop(epochs.destroy_unused(connection, {old for old, _ in ways}))
    return len(moves)


def _uses(connection: Connection, keyring: Keyring, of: Column[UUID], ids: Collection[UUID]) -> Mapping[UUID, bytes]:
    """Return what each of the keys is bound to, for those whose owner is there."""
    if of is session_keys.c.session_id:
        return {session_id: keyring.session_use(session_id) for session_id in ids}
    return {part_id: keyring.part_use(owner, part_id) for part_id, owner in _owners(connection, ids)}


def _owners(connection: Connection, ids: Collection[UUID]) -> Iterable[tuple[UUID, UUID]]:
    wanted = padded(list(ids))
    for row in connection.execute(select(parts.c.id, parts.c.session_id).where(parts.c.id.in_(wanted))):
        yield row.id, row.session_id
    for alone in (rights_requests.c.id, survey_weeks.c.id, errands.c.id):  # bound to themselves
        for own in connection.execute(select(alone).where(alone.in_(wanted))).scalars():
            yield own, own
