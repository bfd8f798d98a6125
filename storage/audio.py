"""Recorded sound as values: formats, frames, what a recording holds and what it lacks. Pure.

Time is counted in samples of a recording's own rate, from the moment at which it was opened: a frame has a
position, so that what is missing shows as a gap and what comes twice or late is seen as such. Sound is kept
as it came, in the telephone's own codec; each channel (the caller, the other side) has its own runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

RATES: Final = (8000, 16000)
MOST_CHANNELS: Final = 2
MILLISECONDS: Final = 1000
LONGEST_SECONDS: Final = 12 * 3600
"""A recording ends here: as WAV it must stay below the four gigabytes that a RIFF file can have."""


class AudioCodec(StrEnum):
    """How a sample is written: G.711 mu-law or A-law (one byte), or linear 16 bits (two bytes, little endian)."""

    PCMU = "PCMU"
    PCMA = "PCMA"
    L16 = "L16"


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """Codec, samples a second (8000 or 16000) and number of channels (1 or 2). Raises ValueError for others."""

    codec: AudioCodec
    rate: int = 8000
    channels: int = 1

    def __post_init__(self) -> None:
        """Refuse what no telephone sends."""
        if self.rate not in RATES or not 1 <= self.channels <= MOST_CHANNELS:
            raise ValueError("a recording has 8000 or 16000 samples a second and one or two channels")

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample of one channel."""
        return 2 if self.codec is AudioCodec.L16 else 1

    def samples(self, milliseconds: float) -> int:
        """Return how many samples a channel has in this time."""
        return round(milliseconds * self.rate / MILLISECONDS)

    def milliseconds(self, samples: int) -> int:
        """Return how long so many samples of a channel last."""
        return samples * MILLISECONDS // self.rate


@dataclass(frozen=True, slots=True)
class Run:
    """Sound of one channel without a gap: `position` is that of its first sample."""

    channel: int
    position: int
    audio: bytes = field(repr=False)


Frame = Run
"""What a platform sends: some 20 ms of one channel."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a recording in milliseconds from its start, the end excluded."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples of a channel that never came, the end excluded."""

    channel: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A sealed piece of a recording: samples from `start` to `end`, in one blob.

    `number` counts from 1; `blob` is the blob's random id in hex, `digest` the SHA-256 of the sealed bytes.
    """

    number: int
    blob: str
    start: int
    end: int
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a recording holds. Sealed with its part; written anew with each segment.

    `complete` is false until the recorder was stopped properly. `lost` counts segments that could not be stored.
    `redact` says that a copy with `silenced` stretches is what is heard, except for the purposes in `whole_for`;
    until the stretches are known (None), nobody else hears anything.
    """

    audio: AudioFormat
    opened_at: datetime
    redact: bool = False
    whole_for: tuple[str, ...] = ()
    samples: int = 0
    complete: bool = False
    segments: tuple[Segment, ...] = ()
    gaps: tuple[Gap, ...] = ()
    pauses: tuple[Stretch, ...] = ()
    repeated: int = 0
    late: int = 0
    lost: int = 0
    silenced: tuple[Stretch, ...] | None = None

    @property
    def figures(self) -> RecordingFigures:
        """The non-personal figures."""
        return RecordingFigures(
            duration_ms=self.audio.milliseconds(self.samples),
            sealed_bytes=sum(segment.size for segment in self.segments),
            gaps=len(self.gaps),
            gap_ms=sum(self.audio.milliseconds(gap.end - gap.start) for gap in self.gaps),
        )


@dataclass(frozen=True, slots=True)
class RecordingFigures:
    """Facts of a recording, or of several together: how long, how many sealed bytes, how many gaps and their time."""

    duration_ms: int = 0
    sealed_bytes: int = 0
    gaps: int = 0
    gap_ms: int = 0


_NONE: Final = RecordingFigures()


def together(figures: Sequence[RecordingFigures]) -> RecordingFigures:
    """Return the figures of several recordings as one."""
    if not figures:
        return _NONE
    return RecordingFigures(
        duration_ms=sum(each.duration_ms for each in figures),
        sealed_bytes=sum(each.sealed_bytes for each in figures),
        gaps=sum(each.gaps for each in figures),
        gap_ms=sum(each.gap_ms for each in figures),
    )


@dataclass(frozen=True, slots=True)
class RecordingStep:
    """What a write changes of a recording.

    `opens` makes the part; `begins` notes a segment before its blob is put, so that erasure will reach it;
    `manifest` takes the place of the one before, and its figures go to the session's facts; `ends` closes the
    recording. Each step may be done twice. One with `idle_since` is refused if something was added from then on.
    """

    part_id: UUID
    manifest: Manifest | None = None
    opens: bool = False
    begins: Segment | None = None
    ends: bool = False
    idle_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptRecording:
    """A recording as a purpose finds it: open recordings may still grow."""

    part_id: UUID
    open: bool
    manifest: Manifest
