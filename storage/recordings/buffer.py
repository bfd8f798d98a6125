"""Frames into segments, in memory: what comes late, twice or not at all is seen here. Pure.

A frame may come a second out of order; what a segment that has been cut covers is over, and comes too late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from storage.audio import LONGEST_SECONDS, AudioFormat, Frame, Gap, Run

SEGMENT_BYTES: Final = 512 * 1024
SEGMENT_SECONDS: Final = 300
REORDER_SECONDS: Final = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """The sound of a segment: samples from `start` to `end`, what came of them and what did not."""

    start: int
    end: int
    runs: tuple[Run, ...]
    gaps: tuple[Gap, ...]


@dataclass(slots=True)
class _Growing:
    position: int
    end: int
    audio: bytearray = field(repr=False)


class SegmentBuffer:
    """The open segment of a recording."""

    def __init__(self, audio: AudioFormat) -> None:
        """Start empty at sample 0."""
        self.start = 0
        self.end = 0
        self.repeated = 0
        self.late = 0
        self._audio = audio
        self._runs: list[list[_Growing]] = [[] for _ in range(audio.channels)]
        self._bytes = 0

    @property
    def full(self) -> bool:
        """Whether it is time to cut."""
        return self._bytes >= SEGMENT_BYTES or self.end - self.start >= SEGMENT_SECONDS * self._audio.rate

    def add(self, frame: Frame, *, anew: bool = False) -> bool:
        """Take what is new of a frame; False if nothing is. Raises ValueError for one that can't be of this recording.

        With `anew` the recording goes on at this frame: nothing before it is missing.
        """
        size = self._audio.sample_bytes
        samples, ragged = divmod(len(frame.audio), size)
        end = frame.position + samples
        if ragged or not 0 <= frame.channel < self._audio.channels or frame.position < 0:
            raise ValueError("a frame has whole samples of a channel of the recording, at a position from its start")
        if end > LONGEST_SECONDS * self._audio.rate:
            raise ValueError("a recording has no room for a frame at such a position")
        if anew:
            self.start = max(self.start, frame.position)
            self.end = max(self.end, self.start)
        if end <= self.start:
            self.late += 1
            return False
        audio, position = frame.audio, frame.position
        if position < self.start:
            audio, position = audio[(self.start - position) * size :], self.start
            self.late += 1
        return self._insert(frame.channel, position, end, audio)

    def cut(self, *, whole: bool = False) -> Cut | None:
        """Take out a segment as far as frames can't come any more, or all of it; None if that is nothing."""
        ends = [runs[-1].end if runs else self.start for runs in self._runs]
        end = self.end if whole else max(min(ends), self.end - REORDER_SECONDS * self._audio.rate)
        if end <= self.start:
            return None
        taken = [self._taken(channel, end) for channel in range(self._audio.channels)]
        gaps = [gap for channel, runs in enumerate(taken) for gap in self._missing(channel, runs, end)]
        cut = Cut(self.start, end, tuple(run for runs in taken for run in runs), tuple(gaps))
        self.start = end
        return cut

    def _insert(self, channel: int, position: int, end: int, audio: bytes) -> bool:
        runs, size = self._runs[channel], self._audio.sample_bytes
        if runs and position == runs[-1].end:
            runs[-1].audio += audio
            runs[-1].end = end
            self._bytes += len(audio)
        elif not runs or position > runs[-1].end:
            runs.append(_Growing(position, end, bytearray(audio)))
            self._bytes += len(audio)
        else:
            free = list(_free(runs, position, end))
            if free != [(position, end)]:
                self.repeated += 1
            for first, last in free:
                piece = audio[(first - position) * size : (last - position) * size]
                runs.append(_Growing(first, last, bytearray(piece)))
                self._bytes += len(piece)
            runs.sort(key=lambda run: run.position)
            if not free:
                return False
        self.end = max(self.end, end)
        return True

    def _taken(self, channel: int, end: int) -> list[Run]:
        taken, left, size = [], [], self._audio.sample_bytes
        for run in self._runs[channel]:
            if run.position >= end:
                left.append(run)
                continue
            before = (min(run.end, end) - run.position) * size
            taken.append(Run(channel, run.position, bytes(run.audio[:before])))
            self._bytes -= before
            if run.end > end:
                left.append(_Growing(end, run.end, run.audio[before:]))
        self._runs[channel] = left
        return taken

    def _missing(self, channel: int, runs: list[Run], end: int) -> Iterator[Gap]:
        at = self.start
        for run in runs:
            if run.position > at:
                yield Gap(channel, at, run.position)
            at = run.position + len(run.audio) // self._audio.sample_bytes
        if at < end:
            yield Gap(channel, at, end)


def _free(runs: list[_Growing], position: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches from position to end that no run covers."""
    for run in runs:
        if run.end <= position:
            continue
        if run.position >= end:
            break
        if run.position > position:
            yield position, run.position
        position = max(position, run.end)
    if position < end:
        yield position, end
