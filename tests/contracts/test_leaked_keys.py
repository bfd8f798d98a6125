"""What a leaked key opens, in each kind of database."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from gateway.jobs import sweep
from storage.records import PartKind
from storage.sql import SqlStore
from storage.sql.rotating import Leak
from storage.surveys import SurveyTerms
from tests.contracts.test_request_store import opened as asked
from tests.contracts.test_root_key import opened, pair
from tests.unit.storage.builders import NOW, Customer, turn

__all__ = ["pair"]


async def under_root(store: SqlStore, version: int) -> set[UUID]:
    leak = (await store.root_key.list()).root_leak(version)
    assert leak is not None
    return {each.id async for each in store.root_key.sessions_under(leak.epoch_ids)}


async def test_a_root_version_reaches_what_is_under_the_epoch_keys_that_it_wrapped(
    pair: tuple[SqlStore, SqlStore],
) -> None:
    store = pair[0]
    early = [await opened(store, months) for months in (1, 2)]
    await store.root_key.rotate()
    late = [await opened(store, months) for months in (2, 3)]
    first_month, second_month, third_month = early[0].id, early[1].id, late[1].id
    assert await under_root(store, 1) == {first_month, second_month, late[0].id}, "its epoch key was there before"
    assert await under_root(store, 2) == {first_month, second_month, late[0].id, third_month}
    await store.root_key.rotate()
    assert await under_root(store, 1) == {first_month, second_month, late[0].id}, "a rotation takes nothing back"


async def test_an_epoch_key_reaches_its_month_alone(pair: tuple[SqlStore, SqlStore]) -> None:
    store = pair[0]
    customers = [await opened(store, months) for months in (1, 2)]
    await store.write(customers[0].write(turns=(turn("noch etwas"),)))
    reached = []
    for epoch in (await store.root_key.list()).epochs:
        leak = (await store.root_key.list()).epoch_leak(epoch.id)
        assert leak is not None
        assert leak.since <= NOW
        reached.append([each async for each in store.root_key.sessions_under(leak.epoch_ids)])
    assert sorted(each.id for found in reached for each in found) == sorted(each.id for each in customers)
    assert all(sum(each.parts.values()) >= 1 for found in reached for each in found)
    assert all(each.channel == "chatbot" for found in reached for each in found)


async def test_what_is_erased_is_counted_by_its_receipts_alone(pair: tuple[SqlStore, SqlStore]) -> None:
    store = pair[0]
    customer = await opened(store, 1)
    await opened(store, 5)
    leak = (await store.root_key.list()).root_leak(1)
    assert leak is not None
    assert (await store.root_key.others_under(leak)).erased_since == 0
    swept = await sweep(store, NOW + timedelta(days=40))
    assert len(swept.receipts) == 1
    assert customer.id not in await under_root(store, 1)
    assert (await store.root_key.others_under(leak)).erased_since == 1


async def test_many_sessions_come_page_by_page_and_once_each(pair: tuple[SqlStore, SqlStore]) -> None:
    store = pair[0]
    store.root_key._chunk = 1
    customers = [Customer(str(number)) for number in range(25)]
    for customer in customers:
        await store.write(customer.opening(turns=(turn(),)))
    leak = (await store.root_key.list()).root_leak(1)
    assert leak is not None
    found = [each async for each in store.root_key.sessions_under(leak.epoch_ids)]
    assert [each.id for each in found] == sorted(each.id for each in customers)
    assert all(each.parts[PartKind.TRANSCRIPT] == 1 for each in found)


async def test_a_key_that_is_not_there_is_told_from_one_that_opens_nothing(pair: tuple[SqlStore, SqlStore]) -> None:
    kept = await pair[0].root_key.list()
    assert kept.root_leak(7) is None
    assert kept.epoch_leak(uuid4()) is None


async def test_requests_weeks_of_survey_answers_and_errands_are_counted(pair: tuple[SqlStore, SqlStore]) -> None:
    store = pair[0]
    await opened(store, 1)
    leak = (await store.root_key.list()).root_leak(1)
    assert leak is not None
    assert await others(store, leak) == (0, 0, 0)
    await asked(store)
    await store.surveys.answer(SurveyTerms("hotline", at_least=5, period="P30D"), {"again": 1}, NOW)
    await store.errands.add("line", "r", {"recording": "r"}, NOW)
    leak = (await store.root_key.list()).root_leak(1)
    assert leak is not None
    assert await others(store, leak) == (1, 1, 1)


async def others(store: SqlStore, leak: Leak) -> tuple[int, int, int]:
    counted = await store.root_key.others_under(leak)
    return counted.requests, counted.survey_weeks, counted.errands


async def test_after_a_leak_what_is_kept_goes_under_epoch_keys_that_the_leaked_root_key_never_wrapped(
    pair: tuple[SqlStore, SqlStore],
) -> None:
    serving, rotating = pair
    early = await opened(serving, 1)
    before = (await serving.root_key.list()).epochs
    await rotating.root_key.rotate()
    assert await rotating.root_key.close_epochs() == len(before)
    assert await rotating.root_key.close_epochs() == 0
    late = await opened(serving, 1)  # by a process that had the old ones in memory
    assert await under_root(serving, 1) == {early.id}
    assert await under_root(serving, 2) == {early.id, late.id}
    for customer in (early, late):
        assert len((await serving.read(customer.id, "improve-chatbot", NOW)).turns) == 1
    await serving.write(early.write(turns=(turn("noch etwas"),)))
