"""Statements for many rows at once, with rows that hold values as they are stored.

SQLAlchemy compiles each statement once for a dialect; its rows then go to the driver as they are, without
the conversion of every value of every row that `execute` does in Python. That conversion was the largest
single cost of a stored turn.

SQLite runs a statement once for each row. PostgreSQL runs it once for all: it is handed the rows as an array for each
field, and statements that do not see each other's work go together, since a round trip costs more than many rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Delete,
    Dialect,
    Insert,
    Table,
    Update,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

Statement: TypeAlias = Insert | Update | Delete
Rows: TypeAlias = Sequence[tuple[Any, ...]]
Values: TypeAlias = Mapping[str, ColumnElement[Any]]
"""What stands for the values of a row in a statement, by the names of its fields."""

_PLACE: Final = re.compile(r"\$(\d+)")


class Bulk:
    """A statement whose rows are tuples in the order of `fields`; no two of them may change one row of a table."""

    def __init__(self, statement: Callable[[Values], Statement], fields: Mapping[str, TypeEngine[Any]]) -> None:
        """Take what makes the statement, and the types of the values in the order in which it uses them."""
        self._statement = statement
        self.fields = dict(fields)
        self._texts: dict[str, str] = {}

    def execute(self, connection: Connection, rows: Rows) -> None:
        """Run the statement for each row, if there are any."""
        execute_together(connection, [(self, rows)])

    def text(self, dialect: Dialect) -> str:
        """Return the statement as it goes to the driver."""
        known = self._texts.get(dialect.name)
        if known is None:
            made = self._for_all(dialect) if dialect.name == "postgresql" else self._for_one(dialect)
            known = self._texts[dialect.name] = made
        return known

    def _for_one(self, dialect: Dialect) -> str:
        values = {name: bindparam(name, type_=each) for name, each in self.fields.items()}
        compiled = self._statement(values).compile(dialect=dialect)
        if tuple(compiled.positiontup or ()) != tuple(self.fields):
            raise TypeError(f"the values of rows stand in another order than in: {compiled}")
        return str(compiled)

    def _for_all(self, dialect: Dialect) -> str:
        arrays = [cast(bindparam(name), postgresql.ARRAY(each)) for name, each in self.fields.items()]
        columns = [column(name, each) for name, each in self.fields.items()]
        given = func.unnest(*arrays).table_valued(*columns, name="given").render_derived()
        return str(self._statement({name: given.c[name] for name in self.fields}).compile(dialect=dialect))


def bulk_insert(table: Table, row: type[NamedTuple]) -> Bulk:
    """Return the insertion of rows whose fields are columns of the table, in the table's order."""
    fields: tuple[str, ...] = row._fields

    def statement(values: Values) -> Statement:
        if any(isinstance(value, BindParameter) for value in values.values()):
            return insert(table).values(values)
        return insert(table).from_select(list(values), select(*values.values()))

    return Bulk(statement, {name: table.c[name].type for name in fields})


def execute_together(connection: Connection, steps: Iterable[tuple[Bulk, Rows]]) -> None:
    """Run statements for their rows, where there are any; none may need to see what another of them did."""
    wanted = [(bulk, rows) for bulk, rows in steps if rows]
    if connection.dialect.name != "postgresql":
        _execute_each(connection, wanted)
    elif wanted:
        text = _joined(tuple(bulk.text(connection.dialect) for bulk, _ in wanted))
        columns = [column for _, rows in wanted for column in zip(*rows, strict=True)]
        connection.exec_driver_sql(text, tuple(columns))


def _execute_each(connection: Connection, steps: Iterable[tuple[Bulk, Rows]]) -> None:
    # By the driver itself: what SQLAlchemy does around a statement costs as much as ten rows.
    if not connection.in_transaction():
        connection.begin()
    driver: Any = connection.connection.driver_connection
    for bulk, rows in steps:
        driver.executemany(bulk.text(connection.dialect), rows).close()


@lru_cache(maxsize=256)
def _joined(texts: tuple[str, ...]) -> str:
    """Return one statement that does what several do, for PostgreSQL."""
    if len(texts) == 1:
        return texts[0]
    parts, places = [], 0
    for number, text in enumerate(texts):
        first = places

        def moved(place: re.Match[str], first: int = first) -> str:
            return f"${int(place[1]) + first}"

        parts.append(f"step_{number} AS ({_PLACE.sub(moved, text)})")
        places += max(int(place) for place in _PLACE.findall(text))
    return f"WITH {', '.join(parts)} SELECT 1"


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
