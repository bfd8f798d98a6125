"""Pauses: one that was heard, for a card's number, and one that a person has begun are apart."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.calls.sound import taken_apart
from storage.audio import AudioCodec, AudioFormat
from storage.recordings import Recorder
from storage.records import Write, Written
from tests.fakes import FakeClock
from tests.integration.call_shop import HEADERS, RECORDED, SECRET, CallBot, Platform
from tests.integration.conftest import MakeShop, Shop

ASKS = "Wie lautet Ihre Kreditkartennummer?"
FIGURES = "vier eins eins eins zwei zwei"
KEYS = {"channel_secrets": {"chat": SECRET}}


async def armed(shop: Shop) -> Platform:
    platform = Platform(shop)
    await platform.start()
    assert (await platform.do("keys", {"keys": "1"}))["state"] == "armed"
    return platform


async def test_a_card_that_is_asked_for_again_pauses_again(make_shop: MakeShop) -> None:
    async with make_shop(RECORDED, CallBot(), **KEYS) as shop:
        platform = await armed(shop)
        assert (await platform.say(ASKS, speaker="bot"))["state"] == "paused"
        assert (await platform.do("resume"))["state"] == "armed"
        assert (await platform.say("Gut, dann weiter.", speaker="bot"))["state"] == "armed"
        assert (await platform.say("Oder eine andere Kreditkartennummer?", speaker="bot"))["state"] == "paused"
        await platform.say(FIGURES)
        assert "vier eins" not in str(await platform.texts())


@pytest.mark.parametrize("first", [True, False])
async def test_a_pause_that_a_person_has_begun_outlasts_a_cards(make_shop: MakeShop, *, first: bool) -> None:
    async with make_shop(RECORDED, CallBot(), **KEYS) as shop:
        platform = await armed(shop)
        if first:
            await platform.do("pause")
        await platform.say(ASKS, speaker="bot")
        if not first:
            await platform.do("pause")
        await platform.say(FIGURES)
        assert (await platform.say("Einen Moment bitte, ich schaue nach."))["state"] == "paused"
        assert (await platform.do("resume"))["state"] == "armed"


def slow_opening(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Let recordings be opened only once the second event is set; the first says that one is to be."""
    opening, goes_on = asyncio.Event(), asyncio.Event()
    recordings = shop.addresses.gateway.store.recordings
    opens = recordings.open

    async def slowly(*args: Any, **more: Any) -> Recorder:  # noqa: ANN401 - what it takes
        opening.set()
        await goes_on.wait()
        return await opens(*args, **more)

    monkeypatch.setattr(recordings, "open", slowly)
    return opening, goes_on


async def test_sound_of_a_pause_that_is_read_late_is_dropped(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
        platform = await armed(shop)
        opening, goes_on = slow_opening(shop, monkeypatch)
        clock.move(seconds=1)
        url = f"{shop.public}/calls/call-1/stream"
        async with shop.client.ws_connect(url, headers=HEADERS) as socket:
            await socket.send_bytes(b"\x01" * 160)
            await opening.wait()
            await platform.do("pause")
            await socket.send_bytes(b"\x02" * 160)
            await asyncio.sleep(0.2)
            await platform.do("resume")
            clock.move(seconds=1)
            goes_on.set()
            async with asyncio.timeout(60):  # after a while all that was sent meanwhile has come
                while (await shop.metrics()).get('sordino_call_audio_total{channel="chat",outcome="kept"}', 0) < 2:
                    await socket.send_bytes(b"\x03" * 160)
                    await asyncio.sleep(0.2)
            await socket.send_str('{"do":"end"}')
            assert (await socket.receive_json(timeout=60))["state"] == "ended"
        (runs,) = await platform.heard()
        assert set(b"".join(audio for _, _, audio in runs)) == {1, 3}


async def test_sound_that_began_to_come_before_the_yes_is_dropped(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
        await armed(shop)
        line = shop.addresses.gateway.channels["chat"].line
        assert line is not None
        before = clock.now()
        clock.move(seconds=5)
        on_line = line.find("call-1")
        sound = taken_apart(AudioFormat(AudioCodec.PCMU), b"\x01" * 160, None)
        assert not await line.listen(on_line, sound, before)
        assert await line.listen(on_line, sound, clock.now())


async def test_sound_of_a_pause_that_has_waited_at_the_platform_is_dropped(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
        platform = await armed(shop)
        opening, goes_on = slow_opening(shop, monkeypatch)
        clock.move(seconds=2)
        first = asyncio.ensure_future(platform.sound(b"\x01" * 8000))
        await opening.wait()
        await platform.do("pause")
        clock.move(seconds=2)
        await platform.do("resume")
        clock.move(seconds=3)
        goes_on.set()
        await first
        for second in range(2, 7):  # what was spoken meanwhile: two of them in the pause, one that may be
            await platform.sound(bytes([second]) * 8000)
        await platform.do("end")
        (runs,) = await platform.heard()
        assert set(b"".join(audio for _, _, audio in runs)) == {1, 5, 6}


async def test_a_pause_and_time_wait_for_no_answer_that_is_on_its_way_into_the_store(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_shop(RECORDED, CallBot(), **KEYS) as shop:
        platform, line = Platform(shop), shop.addresses.gateway.channels["chat"].line
        assert line is not None
        answering, goes_on = await slow_yes(platform, monkeypatch, "key")
        async with asyncio.timeout(30):
            await platform.do("pause")
            await line.tick()
        assert not answering.done()
        goes_on.set()
        assert (await answering)["state"] == "paused"


@pytest.mark.parametrize("how", ["key", "turn"])
async def test_sound_that_has_waited_for_the_yes_to_be_durable_is_dropped(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    clock = FakeClock()
    async with make_shop(RECORDED, CallBot(), clock, **KEYS) as shop:
        platform = Platform(shop)
        answering, goes_on = await slow_yes(platform, monkeypatch, how)
        clock.move(seconds=2)
        goes_on.set()
        assert (await answering)["state"] == "armed"
        for piece in range(1, 26):  # a tenth of a second each, of which the first 20 have waited
            clock.move(milliseconds=20)
            await platform.sound(bytes([piece]) * 800)
        await platform.do("end")
        (runs,) = await platform.heard()
        assert set(b"".join(audio for _, _, audio in runs)) == {23, 24, 25}


async def slow_yes(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, how: str
) -> tuple[asyncio.Future[dict[str, Any]], asyncio.Event]:
    """Begin a call whose yes waits for the store; returns the platform's request, and what lets the store go on."""
    store, asked, goes_on = platform.shop.addresses.gateway.store, asyncio.Event(), asyncio.Event()
    write = store.write

    async def slowly(what: Write) -> Written:
        if what.consents:
            asked.set()
            await goes_on.wait()
        return await write(what)

    monkeypatch.setattr(store, "write", slowly)
    await platform.start()
    answering = asyncio.ensure_future(platform.do("keys", {"keys": "1"}) if how == "key" else platform.say("ja"))
    await asked.wait()
    return answering, goes_on
