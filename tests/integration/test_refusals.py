"""What bad input gets: a clear answer without personal data, nothing forwarded, a count."""

from __future__ import annotations

import asyncio
import gzip

import aiohttp
import pytest
from aiohttp import web

from tests.fakes import FakeBot, FakeClock
from tests.integration.conftest import NOTICE, PSEUDONYMS, MakeShop, Shop

NAME = "Jana Petersen"
GOOD = b'{"model": "m", "messages": [{"role": "user", "content": "Hallo"}]}'


async def refused(shop: Shop, status: int, reason: str, response: aiohttp.ClientResponse) -> None:
    """The answer is problem+json of that reason, says nothing of the input, and was counted."""
    text = await response.text()
    assert response.status == status, text
    assert response.headers["Content-Type"].startswith("application/problem+json")
    assert f'"reason":"{reason}"' in text
    assert NAME not in text
    assert (
        sum(
            v
            for k, v in (await shop.metrics()).items()
            if k.startswith("sordino_requests_refused_total") and reason in k
        )
        == 1
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b'"Jana Petersen"',
        b"\xff\xfe",
        b'{"messages": "Jana Petersen"',
        b'{"model": "Jana Petersen"}',
        b'{"messages": [{"role": "user", "content": "\\ud800"}]}',
        b"[" * 100_000,
    ],
)
async def test_a_malformed_body_is_400(shop: Shop, body: bytes) -> None:
    url = f"{shop.public}/v1/chat/completions"
    async with shop.client.post(url, data=body, headers={"Content-Type": "application/json"}) as response:
        await refused(shop, 400, "unreadable", response)
    assert shop.bot.seen == []


async def test_too_large_is_413(make_shop: MakeShop) -> None:
    async with make_shop(max_body_bytes=2048) as shop:
        async with shop.chat("x" * 4000) as response:
            await refused(shop, 413, "too_large", response)
        assert shop.bot.seen == []


async def test_a_compressed_body_is_not_unpacked(shop: Shop) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    url = f"{shop.public}/v1/chat/completions"
    for body in (b" " * 2_000_000 + GOOD, GOOD):
        async with shop.client.post(url, data=gzip.compress(body), headers=headers) as response:
            assert (response.status, (await response.json())["reason"]) == (400, "bad_request")
    assert shop.bot.seen == []


async def test_an_unknown_channel_is_404(shop: Shop) -> None:
    async with shop.client.post(f"{shop.addresses.public}/nobody/v1/chat/completions", data=GOOD) as response:
        await refused(shop, 404, "unknown_channel", response)


@pytest.mark.parametrize(
    "path",
    ["v1/embeddings", "v1/responses", "v1/files", "v1/chat/completions/../files", "metrics"],
)
async def test_a_path_that_nobody_redacts_is_404(shop: Shop, path: str) -> None:
    async with shop.client.post(f"{shop.public}/{path}", data=GOOD) as response:
        assert response.status in {404, 405}
    assert shop.bot.seen == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD"])
async def test_a_wrong_method_is_405(shop: Shop, method: str) -> None:
    async with shop.client.request(method, f"{shop.public}/v1/chat/completions", data=GOOD) as response:
        assert response.status == 405
    async with shop.client.get(f"{shop.public}/v1/chat/completions") as response:
        assert response.status == 405
    assert shop.bot.seen == []


async def test_an_image_is_415_unless_the_notice_passes_it(make_shop: MakeShop) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,SmFuYSBQZXRlcnNlbg=="}}
    body = {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": "Was ist das?"}, image]}]}
    async with make_shop() as shop:
        async with shop.client.post(f"{shop.public}/v1/chat/completions", json=body) as response:
            await refused(shop, 415, "part_not_text", response)
        assert shop.bot.seen == []
    async with make_shop(NOTICE.replace("asks_for:", "pass_parts: [image]\n    asks_for:")) as shop:
        async with shop.client.post(f"{shop.public}/v1/chat/completions", json=body) as response:
            assert response.status == 200
            session = response.headers["X-Sordino-Session"]
        assert shop.bot.seen[-1]["messages"][0]["content"][1] == image
        assert await shop.texts(session) == ["subject: Was ist das?", "bot: Gern geschehen."]
        assert not any(b"SmFuYSBQ" in path.read_bytes() for path in shop.home.rglob("*") if path.is_file())


async def test_a_bot_that_is_away_is_502_and_the_turn_is_kept(make_shop: MakeShop) -> None:
    async with make_shop(upstream="http://127.0.0.1:1") as shop:
        async with shop.chat("Hallo") as response:
            await refused(shop, 502, "unreachable", response)
        assert (await shop.metrics())['sordino_turns_total{channel="chat",speaker="subject"}'] == 1


async def test_a_slow_bot_is_504(make_shop: MakeShop) -> None:
    async def answering(_request: web.Request, _body: object) -> web.StreamResponse:
        await asyncio.sleep(30)
        raise AssertionError

    bot = FakeBot(answering=answering)
    async with make_shop(bot=bot, answer_seconds=0.2) as shop, shop.chat("Hallo") as response:
        await refused(shop, 504, "too_slow", response)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"{", "application/json"), (b"<html>", "text/html"), (b'{"choices": 3', "application/json")],
)
async def test_an_answer_that_can_not_be_read_is_502(make_shop: MakeShop, body: bytes, content_type: str) -> None:
    async def answering(_request: web.Request, _body: object) -> web.StreamResponse:
        return web.Response(body=body, content_type=content_type)

    async with make_shop(bot=FakeBot(answering=answering)) as shop, shop.chat("Hallo") as response:
        await refused(shop, 502, "answer_unreadable", response)


async def test_a_redirect_of_the_bot_is_not_followed(make_shop: MakeShop) -> None:
    async def answering(_request: web.Request, _body: object) -> web.StreamResponse:
        raise web.HTTPFound("http://127.0.0.1:1/steal")

    async with make_shop(bot=FakeBot(answering=answering)) as shop, shop.chat("Hallo") as response:
        await refused(shop, 502, "redirect", response)


async def test_a_bots_own_error_passes_with_its_status(make_shop: MakeShop) -> None:
    async def answering(_request: web.Request, _body: object) -> web.StreamResponse:
        return web.json_response({"error": {"message": "slow down"}}, status=429, headers={"Retry-After": "7"})

    async with make_shop(bot=FakeBot(answering=answering)) as shop, shop.chat("Hallo") as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")
        assert (await response.json())["error"]["message"] == "slow down"


async def test_a_store_that_fails_is_503_and_nothing_is_forwarded_with_pseudonyms(make_shop: MakeShop) -> None:
    async with make_shop(PSEUDONYMS) as shop:
        await shop.addresses.gateway.store.close()
        async with shop.chat(f"Ich bin {NAME}") as response:
            await refused(shop, 503, "store_failed", response)
        assert shop.bot.seen == []


@pytest.mark.parametrize("path", ["/sessions", "/sessions/0198f5c2-0000-7000-8000-000000000000?purpose=improve"])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}])
async def test_sessions_need_the_token(shop: Shop, path: str, header: dict[str, str]) -> None:
    async with shop.client.get(shop.addresses.internal + path, headers=header) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ("", 400, "purpose_missing"),
        ("?purpose=", 400, "purpose_missing"),
        ("?purpose=marketing", 404, "unknown_session"),
    ],
)
async def test_a_read_names_a_live_purpose(shop: Shop, query: str, status: int, reason: str) -> None:
    _, headers = await shop.say("Hallo")
    url = f"{shop.addresses.internal}/sessions/{headers['X-Sordino-Session'].partition('.')[0]}{query}"
    async with shop.client.get(url, headers=shop.bearer) as response:
        assert (response.status, (await response.json())["reason"]) == (status, reason)


async def test_an_unknown_session_is_404(shop: Shop) -> None:
    for identifier in ("0198f5c2-0000-7000-8000-000000000000", "x"):
        url = f"{shop.addresses.internal}/sessions/{identifier}?purpose=improve"
        async with shop.client.get(url, headers=shop.bearer) as response:
            assert response.status == 404


async def test_health_and_metrics_need_no_token(shop: Shop) -> None:
    for path in ("/health/live", "/health/ready", "/metrics"):
        async with shop.client.get(shop.addresses.internal + path) as response:
            assert response.status == 200


async def test_sessions_are_listed_newest_first(make_shop: MakeShop) -> None:
    async with make_shop(clock=FakeClock()) as shop:
        ids: list[str] = []
        for _ in range(3):
            _, headers = await shop.say("Hallo")
            ids.insert(0, headers["X-Sordino-Session"].partition(".")[0])
            shop.clock.move(seconds=1)
        url = f"{shop.addresses.internal}/sessions"
        async with shop.client.get(url, params={"limit": "2", "channel": "chat"}, headers=shop.bearer) as response:
            first = [one["id"] for one in (await response.json())["sessions"]]
        async with shop.client.get(url, params={"after": first[-1]}, headers=shop.bearer) as response:
            rest = [one["id"] for one in (await response.json())["sessions"]]
        assert first + rest == ids
        async with shop.client.get(url, params={"limit": "0"}, headers=shop.bearer) as response:
            assert response.status == 400
