"""An epoch key lives as long as something under it does, and what is held moves under a later one."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from uuid import UUID

import pytest

from storage import ConsentState, ErasureReason, Speaker, StoreUnavailableError
from storage.sql import SqlStore, Step
from tests.fakes import FakeClock
from tests.unit.storage.builders import (
    DAY,
    NOTHING,
    NOW,
    Customer,
    assignment,
    consent,
    files,
    plan,
    prepared,
    sql_store,
    turn,
)
from tests.unit.storage.sql.erasures import StopError, stop_at

SHORT, LONG = plan(transcript=assignment(period="P10D")), plan(transcript=assignment(period="P1Y"))
LATER = 202806


def rows(directory: Path, sql: str) -> list[tuple[object, ...]]:
    keys = sqlite3.connect(directory / "keys.db")
    found = keys.execute(sql).fetchall()
    keys.close()
    return found


def months(directory: Path) -> list[int]:
    return [int(str(month)) for (month,) in rows(directory, "SELECT month FROM epoch_keys ORDER BY month")]


async def started(directory: Path) -> SqlStore:
    store = sql_store(directory)
    await store.start()
    return store


async def opened(store: SqlStore, name: str, kept: object = SHORT) -> Customer:
    customer = Customer(name)
    await store.write(customer.opening(kept, turns=turn(f"words of {name}")))  # type: ignore[arg-type]
    return customer


async def erase(store: SqlStore, *customers: Customer) -> None:
    for customer in customers:
        await store.erase(await store.part_ids(customer.id), ErasureReason.REQUESTED, NOW, "dpo")


async def owners(store: SqlStore, customer: Customer) -> dict[UUID, UUID]:
    return dict.fromkeys(await store.part_ids(customer.id), customer.id)


async def test_an_epoch_key_goes_with_the_last_key_under_it(tmp_path: Path) -> None:
    store = await started(await prepared(tmp_path))
    one, other = await opened(store, "one"), await opened(store, "other")
    await opened(store, "third", LONG)
    (wrapped,) = rows(tmp_path, "SELECT wrapped FROM epoch_keys WHERE month = 202612")
    await erase(store, one)
    assert months(tmp_path) == [202612, 202711]
    await erase(store, other)
    assert months(tmp_path) == [202711]
    assert rows(tmp_path, "SELECT count(*) FROM index_keys") == [(1,)]
    assert not any(bytes(wrapped[0]) in content for content in files(tmp_path).values())  # type: ignore[call-overload]
    await store.close()


async def test_a_month_begins_again_after_its_key_was_destroyed(tmp_path: Path) -> None:
    store = await started(await prepared(tmp_path))
    await erase(store, await opened(store, "one"))
    two = await opened(store, "two")
    assert (await store.read(two.id, "improve-chatbot", NOW)).turns[0].text == "words of two"
    assert months(tmp_path) == [202612]
    await store.close()


async def test_an_epoch_key_that_another_process_destroyed_wraps_nothing(tmp_path: Path) -> None:
    serving = await started(await prepared(tmp_path))
    one = await opened(serving, "one")
    sweeping = await started(tmp_path)
    await erase(sweeping, one)
    await sweeping.close()
    two = await opened(serving, "two")  # the key that it has in memory is gone from the database
    await serving.close()
    again = await started(tmp_path)
    assert (await again.read(two.id, "improve-chatbot", NOW)).turns[0].text == "words of two"
    await again.close()


@pytest.mark.parametrize("step", [Step.INTENT_COMMITTED, Step.KEYS_DELETED, Step.ROWS_DELETED])
async def test_the_epoch_key_goes_wherever_the_erasure_is_stopped(tmp_path: Path, step: Step) -> None:
    store = await started(await prepared(tmp_path))
    one = await opened(store, "one")
    await store.close()
    stopping = sql_store(tmp_path, on_step=stop_at(step))
    await stopping.start()
    with pytest.raises(StopError):
        await erase(stopping, one)
    await stopping.close()
    again = await started(tmp_path)
    assert months(tmp_path) == []
    await again.close()


async def test_an_epoch_key_that_never_came_to_use_is_collected(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path), on_step=stop_at(Step.KEYS_CREATED))
    await store.start()
    with pytest.raises(StoreUnavailableError):
        await opened(store, "one")
    assert months(tmp_path) == [202612]
    await store.close()
    again = await started(tmp_path)
    assert months(tmp_path) == []
    await again.close()


async def test_what_is_held_moves_under_a_later_epoch_key_and_the_earlier_goes(tmp_path: Path) -> None:
    store = await started(await prepared(tmp_path))
    held, other = await opened(store, "held"), await opened(store, "other")
    assert await store._keys.rewrap(await owners(store, held), LATER) == 1
    assert months(tmp_path) == [202612, LATER]
    await erase(store, other)
    assert months(tmp_path) == [LATER]
    # The index key of the month that is gone is kept, so that what is held is still found.
    assert rows(tmp_path, "SELECT count(DISTINCT id) FROM index_keys") == [(2,)]
    await store.close()
    again = await started(tmp_path)
    assert (await again.read(held.id, "improve-chatbot", NOW)).turns[0].text == "words of held"
    await again.write(held.write(SHORT, turns=turn("more", Speaker.BOT)))
    assert [each.text for each in (await again.read(held.id, "improve-chatbot", NOW)).turns] == [
        "words of held",
        "more",
    ]
    await erase(again, held)
    assert months(tmp_path) == []
    await again.close()


async def test_moving_twice_changes_nothing(tmp_path: Path) -> None:
    store = await started(await prepared(tmp_path))
    held = await opened(store, "held")
    assert await store._keys.rewrap(await owners(store, held), LATER) == 1
    before = rows(tmp_path, "SELECT * FROM part_keys")
    assert await store._keys.rewrap(await owners(store, held), LATER) == 0
    assert await store._keys.rewrap(await owners(store, held), 202701) == 0
    assert rows(tmp_path, "SELECT * FROM part_keys") == before
    await store.close()


async def test_many_parts_are_moved_in_chunks_and_keep_their_words(tmp_path: Path) -> None:
    store = await started(await prepared(tmp_path))
    store._keys.rewrap_chunk = 7
    customers = [await opened(store, str(number)) for number in range(30)]
    moved = {part: owner for each in customers for part, owner in (await owners(store, each)).items()}
    assert await store._keys.rewrap(moved, LATER) == 30
    await store.close()
    again = await started(tmp_path)
    for number, each in enumerate(customers):
        assert (await again.read(each.id, "improve-chatbot", NOW + DAY)).turns[0].text == f"words of {number}"
    assert months(tmp_path) == [LATER]
    await again.close()


async def test_a_session_that_goes_on_keeps_the_key_of_no_earlier_month(tmp_path: Path) -> None:
    store = await started(await prepared(tmp_path))
    one = await opened(store, "one")
    (transcript,) = await store.part_ids(one.id)
    await store.write(one.write(plan(consent=assignment("prove", "P1Y")), consents=consent()))
    assert months(tmp_path) == [202612, 202711]
    await store.erase([transcript], ErasureReason.REQUESTED, NOW, "dpo")
    assert months(tmp_path) == [202711]
    await store.close()
    again = await started(tmp_path)
    found = await again.find(one.by_token(), NOW)
    assert found is not None
    assert found.consents == {"training": ConsentState.GIVEN}
    await erase(again, one)
    assert months(tmp_path) == []
    await again.close()


async def test_a_session_that_began_with_nothing_keeps_no_key_of_that_month(tmp_path: Path) -> None:
    clock = FakeClock()
    store = sql_store(await prepared(tmp_path), clock=clock)
    await store.start()
    one, other = Customer("one"), await opened(store, "other")
    await store.write(one.opening(NOTHING))
    await store.write(one.write(SHORT, turns=turn()))
    assert months(tmp_path) == [202611, 202612]
    clock.move(days=10)
    await erase(store, other)
    assert months(tmp_path) == [202612]
    assert (await store.read(one.id, "improve-chatbot", NOW)).turns[0].text == "Guten Tag"
    await store.close()
