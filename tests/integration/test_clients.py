"""Who a client is behind proxies, and how much of the gateway it may take; where a bot's address may lead."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ipaddress
import zlib
from uuid import UUID

import orjson
import pytest
from aiohttp import web

from gateway.errors import SettingsError
from storage.records import PartKind
from tests.fakes import FakeBot, completion
from tests.integration.conftest import NOTICE, MakeShop

URL = "/v1/chat/completions"
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


async def seen(bot: FakeBot, count: int) -> None:
    """Wait until a bot has seen so many requests."""
    for _ in range(500):
        if len(bot.seen) >= count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(bot.seen)


async def test_a_client_that_has_too_much_open_waits_and_no_other_does(make_shop: MakeShop) -> None:
    go = asyncio.Event()

    async def waiting(_request: web.Request, _body: object) -> web.StreamResponse:
        await go.wait()
        return web.json_response(completion("Ja."))

    limits = {"trusted_proxies": LOOPBACK, "max_streams_per_client": 2, "channel_secrets": {"chat": "s" * 20}}
    async with make_shop(bot=FakeBot(answering=waiting), **limits) as shop:

        async def ask(client: str, **headers: str) -> int:
            async with shop.chat("Hallo", headers={"X-Forwarded-For": client, **headers}) as response:
                return response.status

        held = [asyncio.ensure_future(ask(f"9.9.9.{number}")) for number in (1, 2)]
        await seen(shop.bot, 2)
        assert await ask("9.9.9.3") == 429
        others = [asyncio.ensure_future(ask("9.9.8.1"))]
        others.append(asyncio.ensure_future(ask("9.9.9.4", **{"X-Sordino-Channel-Secret": "s" * 20})))
        await seen(shop.bot, 4)
        go.set()
        assert await asyncio.gather(*held, *others) == [200] * 4
        assert await ask("9.9.9.3") == 200
        refused = 'sordino_requests_refused_total{channel="chat",reason="too_many_streams"}'
        assert (await shop.metrics())[refused] == 1


async def test_who_is_not_trusted_does_not_speak_for_others(make_shop: MakeShop) -> None:
    """The address is found and replaced in what its owner says; the one that counts is the connection's."""
    async with make_shop(max_streams_per_client=1) as shop:
        async with shop.chat("Hallo", headers={"X-Forwarded-For": "9.9.9.9"}) as one:
            assert one.status == 200
        gateway = shop.addresses.gateway
        with gateway.crowds.one_more("9.9.9.9", "chat"):
            async with shop.chat("Hallo", headers={"X-Forwarded-For": "9.9.9.9"}) as other:
                assert other.status == 200, "the header of a stranger was believed"


@pytest.mark.parametrize("packed", ["gzip", "deflate"])
async def test_a_body_that_grows_when_it_is_unpacked_is_not_unpacked(make_shop: MakeShop, packed: str) -> None:
    words = b'{"messages": [{"role": "user", "content": "' + b"a" * 50_000_000 + b'"}]}'
    sent = gzip.compress(words) if packed == "gzip" else zlib.compress(words)
    assert len(sent) < 60_000
    async with make_shop(max_body_bytes=200_000) as shop:
        headers = {"Content-Encoding": packed, "Content-Type": "application/json"}
        async with shop.client.post(shop.public + URL, data=sent, headers=headers) as response:
            assert (response.status, (await response.json())["reason"]) == (400, "bad_request")
        assert shop.bot.seen == []


@pytest.mark.parametrize("place", ["169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "224.0.0.1"])
async def test_a_channel_that_leads_to_credentials_does_not_start(make_shop: MakeShop, place: str) -> None:
    with pytest.raises(SettingsError, match="'chat' leads to a link-local"):
        async with make_shop(upstream=f"http://{place}/latest"):
            pass


@pytest.mark.parametrize("sent", [b"POST /chat/v1/chat/comp", b"GET /x HTTP/1.1\r\nHost: "])
async def test_a_later_head_that_does_not_come_ends_the_connection(make_shop: MakeShop, sent: bytes) -> None:
    async with make_shop(keep_alive_seconds=0.3) as shop:
        port = int(shop.addresses.public.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /nobody/x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await asyncio.wait_for(reader.readuntil(b"}"), 60)).startswith(b"HTTP/1.1 404 ")
        for byte in sent:
            if reader.at_eof() or writer.is_closing():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)
        with contextlib.suppress(ConnectionResetError):  # what was sent when it had ended already
            assert await asyncio.wait_for(reader.read(), 60) == b""
        writer.close()


async def test_a_message_longer_than_a_body_may_be_is_not_read_whole(make_shop: MakeShop) -> None:
    async with make_shop(max_body_bytes=2048) as shop:
        body = orjson.dumps({"messages": [{"role": "user", "content": "a" * 4000}]})
        async with shop.client.post(shop.public + URL, data=body) as response:
            assert response.status == 413


async def test_a_front_ends_own_address_is_not_kept_as_its_customers(make_shop: MakeShop) -> None:
    kept = NOTICE.replace("      consent: {", "      connection: {improve: days-30}\n      consent: {")
    async with make_shop(kept, channel_secrets={"chat": "s" * 20}) as shop:
        for headers, parts in (({"X-Sordino-Channel-Secret": "s" * 20}, False), ({}, True)):
            _, owner = await shop.say("Hallo", headers=headers)
            session = UUID(owner["X-Sordino-Session"].partition(".")[0])
            found = await shop.addresses.gateway.store.part_ids(session)
            assert (PartKind.CONNECTION in found.values()) is parts
