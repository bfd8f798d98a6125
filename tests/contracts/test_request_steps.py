"""What every `RequestStore` promises of a step: by what it goes, what it passes over, and who has erased."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import SessionStore, uuid7
from storage.errors import RequestRefusedError
from storage.requests import Erase, NewRequest, ObjectTo, Proof, Right
from tests.contracts.test_request_store import MATTER, OPEN, SECRET, opened, spoken, step
from tests.unit.storage.builders import DAY, NOW


@pytest.mark.parametrize("alone", [True, False])
async def test_a_receipt_says_who_has_erased(store: SessionStore, *, alone: bool) -> None:
    entered, taken = await spoken(store, name="one"), await spoken(store, name="two")
    matter = replace(MATTER, alone=alone)
    new = NewRequest(
        uuid7(NOW), Right.ERASURE, "de", NOW + 31 * DAY, NOW + 365 * DAY, SECRET, matter, OPEN, proof=Proof.DESK
    )
    receipts = await store.requests.enter(new, step(deeds=(Erase(entered.id),), by="token:1"), NOW)
    request = await opened(store, matter=matter)
    receipts += await store.requests.take(request.id, step(deeds=(Erase(taken.id),), by="token:1"), NOW)
    assert len(receipts) == 4
    assert {each.actor for each in receipts} == {"token:1" if alone else "subject"}


async def test_an_objection_that_covers_nothing_any_more_is_passed_over(store: SessionStore) -> None:
    ended, other = await spoken(store, name="one"), await spoken(store, name="two")
    await store.retention.end_purpose(ended.id, "improve-chatbot", NOW)
    request = await opened(store, Right.OBJECTION)
    deeds = (ObjectTo(ended.id, "improve-chatbot"), ObjectTo(other.id, "improve-chatbot"))
    assert await store.requests.take(request.id, step(deeds=deeds), NOW) == ()
    assert [each.session_id for each in await store.retention.restrictions()] == [other.id]


async def test_a_step_that_goes_by_an_earlier_matter_is_refused(store: SessionStore) -> None:
    customer = await spoken(store)
    request = await opened(store)
    answered = replace(MATTER, answer="Wir brauchen länger")
    await store.requests.take(request.id, step(OPEN, matter=answered, known=MATTER), NOW)
    late = step(matter=replace(MATTER, linked=()), known=MATTER, deeds=(Erase(customer.id),))
    with pytest.raises(RequestRefusedError):
        await store.requests.take(request.id, late, NOW)
    assert await store.requests.matter(request.id) == answered
    assert len(await store.part_ids(customer.id)) == 2
    assert MATTER.contact not in repr(late)
    await store.requests.take(request.id, replace(late, known=answered), NOW)
    assert await store.requests.matter(request.id) == MATTER


async def test_what_is_done_once_is_not_done_again(store: SessionStore) -> None:
    request = await opened(store)
    once = replace(step(OPEN), what="carried-out", once=True)
    await store.requests.take(request.id, replace(once, what="announced"), NOW)
    await store.requests.take(request.id, once, NOW)
    with pytest.raises(RequestRefusedError):
        await store.requests.take(request.id, once, NOW)
    assert [event.what for event in await store.requests.events(request.id)].count("carried-out") == 1
