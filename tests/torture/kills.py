"""kill -9 at any moment: nothing acknowledged is lost, nothing is stored twice, nothing is half erased."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from gateway.clock import SystemClock
from storage import ErasureReason, UnknownSessionError
from storage.sql import SqlStore, key_tables
from storage.sql.key_tables import part_keys
from tests.e2e.conftest import bot_server
from tests.fakes import FakeBot
from tests.torture.places import Place
from tests.torture.talking import ANSWER, Told, check, count, load_until_killed
from tests.unit.storage.builders import Customer, assignment, plan, turn

_SESSIONS = 100
_MONTHS = 40
_KEPT_LONG = plan(transcript=assignment(period="P90D"))
_KEPT_SHORT = plan(transcript=assignment(period="P1D"), facts=assignment(period="P1D"))


async def kill_gateways(place: Place, rounds: int) -> Counter[str]:
    """Kill a gateway under load, again and again; then see what the last one knows."""
    told: list[Told] = []
    async with bot_server(FakeBot(says=ANSWER)) as bot:
        for _ in range(rounds):
            told += await load_until_killed(await place.serve(bot))
        gateway = await place.serve(bot)
        try:
            await check(gateway, told)
        finally:
            await gateway.stop()
    return Counter(answered=count(told))


async def kill_sweepers(place: Place, rounds: int) -> Counter[str]:
    """Kill `sordino sweep` over what has expired: all of it goes, with one receipt each, and nothing else does."""
    counted: Counter[str] = Counter()
    for _ in range(rounds):
        now = SystemClock().now()
        later = now + timedelta(days=3)
        async with place.store() as store:
            stay, go = await _fill(store, now)
        counted["killed under way"] += await _run_and_kill(place, "sweep", "--now", later.isoformat())
        async with place.store() as store:
            for customer in stay:
                assert [each.text for each in (await store.read(customer, "improve-chatbot", now)).turns] == ["Ja"]
            for customer, parts in go.items():
                await _is_whole_or_gone(store, customer, parts, now)
            await store.erase([p for parts in go.values() for p in parts], ErasureReason.EXPIRED, later, "sweep")
            erased = [each for parts in go.values() for each in parts]
            receipts = Counter(receipt.part_id for receipt in await store.receipts(limit=1_000_000))
            assert {receipts[part] for part in erased} == {1}
            assert not await _keys_of(store, erased)
            assert (await store.ledger.verify()).problems == ()
            await _empty(store, stay)
        counted["erased"] += len(erased)
    return counted


async def kill_rotations(place: Place, rounds: int) -> Counter[str]:
    """Kill `sordino keys rotate`: the next one finishes it, and every session still opens."""
    counted: Counter[str] = Counter()
    now = datetime.now(UTC)  # noqa: TID251 - the program that is killed has the real clock
    customers = [Customer(secrets.token_hex(8), now=now) for _ in range(_MONTHS)]
    async with place.store() as store:
        for months, customer in enumerate(customers, 1):
            kept = plan(transcript=assignment(period=f"P{months}M"))  # an epoch key each
            await store.write(customer.opening(kept, turns=turn("Ja", at=now)))
    for _ in range(rounds):
        counted["killed under way"] += await _run_and_kill(place, "keys", "rotate")
        async with place.store() as store:
            await _all_read(store, customers, now)
            await store.write(customers[-1].write(plan(transcript=assignment(period=f"P{_MONTHS}M")), now=now))
        await _run(place, "keys", "rotate")
        async with place.store() as store:
            await _all_read(store, customers, now)
            versions = await _root_versions(store)
        assert len(versions) == 1, "keys are left that an old version of the root key wraps"
        counted["read"] += 2 * len(customers)
    return counted


async def _fill(store: SqlStore, now: datetime) -> tuple[list[UUID], dict[UUID, set[UUID]]]:
    """Open sessions of which half have expired in three days."""
    customers = [Customer(secrets.token_hex(8), now=now) for _ in range(_SESSIONS)]
    kept = (_KEPT_LONG, _KEPT_SHORT)
    await asyncio.gather(
        *(
            store.write(customer.opening(kept[number % 2], turns=turn("Ja", at=now)))
            for number, customer in enumerate(customers)
        )
    )
    stay = [customer.id for customer in customers[::2]]
    return stay, {customer.id: set(await store.part_ids(customer.id)) for customer in customers[1::2]}


async def _empty(store: SqlStore, sessions: list[UUID]) -> None:
    now = SystemClock().now()
    parts = [part for session in sessions for part in await store.part_ids(session)]
    await store.erase(parts, ErasureReason.REQUESTED, now, "dpo")


async def _is_whole_or_gone(store: SqlStore, session: UUID, parts: set[UUID], now: datetime) -> None:
    there = set(await store.part_ids(session))
    assert there <= parts
    if not there:
        with pytest.raises(UnknownSessionError):
            await store.read(session, "improve-chatbot", now)
    assert await _keys_of(store, list(parts - there)) == set()
    read = {part for part, kind in (await store.part_ids(session)).items() if kind.value == "transcript"}
    if read:
        assert [each.text for each in (await store.read(session, "improve-chatbot", now)).turns] == ["Ja"]


async def _keys_of(store: SqlStore, parts: list[UUID]) -> set[UUID]:
    found = select(part_keys.c.part_id).where(part_keys.c.part_id.in_(parts))
    return set(await store._databases.read(lambda unit: unit.keys.execute(found).scalars().all()))


async def _root_versions(store: SqlStore) -> set[int]:
    tables = (key_tables.epoch_keys, key_tables.locator_keys, key_tables.key_store)

    found = [select(table.c.root_version).distinct() for table in tables]
    return set(
        await store._databases.read(lambda unit: [v for each in found for v in unit.keys.execute(each).scalars()])
    )


async def _all_read(store: SqlStore, customers: list[Customer], now: datetime) -> None:
    for customer in customers:
        assert [each.text for each in (await store.read(customer.id, "improve-chatbot", now)).turns] == ["Ja"]


async def _run_and_kill(place: Place, *arguments: str) -> bool:
    """Kill a command once it has begun to change something; returns whether it was caught before its end."""
    before = _traces(place)
    process, _ = await place.start(*arguments)
    while process.alive and _traces(place) == before:  # noqa: ASYNC110 - another process does it
        await asyncio.sleep(0.005)
    # Between one and 200 ms, short waits as often as long ones: a machine may be done in a twentieth of a second.
    await asyncio.sleep(0.001 * 200 ** (secrets.randbelow(1000) / 1000))
    caught = process.alive
    process.kill()
    await process.wait()
    return caught


async def _run(place: Place, *arguments: str) -> None:
    process, _ = await place.start(*arguments)
    await process.wait()


def _traces(place: Place) -> list[tuple[str, int]]:
    """Return what changes when a sweep (the sink) or a rotation (the key file) has begun its work."""
    paths = [place.home / "root.key", *sorted((place.home / "ledger").rglob("*"))]
    return [(os.fspath(path), path.stat().st_mtime_ns) for path in paths if path.exists()]
