"""Bare inserts to compare the store with: the bytes of a sealed turn, in one table, with the same durability.

As many callers at once, committed together as the store's are; no keys, parts, purposes, counts or digests.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg

from storage.crypto.aead import PartSealer
from storage.crypto.keyring import new_key
from storage.crypto.padding import pad
from storage.errors import StorageError
from storage.ids import uuid7
from storage.records import PartKind, Speaker
from storage.sql.group_commit import GroupCommit
from storage.sql.payloads import turn_to_bytes

Row = tuple[bytes, int, bytes]
Insert = Callable[[Sequence[Row]], Awaitable[None]]
_TABLE: Final = "CREATE TABLE bare (session_id {bytes} NOT NULL, sequence INTEGER NOT NULL, sealed {bytes} NOT NULL, "
_KEY: Final = "PRIMARY KEY (session_id, sequence))"


def sealed_turn(text: str) -> bytes:
    """Return a turn as it is stored."""
    sealer = PartSealer(new_key(), tenant="t", session_id=uuid4(), kind=PartKind.TRANSCRIPT, part_id=uuid4())
    return sealer.seal(0, pad(turn_to_bytes(Speaker.SUBJECT, datetime(2026, 1, 1, tzinfo=UTC), text)))


class Bare:
    """A table of sealed turns."""

    def __init__(self, insert: Insert, sealed: bytes) -> None:
        """Take what inserts rows durably, and the turn."""
        self._sealed = sealed

        async def run(steps: Sequence[Sequence[Row]]) -> Sequence[StorageError | None]:
            await insert([row for rows in steps for row in rows])
            return [None] * len(steps)

        self._commits: GroupCommit[Sequence[Row], None] = GroupCommit(run, max_batch=256)

    async def session(self, steps: Sequence[int]) -> None:
        """Insert a session: for each step its number of turns, each step durable before the next."""
        session_id, sequence = uuid7(datetime.now(UTC)).bytes, 0  # noqa: TID251 - ordered as the store's are
        for turns in steps:
            await self._commits.submit([(session_id, sequence + each, self._sealed) for each in range(turns)])
            sequence += turns


@contextlib.asynccontextmanager
async def on_sqlite(directory: Path, sealed: bytes) -> AsyncIterator[Bare]:
    """Open SQLite: WAL, synchronous=FULL, one write thread."""
    connection = sqlite3.connect(directory / "bare.db", isolation_level=None, check_same_thread=False)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA secure_delete=ON"):
        connection.execute(statement).close()
    connection.execute(_TABLE.format(bytes="BLOB") + _KEY + " WITHOUT ROWID")

    def write(rows: Sequence[Row]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO bare VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")

    with ThreadPoolExecutor(1) as thread:
        loop = asyncio.get_running_loop()
        yield Bare(lambda rows: loop.run_in_executor(thread, write, rows), sealed)
    connection.close()


@contextlib.asynccontextmanager
async def on_postgresql(url: str, sealed: bytes) -> AsyncIterator[Bare]:
    """Open PostgreSQL: synchronous_commit=on, one connection."""
    connection = await asyncpg.connect(url, server_settings={"synchronous_commit": "on"})
    await connection.execute(_TABLE.format(bytes="BYTEA") + _KEY)

    async def write(rows: Sequence[Row]) -> None:
        async with connection.transaction():
            await connection.executemany("INSERT INTO bare VALUES ($1, $2, $3)", rows)

    yield Bare(write, sealed)
    await connection.close()
