from datetime import datetime, timedelta
from uuid import UUID

import pytest

from gateway.jobs import Sweeper, sweep
from gateway.leader import Leader
from gateway.metrics import Metrics
from gateway.tokens import new_token
from storage.blobs.memory import MemoryBlobs
from storage.errors import StoreUnavailableError
from storage.memory import MemoryStore
from storage.recordings import Recordings
from storage.records import (
    Assignment,
    DeletionClass,
    NewSession,
    PartKind,
    Plan,
    Speaker,
    StartEvent,
    Turn,
    Write,
)
from tests.fakes import FakeClock

MONTH = Assignment("improve", "A6-1-f", DeletionClass("month", StartEvent.COLLECTION, "P30D", "Europe/Berlin"))
PLAN = Plan({PartKind.TRANSCRIPT: (MONTH,), PartKind.FACTS: (MONTH,)})


async def opened(store: MemoryStore, clock: FakeClock) -> UUID:
    """Store one message in a session of its own."""
    now, token = clock.now(), new_token(clock.now())
    new = NewSession(token.id, "chat", "1", "0" * 64, now, token.secret)
    await store.write(Write(token.id, PLAN, now, new=new, turns=(Turn(Speaker.SUBJECT, "Hallo", now),)))
    return token.id


async def test_only_what_has_expired_is_erased_and_each_part_has_a_receipt() -> None:
    store, clock = MemoryStore(), FakeClock()
    await store.start()
    old = await opened(store, clock)
    clock.move(days=10)
    young = await opened(store, clock)
    clock.move(days=21)
    seen: list[int] = []
    swept = await sweep(store, clock.now(), progress=seen.append)
    assert {part.session_id for part in swept.due} == {old}
    assert sorted(receipt.kind for receipt in swept.receipts) == [PartKind.FACTS, PartKind.TRANSCRIPT]
    assert seen == [2]
    assert [summary.id for summary in await store.sessions(clock.now())] == [young]


async def test_a_dry_run_changes_nothing() -> None:
    store, clock = MemoryStore(), FakeClock()
    await store.start()
    await opened(store, clock)
    clock.move(days=31)
    first = await sweep(store, clock.now(), dry_run=True)
    second = await sweep(store, clock.now(), dry_run=True)
    assert len(first.due) == len(second.due) == 2
    assert first.receipts == ()


async def test_a_sweep_ends_idle_chats_and_shows_in_the_metrics() -> None:
    store, clock, metrics = MemoryStore(), FakeClock(), Metrics()
    await store.start()
    await opened(store, clock)
    told: list[tuple[str, datetime]] = []
    pause = timedelta(minutes=30)
    leader = Leader(store, clock, metrics)
    sweeper = Sweeper(store, metrics, clock, {"chat": pause}, 60, leader=leader, forget=lambda *what: told.append(what))
    clock.move(minutes=31)
    await sweeper.once()
    assert told == [("chat", clock.now() - pause)], "what was heard leaves the memory with its session"
    assert metrics.registry.get_sample_value("sordino_sweep_last_success_timestamp_seconds") == clock.now().timestamp()
    clock.move(days=31)
    await sweeper.once()
    labels = {"kind": "transcript", "reason": "expired"}
    assert metrics.registry.get_sample_value("sordino_parts_erased_total", labels) == 1


async def test_who_does_not_lead_forgets_but_does_not_sweep() -> None:
    store, clock, metrics = MemoryStore(), FakeClock(), Metrics()
    await store.start()
    await opened(store, clock)
    first, second = Leader(store, clock, Metrics()), Leader(store, clock, metrics)
    told: list[tuple[str, datetime]] = []
    pause = {"chat": timedelta(minutes=30)}
    sweeper = Sweeper(store, metrics, clock, pause, 60, leader=second, forget=lambda *what: told.append(what))
    clock.move(days=31)
    async with first.leading() as leads:
        assert leads
    assert (await sweeper.once()).receipts == ()
    assert metrics.registry.get_sample_value("sordino_leading") == 0
    await first.resign()
    assert (await sweeper.once()).receipts != ()
    assert metrics.registry.get_sample_value("sordino_leading") == 1
    assert len(told) == 2


async def test_what_is_wrong_with_a_recording_keeps_nothing_that_has_expired() -> None:
    class Broken(Recordings):
        async def close_abandoned(self, before: datetime, now: datetime) -> int:  # noqa: ARG002
            raise StoreUnavailableError("broken")

    store, clock, metrics = MemoryStore(), FakeClock(), Metrics()
    store.recordings = Broken(store.recording_backend, MemoryBlobs())
    await store.start()
    await opened(store, clock)
    leader = Leader(store, clock, metrics)
    sweeper = Sweeper(store, metrics, clock, {"chat": timedelta(minutes=30)}, 60, leader=leader, forget=lambda *_: None)
    clock.move(days=31)
    with pytest.raises(StoreUnavailableError):
        await sweeper.once()
    assert await store.due(clock.now()) == []
