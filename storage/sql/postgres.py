"""PostgreSQL as the two databases of the store, through asyncpg: transactions, locks, partitions, vacuum.

Several processes may work on one store. What SQLite's one write lock does is done here by locks of rows
(`databases.lock_sessions`), and by an advisory lock that whatever makes keys shares and `write_apart` holds alone.
Work that writes runs in READ COMMITTED, where each statement sees what was committed before it: a row that was
waited for is seen as it is. Work that reads runs in REPEATABLE READ, on one snapshot.

Durability: `synchronous_commit=on` for each connection, whatever the server's default is. Content is partitioned
by deletion month; a partition is made before the first content of its month.

Erasure: PostgreSQL leaves deleted bytes in the files until it needs their room. In the session database that is
noise, for its keys are gone. In the key database `forget` has the tables of wrapped keys rewritten, as long as
they are small, or else vacuumed; both need no right but that of their owner. `docs/scale.md` says what remains.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from time import monotonic
from typing import Any, Final, TypeVar

from asyncpg import InterfaceError, PostgresError
from sqlalchemy import Connection, event, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.errors import StoreUnavailableError
from storage.sql import migrating, partitions
from storage.sql.databases import Unit, WriteBatch
from storage.sql.key_tables import key_store, part_keys, session_keys
from storage.sql.lease import fenced
from storage.sql.tables import store
from storage.sql.translation import translated

T = TypeVar("T")

_CONNECT_SECONDS: Final = 5.0
_STATEMENT_SECONDS: Final = 30
_LOCK_SECONDS: Final = 5
_CONNECTIONS: Final = 5
COUNTING_SECONDS: Final = 600
"""How long may take what looks at everything: a count, or the vacuum of the keys."""
_COUNTING_CONNECTIONS: Final = 1
_SETTINGS: Final = {
    "application_name": "sordino",
    "synchronous_commit": "on",
    "lock_timeout": f"{_LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{2 * _STATEMENT_SECONDS}s",
    "jit": "off",
}
_BATCHES: Final = 0x536F_7264_0001
"""An advisory lock: a number that means nothing but to those who take it."""
# Rows of a batch are found by their keys. Left alone, a server that has not counted its tables lately reads them whole.
_BEGIN_BATCH: Final = (
    f"SELECT pg_advisory_xact_lock_shared({_BATCHES}),"
    " set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),"
    " set_config('enable_mergejoin', 'off', true)"
)
TRUSTED_SECONDS: Final = 1.0
_UNWRITABLE: Final = "the session database or the key database can't be written"
FORGET_SECONDS: Final = 60.0
REWRITTEN_BYTES: Final = 32 * 1024 * 1024


class PostgresDatabase:
    """One PostgreSQL database: an engine that writes, its reading side on snapshots, and one for what takes long."""

    def __init__(self, url: str) -> None:
        """Take a URL such as postgresql://user@host/database. Nothing is opened yet."""
        self.url = _asyncpg(make_url(url))
        self.writer = _engine(self.url, _CONNECTIONS, _STATEMENT_SECONDS)
        self.reader = _snapshots(self.writer)
        self.patient = _engine(self.url, _COUNTING_CONNECTIONS, COUNTING_SECONDS)
        self.counter = _snapshots(self.patient)
        self.alone = self.patient.execution_options(isolation_level="AUTOCOMMIT")


class PostgresPair:
    """The session database and the key database."""

    def __init__(self, database_url: str, keys_url: str) -> None:
        """Take the two URLs, which must be of two databases."""
        self.sessions = PostgresDatabase(database_url)
        self.keys = PostgresDatabase(keys_url)
        if _place(self.sessions.url) == _place(self.keys.url):
            raise ValueError("the session database and the key database must be two databases")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._forgot_at: float | None = None

    async def prepare(self) -> None:
        """Bring the schema of both databases up to date, one process at a time. The databases must be there."""

        async def upgraded(database: PostgresDatabase, name: str) -> None:
            async with database.writer.begin() as connection:
                await connection.run_sync(_upgrade, name)

        for database, name in ((self.keys, migrating.KEYS), (self.sessions, migrating.SESSIONS)):
            await self._run("the database can't be brought up to date", upgraded(database, name))

    async def close(self) -> None:
        """Finish what was begun, then close all connections."""
        self._closed = True
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for database in (self.sessions, self.keys):
            await database.writer.dispose()
            await database.patient.dispose()

    async def write(self, work: Callable[[Unit], T]) -> T:
        """Run work in a transaction of the session database that ends with it."""
        return await self._write(fenced(work))

    async def write_batch(self, batch: WriteBatch) -> None:
        """Do as `write` with a batch, sharing the lock that keeps off `write_apart`; both databases work at once."""

        async def writing() -> None:
            async with self.sessions.writer.begin() as connection:
                await connection.exec_driver_sql(_BEGIN_BATCH)
                unit = await connection.run_sync(lambda opened: Unit(opened, self.keys.writer.sync_engine))
                try:
                    await connection.run_sync(lambda _: _planned(batch, unit))
                    steps = (lambda _: _keys_kept(batch, unit), lambda _: batch.save_rows(unit))
                    # Each has a connection of its own. Not a TaskGroup: that would break one off in the middle.
                    done = await asyncio.gather(*map(connection.run_sync, steps), return_exceptions=True)
                    for error in done:
                        if error is not None:
                            raise error
                finally:
                    await connection.run_sync(lambda _: unit.close())

        await self._run(_UNWRITABLE, writing())

    async def write_keyed(self, work: Callable[[Unit], T]) -> T:
        """Do as `write`, sharing the lock of batches."""
        return await self._write(fenced(work), f"SELECT pg_advisory_xact_lock_shared({_BATCHES})")

    async def write_apart(self, work: Callable[[Unit], T]) -> T:
        """Do as `write`, while nothing that makes keys and no other such work is under way in any process."""
        return await self._write(fenced(work), f"SELECT pg_advisory_xact_lock({_BATCHES})")

    async def read(self, work: Callable[[Unit], T]) -> T:
        """Run work on a snapshot of the session database."""
        return await self._read(self.sessions.reader, work)

    async def count(self, work: Callable[[Unit], T]) -> T:
        """Do as `read`, with the patience of a count."""
        return await self._read(self.sessions.counter, work)

    async def provide_month(self, month: int) -> None:
        """Make the partition for the content of a month, if it is not there."""
        await self.write(lambda unit: partitions.make(unit.sessions, month))

    def closing(self, unit: Unit, months: Collection[int], now_month: int) -> set[int]:
        """Return the months that are over and have no part but such as are being erased."""
        over = {month for month in months if month < now_month}
        return {month for month in over if not partitions.has_live_part(unit.sessions, month)}

    async def drop_months(self, now_month: int) -> None:
        """Drop the partitions of months that are over and have no part, each in a transaction of its own."""
        for month in await self.read(lambda unit: partitions.months(unit.sessions)):
            if month < now_month:
                await self.write(partial(_drop, month))

    def touch(self, unit: Unit) -> None:
        """Write a row of each database, which stays as it is."""
        unit.keys.execute(update(key_store).values(tenant=key_store.c.tenant))
        unit.keys.commit()
        unit.sessions.execute(update(store).values(tenant=store.c.tenant))

    async def forget(self) -> bool:
        """Rewrite the tables of wrapped keys, or vacuum them when they are large; once a minute at most."""
        if self._forgot_at is not None and monotonic() - self._forgot_at < FORGET_SECONDS:
            return False
        self._forgot_at = monotonic()

        async def forgetting() -> None:
            async with self.keys.alone.connect() as connection:
                for table in (part_keys, session_keys):
                    await _vacuum(connection, table.name)

        await self._run("erased keys can't be vacuumed away", forgetting())
        return True

    async def _read(self, engine: AsyncEngine, work: Callable[[Unit], T]) -> T:
        async def reading() -> T:
            async with engine.connect() as connection:
                return await connection.run_sync(self._in_unit(self.keys.reader, work))

        return await self._run("the session database or the key database can't be read", reading())

    async def _write(self, work: Callable[[Unit], T], lock: str | None = None) -> T:
        async def writing() -> T:
            async with self.sessions.writer.begin() as connection:
                if lock is not None:
                    await connection.exec_driver_sql(lock)
                return await connection.run_sync(self._in_unit(self.keys.writer, work))

        return await self._run(_UNWRITABLE, writing())

    def _in_unit(self, keys: AsyncEngine, work: Callable[[Unit], T]) -> Callable[[Connection], T]:
        return lambda connection: Unit(connection, keys.sync_engine).run(work)

    async def _run(self, what: str, work: Awaitable[T]) -> T:
        """Run work to its end even if the caller leaves: half a step would cost a connection, and say nothing."""

        async def run() -> T:
            with translated(what, PostgresError, InterfaceError):
                return await work

        if self._closed:
            asyncio.ensure_future(work).cancel()
            raise StoreUnavailableError("the store is closed")
        # No TaskGroup: the work may outlive its caller. `close` awaits it.
        task = asyncio.ensure_future(run())
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # where the caller has left nobody else looks at it


def _planned(batch: WriteBatch, unit: Unit) -> None:
    batch.begin(unit)
    batch.plan(unit)


def _keys_kept(batch: WriteBatch, unit: Unit) -> None:
    if batch.save_keys(unit):
        batch.commit_keys(unit)


def _upgrade(connection: Connection, name: str) -> None:
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({partitions.SCHEMA})")
    migrating.upgrade(connection, name)


def _drop(month: int, unit: Unit) -> None:
    partitions.drop(unit.sessions, month)


def _engine(url: URL, connections: int, statement_seconds: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=connections,
        max_overflow=connections,
        pool_timeout=_CONNECT_SECONDS,
        connect_args={
            "timeout": _CONNECT_SECONDS,
            "command_timeout": statement_seconds + 2 * _LOCK_SECONDS,
            "server_settings": _SETTINGS | {"statement_timeout": f"{statement_seconds}s"},
        },
    )
    _look_at_idle_connections(engine)
    return engine


def _snapshots(engine: AsyncEngine) -> AsyncEngine:
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _look_at_idle_connections(engine: AsyncEngine) -> None:
    """See that a connection which nobody has used for a moment still serves, before it is handed out.

    SQLAlchemy's own way (`pool_pre_ping`) asks each time, in three round trips.
    """

    @event.listens_for(engine.sync_engine, "checkin")
    def on_checkin(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["back_at"] = monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def on_checkout(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:  # noqa: ANN401 - of no type
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        if monotonic() - record.info.get("back_at", monotonic()) < TRUSTED_SECONDS:
            return
        try:
            connection.ping()
        except (engine.dialect.loaded_dbapi.Error, OSError) as error:
            raise InvalidatePoolError from error


async def _vacuum(connection: AsyncConnection, table: str) -> None:
    size = (await connection.exec_driver_sql(f"SELECT pg_relation_size('{table}')")).scalar_one()
    # A plain VACUUM gives room free, but leaves the bytes in it until something else is written there.
    how = "FULL" if size <= REWRITTEN_BYTES else "TRUNCATE"
    await connection.exec_driver_sql(f"VACUUM ({how}) {table}")


def _asyncpg(url: URL) -> URL:
    if url.get_backend_name() not in {"postgresql", "postgres"} or not url.database:
        raise ValueError("a database URL must be of the form postgresql://user@host/database")
    query = {("ssl" if name == "sslmode" else name): value for name, value in url.query.items()}
    return url.set(drivername="postgresql+asyncpg", query=query)


def _place(url: URL) -> tuple[object, ...]:
    return (url.host, url.port or 5432, url.query.get("host"), url.query.get("port"), url.database)
