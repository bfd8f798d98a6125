"""Databases that stay open from test to test, emptied in between: to open them costs more than most tests do.

A store is new for each test, and so is all that it has in memory. What the opening of databases does is held by tests
of its own, in `unit/storage/sql`.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from storage.sql.databases import Databases
from storage.sql.postgres import PostgresPair
from storage.sql.sqlite import SqliteFile, SqlitePair
from tests.postgres import PostgresServer, delete_all, empty_pair
from tests.unit.storage.builders import prepared, sqlite_urls


class _Sqlite(SqlitePair):
    """Two files that a store lets go of without closing them."""

    async def close(self) -> None:
        """Wait until what was begun has ended."""
        await self._alone(lambda: None)

    async def renew(self, directory: Path) -> None:
        """Make them as new, beside what else belongs to a new store, which is laid into the directory."""
        await prepared(directory)
        for file in (self.sessions, self.keys):
            _restore(file, directory / file.path.name)

    async def end(self) -> None:
        """Close them."""
        await super().close()


class _Postgres(PostgresPair):
    """Two databases that a store lets go of without closing them."""

    async def close(self) -> None:
        """Wait until what was begun has ended."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def renew(self) -> None:
        """Empty them."""
        await self.close()
        self._forgot_at = None
        for database in (self.sessions, self.keys):
            async with database.writer.connect() as connection:
                await delete_all((await connection.get_raw_connection()).driver_connection)

    async def end(self) -> None:
        """Close them."""
        await super().close()


class Kept:
    """A pair of databases of each engine, opened when a test asks for it. All that use it share one event loop."""

    def __init__(self, directory: Path, server: Callable[[], PostgresServer]) -> None:
        """Take a directory for files, and where to get a server from."""
        self._directory = directory
        self._server = server
        self._sqlite: _Sqlite | None = None
        self._postgres: _Postgres | None = None

    async def sqlite(self, directory: Path) -> Databases:
        """Return those of SQLite as of a new store, whose other files are laid into the directory."""
        if self._sqlite is None:
            self._sqlite = _Sqlite(*sqlite_urls(await prepared(self._directory)))
        await self._sqlite.renew(directory)
        return self._sqlite

    async def postgres(self) -> Databases:
        """Return those of PostgreSQL with nothing in them."""
        if self._postgres is None:
            self._postgres = _Postgres(*await empty_pair(self._server(), "kept"))
            await self._postgres.prepare()
        await self._postgres.renew()
        return self._postgres

    async def close(self) -> None:
        """Close all."""
        for pair in (self._sqlite, self._postgres):
            if pair is not None:
                await pair.end()


def _restore(file: SqliteFile, source: Path) -> None:
    pooled = file.writer.raw_connection()
    target: Any = pooled.driver_connection
    made = sqlite3.connect(source)
    try:
        made.backup(target)
    finally:
        made.close()
        pooled.close()
