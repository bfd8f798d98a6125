"""Databases that can be taken away from a store with a spool, and given back: SQLite's lock, PostgreSQL's server."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.spool import Journal
from storage.sql import SqlStore
from tests.fakes import FakeClock
from tests.postgres import PostgresServer, empty_pair
from tests.torture.proxy import Proxy
from tests.unit.storage.builders import NOW, Customer, prepared, sql_store, sqlite_of, turn

LIMIT = 256 * 1024


@dataclass
class Outage:
    """A store over databases that can be away, and the stores that follow it on the same files."""

    directory: Path
    urls: tuple[str, str] | None = None
    proxy: Proxy | None = None
    clock: FakeClock = field(default_factory=FakeClock)
    store: SqlStore = field(init=False)
    away: bool = False
    _holder: sqlite3.Connection | None = None

    async def start(self, limit: int = LIMIT, **said: Any) -> SqlStore:  # noqa: ANN401 - more of a store's arguments
        """Start a store with a spool."""
        journal = Journal(self.directory / "spool", limit)
        self.store = sql_store(self.directory, self.urls, journal=journal, clock=self.clock, **said)
        await self.store.start()
        if self.proxy is None:
            with sqlite_of(self.store).sessions.writer.connect() as connection:
                connection.exec_driver_sql("PRAGMA busy_timeout = 20")
        return self.store

    async def go(self) -> None:
        """Take the databases away."""
        self.away = True
        if self.proxy is not None:
            await self.proxy.close()
        else:
            self._holder = sqlite3.connect(self.directory / "sessions.db", isolation_level=None)
            self._holder.execute("BEGIN IMMEDIATE")

    async def fall_silent(self, seconds: float) -> None:
        """Have the databases take their time for everything, or be held until they `come_back`."""
        if self.proxy is not None:
            self.proxy.delay_seconds = seconds
            return
        with sqlite_of(self.store).sessions.writer.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")
        await self.go()

    async def come_back(self) -> None:
        """Give them back, if they are away."""
        if self.proxy is not None:
            self.proxy.delay_seconds = 0
        if not self.away:
            return
        self.away = False
        if self.proxy is not None:
            await self.proxy.open()
        elif self._holder is not None:
            self._holder.execute("ROLLBACK")
            self._holder.close()
            self._holder = None

    async def kill(self) -> None:
        """Let the store go as a killed process does: nothing is drained, nothing told."""
        spool = self.store.spool
        assert spool is not None
        await spool._journal.close()

    def files(self) -> list[Path]:
        """Return the files of the spool."""
        return sorted((self.directory / "spool").rglob("*.spool"))

    def aside(self) -> list[Path]:
        """Return what the spool keeps aside."""
        return sorted((self.directory / "spool").rglob("*.broken"))


@contextlib.asynccontextmanager
async def outage_on(engine: str, directory: Path, server: Callable[[], PostgresServer]) -> AsyncIterator[Outage]:
    """Lay down databases of an engine."""
    if engine == "sqlite":
        yield Outage(await prepared(directory))
        return
    sessions, keys = await empty_pair(server())
    proxy = Proxy(sessions)
    await proxy.open()
    try:
        yield Outage(directory, (proxy.instead_of(sessions), proxy.instead_of(keys)), proxy)
    finally:
        await proxy.close()


async def opened(store: SqlStore, name: str = "one") -> Customer:
    """Open a session that this process knows from then on."""
    one = Customer(name)
    await store.write(one.opening(turns=turn("first")))
    await store.find(one.by_token(), NOW)
    return one


def waiting(outage: Outage) -> int:
    """Return how many turns wait."""
    spool = outage.store.spool
    assert spool is not None
    return spool.figures(NOW).turns


async def drain(outage: Outage) -> None:
    """Bring what waits into the store."""
    assert outage.store.spool is not None
    await outage.store.spool.drain()
