"""A whole answer that comes soon is stored in one step with what it answers; whatever else comes, both are kept."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web

from tests.fakes import FakeBot, completion
from tests.integration.conftest import MakeShop, Shop

KEPT = ["subject: Wann?", "bot: Gern geschehen."]


async def test_an_answer_that_comes_late_is_kept_after_what_it_answers(make_shop: MakeShop) -> None:
    kept: list[list[str]] = []

    async def answering(_request: web.Request, _body: object) -> web.StreamResponse:
        for _ in range(1200):
            await asyncio.sleep(0.05)
            if sessions := await shop.sessions():
                kept.append(await shop.texts(sessions[0]))
                break
        return web.json_response(completion("Gern geschehen."))

    async with make_shop(bot=FakeBot(answering=answering)) as shop:
        _, headers = await shop.say("Wann?")
        assert kept == [["subject: Wann?"]], "the customer's turn does not wait for a slow bot"
        assert await shop.texts(headers["X-Sordino-Session"]) == KEPT


async def test_an_answer_whose_body_comes_late_is_kept(make_shop: MakeShop) -> None:
    async def answering(request: web.Request, _body: object) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await asyncio.sleep(0.05)
        await response.write(web.json_response(completion("Gern geschehen.")).body)  # type: ignore[arg-type]
        return response

    async with make_shop(bot=FakeBot(answering=answering)) as shop:
        _, headers = await shop.say("Wann?")
        assert await shop.texts(headers["X-Sordino-Session"]) == KEPT


@pytest.mark.parametrize(("body", "status"), [(b"{", 502), (b" ", 502), (b'{"choices": []}', 200)])
async def test_what_was_said_is_kept_though_the_answer_holds_nothing(
    make_shop: MakeShop, body: bytes, status: int
) -> None:
    async def answering(_request: web.Request, _body: object) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    async with make_shop(bot=FakeBot(answering=answering)) as shop:
        async with shop.chat("Wann?") as response:
            assert response.status == status
        assert await shop.texts((await shop.sessions())[0]) == ["subject: Wann?"]


async def test_what_was_said_is_kept_though_the_client_leaves_before_the_answer(make_shop: MakeShop) -> None:
    async def answering(_request: web.Request, _body: object) -> web.StreamResponse:
        arrived.set()
        await asyncio.sleep(20)
        raise AssertionError

    arrived, bot = asyncio.Event(), FakeBot(answering=answering)
    async with make_shop(bot=bot) as shop:
        asking = asyncio.ensure_future(shop.say("Wann?"))
        await arrived.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        for _ in range(3000):
            if bot.cancelled and await shop.sessions():
                break
            await asyncio.sleep(0.02)
        assert bot.cancelled == 1
        assert await shop.texts((await shop.sessions())[0]) == ["subject: Wann?"]


async def test_the_next_message_follows_the_answer(shop: Shop) -> None:
    first, headers = await shop.say("Hallo")
    await asyncio.gather(*(shop.say("Hallo", first, text, headers=headers) for text in ("Wann?", "Wo?")))
    texts = await shop.texts(headers["X-Sordino-Session"])
    assert texts[:2] == ["subject: Hallo", "bot: Gern geschehen."]
    assert sorted(texts[2::2]) == ["subject: Wann?", "subject: Wo?"]
    assert set(texts[3::2]) == {"bot: Gern geschehen."}


async def test_an_answer_stored_with_its_turn_is_known_when_it_is_asked_for_again(shop: Shop) -> None:
    key = {"Idempotency-Key": "0198f5c2-1d2e-7abc-8000-000000000001"}
    _, headers = await shop.say("Wann?", headers=key)
    async with aiohttp.ClientSession() as client:
        body = {"model": "m", "messages": [{"role": "user", "content": "Wann?"}], "stream": False}
        async with client.post(f"{shop.public}/v1/chat/completions", json=body, headers=key) as response:
            assert response.status == 200
    assert await shop.texts(headers["X-Sordino-Session"]) == KEPT
