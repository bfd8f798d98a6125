"""Counts of plans: what is true of them in every store."""

from __future__ import annotations

from collections import Counter
from datetime import date

from storage import SessionStore
from storage.planning import SILENT, Count
from storage.shortening import Shortening
from tests.unit.storage.builders import NOW, SECOND

PLAN = "0" * 32
NEW = Count(PLAN, "notice: shop", NOW, NOW)
FOUND = Shortening(PLAN, 3, Counter({("improve", date(2026, 12, 1)): 2, ("quality", None): 1}))


async def test_a_count_is_begun_followed_and_finished(store: SessionStore) -> None:
    assert await store.plans.count(PLAN) is None
    await store.plans.begin(NEW)
    assert await store.plans.count(PLAN) == NEW
    await store.plans.note(PLAN, 500, NOW + SECOND)
    noted = await store.plans.count(PLAN)
    assert noted is not None
    assert (noted.looked_at, noted.heard_at, noted.found) == (500, NOW + SECOND, None)
    await store.plans.finish(FOUND, 700, NOW + 2 * SECOND)
    done = await store.plans.count(PLAN)
    assert done == Count(PLAN, "notice: shop", NOW, NOW + 2 * SECOND, 700, FOUND)
    assert not done.silent(NOW + 2 * SILENT)


async def test_a_count_that_is_there_stays_as_it_is(store: SessionStore) -> None:
    await store.plans.begin(NEW)
    await store.plans.note(PLAN, 500, NOW)
    await store.plans.begin(NEW)
    kept = await store.plans.count(PLAN)
    assert kept is not None
    assert kept.looked_at == 500


async def test_a_count_whose_process_died_is_taken_over_once(store: SessionStore) -> None:
    await store.plans.begin(NEW)
    assert not NEW.silent(NOW + SILENT - SECOND)
    assert NEW.silent(NOW + SILENT)
    assert await store.plans.take_over(PLAN, NOW, NOW + SILENT)
    assert not await store.plans.take_over(PLAN, NOW, NOW + SILENT)
    await store.plans.finish(FOUND, 700, NOW + SILENT)
    assert not await store.plans.take_over(PLAN, NOW + SILENT, NOW + 2 * SILENT)
    assert not await store.plans.take_over("1" * 32, NOW, NOW)


async def test_counts_are_forgotten(store: SessionStore) -> None:
    await store.plans.begin(NEW)
    assert await store.plans.forget(NOW) == 0
    assert await store.plans.forget(NOW + SECOND) == 1
    assert await store.plans.count(PLAN) is None
    await store.plans.note(PLAN, 1, NOW)
    await store.plans.finish(FOUND, 1, NOW)
    assert await store.plans.count(PLAN) is None
