from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from sqlalchemy import Connection, create_engine, delete, select, update

from storage.sql.bulk import Bulk, bulk_insert, execute_together
from storage.sql.tables import locators, metadata


class Row(NamedTuple):
    token: bytes
    session_id: bytes


class Turned(NamedTuple):
    session_id: bytes
    token: bytes


ROWS = [Row(b"t" * 32, b"s" * 16), Row(b"u" * 32, b"s" * 16)]
INSERT = bulk_insert(locators, Row)
DROP = Bulk(lambda its: delete(locators).where(locators.c.token == its["of"]), {"of": locators.c.token.type})


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        yield connection


def test_rows_are_stored_as_they_are_given(connection: Connection) -> None:
    INSERT.execute(connection, [])
    INSERT.execute(connection, ROWS)
    assert [row.session_id.bytes for row in connection.execute(select(locators))] == [b"s" * 16] * 2


def test_statements_go_together(connection: Connection) -> None:
    INSERT.execute(connection, ROWS[:1])
    execute_together(connection, [(INSERT, ROWS[1:]), (DROP, [(b"t" * 32,)]), (INSERT, [])])
    assert [row.token for row in connection.execute(select(locators))] == [b"u" * 32]


def test_rows_in_another_order_are_refused(connection: Connection) -> None:
    its = locators.c
    swapped = Bulk(
        lambda given: update(locators).where(its.token == given["of"]).values(session_id=given["new"]),
        {"of": its.token.type, "new": its.session_id.type},
    )
    for bulk in (bulk_insert(locators, Turned), swapped):
        with pytest.raises(TypeError, match="another order"):
            bulk.execute(connection, [Turned(b"s" * 16, b"t" * 32)])
