"""Audio of a call: nothing before the answer is durable, nothing after a stop, and what is kept is what was spoken."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from socket import SHUT_RDWR

import orjson
import pytest
from aiohttp import ClientWebSocketResponse, WSCloseCode, WSMsgType

from gateway.calls.on_line import OnLine
from gateway.handlers import call_sockets
from storage.errors import PurposeRefusedError, StoreUnavailableError, UnknownSessionError
from storage.records import Write, Written
from tests.fakes import FakeClock
from tests.integration.call_shop import HEADERS, RECORDED, SECRET, CallBot, Platform
from tests.integration.conftest import MakeShop

FRAME = bytes(160)  # 20 ms of PCMU
MakeCall = Callable[[], AbstractAsyncContextManager[tuple[Platform, FakeClock]]]


@pytest.fixture
def make_call(make_shop: MakeShop) -> MakeCall:
    @asynccontextmanager
    async def make() -> AsyncIterator[tuple[Platform, FakeClock]]:
        clock = FakeClock()
        async with make_shop(RECORDED, CallBot(), clock, channel_secrets={"chat": SECRET}) as shop:
            platform = Platform(shop)
            await platform.start()
            yield platform, clock

    return make


async def outcomes(platform: Platform) -> dict[str, float]:
    found = await platform.shop.metrics()
    name = 'sordino_call_audio_total{channel="chat",outcome="%s"}'
    return {one: found[name % one] for one in ("kept", "dropped", "repeated", "wrong", "failed") if found[name % one]}


def blobs(platform: Platform) -> list[str]:
    """Return the files of recordings that hold something."""
    files = (platform.shop.home / "blobs").rglob("*")
    return [path.name for path in files if path.is_file() and path.stat().st_size]


async def test_what_is_spoken_after_a_yes_is_kept_and_nothing_else(make_call: MakeCall) -> None:
    async with make_call() as (platform, clock):
        assert (await platform.sound(b"\x01" * 160))["recording"] is False
        assert (await platform.do("keys", {"keys": "1"}))["recording"] is True
        await platform.sound(b"\x02" * 160)  # may have been on its way
        for number in (3, 4):
            clock.move(seconds=1)
            await platform.sound(bytes([number]) * 160)
        await platform.do("pause")
        clock.move(seconds=2)
        await platform.sound(b"\x05" * 160)
        await platform.do("resume")
        clock.move(seconds=1)
        await platform.sound(b"\x06" * 160)
        await platform.do("stop")
        clock.move(seconds=1)
        await platform.sound(b"\x07" * 160)
        await platform.do("end")
        (runs,) = await platform.heard()
        assert [(position, audio[:1]) for _, position, audio in runs] == [(0, b"\x03"), (16320, b"\x06")]
        assert b"".join(audio for _, _, audio in runs) == b"\x03" * 160 + b"\x04" * 160 + b"\x06" * 160
        assert await outcomes(platform) == {"kept": 3, "dropped": 4}


async def test_a_call_that_is_refused_leaves_no_sound(make_call: MakeCall) -> None:
    async with make_call() as (platform, clock):
        await platform.do("keys", {"keys": "2"})
        for _ in range(5):
            clock.move(seconds=1)
            await platform.sound(FRAME)
        await platform.do("end")
        assert [
            path for path in (platform.shop.home / "blobs").rglob("*") if path.is_file() and path.stat().st_size
        ] == []
        with pytest.raises(PurposeRefusedError):
            await platform.heard()


async def test_both_channels_and_the_platforms_own_count(make_call: MakeCall) -> None:
    async with make_call() as (platform, clock):
        await platform.do("keys", {"keys": "1"})
        stereo = {"codec": "L16", "rate": 16000, "channels": 2}
        piece = b"".join(caller + other for caller, other in [(b"\x01\x01", b"\x02\x02")] * 320)
        for offset in (5000, 5020, 5020, 5060):
            clock.move(seconds=1)
            await platform.sound(piece, offset_ms=offset, **stereo)
        await platform.sound(FRAME, codec="PCMA")
        await platform.do("end")
        (runs,) = await platform.heard()
        spans = [(channel, position, len(audio), audio[:1]) for channel, position, audio in runs]
        assert sorted(spans) == [
            (0, 0, 1280, b"\x01"), (0, 960, 640, b"\x01"), (1, 0, 1280, b"\x02"), (1, 960, 640, b"\x02"),
        ]  # fmt: skip
        assert await outcomes(platform) == {"kept": 3, "repeated": 1, "wrong": 1}


async def test_a_withdrawal_erases_the_sound(make_call: MakeCall) -> None:
    async with make_call() as (platform, clock):
        await platform.do("keys", {"keys": "1"})
        clock.move(seconds=1)
        await platform.sound(FRAME)
        await platform.do("end")
        assert len(await platform.heard()) == 1
        await platform.do("withdraw", status=204)
        with pytest.raises(PurposeRefusedError):
            await platform.heard()
        assert [
            path for path in (platform.shop.home / "blobs").rglob("*") if path.is_file() and path.stat().st_size
        ] == []


@pytest.mark.parametrize("raw", [b"", b"\x00" * 161, b"\x00" * (61 * 16000)])
async def test_what_is_no_audio_is_refused(make_call: MakeCall, raw: bytes) -> None:
    async with make_call() as (platform, _):
        url = f"{platform.shop.public}/calls/call-1/audio"
        async with platform.shop.client.post(url, data=raw, params={"channels": "2"}, headers=HEADERS) as response:
            assert (response.status, (await response.json(content_type=None))["reason"]) == (400, "bad_audio")
        async with platform.shop.client.post(url, data=FRAME, params={"rate": "11025"}, headers=HEADERS) as response:
            assert (response.status, (await response.json(content_type=None))["reason"]) == (400, "bad_query")


async def ask(socket: ClientWebSocketResponse, do: str, **fields: object) -> dict[str, object]:
    """Send a message and return its answer; what is pushed in between is passed over."""
    await socket.send_str(orjson.dumps({"do": do, **fields}).decode())
    while True:
        answer: dict[str, object] = orjson.loads((await socket.receive(60)).data)
        if answer["do"] not in {"prompt", "piece"}:
            return answer


async def test_a_whole_call_over_the_socket(make_call: MakeCall) -> None:
    async with make_call() as (platform, clock):
        url = f"{platform.shop.public}/calls/call-1/stream?codec=PCMU"
        async with platform.shop.client.ws_connect(url, headers=HEADERS) as socket:
            await socket.send_bytes(b"\x01" * 160)
            assert (await ask(socket, "consent", words="ja", confidence=0.9))["state"] == "armed"
            clock.move(seconds=1)
            for _ in range(50):
                await socket.send_bytes(b"\x02" * 160)
            answered = await ask(socket, "turn", text="Wo ist mein Paket?")
            assert answered["text"] == "Gern geschehen."
            assert (await ask(socket, "keys", keys="*9"))["state"] == "refused"
            clock.move(seconds=1)
            await socket.send_bytes(b"\x03" * 160)
            assert (await ask(socket, "end"))["state"] == "ended"
        assert await platform.heard() == [[(0, 0, b"\x02" * 160 * 50)]]
        assert await outcomes(platform) == {"kept": 50, "dropped": 2}


async def test_a_stop_waits_for_no_turn(make_shop: MakeShop) -> None:
    bot = CallBot(hangs=asyncio.Event())
    async with make_shop(RECORDED, bot, channel_secrets={"chat": SECRET}) as shop:
        platform = Platform(shop)
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        async with shop.client.ws_connect(f"{shop.public}/calls/call-1/stream", headers=HEADERS) as socket:
            for number in range(40):
                await socket.send_str(f'{{"do":"turn","text":"Frage {number}"}}')
            assert (await ask(socket, "stop"))["state"] == "refused"
            assert bot.hangs is not None
            bot.hangs.set()


async def test_the_socket_says_once_where_its_sound_begins(make_call: MakeCall) -> None:
    async with make_call() as (platform, clock):
        await platform.do("keys", {"keys": "1"})
        clock.move(seconds=1)
        await platform.sound(b"\x01" * 160, offset_ms=5000)
        url = f"{platform.shop.public}/calls/call-1/stream?offset_ms=5060"
        async with platform.shop.client.ws_connect(url, headers=HEADERS) as socket:
            for number in (2, 3):
                await socket.send_bytes(bytes([number]) * 160)
            assert (await ask(socket, "end"))["state"] == "ended"
        (runs,) = await platform.heard()
        assert [(position, audio[:1], len(audio)) for _, position, audio in runs] == [
            (0, b"\x01", 160), (480, b"\x02", 320),
        ]  # fmt: skip


async def test_what_cannot_be_read_on_the_socket_is_told_and_it_stays_open(make_call: MakeCall) -> None:
    async with make_call() as (platform, _):
        url = f"{platform.shop.public}/calls/call-1/stream"
        async with platform.shop.client.ws_connect(url, headers=HEADERS) as socket:
            for text in ("{", "[]", '{"do":"dance"}', '{"do":"keys","keys":"x"}', '{"do":"consent"}'):
                await socket.send_str(text)
                assert orjson.loads((await socket.receive(60)).data)["reason"] == "bad_body"
            await socket.send_bytes(b"")
            assert orjson.loads((await socket.receive(60)).data)["reason"] == "bad_audio"
            assert (await ask(socket, "keys", keys="2"))["state"] == "refused"


@pytest.mark.parametrize("large", ["x" * 2_000_000, b"\x01" * 2_000_000], ids=["text", "sound"])
async def test_a_message_that_is_too_large_ends_the_socket(make_call: MakeCall, large: str | bytes) -> None:
    async with make_call() as (platform, _):
        url = f"{platform.shop.public}/calls/call-1/stream"
        async with platform.shop.client.ws_connect(url, headers=HEADERS) as socket:
            await (socket.send_str(large) if isinstance(large, str) else socket.send_bytes(large))
            assert (await socket.receive(60)).data == WSCloseCode.MESSAGE_TOO_BIG
        async with platform.shop.client.ws_connect(url, headers=HEADERS) as socket:
            assert (await ask(socket, "keys", keys="2"))["state"] == "refused"


async def test_a_platform_that_is_silently_gone_does_not_hold_its_socket(
    make_call: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_sockets, "_HEARTBEAT_SECONDS", 0.2)
    async with make_call() as (platform, _):
        url = f"{platform.shop.public}/calls/call-1/stream"
        async with platform.shop.client.ws_connect(url, headers=HEADERS, autoping=False) as socket:
            assert (await socket.receive(60)).type is WSMsgType.PING
            while (await socket.receive(60)).type is WSMsgType.PING:
                pass  # and it is not answered
            assert socket.closed


async def test_an_error_is_told_on_the_socket_as_over_http(make_call: MakeCall) -> None:
    async with make_call() as (platform, _):
        await platform.do("keys", {"keys": "2"})
        store = platform.shop.addresses.gateway.store

        async def gone(write: Write) -> Written:
            del write
            raise UnknownSessionError("there is no such session, or it has been erased")

        store.write = gone  # type: ignore[method-assign]
        over_http = await platform.post("/call-1/turns", {"text": "Guten Tag"}, status=404)
        url = f"{platform.shop.public}/calls/call-1/stream"
        async with platform.shop.client.ws_connect(url, headers=HEADERS) as socket:
            told = await ask(socket, "turn", text="Guten Tag")
    assert told["do"] == "turn"
    assert {name: told[name] for name in ("status", "reason", "title")} == {
        name: over_http[name] for name in ("status", "reason", "title")
    }


async def test_a_mistake_of_ours_is_told_on_the_socket_and_it_stays_open(
    make_call: MakeCall, caplog: pytest.LogCaptureFixture
) -> None:
    async with make_call() as (platform, _):
        url = f"{platform.shop.public}/calls/call-1/stream"
        line = platform.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        async with platform.shop.client.ws_connect(url, headers=HEADERS) as socket:
            caplog.clear()
            kept, line.end = line.end, None  # type: ignore[method-assign, assignment]  # a mistake of ours
            told = await ask(socket, "end")
            assert (told["status"], told["reason"]) == (500, "failed")
            line.end = kept  # type: ignore[method-assign]
            assert (await ask(socket, "end"))["state"] == "ended"
        refused = (await platform.shop.metrics())['sordino_requests_refused_total{channel="chat",reason="failed"}']
        assert ([record.getMessage() for record in caplog.records], refused) == (["request failed"], 1)


async def test_who_leaves_while_an_answer_is_told_is_a_client_that_left(
    make_call: MakeCall, caplog: pytest.LogCaptureFixture
) -> None:
    async with make_call() as (platform, _):
        url = f"{platform.shop.public}/calls/call-1/stream"
        line = platform.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        async with platform.shop.client.ws_connect(url, headers=HEADERS) as socket:

            async def end(on_line: OnLine) -> None:
                del on_line
                socket.get_extra_info("socket").shutdown(SHUT_RDWR)
                with contextlib.suppress(asyncio.CancelledError):  # what had to be done first is done all the same
                    await asyncio.sleep(60)

            caplog.clear()
            line.end = end  # type: ignore[method-assign, assignment]
            await socket.send_str('{"do":"end"}')
            left = 'sordino_exchanges_aborted_total{channel="chat",reason="client_left"}'
            async with asyncio.timeout(50):
                while (await platform.shop.metrics()).get(left) != 1:  # noqa: ASYNC110 - the gateway counts it
                    await asyncio.sleep(0.02)
        assert not caplog.records


async def test_a_streamed_answer_that_breaks_off_is_told_as_broken_off(make_shop: MakeShop) -> None:
    bot = CallBot(streams=True, breaks=True)
    async with make_shop(RECORDED, bot, channel_secrets={"chat": SECRET}) as shop:
        platform = Platform(shop)
        await platform.start()
        await platform.do("keys", {"keys": "2"})
        async with shop.client.ws_connect(f"{shop.public}/calls/call-1/stream", headers=HEADERS) as socket:
            told = await ask(socket, "turn", text="Wo ist mein Paket?")
            assert (told["do"], told["status"], told["reason"]) == ("turn", 502, "cut_off")


@pytest.mark.parametrize(("key", "state"), [("1", "armed"), ("2", "refused")])
async def test_an_answer_is_written_though_the_platform_gives_up_waiting(
    make_call: MakeCall, key: str, state: str
) -> None:
    async with make_call() as (platform, _):
        store, goes_on = platform.shop.addresses.gateway.store, asyncio.Event()
        writes = store.write

        async def slowly(write: Write) -> Written:
            await goes_on.wait()
            return await writes(write)

        store.write = slowly  # type: ignore[method-assign]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await platform.do("keys", {"keys": key})
        await asyncio.sleep(0.2)
        goes_on.set()
        answer = {"1": "given", "2": "refused"}[key]
        written = f'sordino_consents_total{{channel="chat",consent="recording",state="{answer}"}}'
        async with asyncio.timeout(60):
            while not (await platform.shop.metrics()).get(written):  # noqa: ASYNC110 - the gateway writes it
                await asyncio.sleep(0.02)
        assert (await platform.do("resume"))["state"] == state


async def test_a_prompt_is_pushed_when_the_caller_says_nothing(make_call: MakeCall) -> None:
    async with make_call() as (platform, clock):
        url = f"{platform.shop.public}/calls/call-1/stream"
        async with platform.shop.client.ws_connect(url, headers=HEADERS) as socket:
            await asyncio.sleep(0.05)
            clock.move(seconds=31)
            line = platform.shop.addresses.gateway.channels["chat"].line
            assert line is not None
            await line.tick()
            pushed = orjson.loads((await socket.receive(60)).data)
            assert (pushed["do"], pushed["prompts"][0]["kind"]) == ("prompt", "question")


async def test_each_yes_says_when_the_first_sound_was_kept_by_it(make_shop: MakeShop) -> None:
    clock = FakeClock()
    without = RECORDED.replace("      connection: {prove-consent: years-3}\n", "")
    async with make_shop(without, CallBot(), clock, channel_secrets={"chat": SECRET}) as shop:
        platform = Platform(shop)
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        for _ in range(2):
            clock.move(seconds=1)
            await platform.sound(FRAME)
        await platform.do("transfer", {"agent": True})
        await platform.do("keys", {"keys": "1"})
        clock.move(seconds=1)
        await platform.sound(FRAME)
        await platform.do("consent", {"agent": "given", "reference": "agent-7"})
        clock.move(seconds=1)
        await platform.sound(FRAME)
        await platform.do("end")
        said = (await platform.stored("prove-consent"))["consents"]
    heard = [(one["evidence"]["party"], one["evidence"].get("first_audio_at", "")[-14:]) for one in said]
    assert heard == [("caller", "12:00:01+00:00"), ("caller", "12:00:04+00:00"), ("agent", "12:00:04+00:00")]


async def test_when_the_first_sound_was_kept_is_written_before_the_next_answer(
    make_call: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_call() as (platform, clock):
        store = platform.shop.addresses.gateway.store
        write = store.write

        async def failing(what: Write) -> Written:
            if what.evidence and not what.consents:
                raise StoreUnavailableError("the disk is full")
            return await write(what)

        monkeypatch.setattr(store, "write", failing)
        await platform.do("keys", {"keys": "1"})
        clock.move(seconds=1)
        await platform.sound(FRAME)
        (record,) = (await platform.stored("prove-consent"))["consents"]
        assert "first_audio_at" not in record["evidence"]
        await platform.do("transfer", {"agent": False})
        await platform.do("keys", {"keys": "1"})
        first, second = (await platform.stored("prove-consent"))["consents"]
    assert first["evidence"]["first_audio_at"] == "2026-11-26T12:00:01+00:00"
    assert "first_audio_at" not in second["evidence"]
