"""FLAC as it arrives: in pieces of any size, long, with a tag before it, broken; nothing but sound comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO

import numpy as np
import pytest
import soundfile

from gateway.calls.flac import read_flac
from gateway.errors import UpstreamError


def encoded(samples: np.ndarray, rate: int = 8000, kind: str = "FLAC") -> bytes:
    file = BytesIO()
    soundfile.write(file, samples, rate, format=kind, subtype="PCM_16")
    return file.getvalue()


async def pieces(raw: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(raw), size):
        yield raw[at : at + size]


async def read(raw: bytes, size: int = 4096) -> list[bytes]:
    sound: list[bytes] = []
    async for position, piece in read_flac(pieces(raw, size)):
        sound = sound or [b""] * len(piece.channels)
        assert position == len(sound[0]) // 2
        sound = [before + audio for before, audio in zip(sound, piece.channels, strict=True)]
    return sound


NOISE = np.random.default_rng(5).integers(-9000, 9000, (8000 * 5 + 123, 2)).astype(np.int16)
TAG = b"ID3\x03\x00\x00\x00\x00\x01\x00" + bytes(128)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("before", [b"", TAG], ids=["bare", "tagged"])
async def test_every_sample_comes_out_in_its_place(channels: int, before: bytes) -> None:
    samples = NOISE[:, :channels]
    expected = [samples[:, at].astype("<i2").tobytes() for at in range(channels)]
    assert await read(before + encoded(samples), 777) == expected


async def test_a_higher_rate_is_brought_down_by_means() -> None:
    samples = np.repeat(NOISE, 3, axis=0)
    assert await read(encoded(samples, 48_000)) == [NOISE[:, at].astype("<i2").tobytes() for at in range(2)]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"fLaC",
        b"no such file" * 99,
        encoded(NOISE)[:-9000],
        encoded(NOISE, kind="WAV"),
        encoded(NOISE, 44_100),
        encoded(np.repeat(NOISE, 2, axis=1)),
    ],
    ids=["nothing", "a beginning", "words", "cut off", "WAV", "another rate", "four sides"],
)
async def test_what_is_no_such_file_is_refused(raw: bytes) -> None:
    with pytest.raises(UpstreamError):
        await read(raw)


async def test_broken_files_end_in_nothing_else() -> None:
    whole, chance = encoded(NOISE[:20_000]), np.random.default_rng(7)
    for _ in range(60):
        raw = bytearray(whole)
        for at in chance.integers(0, len(raw), 8):
            raw[at] ^= int(chance.integers(1, 256))
        try:
            assert len((await read(bytes(raw)))[0]) <= 4 * len(whole)
        except UpstreamError:
            continue
