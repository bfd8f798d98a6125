"""Keys moved under the epoch key of a later month: what a hold needs before the month of its parts ends.

The keys themselves stay what they are. The index keys of the epoch that they leave are wrapped under the later
one as well, so that what is held is still found. An epoch key that is left with nothing under it is destroyed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypedDict
from uuid import UUID

from sqlalchemy import Column, Connection, bindparam, select, update

from storage.crypto.keyring import Keyring
from storage.sql import epochs
from storage.sql.key_tables import epoch_keys, index_keys, part_keys, session_keys


class _Move(TypedDict):
    of: UUID
    old_epoch: UUID
    new_epoch: UUID
    new_wrapped: bytes


def rewrap(connection: Connection, keyring: Keyring, owners: Mapping[UUID, UUID], month: int) -> int:
    """Move the keys of parts (part -> its session) and of their sessions; returns how many part keys it moved.

    Keys of that month or a later one stay. In a transaction of the key database; raises MissingEpochError
    before anything has changed.
    """
    parts = {part_id: keyring.part_use(session_id, part_id) for part_id, session_id in owners.items()}
    sessions = {session_id: keyring.session_use(session_id) for session_id in owners.values()}
    moves = [
        (column, _moved(connection, keyring, column, uses, month))
        for column, uses in ((part_keys.c.part_id, parts), (session_keys.c.session_id, sessions))
    ]
    rows = [row for _, moved in moves for row in moved]
    if not rows:
        return 0
    later, left = rows[0]["new_epoch"], {row["old_epoch"] for row in rows}
    epochs.lock(connection, {later, *left})
    epochs.require(connection, keyring, {later: month})
    copy_index_keys(connection, keyring, left, later)
    for column, moved in moves:
        if moved:
            its = column.table.c
            change = update(column.table).where(column == bindparam("of"), its.epoch_id == bindparam("old_epoch"))
            new: dict[Any, Any] = {its.epoch_id: bindparam("new_epoch"), its.wrapped: bindparam("new_wrapped")}
            connection.execute(change.values(new), moved)
    keyring.drop(epochs.destroy_unused(connection, left))
    return len(moves[0][1])


def _moved(
    connection: Connection, keyring: Keyring, column: Column[UUID], uses: Mapping[UUID, bytes], month: int
) -> list[_Move]:
    """Return the keys as they are to be; all under one epoch key, since a keyring whose current one is spent raises."""
    its = column.table.c
    found = (
        select(column.label("of"), its.epoch_id, its.wrapped)
        .join(epoch_keys, epoch_keys.c.id == its.epoch_id)
        .where(column.in_(uses), epoch_keys.c.month < month)
        .order_by(column)
        .with_for_update(of=column.table)
    )
    moved: list[_Move] = []
    for row in connection.execute(found).all():
        key = keyring.unwrapped(row.epoch_id, row.wrapped, uses[row.of])
        if key is None:
            continue  # it was altered: what it was for opens no more, wherever it lies
        epoch_id, wrapped = keyring.wrap(key, uses[row.of], month)
        moved.append(_Move(of=row.of, old_epoch=row.epoch_id, new_epoch=epoch_id, new_wrapped=wrapped))
    return moved


def copy_index_keys(connection: Connection, keyring: Keyring, left: Collection[UUID], later: UUID) -> None:
    """Wrap the index keys of epochs that keys leave under the one that they go to as well.

    As they are in the database: another process may have brought some there since the epoch key came into memory.
    """
    its = index_keys.c
    there = select(its.id).where(its.epoch_id == later)
    found = select(its.id, its.epoch_id, its.wrapped).where(its.epoch_id.in_(left), its.id.not_in(there))
    copied: dict[UUID, bytes] = {}
    for row in connection.execute(found.order_by(its.id)).all():
        key = keyring.unwrapped(row.epoch_id, row.wrapped, keyring.index_use(row.epoch_id, row.id))
        if key is not None:  # one that was altered finds nothing, wherever it lies
            copied[row.id] = keyring.wrap_index_key(later, row.id, key)
    epochs.add_index_keys(connection, later, copied.items())
