"""One leader: what is true of the lease in every store."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from storage import SessionStore
from tests.unit.storage.builders import NOW, SECOND

A, B = uuid4(), uuid4()
PERIOD = timedelta(seconds=30)


async def test_the_first_who_asks_leads_until_the_lease_runs_out(store: SessionStore) -> None:
    first = await store.leases.lead(A, NOW, PERIOD)
    assert first is not None
    assert (first.holder, first.until) == (A, NOW + PERIOD)
    assert await store.leases.lead(B, NOW + PERIOD - SECOND, PERIOD) is None
    second = await store.leases.lead(B, NOW + PERIOD, PERIOD)
    assert second is not None
    assert second.token > first.token
    assert await store.leases.lead(A, NOW + PERIOD, PERIOD) is None


async def test_who_renews_keeps_the_token(store: SessionStore) -> None:
    first = await store.leases.lead(A, NOW, PERIOD)
    renewed = await store.leases.lead(A, NOW + 20 * SECOND, PERIOD)
    assert first is not None
    assert renewed is not None
    assert (renewed.token, renewed.until) == (first.token, NOW + 20 * SECOND + PERIOD)
    assert await store.leases.lead(B, NOW + PERIOD, PERIOD) is None


async def test_who_lets_it_run_out_gets_another_token(store: SessionStore) -> None:
    first = await store.leases.lead(A, NOW, PERIOD)
    again = await store.leases.lead(A, NOW + PERIOD, PERIOD)
    assert first is not None
    assert again is not None
    assert again.token > first.token


async def test_who_resigns_is_succeeded_at_once(store: SessionStore) -> None:
    first = await store.leases.lead(A, NOW, PERIOD)
    assert first is not None
    await store.leases.resign(first, NOW + SECOND)
    second = await store.leases.lead(B, NOW + SECOND, PERIOD)
    assert second is not None
    await store.leases.resign(first, NOW + SECOND)
    assert await store.leases.lead(A, NOW + 2 * SECOND, PERIOD) is None, "an old lease takes nothing from its successor"
