"""A gateway that is told to stop while a bot still answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import aiohttp
import pytest
from aiohttp import web

from tests.fakes import FakeBot
from tests.integration.conftest import MakeShop

NEVER_ENDS = 60


async def _words() -> AsyncIterator[bytes]:
    for _ in range(NEVER_ENDS * 10):
        yield b'data: {"choices": [{"index": 0, "delta": {"content": "noch ein Wort "}}]}\n\n'
        await asyncio.sleep(0.1)


async def _talks_on(request: web.Request, _body: object) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await answer.prepare(request)
    async for event in _words():
        await answer.write(event)
    return answer


@pytest.mark.parametrize("drain_seconds", [0, 3])
async def test_a_stream_that_does_not_end_is_cut_after_the_drain_and_kept(
    make_shop: MakeShop, drain_seconds: int
) -> None:
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Erzählen Sie mal."}]}
    async with aiohttp.ClientSession() as customer:
        async with make_shop(bot=FakeBot(answering=_talks_on), drain_seconds=drain_seconds) as shop:
            response = await customer.post(f"{shop.public}/v1/chat/completions", json=body)
            heard = b""
            while b"noch ein Wort" not in heard:
                heard += await response.content.readany()
            began = monotonic()
        assert drain_seconds <= monotonic() - began < drain_seconds + 2.5  # twice as long would be 6
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    async with make_shop() as again:
        said = await again.texts(response.headers["X-Sordino-Session"])
        assert said[0] == "subject: Erzählen Sie mal."
        assert said[1].startswith("bot: noch ein Wort")
