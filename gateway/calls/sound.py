"""Audio as platforms send it: taken apart into channels, with its place in the call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from storage.audio import AudioFormat

LONGEST: Final = timedelta(seconds=60)
"""A piece of audio that lasts longer is refused: a consent in its middle could not be told."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of audio: for each channel its bytes, all of the same length.

    `offset`: the sample of the platform's own count at which it begins; None where it says none, and one piece
    follows the other. `first`: the channel of the first of `channels`, where a platform sends them one by one.
    `stream`: which stream of the call counts so, where each has a count of its own.
    """

    audio: AudioFormat
    channels: tuple[bytes, ...] = field(repr=False)
    offset: int | None = None
    first: int = 0
    stream: str = ""

    @property
    def samples(self) -> int:
        """How many samples a channel has."""
        return len(self.channels[0]) // self.audio.sample_bytes

    @property
    def lasting(self) -> timedelta:
        """How long it lasts."""
        return timedelta(seconds=self.samples / self.audio.rate)


def taken_apart(audio: AudioFormat, raw: bytes, offset_ms: float | None = None, stream: str = "") -> Sound:
    """Take interleaved samples apart. Raises ValueError where there are none, too many, or not all of them."""
    whole, ragged = divmod(len(raw), audio.sample_bytes * audio.channels)
    if not whole or ragged or whole / audio.rate > LONGEST.total_seconds():
        msg = f"audio has whole samples of every channel, and at most {LONGEST.total_seconds():.0f} s of them"
        raise ValueError(msg)
    offset = None if offset_ms is None else audio.samples(offset_ms)
    if audio.channels == 1:
        return Sound(audio, (raw,), offset, stream=stream)
    view = memoryview(raw).cast("H") if audio.sample_bytes > 1 else memoryview(raw)
    apart = tuple(view[at :: audio.channels].tobytes() for at in range(audio.channels))
    return Sound(audio, apart, offset, stream=stream)
