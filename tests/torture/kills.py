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
from storage import ErasureReason, PartKind, Plan, UnknownSessionError
from storage.sql import SqlStore, key_tables
from storage.sql.key_tables import part_keys
from tests.e2e.conftest import bot_server
from tests.fakes import FakeBot
from tests.torture.places import Place
from tests.torture.talking import ANSWER, Told, check, count, load_until_killed
from tests.unit.storage.builders import Customer, assignment, plan, turn

_SESSIONS = 50
_MONTHS = 40
_KILLS_IN_A_ROW = 5
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
    erased: list[UUID] = []
    async with place.store() as store:
        stay = await _open(store, _KEPT_LONG)
        go = await _open(store, _KEPT_SHORT)
    for number in range(1, rounds + 1):
        later = SystemClock().now() + timedelta(days=3)
        counted["killed under way"] += await _run_and_kill(place, "sweep", "--now", later.isoformat())
        async with place.store() as store:
            gone = [part for session, parts in go.items() for part in await _gone(store, session, parts)]
            assert not await _keys_of(store, gone)
            rest = {part for parts in go.values() for part in parts}
            await store.erase(list(rest), ErasureReason.EXPIRED, later, "sweep")
            erased += rest
            assert not await _keys_of(store, list(rest))
            go = await _open(store, _KEPT_SHORT) if number < rounds else {}
    async with place.store() as store:
        for session in stay:
            assert await _words(store, session) == ["Ja"]
        receipts = Counter(receipt.part_id for receipt in await store.receipts(limit=1_000_000))
        assert receipts == Counter(erased), "a receipt is missing, is there twice, or is of what stays"
        assert (await store.ledger.verify()).problems == ()
    counted["erased"] = len(erased)
    return counted


async def kill_rotations(place: Place, rounds: int) -> Counter[str]:
    """Kill `sordino keys rotate`, up to five times in a row: the next finishes it, and every session still opens."""
    counted: Counter[str] = Counter()
    now = datetime.now(UTC)  # noqa: TID251 - the program that is killed has the real clock
    customers = [Customer(secrets.token_hex(8), now=now) for _ in range(_MONTHS)]
    async with place.store() as store:
        for months, customer in enumerate(customers, 1):
            kept = plan(transcript=assignment(period=f"P{months}M"))  # an epoch key each
            await store.write(customer.opening(kept, turns=turn("Ja", at=now)))
    for number in range(1, rounds + 1):
        counted["killed under way"] += await _run_and_kill(place, "keys", "rotate")
        counted["read"] += await _all_read(place, customers)
        if number % _KILLS_IN_A_ROW and number < rounds:
            continue
        await _run(place, "keys", "rotate")
        counted["read"] += await _all_read(place, customers)
        async with place.store() as store:
            versions = await _root_versions(store)
        assert len(versions) == 1, "keys are left that an old version of the root key wraps"
    return counted


async def _open(store: SqlStore, kept: Plan) -> dict[UUID, set[UUID]]:
    """Open sessions of one plan; returns their parts."""
    now = SystemClock().now()
    customers = [Customer(secrets.token_hex(8), now=now) for _ in range(_SESSIONS)]
    await asyncio.gather(*(store.write(each.opening(kept, turns=turn("Ja", at=now))) for each in customers))
    return {each.id: set(await store.part_ids(each.id)) for each in customers}


async def _gone(store: SqlStore, session: UUID, parts: set[UUID]) -> set[UUID]:
    """See that what is left of a session opens; returns the parts that are not left."""
    there = await store.part_ids(session)
    assert there.keys() <= parts
    if PartKind.TRANSCRIPT in there.values():
        assert await _words(store, session) == ["Ja"]
    elif not there:
        with pytest.raises(UnknownSessionError):
            await _words(store, session)
    return parts - there.keys()


async def _words(store: SqlStore, session: UUID) -> list[str]:
    return [each.text for each in (await store.read(session, "improve-chatbot", SystemClock().now())).turns]


async def _keys_of(store: SqlStore, parts: list[UUID]) -> set[UUID]:
    found = select(part_keys.c.part_id).where(part_keys.c.part_id.in_(parts))
    return set(await store._databases.read(lambda unit: unit.keys.execute(found).scalars().all()))


async def _root_versions(store: SqlStore) -> set[int]:
    tables = (key_tables.epoch_keys, key_tables.locator_keys, key_tables.key_store)

    found = [select(table.c.root_version).distinct() for table in tables]
    return set(
        await store._databases.read(lambda unit: [v for each in found for v in unit.keys.execute(each).scalars()])
    )


async def _all_read(place: Place, customers: list[Customer]) -> int:
    """Read every session, and begin one more of the last month; returns how many were read."""
    async with place.store() as store:
        for customer in customers:
            assert await _words(store, customer.id) == ["Ja"]
        now = SystemClock().now()
        kept = plan(transcript=assignment(period=f"P{_MONTHS}M"))
        await store.write(Customer(secrets.token_hex(8), now=now).opening(kept, turns=turn("Ja", at=now)))
    return len(customers)


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
