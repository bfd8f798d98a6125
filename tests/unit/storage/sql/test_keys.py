"""Epoch keys in the key database: made once a month, counted, loaded again after a restart."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from storage import ErasureReason, StoreUnavailableError
from storage.crypto.keyring import WRAPS_PER_EPOCH
from storage.sql import SqlStore
from storage.sql.cache import BoundedCache
from storage.sql.keys import RESERVED_WRAPS
from tests.unit.storage.builders import (
    DAY,
    NOW,
    TRANSCRIPT,
    Customer,
    assignment,
    plan,
    prepared,
    sql_store,
    turn,
)


def epochs(directory: Path) -> list[tuple[int, int]]:
    keys = sqlite3.connect(directory / "keys.db")
    rows = keys.execute("SELECT month, wraps FROM epoch_keys ORDER BY month, wraps").fetchall()
    keys.close()
    return rows


async def started(directory: Path) -> SqlStore:
    store = sql_store(directory)
    await store.start()
    return store


async def open_session(store: SqlStore, name: str, period: str = "P30D", now: datetime = NOW) -> Customer:
    customer = Customer(name, now=now)
    await store.write(customer.opening(plan(transcript=assignment(period=period)), turns=turn("ja", at=now)))
    return customer


async def test_one_epoch_key_for_each_deletion_month(tmp_path: Path) -> None:
    store = await started(await prepared(tmp_path))
    for number, period in enumerate(["P30D", "P31D", "P60D", "P3Y"]):
        await open_session(store, str(number), period)
    assert [month for month, _ in epochs(tmp_path)] == [202612, 202701, 202911]
    await store.close()


async def test_what_expires_in_two_months_lies_under_two_epoch_keys(tmp_path: Path) -> None:
    store = await started(await prepared(tmp_path))
    one = Customer()
    kept = plan(transcript=assignment(period="P30D"), consent=assignment("prove", "P3Y"))
    await store.write(one.opening(kept, turns=turn(), pseudonyms=b"dropped"))
    assert [month for month, _ in epochs(tmp_path)] == [202612]
    await store.close()


async def test_wraps_are_counted_before_they_are_done(tmp_path: Path) -> None:
    for times in (1, 2):
        store = await started(tmp_path)
        await open_session(store, str(times))
        assert epochs(tmp_path) == [(202612, times * RESERVED_WRAPS)]
        await store.close()


async def test_a_spent_epoch_key_is_followed_by_another(tmp_path: Path) -> None:
    store = await started(await prepared(tmp_path))
    first = await open_session(store, "first")
    for epoch in store._keys.keyring._epochs.values():
        epoch.reserved = 0
    keys = sqlite3.connect(tmp_path / "keys.db")
    with keys:
        keys.execute("UPDATE epoch_keys SET wraps = ?", (WRAPS_PER_EPOCH - RESERVED_WRAPS + 1,))
    keys.close()
    second = await open_session(store, "second")
    assert [wraps for _, wraps in epochs(tmp_path)] == [RESERVED_WRAPS, WRAPS_PER_EPOCH - RESERVED_WRAPS + 1]
    await store.close()
    again = await started(tmp_path)
    for customer in (first, second):
        assert (await again.read(customer.id, "improve-chatbot", NOW)).turns[0].text == "ja"
    await again.close()


async def test_keys_of_old_sessions_are_loaded_when_they_are_needed(tmp_path: Path) -> None:
    store = await started(await prepared(tmp_path))
    customers = [await open_session(store, str(days), f"P{days}D") for days in (10, 40, 80)]
    await store.close()
    again = await started(tmp_path)
    found = await asyncio.gather(*(again.find(each.by_conversation(), NOW) for each in customers))
    assert [each.id if each else None for each in found] == [each.id for each in customers]
    for customer in customers:
        await again.write(customer.write(TRANSCRIPT, turns=turn("und")))
    await again.close()


async def test_no_key_is_made_for_what_needs_none(tmp_path: Path) -> None:
    store = await started(await prepared(tmp_path))
    await store.write(Customer().opening(plan(facts=assignment()), turns=turn()))
    keys = sqlite3.connect(tmp_path / "keys.db")
    assert keys.execute("SELECT count(*) FROM part_keys").fetchone() == (0,)
    keys.close()
    await store.close()


async def test_memory_of_keys_is_bounded_and_ends_with_erasure(tmp_path: Path) -> None:
    store = await started(await prepared(tmp_path))
    one = await open_session(store, "one")
    parts = list(await store.part_ids(one.id))
    assert store._keys._parts.get(parts[0]) is not None
    await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW + DAY, "dpo")
    assert store._keys._parts.get(parts[0]) is None
    assert store._keys._sessions.get(one.id) is None
    await store.close()


def test_a_cache_forgets_what_was_not_used_for_longest() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]
    assert cache.take("a") == 1
    assert cache.take("a") is None
    cache.clear()
    assert cache.get("c") is None


def test_what_is_banned_from_a_cache_stays_out() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2)
    cache.put("a", 1)
    cache.ban("ab")
    for key in "abc":
        cache.put(key, 2)
    assert [cache.get(key) for key in "abc"] == [None, None, 2]


async def test_a_store_that_was_not_started_says_so(tmp_path: Path) -> None:
    store = sql_store(tmp_path)
    with pytest.raises(StoreUnavailableError):
        await store.write(Customer().opening(turns=turn()))
    await store.close()
