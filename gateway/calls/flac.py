"""FLAC as a platform has it: decoded in memory, out of the event loop; the sound comes out in pieces of a second.

Sound at a multiple of the telephone's rates is brought down to one of them. Source: RFC 9639.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt
import soundfile

from gateway.calls.sound import Sound
from gateway.errors import UpstreamError
from storage.audio import MOST_CHANNELS, RATES, AudioCodec, AudioFormat

_MOST_BYTES: Final = 256 * 1024 * 1024
"""Some five hours of a call's two sides; what is longer stays where it is until a person has looked."""


async def read_flac(chunks: AsyncIterator[bytes]) -> AsyncGenerator[tuple[int, Sound], None]:
    """Yield the sound, each piece with the sample at which it begins. Raises UpstreamError (502) for no such file."""
    raw = BytesIO()
    async for chunk in chunks:
        raw.write(chunk)
        if raw.tell() > _MOST_BYTES:
            raise UpstreamError("answer_too_large", 502)
    raw.seek(0)
    try:
        with await asyncio.to_thread(soundfile.SoundFile, raw) as file:
            rate = next((rate for rate in reversed(RATES) if file.samplerate % rate == 0), None)
            if file.format != "FLAC" or rate is None or file.channels > MOST_CHANNELS:
                raise UpstreamError("answer_unreadable", 502)
            audio, position, left = AudioFormat(AudioCodec.L16, rate, file.channels), 0, file.frames
            while left > 0:
                samples = await asyncio.to_thread(file.read, file.samplerate, "int16", always_2d=True)
                if len(samples) < min(file.samplerate, left):
                    raise UpstreamError("answer_unreadable", 502)  # it ends before its end
                left -= len(samples)
                lower = _lowered(samples, file.samplerate // rate)
                if len(lower):
                    yield position, Sound(audio, tuple(lower[:, at].tobytes() for at in range(file.channels)))
                position += len(lower)
    except soundfile.LibsndfileError:
        raise UpstreamError("answer_unreadable", 502) from None


def _lowered(samples: npt.NDArray[np.int16], factor: int) -> npt.NDArray[np.int16]:
    """Return the means of so many samples each, little endian."""
    whole = samples[: len(samples) // factor * factor]
    lower: npt.NDArray[np.int16] = whole.reshape(-1, factor, samples.shape[1]).mean(axis=1).round().astype("<i2")
    return lower
