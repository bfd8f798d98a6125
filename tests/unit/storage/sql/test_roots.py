"""Versions of the root key in the key database, and the day that receipts name."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from storage import ErasureReason
from storage.sql import SqlStore
from storage.sql.roots import accept, clean_by
from tests.fakes import FakeClock
from tests.unit.storage.builders import DAY, NOW, TRANSCRIPT, Customer, prepared, sql_store, sqlite_of, turn


async def started(directory: Path, clock: FakeClock, horizon: str = "P30D") -> SqlStore:
    store = sql_store(directory, clock=clock, key_backup_horizon=horizon)
    await store.start()
    return store


async def test_a_receipt_names_the_day_on_which_the_root_key_is_replaced(tmp_path: Path) -> None:
    clock = FakeClock(NOW)
    store = await started(tmp_path, clock)
    for days in (0, 12):
        clock.moment = NOW + days * DAY
        one = Customer(str(days), now=clock.now())
        await store.write(one.opening(TRANSCRIPT, turns=turn()))
        (receipt,) = await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, clock.now(), "dpo")
        assert receipt.backups_clean_by == NOW + 30 * DAY
    assert [each.backups_clean_by for each in await store.receipts()] == [NOW + 30 * DAY] * 2
    await store.close()


async def test_a_rotation_that_is_late_is_counted_from_the_erasure(tmp_path: Path) -> None:
    clock = FakeClock(NOW)
    store = await started(tmp_path, clock, "P7D")
    clock.move(days=20)
    assert await store._keys.backups_clean_by(clock.now()) == NOW + 27 * DAY
    await store.close()


async def test_a_retired_version_wraps_nothing_more(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    with sqlite_of(store).keys.writer.begin() as connection:
        assert accept(connection, 1, NOW)
        assert accept(connection, 2, NOW + timedelta(days=3))
        connection.exec_driver_sql("UPDATE root_versions SET retired_at = 0 WHERE version = 1")
        assert not accept(connection, 1, NOW)
        assert accept(connection, 2, NOW)
        assert clean_by(connection, NOW + DAY * 4, "P30D") == NOW + DAY * 33
    await store.close()
