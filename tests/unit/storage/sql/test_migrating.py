"""The migrations make what the code expects, both ways, on both engines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, inspect
from sqlalchemy.ext.asyncio import create_async_engine

import storage.sql
from storage.sql import key_tables, tables
from storage.sql.migrating import KEYS, SESSIONS, downgrade, newest, upgrade
from storage.sql.sqlite import SqliteFile
from tests.postgres import PostgresServer, new_database

METADATA = {SESSIONS: tables.metadata, KEYS: key_tables.metadata}
NOT_EVERYWHERE = {"ix_parts_month"}  # of what is dropped by months, which PostgreSQL alone does
Run = Callable[[Callable[[Connection], None]], Awaitable[None]]


@pytest.fixture(params=["sqlite", "postgresql"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Return what runs a function over an empty database, in a transaction."""

    async def on_sqlite(work: Callable[[Connection], None]) -> None:
        file = SqliteFile(f"sqlite:///{tmp_path}/any.db")
        file.make()
        with file.writer.begin() as opened:
            work(opened)
        file.dispose()

    async def on_postgresql(work: Callable[[Connection], None]) -> None:
        server: PostgresServer = request.getfixturevalue("postgres")
        async with new_database(server) as url:
            engine = create_async_engine(url.replace("postgresql", "postgresql+asyncpg"))
            try:
                async with engine.begin() as opened:
                    await opened.run_sync(work)
            finally:
                await engine.dispose()

    return on_sqlite if request.param == "sqlite" else on_postgresql


@pytest.mark.parametrize(("database", "metadata"), METADATA.items())
async def test_the_migrations_make_what_the_code_expects(run: Run, database: str, metadata: MetaData) -> None:
    def check(connection: Connection) -> None:
        upgrade(connection, database)
        absent = NOT_EVERYWHERE if connection.dialect.name == "sqlite" else set[str]()
        opts = {"compare_server_default": True, "include_object": lambda _, name, *__: name not in absent}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
        made = inspect(connection)
        for table in metadata.sorted_tables:
            key = made.get_pk_constraint(table.name)["constrained_columns"]
            assert key == [each.name for each in table.primary_key]
            indexes = [each for each in made.get_indexes(table.name) if "duplicates_constraint" not in each]
            assert {each["name"] for each in indexes} == {each.name for each in table.indexes} - absent

    await run(check)


@pytest.mark.parametrize("database", METADATA)
async def test_they_run_both_ways_and_again(run: Run, database: str) -> None:
    def both_ways(connection: Connection) -> None:
        for _ in range(2):
            upgrade(connection, database)
            upgrade(connection, database)
            downgrade(connection, database)
            assert inspect(connection).get_table_names() == ["alembic_version"]

    await run(both_ways)


@pytest.mark.parametrize("database", METADATA)
def test_the_newest_revision_is_the_one_that_alembic_ends_at(database: str) -> None:
    found = ScriptDirectory(str(Path(storage.sql.__file__).parent / "migrations" / database))
    assert found.get_heads() == [newest(database)]
