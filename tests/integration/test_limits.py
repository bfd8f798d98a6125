"""Nobody holds the others up: long messages and answers, bodies that do not come, answers that nobody reads."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from time import perf_counter

import orjson
import pytest
from aiohttp import web

from gateway.aside import LONG
from gateway.logs import JsonFormatter
from storage.records import Speaker, Write, Written
from tests.fakes import FakeBot, chunk, stream
from tests.integration.conftest import NOTICE, MakeShop, Shop

WORDS = "Ich habe am Montag mit Frau Schneider aus der Hauptstraße 12 in 50667 Köln telefoniert. "


async def test_a_message_that_is_too_long_is_413(make_shop: MakeShop) -> None:
    async with make_shop(max_message_characters=500) as shop:
        async with shop.chat("x" * 501) as response:
            assert response.status == 413
            assert (await response.json())["reason"] == "message_too_long"
        assert shop.bot.seen == []
        await shop.say("x" * 500)


async def test_a_long_answer_comes_back_in_a_history(make_shop: MakeShop) -> None:
    async with make_shop(max_message_characters=500) as shop:
        shop.bot.says = "Wort " * 900
        answer, headers = await shop.say("Erzählen Sie mehr.")
        await shop.say("Erzählen Sie mehr.", answer, "Danke.", headers=headers)


async def test_an_endless_answer_is_ended(make_shop: MakeShop) -> None:
    async with make_shop(max_message_characters=100) as shop:
        shop.bot.says = "Wort " * 300
        async with shop.chat("Hallo") as response:
            assert (response.status, (await response.json())["reason"]) == (502, "answer_too_large")
        bot_went_on = asyncio.Event()

        async def endless(request: web.Request, _body: object) -> web.StreamResponse:
            try:
                return await stream(request, ["Wort "] * 100_000, pause=0.001)
            except (ConnectionError, asyncio.CancelledError):
                bot_went_on.set()
                raise

        shop.bot.answering = endless
        async with shop.chat("Hallo", stream=True) as response:
            session = response.headers["X-Sordino-Session"]
            assert not await ends(response.content.read())
        await asyncio.wait_for(bot_went_on.wait(), 60)
        assert aborted(await shop.metrics()) == {"answer_too_large": 1}
        assert (await shop.texts(session))[-1].startswith("bot: Wort Wort")


async def test_others_are_answered_while_a_long_message_is_read(make_shop: MakeShop) -> None:
    text = (WORDS * 2000)[:100_000]
    assert len(text) > LONG
    async with make_shop(max_message_characters=100_000) as shop:
        await shop.say("Guten Tag")
        await others_are_answered(shop, shop.say(text))
        assert "Schneider" not in shop.bot.last


async def test_others_are_answered_while_a_long_event_is_redacted(make_shop: MakeShop) -> None:
    text = (WORDS * 2000)[:100_000]

    async def answering(request: web.Request, _body: object) -> web.StreamResponse:
        return await stream(request, [text])

    async def asking() -> None:
        async with shop.chat("Hallo", stream=True) as response:
            assert "Schneider" not in await response.text()

    redacted = NOTICE.replace("deliver: original", "deliver: redacted")
    async with make_shop(redacted, FakeBot(answering=answering)) as shop:
        await others_are_answered(shop, asking())


async def others_are_answered(shop: Shop, work: Coroutine[None, None, object]) -> None:
    """Do what takes long; meanwhile nobody else waits for a third of that time."""
    began = perf_counter()
    working = asyncio.ensure_future(work)
    longest = 0.0
    while not working.done():
        asked = perf_counter()
        await asyncio.sleep(0.01)
        async with shop.client.get(f"{shop.addresses.internal}/health/live") as response:
            assert response.status == 200
        longest = max(longest, perf_counter() - asked)
    await working
    took = perf_counter() - began
    assert took > 3 * longest, f"of {took:.2f} s others waited {longest:.2f} s"


async def test_a_body_that_does_not_come_is_408(make_shop: MakeShop) -> None:
    async with make_shop(body_seconds=0.2) as shop:
        for path in ("v1/chat/completions", "consent"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port(shop))
            writer.write(f"POST /chat/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{{".encode())
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
            assert head.startswith(b"HTTP/1.1 408 ")
            assert b"Connection: close" in head
            writer.close()
        refused = 'sordino_requests_refused_total{channel="chat",reason="body_too_slow"}'
        assert (await shop.metrics())[refused] == 2


@pytest.mark.parametrize("sent", [b"", b"POST /chat/v1/chat/comp", b"GET /health/live HTTP/1.1\r\nHost: "])
async def test_a_connection_on_which_no_request_comes_is_closed(make_shop: MakeShop, sent: bytes) -> None:
    async with make_shop(body_seconds=0.2) as shop:
        reader, writer = await asyncio.open_connection("127.0.0.1", port(shop))
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), 60) == b""
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port(shop))
        for _ in range(2):
            writer.write(b"GET /nobody/x HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await asyncio.wait_for(reader.readuntil(b"}"), 60)).startswith(b"HTTP/1.1 404 ")
            await asyncio.sleep(0.3)
        writer.close()


async def test_a_client_that_stops_reading_lets_the_bot_go(make_shop: MakeShop) -> None:
    gone = asyncio.Event()

    async def much(request: web.Request, _body: object) -> web.StreamResponse:
        try:
            return await stream(request, ["Wort" + " " * 9_996] * 3000)  # what buffers hold is redacted: few words
        except (ConnectionError, asyncio.CancelledError):
            gone.set()
            raise

    notice = NOTICE.replace("tell: {", "# {")
    async with make_shop(notice, FakeBot(answering=much), client_seconds=0.3, max_message_characters=1_000_000) as shop:
        body = orjson.dumps({"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hallo"}]})
        with socket.create_connection(("127.0.0.1", port(shop))) as client:
            client.settimeout(5)
            client.send(b"POST /chat/v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body))
            client.send(body)
            await asyncio.wait_for(gone.wait(), 20)
            for _ in range(600):
                if aborted(await shop.metrics()):
                    break
                await asyncio.sleep(0.1)
            assert aborted(await shop.metrics()) == {"client_stalled": 1}


async def test_an_empty_answer_is_502(make_shop: MakeShop) -> None:
    async def nothing(_request: web.Request, _body: object) -> web.StreamResponse:
        return web.Response(body=b"", content_type="application/json")

    async def empty_stream(_request: web.Request, _body: object) -> web.StreamResponse:
        return web.Response(body=b"", content_type="text/event-stream")

    for answering in (nothing, empty_stream):
        async with make_shop(bot=FakeBot(answering=answering)) as shop, shop.chat("Hallo", stream=True) as response:
            assert (response.status, (await response.json())["reason"]) == (502, "empty_answer")


async def test_a_first_event_that_can_not_be_read_is_502(make_shop: MakeShop) -> None:
    async def answering(_request: web.Request, _body: object) -> web.StreamResponse:
        return web.Response(body=b"data: <html>\n\n", content_type="text/event-stream")

    async with make_shop(bot=FakeBot(answering=answering)) as shop, shop.chat("Hallo", stream=True) as response:
        assert (response.status, (await response.json())["reason"]) == (502, "answer_unreadable")


async def test_an_answer_that_was_kept_is_not_kept_twice_when_its_end_can_not_be_sent(make_shop: MakeShop) -> None:
    held = asyncio.Event()

    async def answering(request: web.Request, _body: object) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(chunk({"role": "assistant", "content": "Guten Tag."}))
        await held.wait()
        await response.write(chunk({}, "stop") + b"data: [DONE]\n\n")
        return response

    async with make_shop(bot=FakeBot(answering=answering)) as shop:
        async with shop.chat("Hallo", stream=True) as response:
            session = response.headers["X-Sordino-Session"]
            await response.content.readany()
            held.set()
        await asyncio.sleep(0.3)
        assert (await shop.texts(session)).count("bot: Guten Tag.") == 1


async def test_an_error_of_our_own_in_mid_stream_is_logged_by_class_and_place(
    shop: Shop, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = shop.addresses.gateway.store
    writing = store.write

    async def failing(write: Write) -> Written:
        if any(turn.speaker is Speaker.BOT for turn in write.turns):
            raise TypeError("Jana Petersen")
        return await writing(write)

    monkeypatch.setattr(store, "write", failing)
    async with shop.chat("Hallo", stream=True) as response:
        assert not await ends(response.content.read())
    assert aborted(await shop.metrics()) == {"failed": 1}
    lines = [orjson.loads(JsonFormatter().format(record)) for record in caplog.records]
    (line,) = [line for line in lines if line["event"] == "answer broken off"]
    assert (line["channel"], line["reason"], line["error"]) == ("chat", "failed", "TypeError")
    assert line["where"].startswith("test_limits.py:")
    assert "Petersen" not in str(lines)


async def ends(reading: object) -> bool:
    """Whether an answer is read to its proper end."""
    try:
        await reading  # type: ignore[misc]  # any awaitable
    except Exception:  # noqa: BLE001 - however the client says it
        return False
    return True


def aborted(metrics: dict[str, float]) -> dict[str, float]:
    """Return the counts of exchanges that broke off, by reason."""
    name = "sordino_exchanges_aborted_total"
    return {k.partition('reason="')[2].rstrip('"}'): v for k, v in metrics.items() if v and k.startswith(name)}


def port(shop: Shop) -> int:
    return int(shop.addresses.public.rpartition(":")[2])
