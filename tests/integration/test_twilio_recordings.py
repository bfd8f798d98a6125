"""What Twilio has recorded by itself: fetched and sealed if it may be, deleted there, and never forgotten."""

from __future__ import annotations

import struct

import pytest

from gateway.app import build_prover
from gateway.calls.events import Joined, Pause, Resume, Stop
from gateway.calls.fetching import PlatformRecordings
from gateway.calls.surveying import into_survey
from storage.errors import PurposeRefusedError
from tests.fakes import FakeClock
from tests.integration.conftest import MakeShop
from tests.integration.twilio_shop import NOTICE, RECORDING, SURVEYED, Twilio, twilio_at


def wav(seconds: int) -> bytes:
    sound = b"\x07\x00" * 8000 * seconds
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(sound), b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16,
                       b"data", len(sound))  # fmt: skip
    return head + sound


@pytest.mark.parametrize(
    ("began", "kept"), [("Thu, 26 Nov 2026 12:00:05 +0000", True), ("Thu, 26 Nov 2026 11:59:00 +0000", False)]
)
async def test_what_twilio_has_recorded_by_itself_is_sealed_or_not_and_deleted(
    make_shop: MakeShop, began: str, *, kept: bool
) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        twilio.bot.recordings[RECORDING] = wav(3)
        twilio.bot.keeps = 10_000
        fields = {"RecordingSid": RECORDING, "RecordingStatus": "completed", "RecordingStartTime": began,
                  "RecordingUrl": "http://169.254.169.254/latest"}  # fmt: skip
        await twilio.post("recorded", status=204, signature=None, **fields)
        assert "RecordingUrl" not in twilio.bot.seen[-1][1]
        gauge = 'sordino_platform_recordings{channel="chat"}'
        assert (await twilio.shop.metrics())[gauge] == 1
        await twilio.tick()
        assert (await twilio.shop.metrics())[gauge] == 1  # Twilio has failed to delete it
        twilio.bot.keeps = 0
        clock.move(seconds=31)
        await twilio.tick()
        assert (twilio.bot.recordings, (await twilio.shop.metrics())[gauge]) == ({}, 0)
        if kept:
            assert await twilio.heard() == [[(0, 0, b"\x07\x00" * 24000)]]
            (session,) = await twilio.shop.sessions()
            (record,) = (await twilio.shop.read(session, "prove-consent"))["consents"]
            assert record["evidence"]["first_audio_at"] == "2026-11-26T12:00:00+00:00"
        else:
            with pytest.raises(PurposeRefusedError):
                await twilio.heard()


NOTED = {
    "RecordingSid": RECORDING, "RecordingStatus": "completed", "RecordingStartTime": "Thu, 26 Nov 2026 12:00:05 +0000",
}  # fmt: skip
GAUGE = 'sordino_platform_recordings{channel="chat"}'


async def _left_behind(make_shop: MakeShop, clock: FakeClock, *then: str, **noted: str) -> None:
    """Have a gateway note a recording while Twilio is away, and end."""
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        twilio.bot.away = True
        for _ in range(2):
            await twilio.post("recorded", status=204, signature=None, **NOTED | noted)
        await twilio.tick()
        assert await twilio.shop.addresses.gateway.store.errands.count() == 1
        line = twilio.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        if "withdraw" in then:
            await line.withdraw(twilio.call)


async def test_what_was_still_to_be_fetched_outlives_the_gateway_and_is_kept(make_shop: MakeShop) -> None:
    clock = FakeClock()
    await _left_behind(make_shop, clock)
    async with twilio_at(make_shop, clock=clock) as twilio:
        twilio.bot.recordings[RECORDING] = wav(3)
        gateway = twilio.shop.addresses.gateway
        await twilio.tick()
        assert ((await twilio.shop.metrics())[GAUGE], len(twilio.bot.recordings)) == (1, 1)  # Twilio was away just now
        proof = await build_prover(gateway.loaded, gateway.store).prove(clock.now(), 0)
        broken = next(one for one in proof.outcomes if one.promise.value == "recorded-with-consent")
        assert broken.of_what == {"still at the call platform": 1}
        clock.move(seconds=31)
        await twilio.tick()
        assert ((await twilio.shop.metrics())[GAUGE], twilio.bot.recordings) == (0, {})
        assert twilio.bot.asked[-3:] == [
            ("GET", f"{RECORDING}.wav"), ("DELETE", f"{RECORDING}.json"), ("GET", f"{RECORDING}.json"),
        ]  # fmt: skip
        assert await twilio.heard() == [[(0, 0, b"\x07\x00" * 24000)]]
        assert await gateway.store.errands.count() == 0
        proof = await build_prover(gateway.loaded, gateway.store).prove(clock.now(), 0)
        assert proof.kept


@pytest.mark.parametrize(
    ("then", "noted"),
    [
        (("withdraw",), {}),
        ((), {"RecordingStartTime": "Thu, 26 Nov 2026 11:59:00 +0000"}),
    ],
    ids=["withdrawn", "before the yes"],
)
async def test_what_may_not_be_kept_after_a_restart_is_deleted_unheard(
    make_shop: MakeShop, then: tuple[str, ...], noted: dict[str, str]
) -> None:
    clock = FakeClock()
    await _left_behind(make_shop, clock, *then, **noted)
    async with twilio_at(make_shop, clock=clock) as twilio:
        twilio.bot.recordings[RECORDING] = wav(3)
        clock.move(seconds=31)
        await twilio.tick()
        assert ((await twilio.shop.metrics())[GAUGE], twilio.bot.recordings) == (0, {})
        with pytest.raises(PurposeRefusedError):
            await twilio.heard()


async def test_a_fetch_that_breaks_off_leaves_nothing_once_it_succeeds(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        twilio.bot.recordings[RECORDING], twilio.bot.breaks = wav(30), True
        await twilio.post("recorded", status=204, signature=None, **NOTED)
        await twilio.tick()
        assert ("GET", f"{RECORDING}.wav") in twilio.bot.asked
        twilio.bot.breaks = False
        clock.move(seconds=31)
        await twilio.tick()
        (runs,) = await twilio.heard()
        assert b"".join(sound for _, _, sound in runs) == b"\x07\x00" * 240_000
        assert twilio.bot.recordings == {}


def another_process(twilio: Twilio, clock: FakeClock) -> PlatformRecordings:
    gateway = twilio.shop.addresses.gateway
    its = gateway.channels["chat"].recordings
    assert its is not None
    return PlatformRecordings("chat", its._platform, its._calls, clock, gateway.store.errands, lambda _: None)


async def test_what_is_still_being_recorded_is_fetched_when_it_is_complete(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        twilio.bot.recordings[RECORDING], twilio.bot.state = wav(3), "in-progress"
        await twilio.post("recorded", status=204, signature=None, **NOTED | {"RecordingStatus": "in-progress"})
        await twilio.tick()
        clock.move(seconds=31)
        await another_process(twilio, clock).tick()
        assert set(twilio.bot.asked) == {("GET", f"{RECORDING}.json")}
        await twilio.post("recorded", status=204, signature=None, **NOTED)
        await twilio.post("recorded", status=204, signature=None, **NOTED | {"RecordingStatus": "in-progress"})  # late
        clock.move(seconds=31)
        await twilio.tick()
        assert (len(await twilio.heard()), twilio.bot.recordings) == (1, {})


@pytest.mark.parametrize(
    "told", [{"RecordingStartTime": "Thu, 26 Nov 2026 12:00:05 +0000"}, {}], ids=["a time", "none"]
)
async def test_what_twilio_says_to_nobody_is_over_is_found_out_and_kept(
    make_shop: MakeShop, told: dict[str, str]
) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        twilio.bot.recordings[RECORDING], twilio.bot.state = wav(3), "in-progress"
        noted = {"RecordingSid": RECORDING, "RecordingStatus": "in-progress", **told}
        await twilio.post("recorded", status=204, signature=None, **noted)
    async with twilio_at(make_shop, clock=clock) as twilio:  # it was away when Twilio said that it is complete
        twilio.bot.recordings[RECORDING], twilio.bot.state = wav(3), "processing"
        clock.move(seconds=31)
        await twilio.tick()
        assert ((await twilio.shop.metrics())[GAUGE], len(twilio.bot.recordings)) == (1, 1)
        twilio.bot.state = "completed"
        clock.move(seconds=31)
        await twilio.tick()
        assert ((await twilio.shop.metrics())[GAUGE], twilio.bot.recordings) == (0, {})
        assert await twilio.heard() == [[(0, 0, b"\x07\x00" * 24000)]]


@pytest.mark.parametrize("first", ["", "in-progress"], ids=["nothing", "under way"])
async def test_what_twilio_tells_only_after_a_restart_is_kept(make_shop: MakeShop, first: str) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        if first:
            await twilio.post("recorded", status=204, signature=None, **NOTED | {"RecordingStatus": first})
    async with twilio_at(make_shop, clock=clock) as twilio:
        twilio.bot.recordings[RECORDING] = wav(3)
        await twilio.post("recorded", status=204, signature=None, **NOTED)
        clock.move(seconds=31)
        await twilio.tick()
        assert await twilio.heard() == [[(0, 0, b"\x07\x00" * 24000)]]
        assert ((await twilio.shop.metrics())[GAUGE], twilio.bot.recordings) == (0, {})


@pytest.mark.parametrize(
    "what",
    ["pause", "pause and resume", "stop", "transfer", "paused after the restart", "stopped at the desk", "survey"],
)
async def test_what_was_interrupted_is_not_kept_after_a_restart_either(make_shop: MakeShop, what: str) -> None:
    clock, notice = FakeClock(), SURVEYED if what == "survey" else NOTICE
    async with twilio_at(make_shop, notice, clock=clock) as twilio:
        await twilio.agree()
        line = twilio.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        live = line.find(twilio.call).live
        clock.move(seconds=20)
        if what == "survey":
            await into_survey(line, twilio.call)
        elif what == "stop":
            await live.happen(Stop())
        elif what == "transfer":
            await live.happen(Joined(agent=True))
        elif what in {"pause", "pause and resume"}:
            await live.happen(Pause())
        if what == "pause and resume":
            await live.happen(Resume())
    async with twilio_at(make_shop, notice, clock=clock) as twilio:
        twilio.bot.recordings[RECORDING] = wav(3)
        if what == "stopped at the desk":
            url, secret = f"{twilio.shop.public}/calls/{twilio.call}/stop", {"X-Sordino-Channel-Secret": "another"}
            async with twilio.shop.client.post(url, headers=secret) as response:
                assert response.status == 404
        if what == "paused after the restart":
            await twilio.post("voice", CallStatus="in-progress")
            line = twilio.shop.addresses.gateway.channels["chat"].line
            assert line is not None
            await line.find(twilio.call).live.happen(Pause())
        await twilio.post("recorded", status=204, signature=None, **NOTED)
        clock.move(seconds=31)
        await twilio.tick()
        assert ((await twilio.shop.metrics())[GAUGE], twilio.bot.recordings) == (0, {})
        with pytest.raises(PurposeRefusedError):
            await twilio.heard()


async def test_a_recording_that_begins_after_a_pause_is_kept(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        line = twilio.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        live = line.find(twilio.call).live
        clock.move(seconds=10)
        await live.happen(Pause())
        clock.move(seconds=10)
        await live.happen(Resume())
        twilio.bot.recordings[RECORDING] = wav(3)
        later = {"RecordingStartTime": "Thu, 26 Nov 2026 12:00:25 +0000"}
        await twilio.post("recorded", status=204, signature=None, **NOTED | later)
        await twilio.tick()
        assert (len(await twilio.heard()), twilio.bot.recordings) == (1, {})


async def test_one_whose_sides_twilio_has_together_is_fetched_as_it_was_made(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        twilio.bot.recordings[RECORDING], twilio.bot.together = wav(3), True
        await twilio.post("recorded", status=204, signature=None, **NOTED)
        await twilio.tick()
        assert await twilio.heard() == [[(0, 0, b"\x07\x00" * 24000)]]
        assert twilio.bot.recordings == {}


@pytest.mark.parametrize("restarted", [False, True])
async def test_what_twilio_tells_nobody_of_is_asked_for_and_kept(make_shop: MakeShop, *, restarted: bool) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        if not restarted:
            await _never_told(twilio, clock)
    if restarted:  # it has ended, and the call's end was told to nobody
        async with twilio_at(make_shop, clock=clock) as twilio:
            await _never_told(twilio, clock)


async def _never_told(twilio: Twilio, clock: FakeClock) -> None:
    """Have Twilio hold a recording of a call that ends, and tell nothing of it."""
    twilio.bot.recordings[RECORDING] = wav(3)
    gateway = twilio.shop.addresses.gateway
    line = gateway.channels["chat"].line
    assert line is not None
    if line.knows(twilio.call):
        await line.end(line.find(twilio.call))
    clock.move(minutes=11)
    await gateway.store.end_idle(clock.now(), "chat", clock.now())
    clock.move(minutes=11)
    await twilio.tick()
    assert await twilio.heard() == [[(0, 0, b"\x07\x00" * 24000)]]
    assert ((await twilio.shop.metrics())[GAUGE], twilio.bot.recordings) == (0, {})
    assert list(await gateway.store.errands.left("chat")) == []


async def test_what_twilio_is_recording_is_found_while_the_call_goes_on(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        twilio.bot.recordings[RECORDING], twilio.bot.state = wav(3), "in-progress"
        await twilio.tick()
        assert ((await twilio.shop.metrics())[GAUGE], twilio.bot.asked) == (0, [])
        clock.move(minutes=11)
        await twilio.tick()
        assert ((await twilio.shop.metrics())[GAUGE], len(twilio.bot.recordings)) == (1, 1)


async def test_what_twilio_does_not_answer_of_a_call_counts_as_left(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        gateway = twilio.shop.addresses.gateway
        line = gateway.channels["chat"].line
        assert line is not None
        await line.end(line.find(twilio.call))
        assert await gateway.store.errands.count() == 0
        twilio.bot.away = True
        clock.move(minutes=11)
        await twilio.tick()
        assert ((await twilio.shop.metrics())[GAUGE], await gateway.store.errands.count()) == (1, 1)
        proof = await build_prover(gateway.loaded, gateway.store).prove(clock.now(), 0)
        assert not proof.kept
        twilio.bot.away = False
        clock.move(seconds=31)
        await twilio.tick()
        assert ((await twilio.shop.metrics())[GAUGE], await gateway.store.errands.count()) == (0, 0)
