"""Epoch keys and index keys in the key database: made, reserved, looked up, destroyed with the last of what they wrap.

Every function works in a transaction of the key database. Nobody waits in a ring, since all lock in one order: keys of
parts, keys of sessions, epoch keys, each by their ids. An epoch key goes in the transaction in which the last
part or session key under it goes, and the index keys under it with it: what was sealed in its month is then noise
in every copy of the sessions. What another process may still hold of it in memory it can't use: keys are kept
only if their epoch key is still there (`require`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, delete, exists, insert, or_, select, update

from storage.crypto.keyring import WRAPS_PER_EPOCH, Keyring, MissingEpochError
from storage.crypto.providers import WrappedByRoot
from storage.sql.databases import locked
from storage.sql.key_tables import epoch_keys, index_keys, part_keys, session_keys

_epochs = epoch_keys.c
# Built once: that costs more than its execution, and every batch needs it.
_THERE = (
    select(_epochs.id)
    .where(_epochs.id.in_(bindparam("ids", expanding=True)), _epochs.wraps <= WRAPS_PER_EPOCH)
    .order_by(_epochs.id)
    .with_for_update(read=True)
)
_USABLE = (
    select(epoch_keys)
    .where(_epochs.month == bindparam("in_month"), _epochs.wraps <= bindparam("most"))
    .order_by(_epochs.id)
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class StoredEpoch:
    """An epoch key as it is stored, with the index keys under it by their ids."""

    id: UUID
    month: int
    key: WrappedByRoot
    index_keys: tuple[tuple[UUID, bytes], ...]


def find(connection: Connection, epoch_id: UUID) -> StoredEpoch | None:
    """Return the epoch key, if it is there."""
    found = connection.execute(select(epoch_keys).where(_epochs.id == epoch_id)).one_or_none()
    return None if found is None else _stored(connection, found)


def all_of_them(connection: Connection) -> list[StoredEpoch]:
    """Return all epoch keys."""
    return [_stored(connection, row) for row in connection.execute(select(epoch_keys).order_by(_epochs.id)).all()]


def all_ids(connection: Connection) -> list[UUID]:
    """Return the ids of all epoch keys."""
    return list(connection.execute(select(_epochs.id).order_by(_epochs.id)).scalars())


def reserve(connection: Connection, month: int, wraps: int) -> StoredEpoch | None:
    """Reserve wraps of an epoch key of the month that has enough left; None if there is none."""
    row = connection.execute(_USABLE, {"in_month": month, "most": WRAPS_PER_EPOCH - wraps}).first()
    if row is None:
        return None
    connection.execute(update(epoch_keys).where(_epochs.id == row.id).values(wraps=_epochs.wraps + wraps))
    return _stored(connection, row)


def add(connection: Connection, epoch: StoredEpoch, wraps: int) -> None:
    """Keep a new epoch key with its index keys, with wraps reserved."""
    key = {"first_root": epoch.key.version, "root_version": epoch.key.version, "wrapped": epoch.key.wrapped}
    connection.execute(insert(epoch_keys).values(id=epoch.id, month=epoch.month, wraps=wraps, **key))
    add_index_keys(connection, epoch.id, epoch.index_keys)


def add_index_keys(connection: Connection, epoch_id: UUID, wrapped: Iterable[tuple[UUID, bytes]]) -> None:
    """Keep index keys that the epoch key wraps."""
    rows = [{"id": index_id, "epoch_id": epoch_id, "wrapped": each} for index_id, each in wrapped]
    if rows:
        connection.execute(insert(index_keys), rows)


def require(connection: Connection, keyring: Keyring, months: Mapping[UUID, int]) -> None:
    """See that epoch keys (id -> month) are still there and not closed, until the transaction ends.

    Raises MissingEpochError where one was destroyed or closed, by whatever process; it is out of the keyring then.
    """
    gone = months.keys() - set(connection.execute(_THERE, {"ids": list(months)}).scalars())
    keyring.drop(gone)
    for epoch_id in gone:
        raise MissingEpochError(month=months[epoch_id])


def close(connection: Connection) -> int:
    """Have every epoch key wrap nothing more, in any process; returns how many were closed. What they wrap stays."""
    is_open = _epochs.wraps <= WRAPS_PER_EPOCH
    locked(connection, _epochs.id, is_open)
    return connection.execute(update(epoch_keys).where(is_open).values(wraps=WRAPS_PER_EPOCH + 1)).rowcount


def lock(connection: Connection, epoch_ids: Collection[UUID]) -> None:
    """Lock epoch keys until the transaction ends: nobody begins to use them meanwhile."""
    locked(connection, _epochs.id, _epochs.id.in_(epoch_ids))


def is_wrapping(connection: Connection, epoch_id: UUID) -> bool:
    """Tell whether a part or session key says that it lies under this epoch key."""
    under = (exists().where(table.c.epoch_id == epoch_id) for table in (part_keys, session_keys))
    return bool(connection.execute(select(or_(*under))).scalar_one())


def delete_keys(
    connection: Connection, part_ids: Collection[UUID], session_ids: Collection[UUID], this_month: int = 0
) -> set[UUID]:
    """Delete wrapped part and session keys, and the epoch keys that wrap nothing after that; returns the latter.

    Those of months that are over go as well if nothing is left under them: what was has been moved away.
    """
    touched = set(connection.execute(select(_epochs.id).where(_epochs.month < this_month)).scalars())
    for of, ids in ((part_keys.c.part_id, part_ids), (session_keys.c.session_id, session_ids)):
        if ids:
            theirs = select(of.table.c.epoch_id).where(of.in_(ids)).order_by(of).with_for_update()
            touched.update(connection.execute(theirs).scalars())
            connection.execute(delete(of.table).where(of.in_(ids)))
    return destroy_unused(connection, touched)


def destroy_unused(connection: Connection, epoch_ids: Collection[UUID]) -> set[UUID]:
    """Destroy those of the epoch keys that wrap no key of a part or session; returns them."""
    if not epoch_ids:
        return set()
    lock(connection, epoch_ids)
    wrapping = [exists().where(table.c.epoch_id == _epochs.id) for table in (part_keys, session_keys)]
    found = select(_epochs.id).where(_epochs.id.in_(epoch_ids), *(~each for each in wrapping))
    unused = set(connection.execute(found).scalars())
    if unused:
        connection.execute(delete(index_keys).where(index_keys.c.epoch_id.in_(unused)))
        connection.execute(delete(epoch_keys).where(_epochs.id.in_(unused)))
    return unused


def _stored(connection: Connection, row: Row[Any]) -> StoredEpoch:
    found = select(index_keys.c.id, index_keys.c.wrapped).where(index_keys.c.epoch_id == row.id)
    under_it = tuple((each.id, each.wrapped) for each in connection.execute(found.order_by(index_keys.c.id)))
    return StoredEpoch(row.id, row.month, WrappedByRoot(row.root_version, row.wrapped), under_it)
