"""SQLite as the two databases of the store: connections, threads, durability, and bytes that are really gone.

Units of work that write run one after the other in one thread, each in `BEGIN IMMEDIATE` of the session database;
those that read run in a few other threads and see a snapshot (WAL). Of a batch of writes only what waits (for the
lock, for the disk) runs in that thread; the rest is done where the caller runs. Two threads of one interpreter that
work at once hand its lock over each time one of them calls a library, and every hand-over costs more than most of
these calls. A dedicated thread with the synchronous driver, instead of aiosqlite, because aiosqlite crosses threads
several times for every statement: the inserts of a batch of 50 sessions (five rows each) took 42 us of CPU a session
this way and 60 to 106 us through aiosqlite's `run_sync`, measured side by side on one machine.

Durability: WAL with `synchronous=FULL`, so that a commit is on the disk when it returns. Erasure:
`secure_delete=ON` overwrites what is deleted in the file, and `forget()` truncates the WAL, in which
the old pages would otherwise still lie. Files are made with mode 0600.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.util import LRUCache

from storage.durable import sync_directory
from storage.errors import StoreUnavailableError
from storage.sql import migrating
from storage.sql.databases import Unit, WriteBatch
from storage.sql.lease import fenced
from storage.sql.translation import translated

T = TypeVar("T")

BUSY_SECONDS: Final = 5
_READER_THREADS: Final = 2
_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
)
_CHECKPOINT_TRIES: Final = 4
_CHECKPOINT_WAIT_SECONDS: Final = 0.25
_UNWRITABLE: Final = "the session database or the key database can't be written"


class SqliteFile:
    """One SQLite database: an engine that writes and one that can only read."""

    def __init__(self, url: str) -> None:
        """Take a URL such as sqlite:///path. Nothing is opened yet."""
        self.path = _path(make_url(url))
        self.writer = _engine(self.path, 1, "BEGIN IMMEDIATE")
        self.reader = _engine(self.path, _READER_THREADS, "BEGIN", "PRAGMA query_only = ON")

    def make(self) -> None:
        """Make the file, private to its owner, durable in its directory; keep an existing one private."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        self.path.chmod(0o600)
        sync_directory(self.path.parent)

    def checkpoint(self) -> bool:
        """Bring the WAL into the file and cut it to nothing; False if a reader was in the way all the time."""
        pooled = self.writer.raw_connection()
        connection: Any = pooled.driver_connection
        try:
            # Writers of this process wait meanwhile: not for as long as they would wait for another writer.
            connection.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_WAIT_SECONDS * 1000:.0f}").close()
            for _ in range(_CHECKPOINT_TRIES):
                (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if not busy:
                    return True
            return False
        finally:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}").close()
            pooled.close()

    def dispose(self) -> None:
        """Close all connections."""
        self.writer.dispose()
        self.reader.dispose()


class SqlitePair:
    """The session database and the key database, and the threads that work on them."""

    def __init__(self, database_url: str, keys_url: str) -> None:
        """Take the two URLs, which must be of two files."""
        self.sessions = SqliteFile(database_url)
        self.keys = SqliteFile(keys_url)
        if self.sessions.path == self.keys.path:
            raise ValueError("the session database and the key database must be two files")
        self._writing = asyncio.Lock()
        self._write_thread = ThreadPoolExecutor(1, "sordino-store-write")
        self._read_threads = ThreadPoolExecutor(_READER_THREADS, "sordino-store-read")

    async def prepare(self) -> None:
        """Make the files and bring their schema up to date."""
        await self._alone(self._prepare)

    async def write(self, work: Callable[[Unit], T]) -> T:
        """Run work in the write thread, in a transaction of the session database that ends with it."""
        fenced_work = fenced(work)
        return await self._alone(lambda: self._write(fenced_work))

    async def write_batch(self, batch: WriteBatch) -> None:
        """Do as `write` with a batch: what waits in the write thread, the rest here, so it should wait for nothing."""
        async with self._writing:
            unit = await self._in_thread(self._write_thread, lambda: self._begin(batch))
            try:
                with translated(_UNWRITABLE):
                    batch.plan(unit)
                    keys = self._keys_committed(batch, unit) if batch.save_keys(unit) else None
                    try:
                        batch.save_rows(unit)
                    finally:
                        if keys is not None:
                            await keys
            except BaseException:
                await self._in_thread(self._write_thread, lambda: self._end(unit, commit=False))
                raise
            await self._in_thread(self._write_thread, lambda: self._end(unit, commit=True))

    async def write_keyed(self, work: Callable[[Unit], T]) -> T:
        """Do as `write`, which keeps everybody off."""
        return await self.write(work)

    async def write_apart(self, work: Callable[[Unit], T]) -> T:
        """Do as `write`: all that writes holds the write lock of the session database, in every process."""
        return await self.write(work)

    async def read(self, work: Callable[[Unit], T]) -> T:
        """Run work on a snapshot in a read thread."""
        return await self._in_thread(self._read_threads, lambda: self._read(work))

    async def count(self, work: Callable[[Unit], T]) -> T:
        """Do as `read`, which nothing breaks off here."""
        return await self.read(work)

    async def provide_month(self, month: int) -> None:
        """Do nothing: all months lie in one table."""

    def closing(self, unit: Unit, months: Collection[int], now_month: int) -> set[int]:
        """Return no month."""
        del unit, months, now_month
        return set()

    async def drop_months(self, now_month: int) -> None:
        """Do nothing."""

    def touch(self, unit: Unit) -> None:
        """Write a page of each file, which stays as it is."""
        rewrite(unit.keys)
        unit.keys.commit()
        rewrite(unit.sessions)

    async def forget(self) -> bool:
        """Cut both WALs. Raises StoreUnavailableError if a reader of another process is in the way for long."""
        await self._alone(self._checkpoint)
        return True

    async def close(self) -> None:
        """End the threads and close all connections."""
        self._write_thread.shutdown()
        self._read_threads.shutdown()
        self.sessions.dispose()
        self.keys.dispose()

    async def _alone(self, work: Callable[[], T]) -> T:
        # Work that opens its own transactions.
        def alone() -> T:
            with translated("the store"):
                return work()

        async with self._writing:
            return await self._in_thread(self._write_thread, alone)

    def _prepare(self) -> None:
        each = (
            ("the key database", self.keys, migrating.KEYS),
            ("the session database", self.sessions, migrating.SESSIONS),
        )
        for what, file, database in each:
            with translated(what):
                file.make()
                with file.writer.begin() as connection:
                    migrating.upgrade(connection, database)

    def _checkpoint(self) -> None:
        if not (self.keys.checkpoint() and self.sessions.checkpoint()):
            raise StoreUnavailableError("the write-ahead log can't be emptied: another process reads the database")

    async def _in_thread(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        except RuntimeError as error:
            if "shutdown" not in str(error):
                raise
            raise StoreUnavailableError("the store is closed") from None

    def _write(self, work: Callable[[Unit], T]) -> T:
        with translated(_UNWRITABLE), self.sessions.writer.begin() as connection:
            return Unit(connection, self.keys.writer).run(work)

    def _keys_committed(self, batch: WriteBatch, unit: Unit) -> asyncio.Future[None]:
        # Begun at once: the disk works while the rows are executed.
        return asyncio.get_running_loop().run_in_executor(self._write_thread, batch.commit_keys, unit)

    def _begin(self, batch: WriteBatch) -> Unit:
        with translated(_UNWRITABLE), contextlib.ExitStack() as stack:
            connection = stack.enter_context(self.sessions.writer.connect())
            connection.begin()
            unit = Unit(connection, self.keys.writer)
            stack.callback(unit.close)
            if batch.opens_sessions:
                unit.keys.begin()  # here, where waiting for another process holds up nobody else
            batch.begin(unit)
            stack.pop_all()
            return unit

    def _end(self, unit: Unit, *, commit: bool) -> None:
        with translated(_UNWRITABLE), unit.sessions, contextlib.closing(unit):
            if commit:
                unit.sessions.commit()

    def _read(self, work: Callable[[Unit], T]) -> T:
        what = "the session database or the key database can't be read"
        with translated(what), self.sessions.reader.connect() as connection:
            return Unit(connection, self.keys.reader).run(work)


class Dialect(SQLiteDialect_pysqlite):
    """SQLite, one for all engines of a process: a statement is compiled once, not in each engine once."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        """Return whether statements compiled for the other serve this one as well."""
        return isinstance(other, Dialect)

    def __hash__(self) -> int:
        """Return the same for all."""
        return hash(Dialect)


registry.register("sqlite.sordino", __name__, Dialect.__name__)
_COMPILED: Final = LRUCache[Any, Any](1_000)


def rewrite(connection: Connection) -> None:
    """Write a page that stays as it is: SQLite writes this number whatever it was, where it passes over equal rows."""
    connection.exec_driver_sql("PRAGMA user_version = 0")


def _path(url: URL) -> Path:
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise ValueError("a database URL must be of the form sqlite:///path/to/file")
    return Path(url.database).absolute()


def _engine(path: Path, connections: int, begin: str, *pragmas: str) -> Engine:
    url = URL.create("sqlite+sordino", database=str(path))
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=connections,
        max_overflow=0,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        execution_options={"compiled_cache": _COMPILED},
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection has no type
        connection.isolation_level = None  # transactions begin where `on_begin` says, not where the driver guesses
        for pragma in (*_PRAGMAS, *pragmas):
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
