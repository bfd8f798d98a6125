"""Who has asked is told, again until the letter has gone, and before a restriction ends (Art. 18(3))."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from gateway.rights.correcting import Corrections
from gateway.rights.office import Asked
from gateway.rights.outbox import GIVEN_UP_AFTER
from storage.errors import RequestRefusedError
from storage.holds import Ground, Verdict
from storage.ids import uuid7
from storage.memory.requests import MemoryRequests
from storage.records import Identifier, Receipt
from storage.requests import (
    RUNNING,
    SENDER,
    Deed,
    Matter,
    MessageKind,
    MessageState,
    NewMessage,
    NewRequest,
    Proof,
    RequestEvent,
    RequestState,
    RequestStep,
    Right,
)
from tests.integration.rights_shop import EMAIL, texts_of
from tests.unit.gateway.rights.desk import Crossing, Desk
from tests.unit.storage.builders import NOW


async def test_a_correction_ends_its_restriction_when_the_letter_has_gone(desk: Desk) -> None:
    request, session = await desk.asked(Right.RECTIFICATION)
    await desk.office.casework.answer(request, "dpo-1", "Corrected.")
    desk.post.away = True
    await desk.round()
    assert [each.ground for each in await desk.store.retention.restrictions()] == [Ground.ACCURACY]
    answered = await desk.store.requests.get(request)
    assert answered is not None
    assert (answered.state, answered.answered_at) == (RequestState.ANSWERED, NOW)
    desk.post.away = False
    await desk.round()
    assert await desk.store.retention.restrictions() == ()
    ((kind, text),) = desk.to_the_person()
    assert kind == "answered"
    assert "the restriction that was in force until then ends" in text
    await desk.round()
    assert desk.restrictions_told() == [("begun", "18-1-a"), ("ended", "18-1-a")]
    assert [each.what for each in await desk.store.requests.events(request)][-2:] == ["answered", "lifted"]
    assert len(desk.to_the_person()) == 1
    assert (await desk.store.requests.matter(request)).sessions == (session,)


@pytest.mark.parametrize("refused", [True, False])
async def test_an_objection_that_is_not_followed_restricts_until_its_person_knows(desk: Desk, *, refused: bool) -> None:
    request, _ = await desk.asked(Right.OBJECTION, scope="improve")
    if refused:
        await desk.office.casework.refuse(request, "dpo-1", "For the fifth time.")
    else:
        await desk.office.casework.answer(request, "dpo-1", "No.", Verdict.DISMISSED)
    assert len(await desk.store.retention.restrictions()) == 1
    await desk.round()
    assert await desk.store.retention.restrictions() == ()
    ((kind, text),) = desk.to_the_person()
    assert (kind, "For the fifth time." in text) == (("refused", True) if refused else ("answered", False))
    await desk.round()
    assert desk.restrictions_told() == [("begun", "18-1-d"), ("ended", "18-1-d")]


async def test_a_statement_stands_beside_what_was_said_redacted_and_once(desk: Desk) -> None:
    request, session = await desk.asked(Right.RECTIFICATION, contact="", statement=f"Write to {EMAIL} instead.")
    copy = await desk.store.copies.of(session, NOW)
    broken_off = Corrections(desk.loaded.notice, desk.store, texts_of(desk.loaded), desk.clock)
    await broken_off.add(request, f"Write to {EMAIL} instead.", [copy])
    await desk.office.casework.answer(request, "dpo-1", "Noted.")
    said = [each.text for each in (await desk.store.read(session, "improve", NOW)).turns]
    assert said == ["Guten Tag", "Erklärung der Person zur Berichtigung: Write to [EMAIL] instead."]
    assert await desk.store.find_by(Identifier("EMAIL", EMAIL), NOW) == ()


async def test_an_objection_upheld_waits_for_no_letter(desk: Desk) -> None:
    request, session = await desk.asked(Right.OBJECTION, scope="improve")
    assert await desk.office.casework.answer(request, "dpo-1", "Yes.", Verdict.UPHELD) != ()
    assert await desk.store.part_ids(session) == {}
    await desk.round()
    assert [kind for kind, _ in desk.to_the_person()] == ["answered"]


async def test_the_desk_lifts_a_restriction_when_its_person_has_been_told(desk: Desk) -> None:
    request, session = await desk.asked(Right.RESTRICTION, scope="18-1-b")
    await desk.asked(Right.RECTIFICATION)
    (of_it,) = await desk.store.retention.restrictions(session_id=session)
    assert not await desk.office.acts.lift(session, of_it.id, "dpo-1")
    assert await desk.store.retention.restrictions(session_id=session) == (of_it,)
    await desk.round()
    assert await desk.store.retention.restrictions(session_id=session) == ()
    ((kind, text),) = desk.to_the_person()
    assert (kind, str(request) in text) == ("lifting", True)
    await desk.round()
    assert [each for each in desk.restrictions_told() if each[1] == "18-1-b"] == [
        ("begun", "18-1-b"),
        ("ended", "18-1-b"),
    ]
    assert [each.what for each in await desk.store.requests.events(request)] == [
        "received", "carried-out", "lifting", "lifted",
    ]  # fmt: skip


async def test_the_desk_dismisses_an_objection_when_its_person_has_been_told(desk: Desk) -> None:
    _, session = await desk.asked(Right.OBJECTION, scope="improve")
    (objection,) = await desk.store.retention.restrictions(session_id=session)
    assert await desk.office.acts.decide(session, objection.id, Verdict.DISMISSED, "dpo-1") == ()
    assert await desk.store.retention.restrictions() == (objection,)
    await desk.round()
    assert await desk.store.retention.restrictions() == ()


async def test_what_no_letter_reaches_ends_after_three_weeks(desk: Desk) -> None:
    request, session = await desk.asked(Right.RESTRICTION)
    (of_it,) = await desk.store.retention.restrictions(session_id=session)
    desk.post.away = True
    assert not await desk.office.acts.lift(session, of_it.id, "dpo-1")
    desk.clock.move(seconds=GIVEN_UP_AFTER.total_seconds())
    await desk.outbox.once()
    assert await desk.store.retention.restrictions() == ()
    states = {each.recipient: each.state for each in await desk.store.requests.messages(request)}
    assert states[""] is MessageState.GIVEN_UP


async def test_who_has_left_no_address_is_told_on_the_page(desk: Desk) -> None:
    request, session = await desk.asked(Right.RESTRICTION, contact="")
    (of_it,) = await desk.store.retention.restrictions(session_id=session)
    assert await desk.office.acts.lift(session, of_it.id, "dpo-1")
    assert await desk.store.retention.restrictions() == ()
    corrected, _ = await desk.asked(Right.RECTIFICATION, contact="")
    await desk.office.casework.answer(corrected, "dpo-1", "Corrected.")
    assert await desk.store.retention.restrictions() == ()
    assert request != corrected


async def test_who_is_proven_by_the_desk_gets_a_letter_with_the_answer(desk: Desk) -> None:
    now = desk.clock.now()
    reference, _ = await desk.office.ask(Asked(Right.ACCESS, "en", contact=EMAIL))
    await desk.office.casework.attest(reference.id, "dpo-1")
    await desk.office.casework.attest(reference.id, "dpo-2")
    assert desk.clock.now() == now
    await desk.round()
    assert [kind for kind, _ in desk.to_the_person()] == ["code", "answered"]


class Quicker(MemoryRequests):
    """Requests of which one is answered at the desk just as it is looked at."""

    at_the_desk: UUID | None = None

    async def events(self, request_id: UUID) -> tuple[RequestEvent, ...]:
        found = await super().events(request_id)
        if request_id == self.at_the_desk:
            await self.take(request_id, RequestStep(RUNNING, RequestState.ANSWERED, "answered", "dpo-1"), NOW)
        return found


async def test_a_request_that_the_desk_answers_meanwhile_keeps_no_other_waiting(desk: Desk) -> None:
    async def nothing(_deed: Deed, _now: datetime, _eraser: str) -> tuple[Receipt, ...]:
        return ()

    desk.store.requests = requests = Quicker(nothing, lambda _event: None)
    ids = [uuid7(NOW) for _ in range(2)]
    for number, each in enumerate(ids):
        due = NOW + timedelta(days=number + 1)
        state, proof = RequestState.OPEN, Proof.TOKEN
        await requests.open(NewRequest(each, Right.ACCESS, "en", due, due, b"", Matter(), state, proof=proof), NOW)
    requests.at_the_desk = ids[0]
    desk.clock.move(minutes=2)
    await desk.office.casework.resume()
    requests.at_the_desk = None
    last = [(await requests.events(each))[-1].what for each in ids]
    assert last == ["answered", "carried-out"]


async def test_who_waits_for_the_answer_gets_no_letter_beside_it(desk: Desk) -> None:
    await desk.asked(Right.ACCESS)
    await desk.round()
    assert desk.to_the_person() == []


class Meanwhile(MemoryRequests):
    """Requests of which one changes some times while its matter is read."""

    changing: UUID | None = None
    changes: int = 0

    async def matter(self, request_id: UUID) -> Matter:
        found = await super().matter(request_id)
        if self.changes and request_id == self.changing:
            self.changes -= 1
            request = await self.get(request_id)
            assert request is not None
            state = RequestState.EXTENDED if request.state is RequestState.OPEN else RequestState.OPEN
            await self.take(request_id, RequestStep({request.state}, state, "changed", "dpo-1"), NOW)
        return found


@pytest.mark.parametrize("changes", [1, 2, 3])
async def test_a_step_of_the_desk_in_the_same_moment_breaks_no_round(desk: Desk, changes: int) -> None:
    async def nothing(_deed: Deed, _now: datetime, _eraser: str) -> tuple[Receipt, ...]:
        return ()

    desk.store.requests = requests = Meanwhile(nothing, lambda _event: None)
    waiting, after = uuid7(NOW), uuid7(NOW)
    for number, each in enumerate((waiting, after)):
        matter = Matter(contact=EMAIL, lifts=(uuid7(NOW),) if each == waiting else ())
        ends = NOW + timedelta(days=30)
        await requests.open(
            NewRequest(each, Right.RESTRICTION, "en", NOW, ends, b"", matter, RequestState.OPEN, proof=Proof.TOKEN), NOW
        )
        content = json.dumps({"kind": "lifting", "text": "", "lifts": True})
        letter = NewMessage(uuid7(NOW + timedelta(seconds=number)), SENDER, content, MessageKind.LIFTING)
        step = RequestStep({RequestState.OPEN}, RequestState.OPEN, "lifting", "dpo-1", messages=(letter,))
        await requests.take(each, step, NOW)
    requests.changing, requests.changes = waiting, changes + 1  # the letter itself reads the matter once
    await desk.outbox.once()
    told = {each: (await requests.messages(each))[0].state for each in (waiting, after)}
    assert told[after] is MessageState.TOLD
    assert (told[waiting] is MessageState.TOLD) == ((await requests.matter(waiting)).lifts == ())


@pytest.mark.parametrize("step", ["answer", "extend", "refuse", "include"])
async def test_what_another_has_written_meanwhile_is_not_lost(desk: Desk, step: str) -> None:
    desk.store.requests = requests = Crossing(desk.store._do, lambda _event: None)
    linked, request = uuid7(NOW), uuid7(NOW)
    new = NewRequest(
        request, Right.ACCESS, "en", NOW + timedelta(days=30), NOW + timedelta(days=90), b"",
        Matter(linked=(linked,)), RequestState.OPEN, proof=Proof.TOKEN,
    )  # fmt: skip
    await requests.open(new, NOW)
    await requests.take(request, RequestStep(RUNNING, RequestState.OPEN, "carried-out", "gateway"), NOW)
    requests.changing, requests.to = request, Matter(statement="said by another")
    work = desk.office.casework
    steps: dict[str, Callable[[], Awaitable[object]]] = {
        "answer": lambda: work.answer(request, "dpo-1", "Here."),
        "extend": lambda: work.extend(request, "dpo-1", "There is much."),
        "refuse": lambda: work.refuse(request, "dpo-1", "No."),
        "include": lambda: work.include(request, "dpo-1", [linked]),
    }
    with pytest.raises(RequestRefusedError, match="meanwhile"):
        await steps[step]()
    assert (await requests.matter(request)).statement == "said by another"
