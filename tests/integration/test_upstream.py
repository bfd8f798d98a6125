"""What goes to a bot, where it goes, and what of its answer comes back."""

from __future__ import annotations

import gzip

import orjson
import pytest
from aiohttp import web

from gateway.errors import UpstreamError
from gateway.upstream import Upstream
from tests.fakes import FakeBot, Names, completion, stream
from tests.integration.conftest import MakeShop, Shop

OURS = {"host", "content-length", "accept-encoding", "accept", "content-type"}


async def test_a_redirect_is_not_followed(make_shop: MakeShop) -> None:
    visited: list[str] = []

    async def answering(request: web.Request, _body: object) -> web.StreamResponse:
        visited.append(request.path)
        return web.Response(status=307, headers={"Location": f"http://{request.host}/elsewhere"})

    async with make_shop(bot=FakeBot(answering=answering)) as shop:
        for stream in (False, True):
            async with shop.chat("Hallo", stream=stream) as response:
                assert (response.status, (await response.json())["reason"]) == (502, "redirect")
                assert "Location" not in response.headers
    assert visited == ["/v1/chat/completions"] * 2


async def test_a_redirect_of_a_socket_is_not_followed() -> None:
    visited: list[str] = []

    async def moved(request: web.Request) -> web.StreamResponse:
        visited.append(request.path)
        return web.Response(status=307, headers={"Location": f"http://{request.host}/elsewhere"})

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        visited.append(request.path)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        return socket

    app = web.Application()
    app.router.add_get("/socket", moved)
    app.router.add_get("/elsewhere", elsewhere)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    upstream = Upstream(connect_seconds=5, answer_seconds=5, max_answer_bytes=1024)
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        with pytest.raises(UpstreamError) as refused:
            await upstream.connect(f"{base}/socket", {"Authorization": "Bearer bot-key"})
        assert refused.value.reason == "redirect"
        assert visited == ["/socket"]
        await (await upstream.connect(f"{base}/elsewhere", {})).close()
    finally:
        await upstream.close()
        await runner.cleanup()


@pytest.mark.parametrize(
    ("place", "leads_to"),
    [
        ("bot.shop.example", "127.0.0.1"),  # this machine, by a name that is not its own
        ("0.0.0.0", ""),  # noqa: S104 - no address, which Linux takes for this machine
        ("localhost", "0.0.0.0"),  # noqa: S104
    ],
)
async def test_where_no_bot_may_be_nothing_is_sent(place: str, leads_to: str) -> None:
    bot = FakeBot()
    runner = web.AppRunner(bot.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    upstream = Upstream(connect_seconds=5, answer_seconds=5, max_answer_bytes=1024, names=Names(leads_to))
    allowed = Upstream(connect_seconds=5, answer_seconds=5, max_answer_bytes=1024, names=Names("127.0.0.1"))
    try:
        for asking in (
            upstream.send("GET", f"http://{place}:{port}/v1/models", {}, b""),
            upstream.connect(f"http://{place}:{port}/v1/models", {}),
        ):
            with pytest.raises(UpstreamError) as refused:
                await asking
            assert refused.value.reason == "unreachable"
        assert bot.headers == []
        with await allowed.send("GET", f"http://localhost:{port}/v1/models", {}, b"") as reply:
            await reply.body()
        assert len(bot.headers) == 1
    finally:
        await upstream.close()
        await allowed.close()
        await runner.cleanup()


async def test_cookies_are_neither_kept_nor_passed(make_shop: MakeShop) -> None:
    async def answering(_request: web.Request, _body: object) -> web.StreamResponse:
        return web.json_response(completion("Ja."), headers={"Set-Cookie": "bot=1; Path=/"})

    async with make_shop(bot=FakeBot(answering=answering)) as shop:
        for _ in range(2):
            async with shop.chat("Hallo", headers={"Cookie": "shop=geheim"}) as response:
                assert response.status == 200
                assert "Set-Cookie" not in response.headers
        assert [name for head in shop.bot.headers for name in head if name.lower() == "cookie"] == []


async def test_only_headers_of_the_list_go_on(shop: Shop) -> None:
    sent = {
        "Authorization": "Bearer bot-key",
        "X-Request-Id": "r-1",
        "User-Agent": "Browser of Jana",
        "Referer": "https://shop.example/account/jana",
        "Accept-Language": "de",
        "X-Forwarded-For": "203.0.113.7",
        "X-Customer": "Jana",
    }
    await shop.say("Hallo", headers=sent)
    went = {name.lower(): value for name, value in shop.bot.headers[-1].items()}
    assert (went["authorization"], went["x-request-id"]) == ("Bearer bot-key", "r-1")
    assert set(went) - OURS == {"authorization", "x-request-id"}


async def test_only_headers_of_the_list_come_back(make_shop: MakeShop) -> None:
    async def answering(_request: web.Request, _body: object) -> web.StreamResponse:
        headers = {"X-Request-Id": "r-1", "X-Internal-Host": "bot-7", "Server": "bot/1.0"}
        return web.json_response(completion("Ja."), headers=headers)

    async with make_shop(bot=FakeBot(answering=answering)) as shop, shop.chat("Hallo") as response:
        assert response.headers["X-Request-Id"] == "r-1"
        assert response.headers["Server"] == "sordino"
        assert "X-Internal-Host" not in response.headers


async def test_an_encoded_answer_is_refused(make_shop: MakeShop) -> None:
    async def answering(request: web.Request, _body: object) -> web.StreamResponse:
        assert request.headers["Accept-Encoding"] == "identity"
        packed = gzip.compress(orjson.dumps(completion("Ja.")))
        return web.Response(body=packed, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})

    async with make_shop(bot=FakeBot(answering=answering)) as shop, shop.chat("Hallo") as response:
        assert (response.status, (await response.json())["reason"]) == (502, "encoded")


async def test_connections_are_used_again(make_shop: MakeShop) -> None:
    peers: set[object] = set()

    async def answering(request: web.Request, _body: object) -> web.StreamResponse:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.json_response(completion("Ja."))

    async with make_shop(bot=FakeBot(answering=answering)) as shop:
        for _ in range(5):
            await shop.say("Hallo")
    assert len(peers) == 1


async def test_a_path_or_query_leads_nowhere_else(shop: Shop) -> None:
    for path in ("v1/models/..%2f..%2fadmin", "v1/models/%2e%2e", "@evil.example/v1/models"):
        async with shop.client.get(f"{shop.public}/{path}") as response:
            assert response.status in {404, 405}, path
    url = f"http://evil.example/{shop.public.rpartition('/')[2]}/v1/models"
    async with shop.client.get(f"{shop.public}/v1/models", headers={"Host": "evil.example"}, params={"u": url}):
        pass
    assert all("evil" not in head["Host"] for head in shop.bot.headers)


async def test_exchanges_are_counted_while_they_go_on(make_shop: MakeShop) -> None:
    seen: list[float] = []

    async def answer(request: web.Request, _body: object) -> web.StreamResponse:
        seen.append((await shop.metrics())["sordino_exchanges_in_flight"])
        return await stream(request, ["Guten", " Tag"])

    async with make_shop(bot=FakeBot(answering=answer)) as shop:
        async with shop.chat("Hallo", stream=True) as response:
            await response.read()
        assert seen == [1]
        assert (await shop.metrics())["sordino_exchanges_in_flight"] == 0
