"""The root key replaced in each kind of database, while other processes serve."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from storage.sql import SqlStore
from storage.sql.databases import Unit
from storage.sql.tables import ledger_events
from tests.contracts.stores import STORES
from tests.postgres import empty_pair
from tests.unit.storage.builders import NOW, Customer, assignment, plan, prepared, sql_store, turn

ENGINES = [name for name in STORES if name != "memory"]


@pytest.fixture(params=ENGINES)
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """Two processes on one pair of databases."""
    if request.param == "postgresql":
        urls = await empty_pair(request.getfixturevalue("postgres"))
        stores = [sql_store(tmp_path, urls=urls), sql_store(tmp_path, urls=urls)]
    else:
        await prepared(tmp_path)
        stores = [sql_store(tmp_path), sql_store(tmp_path)]
    await stores[0].start()
    await stores[1].open_keys()
    yield stores[0], stores[1]
    for store in stores:
        await store.close()


async def opened(store: SqlStore, months: int) -> Customer:
    customer = Customer(str(months))
    await store.write(customer.opening(plan(transcript=assignment(period=f"P{months}M")), turns=turn("ja")))
    return customer


async def test_it_is_replaced_while_another_process_writes(pair: tuple[SqlStore, SqlStore]) -> None:
    serving, rotating = pair
    customers = [await opened(serving, months) for months in (1, 2, 3)]

    async def serve() -> None:
        for months in range(4, 16):
            later = await opened(serving, months)
            customers.append(later)

    async def rotate() -> None:
        for _ in range(3):
            await rotating.root_key.rotate()

    await asyncio.gather(serve(), rotate())
    last = await rotating.root_key.rotate()
    kept = await rotating.root_key.list()
    assert {each.root_version for each in kept.epochs} == {last.version}
    assert len(kept.epochs) == 15
    assert [each.version for each in kept.versions if each.destroyed_at is None] == [last.version]
    for customer in customers:
        assert (await serving.read(customer.id, "improve-chatbot", NOW)).turns[0].text == "ja"
        assert await serving.find(customer.by_conversation(), NOW) is not None


async def test_two_that_rotate_at_once_do_each_other_no_harm(pair: tuple[SqlStore, SqlStore]) -> None:
    customers = [await opened(pair[0], months) for months in range(1, 8)]
    await asyncio.gather(*(each.root_key.rotate() for each in pair), return_exceptions=True)
    last = await pair[1].root_key.rotate()
    kept = await pair[0].root_key.list()
    assert {each.root_version for each in kept.epochs} == {last.version}
    pair[0]._keys.forget()
    for customer in customers:
        assert (await pair[0].read(customer.id, "improve-chatbot", NOW)).turns[0].text == "ja"


async def test_versions_that_come_and_go_stand_in_the_ledger(pair: tuple[SqlStore, SqlStore]) -> None:
    serving, rotating = pair

    async def logged() -> list[tuple[object, object]]:
        def read(unit: Unit) -> list[bytes]:
            return [row.event for row in unit.sessions.execute(select(ledger_events).order_by(ledger_events.c.id))]

        said = [orjson.loads(event) for event in await rotating._databases.read(read)]
        return [(each["facts"]["done"], each["facts"]["version"]) for each in said if each["kind"] == "keys"]

    await opened(serving, 1)
    await rotating.root_key.rotate()
    await rotating.root_key.rotate()
    assert set(await logged()) == {("rotated", 2), ("destroyed", 1), ("rotated", 3), ("destroyed", 2)}
    await rotating.root_key.destroy(2)
    assert len(await logged()) == 4
