"""Bare inserts to compare the store with: the bytes of a sealed turn, in one table, with the same durability.

As many callers at once, committed together as the store's are; no keys, parts, purposes, counts or digests.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
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


async def turns_per_second(insert: Insert, sealed: bytes, callers: int, seconds: float) -> float:
    """Return how many rows were durable in a second."""

    async def run(rows: Sequence[Row]) -> Sequence[StorageError | None]:
        await insert(rows)
        return [None] * len(rows)

    commits: GroupCommit[Row, None] = GroupCommit(run, max_batch=256)
    count, begin = 0, time.perf_counter()

    async def call() -> None:
        nonlocal count
        while time.perf_counter() - begin < seconds:
            session_id = uuid4().bytes
            for sequence in range(2):
                await commits.submit((session_id, sequence, sealed))
                count += 1

    await asyncio.gather(*(call() for _ in range(callers)))
    return count / (time.perf_counter() - begin)


async def on_sqlite(directory: Path, sealed: bytes, callers: int, seconds: float) -> float:
    """Measure SQLite: WAL, synchronous=FULL, one write thread."""
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
        rate = await turns_per_second(
            lambda rows: loop.run_in_executor(thread, write, rows), sealed, callers, seconds
        )  # fmt: skip
    connection.close()
    return rate


async def on_postgresql(url: str, sealed: bytes, callers: int, seconds: float) -> float:
    """Measure PostgreSQL: synchronous_commit=on, one connection."""
    connection = await asyncpg.connect(url, server_settings={"synchronous_commit": "on"})
    await connection.execute(_TABLE.format(bytes="BYTEA") + _KEY)

    async def write(rows: Sequence[Row]) -> None:
        async with connection.transaction():
            await connection.executemany("INSERT INTO bare VALUES ($1, $2, $3)", rows)

    rate = await turns_per_second(write, sealed, callers, seconds)
    await connection.close()
    return rate
