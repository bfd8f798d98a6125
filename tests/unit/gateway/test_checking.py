from __future__ import annotations

from gateway.checking import LedgerCheck
from gateway.leader import Leader
from gateway.metrics import Metrics
from storage.ledger.events import Event, EventKind
from storage.memory import MemoryStore
from tests.fakes import FakeClock


async def test_the_ledger_is_checked_once_a_day_and_the_metrics_tell() -> None:
    store, metrics, clock = MemoryStore(), Metrics(), FakeClock()
    check = LedgerCheck(store.ledger, metrics, clock, Leader(store, clock, metrics))
    value = metrics.registry.get_sample_value
    begin = clock.now().timestamp()
    store.ledger.append(Event(EventKind.KEYS, clock.now()), Event(EventKind.KEYS, clock.now()))
    await store.ledger.seal(clock.now())
    await check.once()
    assert value("sordino_ledger_verified_timestamp_seconds") == begin
    assert value("sordino_ledger_problems") == 0
    first, second = store.ledger._leaves
    leaves = store.ledger._leaves
    leaves[first], leaves[second] = leaves[second], leaves[first]
    clock.move(hours=23)
    await check.once()
    assert value("sordino_ledger_problems") == 0
    clock.move(hours=1)
    await check.once()
    assert value("sordino_ledger_problems") == 3  # two entries that are not theirs, and the checkpoint over them
    assert value("sordino_ledger_verified_timestamp_seconds") == begin
