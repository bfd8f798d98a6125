"""What is kept moved under new epoch keys after a leak, in each kind of database, while other processes serve."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Mapping
from uuid import UUID

import pytest
from sqlalchemy import select

from storage import ErasureReason, Identifier, SealBrokenError, UnknownSessionError
from storage.crypto.keyring import Epoch
from storage.sql import SqlStore, Step
from storage.sql.key_tables import part_keys, session_keys
from storage.surveys import SurveyTerms
from tests.contracts.test_request_store import opened as asked
from tests.contracts.test_root_key import opened, pair
from tests.unit.storage.builders import NOW, Customer, turn
from tests.unit.storage.sql.erasures import StopError

__all__ = ["pair"]

PHONE = Identifier("PHONE", "+493012345678")


async def epochs_of(store: SqlStore) -> set[UUID]:
    return {each.id for each in (await store.root_key.list()).epochs}


async def words(store: SqlStore, one: Customer) -> list[str]:
    return [each.text for each in (await store.read(one.id, "improve-chatbot", NOW)).turns]


def leaked(store: SqlStore) -> Mapping[UUID, Epoch]:
    """Return the epoch keys in a process's memory: what somebody has who has read it."""
    return dict(store._keys.keyring._epochs)


async def opened_by(store: SqlStore, epochs: Mapping[UUID, Epoch], customers: list[Customer]) -> int:
    """Return how many part keys in the database open with leaked epoch keys, whatever they say they lie under."""
    owners = {part: each.id for each in customers for part in await store.part_ids(each.id)}
    rows = await store._databases.read(lambda unit: unit.keys.execute(select(part_keys)).all())
    opens = 0
    for row in rows:
        for epoch in epochs.values():
            with contextlib.suppress(SealBrokenError):
                use = store._keys.keyring.part_use(owners[row.part_id], row.part_id)
                epoch.wrapping.unwrap(row.wrapped, use)
                opens += 1
    return opens


async def test_the_leaked_epoch_keys_open_nothing_of_what_is_there_and_are_gone(
    pair: tuple[SqlStore, SqlStore],
) -> None:
    serving, renewing = pair
    customers = [await opened(serving, months) for months in (1, 1, 2, 3)]
    stolen, before = leaked(serving), await epochs_of(serving)
    assert await opened_by(serving, stolen, customers) == 4
    await renewing.root_key.close_epochs()
    told: list[tuple[int, int]] = []
    renewal = await renewing.root_key.renew(lambda *count: told.append(count))
    assert (renewal.moved, renewal.left) == (8, 0)  # of four parts and four sessions
    assert told[-1] == (8, 8)
    assert not await epochs_of(serving) & before
    assert await opened_by(serving, stolen, customers) == 0
    for one in customers:
        assert await words(serving, one) == ["ja"]
        assert await words(renewing, one) == ["ja"]
        await serving.write(one.write(turns=turn("more")))
    assert (await renewing.root_key.renew()).moved == 0


async def test_requests_weeks_of_survey_answers_and_errands_move_as_well(pair: tuple[SqlStore, SqlStore]) -> None:
    serving, renewing = pair
    await asked(serving)
    terms = SurveyTerms("hotline", at_least=5, period="P30D")
    await serving.surveys.answer(terms, {"again": 1}, NOW)
    await serving.errands.add("line", "r", {"recording": "r"}, NOW)
    before = await epochs_of(serving)
    await renewing.root_key.close_epochs()
    renewal = await renewing.root_key.renew()
    assert renewal.left == 0
    assert not await epochs_of(serving) & before
    kept = await renewing.root_key.list()
    leak = kept.root_leak(1)
    assert leak is not None
    counted = await renewing.root_key.others_under(leak)
    assert (counted.requests, counted.survey_weeks, counted.errands) == (1, 1, 1)
    for store in pair:
        assert [each.content for each in await store.errands.left("line")] == [{"recording": "r"}]
        await store.surveys.answer(terms, {"again": 1}, NOW)


async def test_people_are_still_found_and_what_is_new_as_well(pair: tuple[SqlStore, SqlStore]) -> None:
    serving, renewing = pair
    one = Customer("one")
    await serving.write(one.opening(turns=turn("my number", identifiers=(PHONE,))))
    await renewing.root_key.close_epochs()
    await renewing.root_key.renew()
    other = Customer("two")
    await serving.write(other.opening(turns=turn("mine, too", identifiers=(PHONE,))))
    await serving.write(one.write(turns=turn("and again", identifiers=(PHONE,))))
    for store in pair:
        assert set(await store.find_by(PHONE, NOW)) == {one.id, other.id}


@pytest.mark.parametrize("stop_after", range(5))
async def test_it_goes_on_wherever_it_was_stopped(pair: tuple[SqlStore, SqlStore], stop_after: int) -> None:
    serving, renewing = pair
    customers = [await opened(serving, months) for months in (1, 1, 2)]
    before = await epochs_of(serving)
    await renewing.root_key.close_epochs()
    renewing._keys.rewrap_chunk = 1
    steps = itertools.count()

    def stop(step: Step) -> None:
        if step is Step.EPOCHS_RENEWED and next(steps) == stop_after:
            raise StopError

    renewing.root_key._on_step = stop
    with pytest.raises(StopError):
        await renewing.root_key.renew()
    assert await renewing.root_key.under_closed_epochs() == 5 - stop_after
    for one in customers:
        assert await words(serving, one) == ["ja"]
    renewing.root_key._on_step = lambda _: None
    renewal = await renewing.root_key.renew()
    assert (renewal.moved, renewal.left) == (5 - stop_after, 0)
    assert not await epochs_of(serving) & before
    for one in customers:
        assert await words(renewing, one) == ["ja"]


async def test_beside_a_process_that_opens_and_erases_nothing_is_lost_and_nothing_comes_back(
    pair: tuple[SqlStore, SqlStore],
) -> None:
    serving, renewing = pair
    renewing._keys.rewrap_chunk = 3
    early = [await opened(serving, number % 3 + 1) for number in range(24)]
    late: list[Customer] = []
    before = await epochs_of(serving)

    async def serve() -> None:
        for number, one in enumerate(early[::2]):
            late.append(await opened(serving, number % 3 + 1))
            await serving.write(early[2 * number + 1].write(turns=turn("more")))
            await serving.erase(await serving.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")

    await renewing.root_key.close_epochs()
    await asyncio.gather(serve(), renewing.root_key.renew())
    assert (await renewing.root_key.renew()).left == 0
    assert not await epochs_of(serving) & before
    gone = [one.id for one in early[::2]]
    keys = select(session_keys).where(session_keys.c.session_id.in_(gone))
    assert await serving._databases.read(lambda unit: unit.keys.execute(keys).all()) == []
    for one in early[::2]:
        with pytest.raises(UnknownSessionError):
            await words(renewing, one)
    for store in pair:
        assert [await words(store, one) for one in early[1::2]] == [["ja", "more"]] * 12
        assert [await words(store, one) for one in late] == [["ja"]] * 12
