"""What every `ErrandStore` promises: what was taken on stays until it is done."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

from storage import SessionStore
from tests.unit.storage.builders import NOW

CONTENT = {"recording": "RE1", "account": "AC1"}


async def test_what_is_taken_on_is_left_until_it_is_done(store: SessionStore) -> None:
    errands = store.errands
    assert (await errands.count(), list(await errands.left("line"))) == (0, [])
    second = await errands.add("line", "RE2", {"recording": "RE2"}, NOW + timedelta(seconds=1))
    first = await errands.add("line", "RE1", CONTENT, NOW)
    other = await errands.add("another", "RE1", CONTENT, NOW)
    assert list(await errands.left("line")) == [first, second]
    assert (first.content, first.at, first.channel) == (CONTENT, NOW, "line")
    assert await errands.count() == 3
    await errands.done(first.id)
    await errands.done(first.id)
    await errands.done(uuid4())
    assert list(await errands.left("line")) == [second]
    assert list(await errands.left("another")) == [other]
    assert await errands.count() == 2


async def test_nothing_of_an_errand_is_in_what_is_shown(store: SessionStore) -> None:
    assert "RE1" not in repr(await store.errands.add("line", "RE1", CONTENT, NOW))


async def test_one_works_on_an_errand_at_a_time(store: SessionStore) -> None:
    errands, soon, later = store.errands, NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)
    first = await errands.add("line", "RE1", CONTENT, NOW)
    second = await errands.add("line", "RE2", CONTENT, NOW + timedelta(seconds=1))
    await errands.add("another", "RE1", CONTENT, NOW)
    assert [await errands.take("line", soon, later) for _ in range(3)] == [first, second, None]
    assert await errands.take("line", later, later + timedelta(minutes=1)) == first  # whoever had it is dead
    await errands.put_off(second.id, NOW)
    assert await errands.take("line", soon, later) == second
    assert (await errands.count("line"), await errands.count("another")) == (2, 1)


async def test_an_errand_can_say_more(store: SessionStore) -> None:
    errand = await store.errands.add("line", "RE1", CONTENT, NOW)
    await store.errands.amend(errand.id, {"sealed": "yes"})
    await store.errands.amend(uuid4(), CONTENT)
    (left,) = await store.errands.left("line")
    assert (left.id, left.content) == (errand.id, {**CONTENT, "sealed": "yes"})


async def test_what_has_one_name_is_one_errand_until_it_is_done(store: SessionStore) -> None:
    errands, later = store.errands, NOW + timedelta(seconds=1)
    told = [{"state": "under way"}, {"state": "complete"}, {"session": "s"}, {}]
    taken = await asyncio.gather(*(errands.add("line", "RE1", content, NOW) for content in told))
    (left,) = await errands.left("line")
    assert ({one.id for one in taken}, await errands.count()) == ({left.id}, 1)
    assert {**left.content, "state": ""} == {"state": "", "session": "s"}
    again = await errands.add("line", "RE1", {"state": "complete"}, later)
    assert (again.id, again.at, again.content["state"]) == (left.id, NOW, "complete")
    await errands.done(left.id)
    new = await errands.add("line", "RE1", CONTENT, later)
    assert (list(await errands.left("line")), new.id == left.id, new.at) == ([new], False, later)


async def test_what_can_not_be_done_is_closed_and_the_ledger_tells(store: SessionStore) -> None:
    errand = await store.errands.add("line", "RE1", CONTENT, NOW)
    (shown,) = await store.errands.listed()
    assert (shown.id, shown.channel, shown.at, shown.readable) == (errand.id, "line", NOW, True)
    before = await store.ledger.figures()
    assert await store.errands.close(errand.id, "account-closed", "dpo", NOW)
    assert not await store.errands.close(errand.id, "account-closed", "dpo", NOW)
    assert (list(await store.errands.listed()), await store.errands.count()) == ([], 0)
    await store.ledger.seal(NOW)
    after, verified = await store.ledger.figures(), await store.ledger.verify()
    assert after.size + after.waiting == before.size + before.waiting + 1
    assert verified.checked == after.size


async def test_what_only_asks_counts_once_that_could_not_be_found_out(store: SessionStore) -> None:
    errands, later = store.errands, NOW + timedelta(minutes=1)
    asking = await errands.add("line", "asks", {"call": "CA1"}, NOW, counts=False, until=later)
    assert (list(await errands.left("line")), await errands.count("line")) == ([asking], 0)
    assert (list(await errands.listed()), await errands.take("line", NOW, later)) == ([], None)
    assert await errands.take("line", later, later + timedelta(minutes=1)) == asking
    await errands.amend(asking.id, {}, counts=True)
    await errands.amend(asking.id, {"more": "x"})
    assert (await errands.count(), [one.id for one in await errands.listed()]) == (1, [asking.id])
    again = await errands.add("line", "asks", {}, later, counts=False, until=later)
    assert (again.id, again.content, await errands.count("line")) == (asking.id, {"call": "CA1", "more": "x"}, 1)
    await errands.done(asking.id)
    assert await errands.count() == 0
