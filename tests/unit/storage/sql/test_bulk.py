from __future__ import annotations

from typing import NamedTuple

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.sql.expression import bindparam

from storage.sql.bulk import Bulk, bulk_insert
from storage.sql.tables import locators, metadata


class Row(NamedTuple):
    token: bytes
    session_id: bytes


class Turned(NamedTuple):
    session_id: bytes
    token: bytes


def test_rows_are_stored_as_they_are_given() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        bulk = bulk_insert(locators, Row)
        bulk.execute(connection, [])
        bulk.execute(connection, [Row(b"t" * 32, b"s" * 16), Row(b"u" * 32, b"s" * 16)])
        assert [row.session_id.bytes for row in connection.execute(select(locators))] == [b"s" * 16] * 2


def test_rows_in_another_order_are_refused() -> None:
    engine = create_engine("sqlite://")
    statement = update(locators).where(locators.c.token == bindparam("of")).values(session_id=bindparam("new"))
    with engine.begin() as connection:
        for bulk in (bulk_insert(locators, Turned), Bulk(statement, ["of", "new"])):
            with pytest.raises(TypeError, match="another order"):
                bulk.execute(connection, [Turned(b"s" * 16, b"t" * 32)])
