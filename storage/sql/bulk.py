"""Statements for many rows at once, with rows that hold values as they are stored.

SQLAlchemy compiles each statement once for a dialect; its rows then go to the driver as they are, without
the conversion of every value of every row that `execute` does in Python. That conversion was the largest
single cost of a stored turn.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Delete, Dialect, Insert, Table, Update, bindparam, insert
from sqlalchemy.dialects import postgresql, sqlite


class Bulk:
    """A statement whose rows are tuples in the order of `fields`."""

    def __init__(self, statement: Insert | Update | Delete, fields: Sequence[str]) -> None:
        """Take the statement, and the names of its bound values in the order in which it uses them."""
        self._statement = statement
        self._fields = tuple(fields)
        self._texts: dict[str, str] = {}

    def execute(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run the statement for each row, if there are any."""
        if rows:
            text = self._texts.get(connection.dialect.name) or self._compiled(connection.dialect)
            connection.exec_driver_sql(text, list(rows))

    def _compiled(self, dialect: Dialect) -> str:
        compiled = self._statement.compile(dialect=dialect)
        if tuple(compiled.positiontup or ()) != self._fields:
            msg = f"the values of rows stand in another order than in: {compiled}"
            raise TypeError(msg)
        self._texts[dialect.name] = str(compiled)
        return self._texts[dialect.name]


def bulk_insert(table: Table, row: type[NamedTuple]) -> Bulk:
    """Return the insertion of rows whose fields are columns of the table, in the table's order."""
    fields: tuple[str, ...] = row._fields
    return Bulk(insert(table).values({name: bindparam(name) for name in fields}), fields)


def padded(ids: Collection[UUID]) -> list[UUID]:
    """Return ids for `IN`, the last one repeated up to a power of two: a server keeps few statements prepared."""
    wanted = list(ids)
    return wanted + wanted[-1:] * ((1 << max(len(wanted) - 1, 0).bit_length()) - len(wanted))


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose keys are not there yet, of which another process may have inserted some just now."""
    if connection.dialect.name == "postgresql":
        connection.execute(postgresql.insert(table).on_conflict_do_nothing(), rows)
    else:
        connection.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)
