"""Backups that are put back: what was erased since stays erased, and the ledger tells one past."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from uuid import UUID

import pytest

from storage import ErasureReason, PurposeRefusedError, StoreUnavailableError, UnknownSessionError
from storage.ledger.sinks import FileSink
from storage.ledger.sinks.chain import Chain
from storage.sql import SqlStore
from tests.unit.storage.builders import DAY, NOW, TENANT, Customer, consent, outside, prepared, sql_store, turn
from tests.unit.storage.sql.erasures import count, full_session

ROUNDS = 20
DATABASES = ("sessions.db", "keys.db")


def back_up(directory: Path, names: tuple[str, ...] = DATABASES) -> dict[str, bytes]:
    return {name: (directory / name).read_bytes() for name in names}


def put_back(directory: Path, backup: dict[str, bytes]) -> None:
    for name, content in backup.items():
        (directory / name).write_bytes(content)
        for log in ("-wal", "-shm"):
            (directory / f"{name}{log}").unlink(missing_ok=True)


async def is_gone(store: SqlStore, one: Customer) -> None:
    assert await store.find(one.by_token(), NOW) is None
    assert await store.find(one.by_conversation(), NOW) is None
    assert await store.part_ids(one.id) == {}
    with pytest.raises(UnknownSessionError):
        await store.read(one.id, "improve-chatbot", NOW)


@pytest.mark.parametrize("names", [DATABASES, ("sessions.db",), ("keys.db",)])
async def test_no_erased_session_comes_back(tmp_path: Path, names: tuple[str, ...]) -> None:
    """Both databases or one of them is put back, again and again, each time from before the newest erasure."""
    await prepared(tmp_path)
    backups: list[dict[str, bytes]] = []
    gone: list[Customer] = []
    for number in range(ROUNDS):
        store = sql_store(tmp_path)
        await store.start()
        one = await full_session(store, str(number))
        await store.close()
        backups.append(back_up(tmp_path, names))
        store = sql_store(tmp_path)
        await store.start()
        await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
        gone.append(one)
        if number % 3 == 0:
            await store.ledger.seal(NOW)
        await store.close()
        put_back(tmp_path, backups[-1 if number % 2 else number // 2])
        store = sql_store(tmp_path)
        await store.start()
        for each in gone if number == ROUNDS - 1 else gone[-2:]:
            await is_gone(store, each)
        assert {name: count(tmp_path, name) for name in ("part_keys", "session_keys", "contents", "intents")} == {
            "part_keys": 0,
            "session_keys": 0,
            "contents": 0,
            "intents": 0,
        }
        await store.ledger.seal(NOW)
        await store.close()


async def test_what_comes_back_is_erased_again_with_a_receipt(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one, other = await full_session(store), await full_session(store, "other")
    parts = await store.part_ids(one.id)
    await store.close()
    backup = back_up(tmp_path)
    store = sql_store(tmp_path)
    await store.start()
    await store.erase(parts, ErasureReason.REQUESTED, NOW + DAY, "dpo")
    await store.close()
    put_back(tmp_path, backup)
    store = sql_store(tmp_path)
    await store.start()
    receipts = await store.receipts()
    assert {receipt.part_id for receipt in receipts} == set(parts)
    assert {(each.reason, each.actor, each.erased_at) for each in receipts} == {
        (ErasureReason.REQUESTED, "sink", NOW + DAY)
    }
    kept = (await store.read(other.id, "improve-chatbot", NOW)).turns
    assert kept[0].text == "secret words of other"
    await store.close()


async def test_a_ledger_that_comes_back_goes_on_where_it_was(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = Customer()
    await store.write(one.opening(turns=turn(), consents=consent()))
    assert await store.ledger.seal(NOW) == 1
    assert await store.ledger.seal(NOW) == 0
    await store.read(one.id, "improve-chatbot", NOW)  # waits in the outbox of the backup
    await store.close()
    backup = back_up(tmp_path)
    store = sql_store(tmp_path)
    await store.start()
    await store.read(one.id, "legal-defence", NOW)
    await store.ledger.seal(NOW + DAY)
    before = await rows(store)
    await store.close()
    put_back(tmp_path, backup)
    store = sql_store(tmp_path)
    await store.start()
    assert await rows(store) == before
    figures = await store.ledger.figures()
    assert (figures.size, figures.waiting, figures.sealed, figures.sealed_at) == (3, 0, 3, NOW + DAY)
    await store.read(one.id, "improve-chatbot", NOW)
    assert await store.ledger.seal(NOW + 2 * DAY) == 1
    await store.close()


async def rows(store: SqlStore) -> list[object]:
    def every(unit: object) -> list[object]:
        connection = unit.sessions  # type: ignore[attr-defined]
        return [
            connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY 1").all()  # noqa: S608
            for name in ("ledger_leaves", "ledger_tiers", "ledger_checkpoints", "sink_heads", "ledger_outbox")
        ]

    return await store._databases.read(every)


async def started(directory: Path) -> SqlStore:
    """Make a store in which something was erased and sealed, and close it."""
    store = sql_store(await prepared(directory))
    await store.start()
    one = await full_session(store)
    await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
    await store.ledger.seal(NOW)
    await store.close()
    return sql_store(directory)


async def test_without_its_sink_a_store_does_not_start(tmp_path: Path) -> None:
    store = await started(tmp_path)
    (tmp_path / "sink").rename(tmp_path / "away")
    with pytest.raises(StoreUnavailableError, match=f"the sink of the ledger, {tmp_path}/sink, does not hold"):
        await store.start()
    await store.close()
    (tmp_path / "sink").mkdir()
    store = sql_store(tmp_path)
    with pytest.raises(StoreUnavailableError, match="does not hold what this store has written"):
        await store.start()
    await store.close()
    (tmp_path / "sink").rmdir()
    (tmp_path / "away").rename(tmp_path / "sink")
    store = sql_store(tmp_path)
    await store.start()
    await store.close()


async def test_with_the_sink_of_another_a_store_does_not_start(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        store = sql_store(tmp_path / name)
        await store.start()
        await store.close()
    mixed = sql_store(tmp_path / "one", outside=outside(tmp_path / "two"))
    with pytest.raises(StoreUnavailableError, match="does not hold"):
        await mixed.start()
    await mixed.close()


async def test_a_sink_that_was_put_back_itself_is_refused(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = await full_session(store)
    shutil.copytree(tmp_path / "sink", tmp_path / "old")
    await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
    await store.close()
    shutil.rmtree(tmp_path / "sink")
    (tmp_path / "old").rename(tmp_path / "sink")
    store = sql_store(tmp_path)
    with pytest.raises(StoreUnavailableError, match="does not hold what this store has written"):
        await store.start()
    await store.close()


async def test_another_past_is_refused(tmp_path: Path) -> None:
    """A log that was rewritten in the database, but not in the sink, is not continued."""
    store = await started(tmp_path)
    database = sqlite3.connect(tmp_path / "sessions.db")
    with database:
        database.execute("DELETE FROM ledger_checkpoints")
        database.execute("UPDATE ledger_leaves SET leaf = zeroblob(32) WHERE position = 2")
        (store_id,) = database.execute("SELECT id FROM store").fetchone()
        origin = f"sordino/{TENANT}/{UUID(bytes=store_id)}"
        beginning = Chain(FileSink(tmp_path / "sink"), "checkpoints", origin).begin()
        database.execute(
            "UPDATE sink_heads SET number = 0, digest = ? WHERE chain = 'checkpoints'", (beginning.digest,)
        )
    database.close()
    with pytest.raises(StoreUnavailableError, match="differ: after 0 entries"):
        await store.start()
    await store.close()


async def test_nothing_is_acknowledged_that_the_sink_does_not_have(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = await full_session(store)
    parts = await store.part_ids(one.id)
    keys = count(tmp_path, "part_keys")
    (tmp_path / "sink").rename(tmp_path / "away")
    with pytest.raises(StoreUnavailableError, match="sink"):
        await store.erase(parts, ErasureReason.REQUESTED, NOW, "dpo")
    assert count(tmp_path, "receipts") == 0
    assert count(tmp_path, "part_keys") == keys
    await is_gone(store, one)
    (tmp_path / "away").rename(tmp_path / "sink")
    due = await store.due(NOW)
    receipts = await store.erase([each.part_id for each in due], ErasureReason.EXPIRED, NOW + DAY, "sweep")
    assert {(receipt.reason, receipt.actor) for receipt in receipts} == {(ErasureReason.REQUESTED, "dpo")}
    assert {receipt.part_id for receipt in receipts} == set(parts)
    await store.close()


async def test_a_purpose_that_came_back_is_not_read(tmp_path: Path) -> None:
    """One part is erased of two; the backup holds both."""
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = await full_session(store)
    await store.close()
    backup = back_up(tmp_path)
    store = sql_store(tmp_path)
    await store.start()
    transcript = [part for part, kind in (await store.part_ids(one.id)).items() if kind.value != "facts"]
    await store.erase(transcript, ErasureReason.WITHDRAWN, NOW, "subject")
    await store.close()
    put_back(tmp_path, backup)
    store = sql_store(tmp_path)
    await store.start()
    assert [kind.value for kind in (await store.part_ids(one.id)).values()] == ["facts"]
    assert (await store.read(one.id, "improve-chatbot", NOW)).turns == ()
    with pytest.raises(PurposeRefusedError):
        await store.read(one.id, "prove-consent", NOW)
    await store.close()
