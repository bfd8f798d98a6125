"""What Twilio has recorded by itself: fetched and sealed if it may be, deleted there, and never forgotten."""

from __future__ import annotations

import struct

import pytest

from gateway.app import build_prover
from storage.errors import PurposeRefusedError
from tests.fakes import FakeClock
from tests.integration.conftest import MakeShop
from tests.integration.twilio_shop import RECORDING, twilio_at


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
    async with twilio_at(make_shop) as twilio:
        await twilio.agree()
        twilio.bot.recordings[RECORDING] = wav(3)
        twilio.bot.keeps = 10_000
        fields = {"RecordingSid": RECORDING, "RecordingStatus": "completed", "RecordingStartTime": began,
                  "RecordingUrl": "http://169.254.169.254/latest"}  # fmt: skip
        await twilio.post("recorded", status=200, signature=None, **fields)
        assert "RecordingUrl" not in twilio.bot.seen[-1][1]
        gauge = 'sordino_platform_recordings{channel="chat"}'
        assert (await twilio.shop.metrics())[gauge] == 1
        await twilio.tick()
        assert (await twilio.shop.metrics())[gauge] == 1  # Twilio has failed to delete it
        twilio.bot.keeps = 0
        await twilio.tick()
        assert (twilio.bot.recordings, (await twilio.shop.metrics())[gauge]) == ({}, 0)
        if kept:
            assert await twilio.heard() == [[(0, 0, b"\x07\x00" * 24000)]]
        else:
            with pytest.raises(PurposeRefusedError):
                await twilio.heard()


async def test_what_was_still_to_be_deleted_outlives_the_gateway(make_shop: MakeShop) -> None:
    gauge, clock = 'sordino_platform_recordings{channel="chat"}', FakeClock()
    fields = {"RecordingSid": RECORDING, "RecordingStatus": "completed",
              "RecordingStartTime": "Thu, 26 Nov 2026 12:00:05 +0000"}  # fmt: skip
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        twilio.bot.keeps = 10_000
        await twilio.post("recorded", status=200, signature=None, **fields)
        await twilio.post("recorded", status=200, signature=None, **fields)
        assert await twilio.shop.addresses.gateway.store.errands.count() == 1
    async with twilio_at(make_shop, clock=clock) as twilio:
        twilio.bot.recordings[RECORDING] = wav(3)
        gateway = twilio.shop.addresses.gateway
        await twilio.tick()
        assert ((await twilio.shop.metrics())[gauge], len(twilio.bot.recordings)) == (1, 1)  # its process may live
        proof = await build_prover(gateway.loaded, gateway.store).prove(clock.now(), 0)
        broken = next(one for one in proof.outcomes if one.promise.value == "recorded-with-consent")
        assert broken.of_what == {"still at the call platform": 1}
        clock.move(minutes=6)
        await twilio.tick()
        assert ((await twilio.shop.metrics())[gauge], twilio.bot.recordings) == (0, {})
        assert await gateway.store.errands.count() == 0
        proof = await build_prover(gateway.loaded, gateway.store).prove(clock.now(), 0)
        assert proof.kept
