"""Content by deletion month on PostgreSQL: partitions made before their first row, and dropped when it is over.

Deleting a row costs PostgreSQL a version of it, its index entries, and a vacuum; dropping a partition costs a
change of the catalogue, however much is in it. What is dropped is noise already: its keys went first, and each of
its parts has its receipt. A part that is held or still live keeps its month's partition; the others of the month
are then deleted row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, exists, select, text

from storage.sql.tables import contents, parts

SCHEMA: Final = 0x536F_7264_0002
"""The advisory lock of those who change the schema."""
_LOCK_SECONDS: Final = 2
_MONTHS: Final = text(
    "SELECT right(c.relname, 6)::integer FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'contents'::regclass ORDER BY 1"
)


def make(connection: Connection, month: int) -> None:
    """Make the partition of a month, if it is not there.

    In two steps: a table that is made as a partition waits for all who read the whole, and a backup reads for hours;
    meanwhile nobody else would get to it. One that is attached waits for none who read or write.
    """
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SCHEMA})")
    if month in months(connection):
        return
    connection.exec_driver_sql(f"CREATE TABLE {_name(month)} (LIKE {contents.name} INCLUDING ALL)")
    connection.exec_driver_sql(f"ALTER TABLE {contents.name} ATTACH PARTITION {_name(month)} FOR VALUES IN ({month:d})")


def months(connection: Connection) -> Sequence[int]:
    """Return the months that have a partition."""
    return connection.execute(_MONTHS).scalars().all()


def has_live_part(connection: Connection, month: int) -> bool:
    """Tell whether a part of the month is there that is not being erased."""
    live = select(exists().where(parts.c.month == month, ~parts.c.erasing))
    return connection.execute(live).scalar_one()


def drop(connection: Connection, month: int) -> bool:
    """Drop the partition of a month that has no part any more; tells whether it did.

    Readers and writers of content wait for it, and it waits for them, but not for long.
    """
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SCHEMA})")
    if month not in months(connection):
        return False
    left = select(exists().where(parts.c.month == month))
    if connection.execute(left).scalar_one():
        return False
    # The whole before its partition, as whoever uses one of them does: otherwise two could wait in a ring.
    connection.exec_driver_sql(f"LOCK TABLE ONLY {contents.name} IN ACCESS EXCLUSIVE MODE")
    # Looked at again with the lock: a batch that writes into this month has committed its parts, or waits.
    if connection.execute(left).scalar_one():
        return False
    connection.exec_driver_sql(f"DROP TABLE {_name(month)}")
    return True


def _name(month: int) -> str:
    return f"{contents.name}_{month:06d}"
