"""Many callers share a commit; each gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from storage import PartKind, Plan, SealBrokenError, StorageError, StoreUnavailableError, UnknownSessionError
from storage.sql import Step
from storage.sql.group_commit import GroupCommit, UnforeseenError, each_alone
from tests.unit.storage.builders import (
    NOW,
    TRANSCRIPT,
    USUAL,
    Customer,
    assignment,
    deletion_class,
    plan,
    prepared,
    sql_store,
    sqlite_of,
    turn,
)


class Batches:
    """Remembers batches; answers ten times the number, and an error for a number below zero."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []

    async def run(self, items: Sequence[int]) -> Sequence[int | StorageError]:
        self.seen.append(list(items))
        await asyncio.sleep(0)
        if 13 in items:
            raise SealBrokenError("one of these")
        if 99 in items:
            raise StoreUnavailableError("all of these")
        if 1000 in items:
            raise RuntimeError("secret words")
        return [UnknownSessionError("none") if item < 0 else item * 10 for item in items]


async def test_items_that_come_together_go_together() -> None:
    batches = Batches()
    group = GroupCommit(batches.run, max_batch=4)
    assert await asyncio.gather(*(group.submit(number) for number in range(6))) == [0, 10, 20, 30, 40, 50]
    assert batches.seen == [[0, 1, 2, 3], [4, 5]]
    await group.close()


async def test_an_error_is_its_own_callers_only() -> None:
    group = GroupCommit(Batches().run, max_batch=4)
    results = await asyncio.gather(*(group.submit(number) for number in (1, -1, 2)), return_exceptions=True)
    assert results[0::2] == [10, 20]
    assert isinstance(results[1], UnknownSessionError)
    await group.close()


async def test_who_leaves_takes_nothing_along() -> None:
    batches = Batches()
    group = GroupCommit(batches.run, max_batch=4)
    tasks = [asyncio.ensure_future(group.submit(number)) for number in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    assert await asyncio.gather(*tasks[1:]) == [10, 20]
    assert batches.seen == [[0, 1, 2]]
    await group.close()


async def test_nobody_waits_for_ever_and_no_foreign_text_gets_out() -> None:
    group = GroupCommit(Batches().run, max_batch=4)
    results = await asyncio.gather(group.submit(1000), group.submit(1), return_exceptions=True)
    assert {str(result) for result in results} == {"a batch failed (RuntimeError)"}
    assert await group.submit(1) == 10
    await group.close()


async def test_closing_finishes_what_was_taken_and_takes_no_more() -> None:
    group = GroupCommit(Batches().run, max_batch=1)
    tasks = [asyncio.ensure_future(group.submit(number)) for number in range(3)]
    await asyncio.sleep(0)
    await group.close()
    assert await asyncio.gather(*tasks) == [0, 10, 20]
    with pytest.raises(StoreUnavailableError):
        await group.submit(4)


async def test_one_at_fault_is_found_by_running_each_alone() -> None:
    batches = Batches()
    results = await each_alone(batches.run, [1, 13, 2])
    assert (results[0], type(results[1]), results[2]) == (10, SealBrokenError, 20)
    assert batches.seen == [[1, 13, 2], [1], [13], [2]]


async def test_a_mistake_fails_the_item_that_it_is_made_with_only() -> None:
    results = await each_alone(Batches().run, [1, 1000, 2])
    assert (results[0], type(results[1]), results[2]) == (10, UnforeseenError, 20)
    assert "secret" not in str(results[1])


async def test_a_store_out_of_reach_is_not_asked_again_for_each() -> None:
    batches = Batches()
    results = await each_alone(batches.run, [1, 99, 2])
    assert [type(result) for result in results] == [StoreUnavailableError] * 3
    assert len(batches.seen) == 1


async def test_concurrent_writes_share_transactions(tmp_path: Path) -> None:
    steps: list[Step] = []
    store = sql_store(await prepared(tmp_path), on_step=steps.append)
    await store.start()
    customers = [Customer(str(number)) for number in range(100)]
    opened = await asyncio.gather(
        *(store.write(each.opening(turns=turn(each.conversation, once="m1"))) for each in customers)
    )
    # The first is in a batch with all that came before the loop turned.
    assert steps.count(Step.ROWS_CREATED) < 10
    answered = await asyncio.gather(
        *(store.write(each.write(turns=(turn("again", once="m1"), turn("answer")))) for each in customers)
    )
    assert {each.turns for each in opened} == {(True,)}
    assert {each.turns for each in answered} == {(False, True)}
    for each in customers:
        turns = (await store.read(each.id, "improve-chatbot", NOW)).turns
        assert [one.text for one in turns] == [each.conversation, "answer"]
    await store.close()


async def test_writes_of_one_session_in_one_batch_keep_their_order(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = Customer()
    writes = [one.opening(turns=turn("0")), *(one.write(turns=turn(str(number))) for number in range(1, 30))]
    await asyncio.gather(*(store.write(each) for each in writes))
    turns = (await store.read(one.id, "improve-chatbot", NOW)).turns
    assert [each.text for each in turns] == [str(number) for number in range(30)]
    await store.close()


async def test_a_bad_write_fails_alone(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    known, good = Customer("known"), [Customer(str(number)) for number in range(8)]
    await store.write(known.opening(turns=turn("first")))
    bad_period = plan(transcript=assignment(period=deletion_class("30 days")))
    writes = {
        "good": [each.opening(turns=turn("ja")) for each in good],
        "unknown session": [Customer("nobody").write(turns=turn())],
        "opened twice": [known.opening(turns=turn("again"))],
        "bad period": [Customer("bad").opening(bad_period, turns=turn("secret words"))],
        "bad turn": [replace(known.write(), turns=(None,))],  # type: ignore[arg-type]
        "also good": [known.write(turns=turn("second"))],
    }
    results = await asyncio.gather(
        *(store.write(each) for group in writes.values() for each in group), return_exceptions=True
    )
    kinds = [type(result).__name__ for result in results]
    assert kinds[:8] == ["Written"] * 8
    assert kinds[8] == "UnknownSessionError"
    assert all(isinstance(result, StoreUnavailableError) for result in results[9:12])
    assert kinds[12] == "Written"
    assert not any("secret" in str(result) for result in results)
    assert [each.text for each in (await store.read(known.id, "improve-chatbot", NOW)).turns] == ["first", "second"]
    assert (await store.figures(NOW)).sessions == 9
    await store.close()


async def test_finds_share_a_look_up_and_a_broken_session_fails_alone(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    customers = [Customer(str(number)) for number in range(10)]
    for each in customers:
        await store.write(each.opening(USUAL, turns=turn()))
    await store.close()
    again = sql_store(tmp_path)
    await again.start()
    with sqlite_of(again).keys.writer.connect() as keys:
        keys.exec_driver_sql("DELETE FROM session_keys WHERE session_id = ?", (customers[3].id.bytes,))
        keys.commit()
    found = await asyncio.gather(
        *(again.find(each.by_token(), NOW) for each in customers), again.find(Customer().by_token(), NOW),
        return_exceptions=True,
    )  # fmt: skip
    assert isinstance(found[3], SealBrokenError)
    ids = [getattr(each, "id", None) for each in found]
    assert ids == [*(each.id if number != 3 else None for number, each in enumerate(customers)), None]
    await again.close()


async def test_a_plan_of_the_notice_is_prepared_once_and_may_change(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = Customer()
    await store.write(one.opening(TRANSCRIPT, turns=turn()))
    for number in range(20):
        fresh = Plan({PartKind.TRANSCRIPT: (assignment(f"purpose-{number}"),)})
        await store.write(one.write(fresh, turns=turn()))
    assert len(await store.part_ids(one.id)) == 21
    await store.close()
