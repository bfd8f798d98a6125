"""Sessions copied within PostgreSQL, as many as a benchmark asks for: written by the gateway they would take hours.

A copy has the rows of its original, with ids of its own. It fills tables and indexes as the original does, and nobody
can open it, for what is sealed is bound to the original's ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import asyncpg
from sqlalchemy import Table

from storage.sql import key_tables, tables

_SESSIONS: Final[Mapping[Table, tuple[str, ...]]] = {
    tables.sessions: ("id",),
    tables.parts: ("session_id", "id"),
    tables.assignments: ("session_id", "part_id"),
    tables.contents: ("session_id", "part_id"),
    tables.turns: ("session_id", "part_id"),
    tables.facts: ("session_id", "part_id"),
}
_KEYS: Final[Mapping[Table, tuple[str, ...]]] = {
    key_tables.part_keys: ("part_id",),
    key_tables.session_keys: ("session_id",),
}
"""What there is of a session, with the columns that hold ids of its own; the first are those of the table's order."""


async def multiply(urls: tuple[str, str], times: int) -> None:
    """Add so many copies of every session that is there."""
    for url, copied in zip(urls, (_SESSIONS, _KEYS), strict=True):
        connection = await asyncpg.connect(url, server_settings={"synchronous_commit": "off"})
        for setting in ("session_replication_role = replica", "work_mem = '1GB'", "statement_timeout = 0"):
            await connection.execute(f"SET {setting}")  # the foreign keys hold: these are copies
        for table, own in copied.items():
            await connection.execute(f"CREATE TEMP TABLE originals AS SELECT * FROM {table.name}")  # noqa: S608 - ours
            columns = [f"{_copied(column.name)}" if column.name in own else column.name for column in table.columns]
            insert = (
                f"INSERT INTO {table.name} ({', '.join(column.name for column in table.columns)})"  # noqa: S608
                f" SELECT {', '.join(columns)} FROM originals, generate_series(1, $1::integer) AS copy"
                f" ORDER BY {', '.join(_copied(name) for name in own)}"  # as indexes are filled fastest
            )
            await connection.execute(insert, times)
            await connection.execute(f"DROP TABLE originals; ANALYZE {table.name}")
        await connection.close()


def _copied(column: str) -> str:
    """Return the id of a copy: of the same millisecond, and otherwise random."""
    return f"substr({column}, 1, 6) || substr(decode(md5({column} || int4send(copy)), 'hex'), 7)"
