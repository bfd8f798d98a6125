"""Audio as platforms send it: taken apart into channels, with its place in the call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from storage.audio import AudioFormat

LONGEST: Final = timedelta(seconds=60)
"""A piece of audio that lasts longer is refused: a consent in its middle could not be told."""
_NOTHING: Final = timedelta()
_QUICK: Final = timedelta(milliseconds=100)
"""What waits so long may as well have been on its way: it is less than `gateway.calls.live.ON_ITS_WAY`."""
_IDLE: Final = timedelta(seconds=1)
"""Who sends nothing for so long after an answer has nothing left that had to wait for it."""


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


class Backlog:
    """How much of a call's sound waits at its platform, where that sends each piece behind the answer to a request.

    While an answer takes long, what is spoken waits there; then it comes faster than it was spoken, until nothing is
    left. Where sound comes before that answer is given, it has not waited for it.
    """

    def __init__(self) -> None:
        """Begin with a call of which nothing waits."""
        self._waits = _NOTHING
        self._heard_at = self._answered_at = datetime.min.replace(tzinfo=UTC)

    def came(self, at: datetime, lasting: timedelta) -> datetime:
        """Return when a piece that comes at this time would have come if nothing had had to wait."""
        idle = at - self._answered_at
        if idle >= _IDLE:
            self._waits = _NOTHING
        elif self._waits > _QUICK:
            self._waits += max(_NOTHING, idle)
        self._waits = max(_NOTHING, self._waits - lasting)
        self._heard_at = max(self._heard_at, at)
        return at - self._waits

    def answered(self, came: datetime, now: datetime) -> None:
        """Note that a request of the call, which came then, is answered."""
        self._waits += max(_NOTHING, now - max(came, self._heard_at))
        self._answered_at = max(self._answered_at, now)


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
