from __future__ import annotations

from gateway.leader import Leader
from gateway.metrics import Metrics
from gateway.sealing import ENTRIES, Sealer
from storage.ledger.events import Event, EventKind
from storage.memory import MemoryStore
from tests.fakes import FakeClock


def shown(metrics: Metrics, name: str) -> float | None:
    return metrics.registry.get_sample_value(name)


async def test_a_checkpoint_is_signed_when_something_was_logged_and_a_minute_has_passed() -> None:
    store, metrics, clock = MemoryStore(), Metrics(), FakeClock()
    sealer = Sealer(store.ledger, metrics, clock, Leader(store, clock, metrics))
    assert await sealer.once() == 0
    store.ledger.append(Event(EventKind.KEYS, clock.now()))
    assert await sealer.once() == 1
    store.ledger.append(Event(EventKind.KEYS, clock.now()))
    clock.move(seconds=59)
    assert await sealer.once() == 0
    assert shown(metrics, "sordino_ledger_entries_unsealed") == 1
    clock.move(seconds=1)
    assert await sealer.once() == 1
    assert shown(metrics, "sordino_ledger_entries_unsealed") == 0
    assert shown(metrics, "sordino_ledger_entries") == 2
    assert shown(metrics, "sordino_ledger_checkpoint_timestamp_seconds") == clock.now().timestamp()


async def test_many_entries_do_not_wait_for_the_minute() -> None:
    store, clock = MemoryStore(), FakeClock()
    sealer = Sealer(store.ledger, Metrics(), clock, Leader(store, clock, Metrics()))
    store.ledger.append(Event(EventKind.KEYS, clock.now()))
    await sealer.once()
    for _ in range(ENTRIES - 1):
        store.ledger.append(Event(EventKind.KEYS, clock.now()))
    assert await sealer.once() == 0
    store.ledger.append(Event(EventKind.KEYS, clock.now()))
    assert await sealer.once() == 1
