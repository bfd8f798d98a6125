"""A recording as a WAV file, streamed: linear samples of 16 bits, which every player opens (RIFF, format tag 1).

What is missing or was paused is silent, so that a moment of the file is that moment of the recording.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import numpy as np

from gateway.audio.codecs import decode
from storage.audio import AudioFormat, Manifest, Run
from storage.recordings import Recording

_HEADER: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
WAV_HEADER_BYTES: Final = _HEADER.size
_SAMPLE_BYTES: Final = 2
_SILENCE_SECONDS: Final = 10


def wav_bytes(manifest: Manifest) -> int:
    """Return the size of the file."""
    return WAV_HEADER_BYTES + _content_bytes(manifest)


async def wav(recording: Recording) -> AsyncIterator[bytes]:
    """Yield the file in pieces. Raises SealBrokenError, after the header perhaps, if the recording is not whole."""
    manifest, at = recording.manifest, 0
    yield _header(manifest)
    async for segment, runs in recording.segments():
        for silence in _silence(manifest.audio, segment.start - at):
            yield silence
        yield _sound(manifest.audio, runs, segment.start, segment.end)
        at = segment.end
    for silence in _silence(manifest.audio, manifest.samples - at):
        yield silence


def _content_bytes(manifest: Manifest) -> int:
    return manifest.samples * manifest.audio.channels * _SAMPLE_BYTES


def _header(manifest: Manifest) -> bytes:
    content, rate, channels = _content_bytes(manifest), manifest.audio.rate, manifest.audio.channels
    block = channels * _SAMPLE_BYTES
    return _HEADER.pack(
        b"RIFF", WAV_HEADER_BYTES - 8 + content, b"WAVE", b"fmt ", 16, 1, channels, rate, rate * block, block,
        _SAMPLE_BYTES * 8, b"data", content,
    )  # fmt: skip


def _silence(audio: AudioFormat, samples: int) -> Iterator[bytes]:
    most = _SILENCE_SECONDS * audio.rate
    return (bytes(min(most, samples - at) * audio.channels * _SAMPLE_BYTES) for at in range(0, samples, most))


def _sound(audio: AudioFormat, runs: Sequence[Run], start: int, end: int) -> bytes:
    samples = np.zeros((end - start, audio.channels), dtype="<i2")
    for run in runs:
        decoded = decode(audio.codec, run.audio)
        samples[run.position - start : run.position - start + len(decoded), run.channel] = decoded
    return samples.tobytes()
