"""Several gateway processes on one store: nothing is lost, nothing twice, nobody waits in a ring. On both engines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from storage import (
    ConsentState,
    ErasureReason,
    HoldTerms,
    Identifier,
    StorageError,
    StoreUnavailableError,
    UnknownSessionError,
    Write,
)
from storage.leases import holds
from storage.sql import SqlStore, key_tables, opening, tables
from tests.postgres import empty_pair
from tests.unit.storage.builders import DAY, NOW, USUAL, Customer, assignment, consent, plan, prepared, sql_store, turn

CONSENTED = plan(
    transcript=(assignment(), assignment("train", consent="training")),
    original=assignment("train", consent="training"),
    consent=assignment("prove", "P3Y"),
)


@pytest.fixture(params=["sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[list[SqlStore]]:
    """Three stores, as of three processes, on the same databases."""
    urls = None
    if request.param == "postgresql":
        urls = await empty_pair(request.getfixturevalue("postgres"))
    else:
        await prepared(tmp_path)
    made = [sql_store(tmp_path, urls=urls) for _ in range(3)]
    for store in made:
        await store.start()
    yield made
    await asyncio.gather(*(store.close() for store in made))


async def count(store: SqlStore, name: str) -> int:
    table = tables.metadata.tables.get(name)
    if table is not None:
        found = select(func.count()).select_from(table)
        return int(await store._databases.read(lambda unit: unit.sessions.execute(found).scalar_one()))
    found = select(func.count()).select_from(key_tables.metadata.tables[name])
    return int(await store._databases.read(lambda unit: unit.keys.execute(found).scalar_one()))


async def all_of(calls: Sequence[asyncio.Future[Any]]) -> list[object]:
    results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 120)
    unexpected = [each for each in results if isinstance(each, BaseException) and not isinstance(each, StorageError)]
    assert unexpected == []
    return list(results)


async def test_turns_of_one_session_are_numbered_without_gaps(stores: list[SqlStore]) -> None:
    one = Customer()
    await stores[0].write(one.opening(USUAL))
    texts = [f"turn {number}" for number in range(60)]

    async def say(store: SqlStore, text: str) -> object:
        return await store.write(one.write(USUAL, turns=turn(text)))

    results = await all_of([asyncio.ensure_future(say(stores[at % 3], text)) for at, text in enumerate(texts)])
    assert [each for each in results if isinstance(each, StorageError)] == []
    turns = (await stores[1].read(one.id, "improve-chatbot", NOW)).turns
    assert [each.sequence for each in turns] == list(range(60))
    assert {each.text for each in turns} == set(texts)
    summary = (await stores[2].sessions(NOW))[0]
    assert summary.facts is not None
    assert summary.facts.messages == 60
    # Of the session's own month and of its parts' month.
    assert await count(stores[0], "epoch_keys") == 2, "one epoch key a month, not one a process"


async def test_what_is_named_once_is_stored_once(stores: list[SqlStore]) -> None:
    one = Customer()
    await stores[0].write(one.opening(USUAL))
    writes = [one.write(USUAL, turns=turn("same", once="m1")) for _ in range(30)]
    results = await all_of([asyncio.ensure_future(stores[at % 3].write(each)) for at, each in enumerate(writes)])
    assert sum(result.turns == (True,) for result in results if not isinstance(result, BaseException)) == 1  # type: ignore[attr-defined]
    assert [each.text for each in (await stores[0].read(one.id, "improve-chatbot", NOW)).turns] == ["same"]


async def test_a_session_is_opened_once(stores: list[SqlStore]) -> None:
    customers = [Customer(str(number)) for number in range(12)]

    async def open_it(store: SqlStore, write: Write) -> object:
        return await store.write(write)

    opened = [
        asyncio.ensure_future(open_it(store, customer.opening(USUAL, turns=turn("first"))))
        for customer in customers
        for store in stores
    ]
    results = await all_of(opened)
    assert sum(not isinstance(each, StorageError) for each in results) == len(customers)
    for customer in customers:
        assert len((await stores[0].read(customer.id, "improve-chatbot", NOW)).turns) == 1
    await stores[0].write(customers[0].write(USUAL, turns=turn("second")))
    assert await count(stores[0], "part_keys") == await count(stores[0], "session_keys") == len(customers)


async def test_nothing_is_kept_for_a_consent_that_is_withdrawn_meanwhile(stores: list[SqlStore]) -> None:
    customers = [Customer(str(number)) for number in range(6)]
    for customer in customers:
        await stores[0].write(customer.opening(CONSENTED, turns=turn("a", original="A"), consents=consent()))

    async def converse(customer: Customer, store: SqlStore) -> None:
        for number in range(8):
            await store.write(customer.write(CONSENTED, turns=turn(f"{number}", original=f"O{number}")))

    async def withdraw(customer: Customer) -> None:
        await asyncio.sleep(0.05)
        withdrawn = consent(ConsentState.WITHDRAWN)
        await stores[1].write(customer.write(CONSENTED, consents=withdrawn))
        await stores[2].withdraw(customer.id, "training", NOW)

    calls = [converse(customer, store) for customer in customers for store in (stores[0], stores[1])]
    results = await all_of([asyncio.ensure_future(each) for each in [*calls, *map(withdraw, customers)]])
    assert [each for each in results if isinstance(each, StorageError)] == []
    for customer in customers:
        transcript = await stores[2].read(customer.id, "improve-chatbot", NOW)
        assert len(transcript.turns) == 17
        assert list(transcript.summary.purposes) == ["improve-chatbot", "prove"]
        assert all(kind.value != "original" for kind in (await stores[0].part_ids(customer.id)).values())


async def test_an_erasure_is_done_once_whoever_asks(stores: list[SqlStore]) -> None:
    customers = [Customer(str(number)) for number in range(10)]
    for customer in customers:
        await stores[0].write(customer.opening(USUAL, turns=turn("first"), consents=consent()))
    parts = [part for customer in customers for part in await stores[0].part_ids(customer.id)]

    async def converse(customer: Customer) -> None:
        for number in range(5):
            await stores[0].write(customer.write(USUAL, turns=turn(f"{number}")))

    erasures = [asyncio.ensure_future(store.erase(parts, ErasureReason.ADMIN, NOW, "admin")) for store in stores]
    talks = [asyncio.ensure_future(converse(customer)) for customer in customers]
    results = await all_of([*erasures, *talks])
    told = [each for each in results if isinstance(each, tuple)]
    # Who comes when all is over finds nothing to erase.
    assert {receipt.part_id for receipts in told for receipt in receipts} == set(parts)
    assert {each for each in results if isinstance(each, StorageError)} == {
        each for each in results if isinstance(each, UnknownSessionError)
    }
    assert await count(stores[0], "receipts") >= len(parts)
    assert await count(stores[0], "intents") == 0


async def test_a_start_takes_no_key_of_a_batch_under_way(stores: list[SqlStore]) -> None:
    done = False

    async def converse(store: SqlStore) -> list[Customer]:
        customers = []
        while not done:
            customers.append(Customer())
            await store.write(customers[-1].opening(USUAL, turns=turn("hello")))
        return customers

    talks = [asyncio.ensure_future(converse(store)) for store in stores[:2]]
    for _ in range(5):
        await stores[2]._databases.write_apart(opening.collect_orphans)
        await asyncio.sleep(0)
    done = True
    for customer in [each for talk in await asyncio.gather(*talks) for each in talk]:
        assert len((await stores[2].read(customer.id, "improve-chatbot", NOW)).turns) == 1


async def test_a_leader_that_has_stalled_does_no_harm(stores: list[SqlStore]) -> None:
    one, period = Customer(), timedelta(seconds=30)
    await stores[0].write(one.opening(USUAL, turns=turn("kept")))
    parts = await stores[0].part_ids(one.id)
    lease = await stores[0].leases.lead(uuid4(), NOW, period)
    assert lease is not None
    assert await stores[1].leases.lead(uuid4(), NOW + period, period) is not None
    with holds(lease):
        with pytest.raises(StoreUnavailableError, match="another process leads"):
            await stores[0].erase(parts, ErasureReason.EXPIRED, NOW, "sweep")
        with pytest.raises(StoreUnavailableError, match="another process leads"):
            await stores[0].end_idle(NOW, "chatbot", NOW)
        await stores[0].write(one.write(USUAL, turns=turn("conversations go on")))
    assert len((await stores[1].read(one.id, "improve-chatbot", NOW)).turns) == 2
    assert await stores[0].part_ids(one.id) == parts


async def test_what_is_held_is_found_whichever_process_moved_its_keys(stores: list[SqlStore]) -> None:
    one, two, three = stores
    phone = Identifier("PHONE", "+4935148157720")
    held, other = Customer("held"), Customer("other")
    later = plan(transcript=assignment(period="P60D"))
    await one.write(held.opening(plan(transcript=assignment()), turns=turn(identifiers=(phone,))))
    await one.write(other.opening(later, turns=turn()))
    assert await two.find_by(phone, NOW) == (held.id,)  # it has the epoch keys of both months in memory
    hold = await one.retention.place_hold(held.id, HoldTerms("case-1", "legal", NOW + 60 * DAY), NOW)
    await two.retention.review_hold(held.id, hold.id, NOW + 85 * DAY, NOW)
    await two.erase(await two.part_ids(other.id), ErasureReason.REQUESTED, NOW, "dpo")  # and the epoch key between
    for store in (one, two, three):
        assert await store.find_by(phone, NOW) == (held.id,)
