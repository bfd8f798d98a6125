"""The schema is ready for Citus: sessions can be spread over machines by their id, and content by its month."""

from __future__ import annotations

import pytest
from sqlalchemy import Table, UniqueConstraint
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateTable

from storage.sql.tables import metadata, sessions

_POSTGRESQL = make_url("postgresql+asyncpg://").get_dialect()()
OF_SESSIONS = [table for table in metadata.sorted_tables if table is sessions or "session_id" in table.c]


def distribution(table: Table) -> str:
    """Return the column by which the rows of a table are spread."""
    return "id" if table is sessions else "session_id"


@pytest.mark.parametrize("table", OF_SESSIONS, ids=lambda table: table.name)
def test_each_unique_key_tells_the_session(table: Table) -> None:
    keys = [[each.name for each in table.primary_key]]
    keys += [[each.name for each in one.columns] for one in table.constraints if isinstance(one, UniqueConstraint)]
    keys += [[each.name for each in index.columns] for index in table.indexes if index.unique]
    assert [key for key in keys if distribution(table) not in key] == []


@pytest.mark.parametrize("table", OF_SESSIONS, ids=lambda table: table.name)
def test_what_refers_to_a_session_lies_with_it(table: Table) -> None:
    """A foreign key between rows of one machine names the session on both sides; `rules` are on every machine."""
    for key in table.foreign_key_constraints:
        pairs = {(element.parent.name, element.column.name) for element in key.elements}
        to = key.referred_table
        assert to.name == "rules" or (distribution(table), distribution(to)) in pairs, key


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_nothing_is_counted_by_the_database(table: Table) -> None:
    made = str(CreateTable(table).compile(dialect=_POSTGRESQL))
    assert not {"SERIAL", "IDENTITY", "nextval"} & set(made.upper().split())
    assert "SERIAL" not in made


def test_a_partition_key_is_in_the_primary_key() -> None:
    contents = metadata.tables["contents"]
    assert contents.dialect_options["postgresql"]["partition_by"] == "LIST (month)"
    assert {"session_id", "month"} <= {column.name for column in contents.primary_key}
