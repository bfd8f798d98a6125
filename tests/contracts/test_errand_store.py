"""What every `ErrandStore` promises: what was taken on stays until it is done."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from storage import SessionStore
from tests.unit.storage.builders import NOW

CONTENT = {"recording": "RE1", "account": "AC1"}


async def test_what_is_taken_on_is_left_until_it_is_done(store: SessionStore) -> None:
    errands = store.errands
    assert (await errands.count(), list(await errands.left("line"))) == (0, [])
    second = await errands.add("line", {"recording": "RE2"}, NOW + timedelta(seconds=1))
    first = await errands.add("line", CONTENT, NOW)
    other = await errands.add("another", CONTENT, NOW)
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
    assert "RE1" not in repr(await store.errands.add("line", CONTENT, NOW))
