from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect

from storage.sql import key_tables, tables
from storage.sql.migrating import KEYS, SESSIONS, downgrade, upgrade
from storage.sql.sqlite import SqliteFile

METADATA = {SESSIONS: tables.metadata, KEYS: key_tables.metadata}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    file = SqliteFile(f"sqlite:///{tmp_path}/any.db")
    file.make()
    with file.writer.begin() as opened:
        yield opened
    file.dispose()


@pytest.mark.parametrize(("database", "metadata"), METADATA.items())
def test_the_migrations_make_what_the_code_expects(connection: Connection, database: str, metadata: MetaData) -> None:
    upgrade(connection, database)
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    assert compare_metadata(context, metadata) == []
    made = inspect(connection)
    for table in metadata.sorted_tables:
        assert made.get_pk_constraint(table.name)["constrained_columns"] == [each.name for each in table.primary_key]
        assert {each["name"] for each in made.get_indexes(table.name)} == {each.name for each in table.indexes}


@pytest.mark.parametrize("database", METADATA)
def test_they_run_both_ways_and_again(connection: Connection, database: str) -> None:
    for _ in range(2):
        upgrade(connection, database)
        upgrade(connection, database)
        downgrade(connection, database)
        assert inspect(connection).get_table_names() == ["alembic_version"]
