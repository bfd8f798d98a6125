"""A bot that hangs keeps nobody waiting but those who talk to it."""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.e2e.conftest import bot_server
from tests.fakes import FakeBot, completion
from tests.integration.conftest import NOTICE, MakeShop

_, _, CHANNEL = NOTICE.partition("channels:\n")
CHANNEL = CHANNEL.partition("rights:")[0]
TWO = NOTICE.replace(CHANNEL, CHANNEL + CHANNEL.replace("  chat:", "  other:"))
BODY = {"model": "m", "messages": [{"role": "user", "content": "Hallo"}]}


async def test_a_bot_that_hangs_takes_no_connection_from_others(make_shop: MakeShop) -> None:
    go, asked = asyncio.Event(), asyncio.Event()

    async def hanging(_request: web.Request, _body: object) -> web.StreamResponse:
        asked.set()
        await go.wait()
        return web.json_response(completion("Endlich."))

    async with bot_server(FakeBot(answering=hanging)) as slow, bot_server(FakeBot("Gleich.")) as quick:
        settings = {"upstreams": {"chat": slow, "other": quick}, "max_connections_per_bot": 2}
        async with make_shop(TWO, **settings) as shop:

            async def say(channel: str) -> str:
                url = f"{shop.addresses.public}/{channel}/v1/chat/completions"
                async with shop.client.post(url, json=BODY) as response:
                    assert response.status == 200
                    return str((await response.json())["choices"][0]["message"]["content"])

            waiting = [asyncio.ensure_future(say("chat")) for _ in range(4)]
            await asked.wait()
            assert (await asyncio.wait_for(say("other"), 20)).endswith("Gleich.")
            assert not any(each.done() for each in waiting)
            go.set()
            answers = await asyncio.gather(*waiting)
            assert all(each.endswith("Endlich.") for each in answers), "those beyond the limit wait, and are answered"
