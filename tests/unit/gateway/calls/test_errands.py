from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from gateway.calls import errands
from gateway.calls.errands import Rounds
from gateway.errors import UpstreamError
from storage.errands import Errand
from storage.memory import MemoryStore
from tests.fakes import FakeClock


def rounds(store: MemoryStore, clock: FakeClock) -> Rounds:
    return Rounds("line", store.errands, clock, lambda _: None)


def noting(done: list[UUID]) -> Callable[[Errand], Awaitable[timedelta | None]]:
    async def do(errand: Errand) -> None:
        done.append(errand.id)

    return do


async def test_what_takes_longer_than_a_dead_process_would_is_not_taken_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(errands, "_HELD_SECONDS", 0.01)
    store, clock, long_one, others = MemoryStore(), FakeClock(), asyncio.Event(), list[UUID]()
    one, another = rounds(store, clock), rounds(store, clock)
    await one.add("RE1", {"recording": "RE1"})

    async def fetch(_errand: Errand) -> None:
        await long_one.wait()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(one.tick(fetch))
        for _ in range(3):  # half an hour
            await asyncio.sleep(0.1)
            clock.move(minutes=9)
            await another.tick(noting(others))
        long_one.set()
    assert others == []
    assert await store.errands.count() == 0


async def test_what_fails_is_tried_again_by_anybody_and_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errands, "_HELD_SECONDS", 0.01)
    store, clock, tried = MemoryStore(), FakeClock(), list[UUID]()
    one, another = rounds(store, clock), rounds(store, clock)
    for name in ("RE1", "RE2"):
        await one.add(name, {"recording": name})

    async def fail(errand: Errand) -> None:
        tried.append(errand.id)
        raise UpstreamError("cut_off", 502)

    with pytest.raises(UpstreamError):
        await one.tick(fail)
    assert len(set(tried)) == len(tried) == 2
    clock.move(seconds=31)
    again = list[UUID]()
    await another.tick(noting(again))
    assert (set(again), await store.errands.count()) == (set(tried), 0)


async def test_what_a_process_that_ends_has_begun_is_taken_by_another_at_once() -> None:
    store, clock, begun, again = MemoryStore(), FakeClock(), asyncio.Event(), list[UUID]()
    one, another = rounds(store, clock), rounds(store, clock)
    await one.add("RE1", {"recording": "RE1"})

    async def fetch(_errand: Errand) -> None:
        begun.set()
        await asyncio.Event().wait()

    ticking = asyncio.ensure_future(one.tick(fetch))
    await begun.wait()
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
    await another.tick(noting(again))
    assert (len(again), await store.errands.count()) == (1, 0)


async def test_what_only_asks_waits_and_comes_again_when_it_says() -> None:
    store, clock, asked = MemoryStore(), FakeClock(), list[UUID]()
    one = rounds(store, clock)
    await one.ask_later("asks CA1", {"call": "CA1"}, timedelta(minutes=10))

    async def ask(errand: Errand) -> timedelta | None:
        asked.append(errand.id)
        return timedelta(minutes=20) if len(asked) == 1 else None

    for minutes, times in ((9, 0), (2, 1), (19, 1), (2, 2), (60, 2)):
        clock.move(minutes=minutes)
        await one.tick(ask)
        assert len(asked) == times
