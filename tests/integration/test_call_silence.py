"""Words with their times: who may not hear a call as it was hears it without what was found, or not at all."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import orjson
import pytest

from storage.errors import PurposeRefusedError, StoreUnavailableError
from storage.records import Write, Written
from tests.fakes import FakeClock
from tests.integration.call_shop import HEADERS, RECORDED, SECRET, CallBot, Platform
from tests.integration.conftest import MakeShop

REDACTED = RECORDED.replace("    hear_original: [quality]\n", "")
TEXT = "Ich bin Katharina Brandhorst, wo ist mein Paket?"
LOUD, QUIET = b"\x1e", b"\xff"
MakeCall = Callable[[], AbstractAsyncContextManager[tuple[Platform, CallBot]]]


def timed(text: str, start_ms: int) -> list[dict[str, Any]]:
    """Return the words of a text, 300 ms each."""
    return [
        {"text": word, "start_ms": start_ms + 300 * at, "end_ms": start_ms + 300 * (at + 1)}
        for at, word in enumerate(text.split())
    ]


@pytest.fixture
def make_call(make_shop: MakeShop) -> MakeCall:
    @asynccontextmanager
    async def make() -> AsyncIterator[tuple[Platform, CallBot]]:
        clock, bot = FakeClock(), CallBot()
        async with make_shop(REDACTED, bot, clock, channel_secrets={"chat": SECRET}) as shop:
            platform = Platform(shop)
            await platform.start()
            await platform.do("keys", {"keys": "1"})
            for second in range(4):
                clock.move(seconds=2)
                await platform.sound(LOUD * 8000, offset_ms=5000 + 1000 * second)
            yield platform, bot

    return make


async def refused(platform: Platform) -> bool:
    await platform.do("end")
    try:
        await platform.heard()
    except PurposeRefusedError:
        return True
    return False


async def test_the_name_is_silent_and_nothing_else(make_call: MakeCall) -> None:
    async with make_call() as (platform, _):
        await platform.say(TEXT, words=timed(TEXT, 5500))
        await platform.do("end")
        (runs,) = await platform.heard()
        sound = b"".join(audio for _, _, audio in runs)
        # The third and the fourth word, from 6100 to 6700 ms, with 100 ms on either side; the recording began at 5000.
        assert sound == LOUD * 8000 + QUIET * 6400 + LOUD * 17600


async def test_a_turn_without_times_is_heard_by_nobody_if_something_was_found(make_call: MakeCall) -> None:
    async with make_call() as (platform, _):
        await platform.say("Wo ist mein Paket?", words=timed("Wo ist mein Paket?", 5500))
        await platform.say("Es ist eilig.")
        await platform.say(TEXT)
        assert await refused(platform)


async def test_a_platform_that_gives_no_times_has_said_nothing(make_call: MakeCall) -> None:
    async with make_call() as (platform, _):
        await platform.say("Wo ist mein Paket?")
        assert await refused(platform)


async def test_a_name_that_the_bot_says_has_no_time(make_call: MakeCall) -> None:
    async with make_call() as (platform, bot):
        bot.says = "Danke, Frau Katharina Brandhorst."
        await platform.say("Wo ist mein Paket?", words=timed("Wo ist mein Paket?", 5500))
        assert await refused(platform)


@pytest.mark.parametrize("socket", [False, True])
async def test_a_name_that_the_bot_says_is_silent_once_the_platform_says_when(
    make_call: MakeCall, *, socket: bool
) -> None:
    async with make_call() as (platform, bot):
        bot.says = "Danke, Frau Katharina Brandhorst."
        await platform.say("Wo ist mein Paket?", words=timed("Wo ist mein Paket?", 5000))
        spoken = {"text": bot.says, "words": timed(bot.says, 6500)}
        if socket:
            url = f"{platform.shop.public}/calls/call-1/stream"
            async with platform.shop.client.ws_connect(url, headers=HEADERS) as stream:
                await stream.send_json({"do": "spoken", **spoken})
                assert orjson.loads((await stream.receive(60)).data)["state"] == "armed"
        else:
            await platform.do("spoken", {"text": bot.says, "words": []}, status=400)
            await platform.do("spoken", spoken)
        await platform.do("end")
        (runs,) = await platform.heard()
        # The third and the fourth word, from 7100 to 7700 ms, with 100 ms on either side; the recording began at 5000.
        assert b"".join(audio for _, _, audio in runs) == LOUD * 16000 + QUIET * 6400 + LOUD * 9600


async def test_a_turn_that_is_refused_leaves_it_unknown(make_call: MakeCall) -> None:
    async with make_call() as (platform, _):
        await platform.say("Wo ist mein Paket?", words=timed("Wo ist mein Paket?", 5500))
        backwards = [{"text": "Katharina", "start_ms": 6000, "end_ms": 5000}]
        await platform.do("turns", {"text": "Katharina", "words": backwards}, status=400)
        assert await refused(platform)


@pytest.mark.parametrize("how", ["http", "socket", "unread"])
async def test_what_is_told_after_the_end_leaves_it_unknown_and_begins_nothing(make_call: MakeCall, how: str) -> None:
    async with make_call() as (platform, _):
        await platform.say("Wo ist mein Paket?", words=timed("Wo ist mein Paket?", 5000))
        url = f"{platform.shop.public}/calls/call-1/stream"
        async with platform.shop.client.ws_connect(url, headers=HEADERS) as stream:
            await platform.do("end")
            assert len(await platform.heard()) == 1
            last = {"text": TEXT, "words": timed(TEXT, 6500)}
            if how == "socket":
                await stream.send_json({"do": "turn", **last})
                assert orjson.loads((await stream.receive(60)).data)["reason"] == "no_call"
            else:
                await platform.do("turns", last if how == "http" else {"text": ""}, status=404)
        with pytest.raises(PurposeRefusedError):
            await platform.heard()
        assert len(await platform.shop.sessions()) == 1
        await platform.do("withdraw", status=204)


async def test_what_is_told_while_a_recording_is_closed_leaves_it_unknown(make_call: MakeCall) -> None:
    async with make_call() as (platform, _):
        await platform.say("Wo ist mein Paket?", words=timed("Wo ist mein Paket?", 5000))
        store, goes_on, closing = platform.shop.addresses.gateway.store, asyncio.Event(), asyncio.Event()
        write = store.recording_backend.write  # type: ignore[attr-defined]

        async def slowly(what: Write) -> Written:
            if any(step.ends for step in what.recordings):
                closing.set()
                await goes_on.wait()
            written: Written = await write(what)
            return written

        store.recording_backend.write = slowly  # type: ignore[attr-defined]
        ending = asyncio.ensure_future(platform.do("end"))
        await closing.wait()
        telling = asyncio.ensure_future(platform.do("turns", {"text": TEXT, "words": timed(TEXT, 6500)}, status=404))
        await asyncio.sleep(0.3)
        goes_on.set()
        await asyncio.gather(ending, telling)
        with pytest.raises(PurposeRefusedError):
            await platform.heard()


@pytest.mark.parametrize("told", [True, False])
async def test_what_is_told_before_a_recording_that_the_store_could_not_close_is_closed_leaves_it_unknown(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch, *, told: bool
) -> None:
    clock = FakeClock()
    async with make_shop(REDACTED, CallBot(), clock, channel_secrets={"chat": SECRET}) as shop:
        platform, gateway = Platform(shop), shop.addresses.gateway
        backend, line = gateway.store.recording_backend, gateway.channels["chat"].line  # type: ignore[attr-defined]
        assert line is not None
        monkeypatch.setattr(gateway.store.recordings, "_retry_seconds", ())
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        clock.move(seconds=2)
        await platform.sound(LOUD * 8000, offset_ms=5000)
        await platform.say("Wo ist mein Paket?", words=timed("Wo ist mein Paket?", 5000))
        write = backend.write

        async def away(what: Write) -> Written:
            if any(step.ends for step in what.recordings):
                raise StoreUnavailableError("the disk is full")
            written: Written = await write(what)
            return written

        with monkeypatch.context() as patched:
            patched.setattr(backend, "write", away)
            await platform.do("end", status=503)
            if told:
                await platform.do("turns", {"text": TEXT, "words": timed(TEXT, 5200)}, status=404)
        await line.tick()
        with pytest.raises(PurposeRefusedError) if told else contextlib.nullcontext():
            assert len(await platform.heard()) == 1


async def test_words_that_stop_the_recording_are_silent_as_a_whole(make_call: MakeCall) -> None:
    async with make_call() as (platform, _):
        await platform.say("Aufnahme beenden", words=timed("Aufnahme beenden", 6000))
        await platform.do("end")
        (runs,) = await platform.heard()
        assert b"".join(audio for _, _, audio in runs) == LOUD * 7200 + QUIET * 6400 + LOUD * 18400


async def test_the_socket_takes_words_too(make_call: MakeCall) -> None:
    async with make_call() as (platform, _):
        url = f"{platform.shop.public}/calls/call-1/stream"
        async with platform.shop.client.ws_connect(url, headers=HEADERS) as socket:
            await socket.send_json({"do": "turn", "text": TEXT, "words": timed(TEXT, 5500)})
            assert orjson.loads((await socket.receive(60)).data)["text"] == "Gern geschehen."
            await platform.do("end")
        (runs,) = await platform.heard()
        assert b"".join(audio for _, _, audio in runs).count(QUIET) == 6400


async def test_the_turn_with_which_a_cards_number_begins_is_silent_as_a_whole(make_call: MakeCall) -> None:
    async with make_call() as (platform, _):
        text = "Meine Kreditkartennummer ist 4111 1111"
        await platform.say(text, words=timed(text, 6000))
        await platform.do("end")
        (runs,) = await platform.heard()
        assert b"".join(audio for _, _, audio in runs) == LOUD * 7200 + QUIET * 13600 + LOUD * 11200
