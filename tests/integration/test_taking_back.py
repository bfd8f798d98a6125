"""Consents that are taken back: after a session's end, while they are given again, and by whom."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from pydantic import SecretStr

from storage.records import ConsentState, Receipt
from storage.requests import Proof
from tests.fakes import FakeBot, chunk
from tests.integration.conftest import NOTICE, MakeShop, Shop

BY_CONSENT = NOTICE.replace("transcript: {improve: days-30, quality: days-30}", "transcript: {quality: days-30}")


@pytest.mark.parametrize("answer", ["withdrawn", "refused"])
async def test_a_consent_is_taken_back_after_the_sessions_end(make_shop: MakeShop, answer: str) -> None:
    async with make_shop() as shop:
        _, headers = await shop.answer("given")
        await shop.say("Hallo", headers=headers)
        shop.clock.move(days=2)
        async with shop.client.get(f"{shop.public}/consent", headers=headers) as response:
            page = await response.json()
        (asked,) = page["consents"]
        assert (asked["state"], asked["was"], page["ended"]) == ("requested", "given", True)
        assert page["session"] == headers["X-Sordino-Session"].partition(".")[0]
        body = {"consent": "quality", "answer": answer}
        async with shop.client.post(f"{shop.public}/consent", json=body, headers=headers) as response:
            page = await response.json()
            assert (response.status, page["consents"][0]["state"]) == (200, answer)
            assert "X-Sordino-Session" not in response.headers, "no other session is opened for it"
        url = f"{shop.addresses.internal}/sessions/{page['session']}"
        async with shop.client.get(url, params={"purpose": "quality"}, headers=shop.bearer) as response:
            assert response.status == 404
        assert len(await shop.sessions()) == 1


async def _front_end_says(shop: Shop, answer: str) -> dict[str, Any]:
    """Let the channel's front end tell of an answer to one customer's question; returns the page."""
    secret = {"X-Sordino-Channel-Secret": "front-end-secret"}
    body = {"consent": "quality", "conversation": "customer-17", "answer": answer}
    async with shop.client.post(f"{shop.public}/consent", json=body, headers=secret) as response:
        page: dict[str, Any] = await response.json()
    return page


async def test_a_front_end_takes_back_what_was_given_in_a_conversation_that_has_ended(make_shop: MakeShop) -> None:
    async with make_shop(channel_secrets={"chat": SecretStr("front-end-secret")}) as shop:
        session = (await _front_end_says(shop, "given"))["session"]
        shop.clock.move(days=2)
        page = await _front_end_says(shop, "withdrawn")
        assert (page["session"], page["consents"][0]["state"]) == (session, "withdrawn")
        shop.clock.move(days=2)
        anew = await _front_end_says(shop, "given")
        assert anew["session"] != session, "what is given anew needs a session that lives"


async def test_a_front_ends_no_at_the_beginning_of_a_chat_is_for_that_chat(make_shop: MakeShop) -> None:
    async with make_shop(channel_secrets={"chat": SecretStr("front-end-secret")}) as shop:
        before = (await _front_end_says(shop, "given"))["session"]
        shop.clock.move(days=2)
        page = await _front_end_says(shop, "refused")
        assert (page["session"] != before, page["consents"][0]["state"]) == (True, "refused")
        states = await shop.addresses.gateway.store.consent_states(UUID(before))
        assert states["quality"] is ConsentState.GIVEN


async def test_what_is_said_under_a_consent_given_again_outlives_the_withdrawal_before(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_shop(BY_CONSENT) as shop:
        _, headers = await shop.answer("given")
        await shop.say("Hallo", headers=headers)
        acts, erasing, go = shop.addresses.gateway.office.acts, asyncio.Event(), asyncio.Event()
        withdraw = acts.withdraw

        async def late(*arguments: Any) -> Sequence[Receipt]:  # noqa: ANN401 - as `Acts.withdraw`
            erasing.set()
            await go.wait()
            return await withdraw(*arguments)

        async def give_again() -> None:
            await shop.answer("given", headers)
            await shop.say("noch einmal", headers=headers)

        monkeypatch.setattr(acts, "withdraw", late)
        taken = asyncio.ensure_future(shop.answer("withdrawn", headers))
        await erasing.wait()
        given = asyncio.ensure_future(give_again())
        await asyncio.sleep(0.3)
        go.set()
        await asyncio.gather(taken, given)
        assert await shop.texts(headers["X-Sordino-Session"], "quality") == [
            "subject: noch einmal", "bot: Gern geschehen.",
        ]  # fmt: skip


async def test_another_sites_form_answers_no_question_and_plants_no_cookie(make_shop: MakeShop) -> None:
    async with make_shop(allowed_origins=("https://shop.example",)) as shop:
        form = {"Content-Type": "text/plain", "Origin": "https://elsewhere.example"}
        form |= {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        answer = '{"consent": "quality", "answer": "given", "language": "a="}'
        async with shop.client.post(f"{shop.public}/consent", data=answer, headers=form) as response:
            assert (response.status, (await response.json())["reason"]) == (403, "cross_site")
            assert "Set-Cookie" not in response.headers
        assert await shop.sessions() == []
        async with shop.chat("Hallo", headers=form | {"Content-Type": "application/json"}) as response:
            assert "Set-Cookie" not in response.headers
        shown = form | {"Origin": "https://shop.example"}
        async with shop.client.post(f"{shop.public}/consent", data=answer, headers=shown) as response:
            assert response.status == 200
            assert "Set-Cookie" not in response.headers, "it would not count from there"


async def test_a_disclosure_of_which_no_byte_left_is_told_with_the_next_answer(make_shop: MakeShop) -> None:
    async def breaking_off(request: web.Request, _body: object) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(chunk({"content": "Frau Erika Muster"}))
        await asyncio.sleep(0.2)
        assert request.transport is not None
        request.transport.abort()
        return response

    bot = FakeBot(answering=breaking_off)
    async with make_shop(NOTICE.replace("deliver: original", "deliver: redacted"), bot) as shop:
        _, headers = await shop.answer("given")
        async with shop.chat("Hallo", stream=True, headers=headers) as response:
            assert response.status == 502
        bot.answering = None
        answer, _ = await shop.say("Hallo?", headers=headers)
        assert answer.startswith("Hier antwortet ein Chatbot.")


async def test_what_is_remembered_of_a_session_goes_with_a_withdrawal_and_an_erasure(shop: Shop) -> None:
    gateway = shop.addresses.gateway
    conversation = gateway.channels["chat"].conversation
    _, headers = await shop.answer("given")
    session = UUID(headers["X-Sordino-Session"].partition(".")[0])
    await shop.say("Hallo", headers=headers)
    assert conversation.last_asked(session)
    await shop.answer("withdrawn", headers)
    assert not conversation.last_asked(session)
    await shop.say("Hallo", "Gern geschehen.", "weiter", headers=headers)
    assert conversation.last_asked(session)
    await gateway.office.acts.erase(session, "desk", Proof.DESK)
    assert not conversation.last_asked(session)
