"""Disk full, database held, process killed: a clear error, nothing half-written, and on it goes afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from storage import ErasureReason, StoreUnavailableError
from storage.sql import SqlStore
from tests.unit.storage.builders import NOW, USUAL, Customer, prepared, sql_store, sqlite_of, turn
from tests.unit.storage.sql.erasures import count

PAGES_OF_ALL_THE_WORLD = 1_000_000


def room_for(store: SqlStore, database: str, pages: int) -> None:
    """Let a database of the store grow by so many pages only: SQLite then says what it says of a full disk."""
    engine = getattr(sqlite_of(store), database).writer
    with engine.connect() as connection:
        now = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {now + pages}")


async def fill(store: SqlStore, stored: list[Customer]) -> None:
    for number in range(1000):
        customer = Customer(f"secret {number}")
        await store.write(customer.opening(turns=turn("secret words")))
        stored.append(customer)


@pytest.mark.parametrize("database", ["sessions", "keys"])
async def test_a_full_disk_stops_writing_cleanly_until_there_is_room(tmp_path: Path, database: str) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    room_for(store, database, 3)
    stored: list[Customer] = []
    with pytest.raises(StoreUnavailableError, match="the disk is full") as full:
        await fill(store, stored)
    assert "secret" not in str(full.value)
    with pytest.raises(StoreUnavailableError):
        await store.check()
    assert full.value.__cause__ is None
    assert full.value.__context__ is None
    assert count(tmp_path, "sessions") == count(tmp_path, "facts") == len(stored)
    room_for(store, database, PAGES_OF_ALL_THE_WORLD)
    for customer in stored:
        assert len((await store.read(customer.id, "improve-chatbot", NOW)).turns) == 1
    await store.write(Customer("after").opening(turns=turn()))
    await store.check()
    assert count(tmp_path, "part_keys") == count(tmp_path, "session_keys") == len(stored) + 1
    await store.close()


async def test_a_database_that_another_holds_is_waited_for_and_then_refused(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = Customer()
    await store.write(one.opening(turns=turn("first")))
    with sqlite_of(store).sessions.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    holder = sqlite3.connect(tmp_path / "sessions.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    for refused in (store.write(one.write(turns=turn("lost"))), store.check(), store.withdraw(one.id, "x", NOW)):
        with pytest.raises(StoreUnavailableError, match="another process holds"):
            await refused
    assert await store.find(one.by_token(), NOW) is not None
    holder.execute("ROLLBACK")
    holder.close()
    await store.write(one.write(turns=turn("second")))
    assert [each.text for each in (await store.read(one.id, "improve-chatbot", NOW)).turns] == ["first", "second"]
    await store.close()


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    await store.close()
    one = Customer()
    for refused in (
        store.write(one.opening(turns=turn())),
        store.find(one.by_token(), NOW),
        store.read(one.id, "improve-chatbot", NOW),
        store.erase([one.id], ErasureReason.ADMIN, NOW, "admin"),
    ):
        with pytest.raises(StoreUnavailableError, match="closed"):
            await refused


async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    """A process writes and says which turns were acknowledged; it is killed at any moment, several times."""
    await prepared(tmp_path)
    acknowledged: list[str] = []
    for _ in range(3):
        acknowledged += await killed_while_writing(tmp_path)
    assert len(acknowledged) > 30
    store = sql_store(tmp_path)
    await store.start()
    summaries = await store.sessions(NOW, limit=100_000)
    kept = [each.text for summary in summaries for each in (await store.read(summary.id, "improve-chatbot", NOW)).turns]
    assert set(acknowledged) <= set(kept)
    assert len(kept) == len(set(kept))
    assert count(tmp_path, "part_keys") == count(tmp_path, "session_keys") == count(tmp_path, "sessions")
    await store.close()


async def killed_while_writing(directory: Path) -> list[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, str(directory), stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}
    )
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(20)]
    await asyncio.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    rest, _ = await process.communicate()
    assert process.returncode == -signal.SIGKILL
    # The last line may be cut; what was not said whole was not acknowledged.
    whole = b"".join(lines) + rest[: rest.rfind(b"\n") + 1]
    return whole.decode().split()


async def _write_for_ever(directory: Path) -> None:
    store = sql_store(directory)
    await store.start()

    async def converse(name: str) -> None:
        number = 0
        while True:
            one = Customer(f"{name}-{number}")
            texts = [f"{one.id}-{part}" for part in ("question", "answer")]
            await store.write(one.opening(USUAL, turns=turn(texts[0])))
            sys.stdout.write(f"{texts[0]}\n")
            await store.write(one.write(USUAL, turns=turn(texts[1])))
            sys.stdout.write(f"{texts[1]}\n")
            sys.stdout.flush()
            number += 1

    await asyncio.gather(*(converse(str(each)) for each in range(8)))


if __name__ == "__main__":
    asyncio.run(_write_for_ever(Path(sys.argv[1])))


async def test_a_check_writes_to_both_databases(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    with sqlite3.connect(tmp_path / "sessions.db") as sessions, sqlite3.connect(tmp_path / "keys.db") as keys:
        before = [each.execute("PRAGMA data_version").fetchone() for each in (sessions, keys)]
        await store.check()
        after = [each.execute("PRAGMA data_version").fetchone() for each in (sessions, keys)]
    sessions.close()
    keys.close()
    assert all(one != other for one, other in zip(before, after, strict=True))
    await store.close()


async def test_a_check_does_not_fail_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    room_for(store, "sessions", 0)
    with pytest.raises(StoreUnavailableError, match="the disk is full"):
        await fill(store, [])
    with pytest.raises(StoreUnavailableError, match="last said"):
        await store.check()
    monkeypatch.setattr("storage.sql.committer.FAILING_SECONDS", 0.0)
    await store.check()
    await store.close()
