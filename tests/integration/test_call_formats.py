"""Every format of a call's sound, read back by an independent decoder: silent where it has to be, and only there."""

from __future__ import annotations

import asyncio
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from tests.fakes import FakeClock
from tests.integration.call_shop import RECORDED, SECRET, CallBot, Platform
from tests.integration.conftest import MakeShop

REDACTED = RECORDED.replace("    hear_original: [quality]\n", "")
SUBTYPES = {"PCMU": "ULAW", "PCMA": "ALAW", "L16": "PCM_16"}
SILENCE = {"PCMU": 0, "PCMA": 8, "L16": 0}
"""A-law has no zero: this is its quietest step."""
TEXT = "Ich bin Katharina Brandhorst, wo ist mein Paket?"
WORDS = [{"text": word, "start_ms": 1500 + 300 * at, "end_ms": 1800 + 300 * at} for at, word in enumerate(TEXT.split())]
NAME_MS = (1500 + 2 * 300 - 100, 1500 + 4 * 300 + 100)
SECONDS = 6
LOST = 4
"""The second that never arrives."""


def spoken(rate: int, channels: int) -> npt.NDArray[np.int16]:
    """Return a tone for each channel that is nowhere silent."""
    at = np.arange(rate * SECONDS)
    tones = [np.round(9000 * np.sin(2 * np.pi * (300 + 200 * one) * at / rate)) for one in range(channels)]
    sound = np.stack(tones, axis=1).astype(np.int16)
    sound[np.abs(sound) < 200] = 200
    return sound


def encoded(sound: npt.NDArray[np.int16], rate: int, codec: str) -> bytes:
    raw = BytesIO()
    soundfile.write(raw, sound, rate, format="RAW", subtype=SUBTYPES[codec], endian="LITTLE")
    return raw.getvalue()


def decoded(raw: bytes, rate: int, channels: int, codec: str) -> npt.NDArray[np.int16]:
    file = BytesIO(raw)
    samples: npt.NDArray[np.int16]
    samples, _ = soundfile.read(
        file, dtype="int16", always_2d=True, format="RAW", subtype=SUBTYPES[codec], samplerate=rate, channels=channels,
        endian="LITTLE",
    )  # fmt: skip
    return samples


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8000, 16_000])
@pytest.mark.parametrize("codec", sorted(SUBTYPES))
async def test_what_is_heard_is_what_was_sent_but_for_what_is_silent(
    make_shop: MakeShop, codec: str, rate: int, channels: int
) -> None:
    clock, sound = FakeClock(), spoken(rate, channels)
    raw = encoded(sound, rate, codec)
    a_second = len(raw) // SECONDS
    async with make_shop(REDACTED, CallBot(), clock, channel_secrets={"chat": SECRET}) as shop:
        platform = Platform(shop)
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        for second in (*range(LOST), *range(LOST + 1, SECONDS)):
            clock.move(seconds=2)
            piece = raw[a_second * second : a_second * (second + 1)]
            await platform.sound(piece, codec=codec, rate=rate, channels=channels, offset_ms=1000 * second)
        await platform.say(TEXT, words=WORDS)
        (session,) = await shop.sessions()
        url = f"{shop.addresses.internal}/sessions/{session}/recording"
        async with shop.client.get(url, params={"purpose": "quality"}, headers=shop.bearer) as response:
            assert response.status == 404  # as long as nobody has said what is silent
        await platform.do("end")
        async with shop.client.get(url, params={"purpose": "quality"}, headers=shop.bearer) as response:
            assert (response.status, response.content_type) == (200, "audio/wav")
            content = await response.read()
        async with shop.client.get(url, params={"purpose": "quality"}) as response:
            assert response.status == 401
        facts = (await shop.read(session))["facts"]
        files = [path.read_bytes() for path in (shop.home / "blobs").rglob("*") if path.is_file()]
    heard, its_rate = await asyncio.to_thread(soundfile.read, BytesIO(content), dtype="int16", always_2d=True)
    expected = decoded(raw, rate, channels, codec)
    expected[LOST * rate : (LOST + 1) * rate] = 0
    start, end = (at * rate // 1000 for at in NAME_MS)
    assert (np.abs(expected[start:end]) > 100).all()
    expected[start:end] = SILENCE[codec]
    assert (its_rate, heard.shape) == (rate, expected.shape)
    assert np.array_equal(heard, expected)
    assert (facts["recorded_ms"], facts["recording_gaps"]) == (SECONDS * 1000, channels)
    assert facts["recording_gap_ms"] == 1000 * channels
    assert facts["recorded_bytes"] > 0
    assert not any(raw[:64] in file or b"RIFF" in file for file in files)
