"""What VIER has recorded by itself: fetched and sealed if it may be, deleted there, and never forgotten."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

import numpy as np
import pytest
import soundfile

from gateway.calls.events import Pause
from gateway.errors import UpstreamError
from storage.errors import PurposeRefusedError
from tests.fakes import FakeClock
from tests.integration.conftest import MakeShop
from tests.integration.vier import CALL, CvgBot, Dialog, dialog

LEFT, RIGHT = 7, -300
GAUGE = 'sordino_platform_recordings{channel="chat"}'
BEGAN = 1_795_694_405_000  # 2026-11-26 12:00:05 UTC, five seconds after the answer


def flac(seconds: int, rate: int = 8000) -> bytes:
    sound = np.full((rate * seconds, 2), [LEFT, RIGHT], dtype=np.int16)
    file = BytesIO()
    soundfile.write(file, sound, rate, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def recorded(call: Dialog, *, began: int = BEGAN, sound: bytes = b"") -> None:
    """Have VIER hold a recording that began then, stopped, and went on."""
    vier = call.vier
    vier.recordings, vier.flac = {"default"}, sound or flac(3)
    vier.data = [
        {"timestamp": began - 9000, "type": "Start", "customSipHeaders": {}},
        {"timestamp": began - 5000, "type": "RecordingStart", "recordingId": "another"},
        {"timestamp": began, "type": "RecordingStart", "recordingId": "default"},
        {"timestamp": began + 1000, "type": "RecordingStop", "recordingId": "default"},
        {"timestamp": began + 2000, "type": "RecordingStart", "recordingId": "default"},
    ]


async def tick(call: Dialog) -> None:
    recordings = call.shop.addresses.gateway.channels["chat"].recordings
    assert recordings is not None
    await recordings.tick()


async def heard(call: Dialog) -> dict[int, bytes]:
    (session,) = await call.shop.sessions()
    gateway = call.shop.addresses.gateway
    (found,) = await gateway.store.recordings.read(UUID(session), "quality", gateway.clock.now())
    sound: dict[int, bytes] = {}
    async for _, runs in found.segments():
        for run in runs:
            assert run.position == len(sound.get(run.channel, b"")) // 2
            sound[run.channel] = sound.get(run.channel, b"") + run.audio
    return sound


def samples(value: int, count: int) -> bytes:
    return np.full(count, value, dtype="<i2").tobytes()


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(("rate", "kept"), [(8000, 24_000), (16_000, 48_000), (48_000, 48_000)])
async def test_what_was_agreed_to_is_fetched_sealed_and_deleted(
    make_shop: MakeShop, rate: int, kept: int, *, restarted: bool
) -> None:
    clock = FakeClock()
    async with dialog(make_shop, clock=clock) as call:
        await call.begin()
        await call.press("1")
        recorded(call, sound=flac(3, rate))
        if not restarted:
            await call.tell("recording", status=204, recordingId="default")
            await tick(call)
            assert (await heard(call), call.vier.recordings) == (
                {0: samples(LEFT, kept), 1: samples(RIGHT, kept)}, set(),
            )  # fmt: skip
            assert (await call.shop.metrics())[GAUGE] == 0
    if restarted:
        async with dialog(make_shop, CvgBot(), clock=clock) as call:
            recorded(call, sound=flac(3, rate))
            await call.tell("recording", status=204, recordingId="default")
            await tick(call)
            assert {side: len(sound) // 2 for side, sound in (await heard(call)).items()} == {0: kept, 1: kept}
            assert (call.vier.recordings, call.bot.seen) == (set(), [])


@pytest.mark.parametrize("why", ["before the yes", "no", "paused", "withdrawn", "unknown"])
async def test_what_was_not_agreed_to_is_deleted_unheard(make_shop: MakeShop, why: str) -> None:
    clock = FakeClock()
    async with dialog(make_shop, clock=clock) as call:
        await call.begin()
        await call.press("2" if why == "no" else "1")
        line = call.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        if why == "paused":
            await line.find(CALL).live.happen(Pause())
        recorded(call, began=BEGAN - 60_000 if why == "before the yes" else BEGAN)
        if why == "unknown":
            call.vier.data = None
        await call.tell("recording", status=204, recordingId="default")
        if why == "withdrawn":
            await line.withdraw(CALL)
        await tick(call)
        assert (call.vier.recordings, (await call.shop.metrics())[GAUGE]) == (set(), 0)
        assert ("GET", "file") not in call.vier.asked or why == "withdrawn"
        if await call.shop.sessions():
            with pytest.raises(PurposeRefusedError):
                await heard(call)


@pytest.mark.parametrize("what", ["elsewhere", "cut off", "no flac", "no place", "no dialog"])
async def test_what_can_not_be_fetched_stays_there_and_is_counted(make_shop: MakeShop, what: str) -> None:
    clock = FakeClock()
    async with dialog(make_shop, clock=clock) as call:
        await call.begin()
        await call.press("1")
        recorded(call)
        if what in {"elsewhere", "no place"}:
            call.vier.lossless = "http://elsewhere.example/x://" if what == "elsewhere" else "file:///etc/x://"
        elif what == "no dialog":
            call.vier.data = [{"type": "RecordingStart", "timestamp": "soon", "recordingId": "default"}]
        else:
            call.vier.flac = call.vier.flac[: len(call.vier.flac) // 2] if what == "cut off" else b"no such file" * 99
        await call.tell("recording", status=204, recordingId="default")
        with pytest.raises(UpstreamError):
            await tick(call)
        assert ((await call.shop.metrics())[GAUGE], call.vier.recordings) == (1, {"default"})
        call.vier.lossless = "/v1/file/recording.flac"
        recorded(call)
        clock.move(seconds=31)
        await tick(call)
        assert ((await call.shop.metrics())[GAUGE], call.vier.recordings) == (0, set())
        assert await heard(call) == {0: samples(LEFT, 24_000), 1: samples(RIGHT, 24_000)}


async def test_what_vier_tells_nobody_of_is_asked_for_when_the_call_is_over(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with dialog(make_shop, clock=clock) as call:
        await call.begin()
        await call.press("1")
        recorded(call)
        call.vier.data = [entry for entry in call.vier.data or [] if entry.get("recordingId") != "another"]
        clock.move(minutes=11)
        await tick(call)
        assert call.vier.asked == []
        await call.tell("terminated", status=204)
        clock.move(minutes=11)
        await tick(call)
        assert (await heard(call))[0] == samples(LEFT, 24_000)
        assert (call.vier.recordings, (await call.shop.metrics())[GAUGE]) == (set(), 0)
        assert list(await call.shop.addresses.gateway.store.errands.left("chat")) == []
