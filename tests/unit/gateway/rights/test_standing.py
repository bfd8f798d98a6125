"""The end of one request lifts only what no other asks for any more, and a refusal lifts what it has restricted."""

from __future__ import annotations

from uuid import UUID

import pytest

from storage.holds import Ground, Verdict
from storage.memory.requests import MemoryRequests
from storage.records import Identifier
from storage.requests import Matter, Right
from tests.integration.rights_shop import EMAIL
from tests.unit.gateway.rights.desk import Desk

PHONE = Identifier("PHONE", "+4935148157720")


async def grounds(desk: Desk, session: UUID) -> list[str]:
    return [each.ground.value for each in await desk.store.retention.restrictions(session_id=session)]


async def whats(desk: Desk, request: UUID) -> list[str]:
    return [each.what for each in await desk.store.requests.events(request)]


@pytest.mark.parametrize("contact", [EMAIL, ""])
async def test_a_correction_leaves_what_was_asked_to_be_restricted(desk: Desk, contact: str) -> None:
    session = await desk.session("one")
    await desk.asked_of(session, Right.RESTRICTION, contact, "18-1-a")
    correction = await desk.asked_of(session, Right.RECTIFICATION, contact)
    await desk.office.casework.answer(correction, "dpo-1", "Corrected.")
    for _ in range(3):
        await desk.round()
    assert await grounds(desk, session) == ["18-1-a"]
    assert "ended" not in dict(desk.restrictions_told())
    assert all("restriction" not in text for _, text in desk.to_the_person())


@pytest.mark.parametrize("contact", [EMAIL, ""])
async def test_of_two_objections_the_last_decided_gives_back(desk: Desk, contact: str) -> None:
    session = await desk.session("one")
    first, second = [await desk.asked_of(session, Right.OBJECTION, contact, "improve") for _ in range(2)]
    await desk.office.casework.refuse(first, "dpo-1", "Twice.")
    await desk.round()
    assert await grounds(desk, session) == ["18-1-d"]
    await desk.office.casework.answer(second, "dpo-1", "No.", Verdict.DISMISSED)
    await desk.round()
    assert await grounds(desk, session) == []
    await desk.round()
    assert [each for each, _ in desk.restrictions_told()].count("ended") == 1


async def test_both_senders_are_told_before_it_ends(desk: Desk) -> None:
    session = await desk.session("one")
    first = await desk.asked_of(session, Right.RECTIFICATION)
    await desk.office.casework.answer(first, "dpo-1", "Corrected.")
    second = await desk.asked_of(session, Right.RECTIFICATION)
    await desk.office.casework.answer(second, "dpo-1", "Corrected.")
    assert (await desk.store.requests.matter(second)).lifts == (session,)
    await desk.office.casework.give_back(second)
    assert await grounds(desk, session) == ["18-1-a"], "the first does not know yet"
    assert (await whats(desk, second))[-1] == "still-restricted"
    await desk.office.casework.give_back(first)
    assert await grounds(desk, session) == []


async def test_the_desk_ends_a_restriction_for_all_who_asked_for_it(desk: Desk) -> None:
    session = await desk.session("one")
    requests = [await desk.asked_of(session, Right.RESTRICTION, contact) for contact in (EMAIL, "", EMAIL)]
    (of_it,) = await desk.store.retention.restrictions(session_id=session)
    assert not await desk.office.acts.lift(session, of_it.id, "dpo-1")
    assert not await desk.office.acts.lift(session, of_it.id, "dpo-1"), "the letters are on their way"
    assert await grounds(desk, session) == ["18-1-b"]
    await desk.round()
    assert await grounds(desk, session) == []
    assert [kind for kind, _ in desk.to_the_person()] == ["lifting", "lifting"]
    assert [(await whats(desk, each))[2] for each in requests] == ["lifting"] * 3


async def test_what_was_lifted_long_ago_is_not_asked_for_any_more(desk: Desk) -> None:
    session = await desk.session("one")
    await desk.asked_of(session, Right.RESTRICTION, "", "18-1-a")
    (of_it,) = await desk.store.retention.restrictions(session_id=session)
    assert await desk.office.acts.lift(session, of_it.id, "dpo-1")
    desk.clock.move(minutes=1)
    correction = await desk.asked_of(session, Right.RECTIFICATION, "")
    assert await grounds(desk, session) == ["18-1-a"]
    await desk.office.casework.answer(correction, "dpo-1", "Corrected.")
    assert await grounds(desk, session) == []


async def test_a_lift_by_hand_asks_for_no_later_restriction(desk: Desk) -> None:
    """Both at one instant, in which its own note and the next restriction can't be told apart by time."""
    session = await desk.session("one")
    by_hand = await desk.office.acts.restrict(session, Ground.ACCURACY, "dpo-1")
    desk.clock.move(minutes=1)
    assert await desk.office.acts.lift(session, by_hand.id, "dpo-1")
    correction = await desk.asked_of(session, Right.RECTIFICATION, "")
    await desk.office.casework.answer(correction, "dpo-1", "Corrected.")
    assert await grounds(desk, session) == []


class Counting(MemoryRequests):
    """Requests that remember how often one of them was opened."""

    opened = 0

    async def matter(self, request_id: UUID) -> Matter:
        self.opened += 1
        return await super().matter(request_id)


async def test_what_was_decided_and_told_is_not_opened_again(desk: Desk) -> None:
    desk.store.requests = requests = Counting(desk.store._do, lambda _event: None)
    opened = list[int]()
    for _ in range(6):
        request, _ = await desk.asked(Right.RECTIFICATION)
        requests.opened = 0
        await desk.office.casework.answer(request, "dpo-1", "Corrected.")
        await desk.round()
        opened.append(requests.opened)
        assert await desk.store.retention.restrictions() == ()
    assert len(set(opened)) == 1, "however many there have been"


@pytest.mark.parametrize("contact", [EMAIL, ""])
async def test_a_refusal_gives_back_what_was_restricted_before_it_was_decided(desk: Desk, contact: str) -> None:
    session, linked = [await desk.session(name, PHONE) for name in ("one", "two")]
    request = await desk.asked_of(session, Right.RESTRICTION, contact)
    assert (await desk.store.requests.matter(request)).linked == (linked,)
    await desk.round()
    assert await grounds(desk, session) == ["18-1-b"]
    await desk.office.casework.refuse(request, "dpo-1", "Not founded.")
    await desk.round()
    assert await grounds(desk, session) == []
    if contact:
        assert "Not founded." in desk.to_the_person()[0][1]
    await desk.round()
    assert desk.restrictions_told() == [("begun", "18-1-b"), ("ended", "18-1-b")]
