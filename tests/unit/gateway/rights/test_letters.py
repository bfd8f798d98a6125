"""Letters of the office: of an extension, of a refusal, and one that nothing can bring."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import RefusedError
from gateway.rights.letters import Letter
from storage.errors import RequestRefusedError
from storage.holds import Verdict
from storage.requests import MessageState, RequestState, RequestStep, Right
from tests.unit.gateway.rights.desk import Crossing, Desk
from tests.unit.storage.builders import NOW


async def test_no_letter_tells_of_an_extension_that_is_refused(desk: Desk) -> None:
    desk.store.requests = requests = Crossing(desk.store._do, lambda _event: None)
    request, _ = await desk.asked(Right.OBJECTION, scope="improve")
    requests.changing, requests.to = request, replace(await requests.matter(request), statement="said by another")
    with pytest.raises(RequestRefusedError, match="meanwhile"):
        await desk.office.casework.extend(request, "dpo-1", "There is much.")
    for _ in range(3):
        await desk.round()
    assert desk.to_the_person() == []


async def test_an_extension_is_told_at_once_and_once(desk: Desk) -> None:
    request, _ = await desk.asked(Right.OBJECTION, scope="improve")
    extended = await desk.office.casework.extend(request, "dpo-1", "There is much.")
    assert (extended.state, extended.due_at > NOW + timedelta(days=89)) == (RequestState.EXTENDED, True)
    for _ in range(3):
        await desk.round()
    assert desk.to_the_person() == [("extended", "There is much.")]
    assert [each.state for each in await desk.store.requests.messages(request) if not each.recipient] == [
        MessageState.TOLD
    ]


async def test_what_can_not_be_told_is_no_extension(desk: Desk) -> None:
    request, _ = await desk.asked(Right.OBJECTION, scope="improve")
    before, said = await desk.store.requests.get(request), await desk.store.requests.matter(request)
    desk.post.away = True
    with pytest.raises(RefusedError):
        await desk.office.casework.extend(request, "dpo-1", "There is much.")
    assert await desk.store.requests.get(request) == before
    assert await desk.store.requests.matter(request) == said
    desk.post.away = False
    for _ in range(3):
        await desk.round()
    assert desk.to_the_person() == []
    assert [each.what for each in await desk.store.requests.events(request)][-2:] == ["extended", "not-extended"]
    await desk.office.casework.extend(request, "dpo-1", "There is very much.")
    assert desk.to_the_person() == [("extended", "There is very much.")]


@pytest.mark.parametrize("answered", [True, False])
async def test_an_extension_that_broke_off_is_told_later_if_it_is_still_one(desk: Desk, *, answered: bool) -> None:
    request, _ = await desk.asked(Right.OBJECTION, scope="improve")
    desk.post.away, desk.post.error = True, asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await desk.office.casework.extend(request, "dpo-1", "There is much.")
    desk.post.away = False
    await desk.round(minutes=9)
    assert desk.to_the_person() == [], "it may still be on its way"
    if answered:
        await desk.office.casework.answer(request, "dpo-1", "No.", Verdict.DISMISSED)
    for _ in range(3):
        await desk.round()
    assert [kind for kind, _ in desk.to_the_person()] == (["answered"] if answered else ["extended"])


async def test_an_extension_that_another_s_step_keeps_is_told_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, _ = await desk.asked(Right.OBJECTION, scope="improve")

    async def fail(letter: Letter) -> None:
        requests = desk.store.requests
        said = replace(await requests.matter(request), statement="said by another")
        changed = RequestStep({RequestState.EXTENDED}, RequestState.EXTENDED, "changed", "dpo-2", matter=said)
        await requests.take(request, changed, NOW)
        raise RefusedError("letter_not_sent", 503, f"away: {letter.kind}")

    with monkeypatch.context() as away:
        away.setattr(desk.post, "send", fail)
        with pytest.raises(RefusedError):
            await desk.office.casework.extend(request, "dpo-1", "Much to look through.")
    kept = await desk.store.requests.get(request)
    assert kept is not None
    assert kept.state is RequestState.EXTENDED
    await desk.round(minutes=11)
    assert any(kind == "extended" for kind, _ in desk.to_the_person())


async def test_who_is_refused_is_told_where_to_complain(desk: Desk) -> None:
    request, _ = await desk.asked(Right.OBJECTION, scope="improve")
    await desk.office.casework.refuse(request, "dpo-1", "For the fifth time.")
    await desk.round()
    ((kind, text),) = desk.to_the_person()
    assert (kind, text.startswith("For the fifth time.")) == ("refused", True)
    assert "a supervisory authority (Die Landesbeauftragte) and go to court" in text


async def test_a_letter_that_nothing_brings_any_more_counts_as_delivered_to_nobody(desk: Desk) -> None:
    request, session = await desk.asked(Right.RESTRICTION)
    (of_it,) = await desk.store.retention.restrictions(session_id=session)
    assert not await desk.office.acts.lift(session, of_it.id, "dpo-1")
    desk.post.mailboxes = False
    await desk.round()
    states = {each.recipient: each.state for each in await desk.store.requests.messages(request)}
    assert states[""] is MessageState.WAITING
    assert await desk.store.retention.restrictions(session_id=session) == (of_it,), "its person has not been told"
    desk.post.mailboxes = True
    await desk.round()
    assert await desk.store.retention.restrictions(session_id=session) == ()
