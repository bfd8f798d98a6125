"""What `/metrics` tells of a store: counted anew while that is little, and else what was counted last."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from gateway.desk.figures import MANY, Figures
from storage.errors import StoreUnavailableError
from storage.memory import MemoryStore
from storage.records import Figures as StoreFigures
from tests.fakes import FakeClock


class Store(MemoryStore):
    """Says that it keeps so many sessions; fails while it is away."""

    def __init__(self, sessions: int) -> None:
        super().__init__()
        self.sessions_kept = sessions
        self.away = False

    async def figures(self, now: datetime) -> StoreFigures:
        if self.away:
            raise StoreUnavailableError("away")
        return replace(await super().figures(now), sessions=self.sessions_kept)


@pytest.mark.parametrize(("first", "told"), [(MANY - 1, MANY), (MANY, MANY)])
async def test_few_are_counted_anew_and_many_told_as_counted_last(first: int, told: int) -> None:
    store = Store(first)
    figures = Figures(store, FakeClock())
    await figures.count()
    store.sessions_kept = first + 1
    assert (await figures.kept()).sessions == told


async def test_before_the_first_count_is_counted() -> None:
    assert (await Figures(Store(MANY), FakeClock()).kept()).sessions == MANY


async def test_when_the_last_count_failed_a_scrape_hears_of_it() -> None:
    store = Store(MANY)
    figures = Figures(store, FakeClock())
    await figures.count()
    store.away = True
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await figures.run()
    with pytest.raises(StoreUnavailableError):
        await figures.kept()
