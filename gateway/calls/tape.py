"""The recording of one call, behind the gate: what is given here was admitted, and is kept only while it stays so.

The store looks at the consent again, in its own books, before a recording is opened; no sound is kept before that.
Positions are the platform's own count where it gives one, so that what is missing, late or sent twice shows in the
manifest; else one piece follows the other, and a pause lasts as long as the clock says. Another stream of the same call
counts anew, so the clock says where it begins; a channel that two of them bring is taken from the one that had it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.calls.quiet import Quiet
from gateway.calls.sound import Sound
from storage.audio import MILLISECONDS, AudioFormat, Frame
from storage.errors import PurposeRefusedError, UnknownSessionError
from storage.recordings import Recorder, RecordingStore
from storage.records import Plan

_MILLISECOND: Final = timedelta(milliseconds=1)
_SILENT: Final = timedelta(seconds=1)
"""A stream that has brought nothing of a channel for so long has ended, and another may go on with it."""


class Tape:
    """Keeps the audio of one call: a `gateway.calls.live.Tape`."""

    def __init__(
        self,
        recordings: RecordingStore,
        session: UUID,
        plan: Plan,
        *,
        whole_for: Collection[str],
        redact: bool,
        quiet: Quiet,
        count: Callable[[str], None],
    ) -> None:
        """Open nothing yet; `plan` is what may be kept while the consent is given, `quiet` what is silent in it."""
        self._recordings = recordings
        self._session = session
        self._plan = plan
        self._whole_for = whole_for
        self._redact = redact
        self._quiet = quiet
        self._count = count
        self._opening = asyncio.Lock()
        self._closing = asyncio.Lock()
        self._recorder: Recorder | None = None
        self._closed: Recorder | None = None
        self._format: AudioFormat | None = None
        self._armed = False
        self._base: int | None = None
        self._began_at: datetime | None = None
        self._counts: dict[str, tuple[int, int]] = {}
        self._heard: dict[int, tuple[str, datetime]] = {}
        self._placed = True
        self._told = False
        self._ends: list[int] = []
        self._resumed_at: datetime | None = None
        self._paused_at: datetime | None = None

    def arm(self, now: datetime) -> None:
        """Begin, or go on."""
        self._armed = True
        if self._recorder is not None:
            self._recorder.resume(now)
            self._resumed_at = now

    def disarm(self, now: datetime) -> None:
        """Stop in this instant."""
        self._armed = False
        self._paused_at = now
        if self._recorder is not None:
            self._recorder.pause(now)

    async def take(self, sound: Sound, now: datetime) -> bool:
        """Keep a piece; False where nothing of it is kept. Raises StorageError when no recording can be opened."""
        if self._recorder is None:
            await self._open(sound.audio, now)
        if self._recorder is None or not self._armed:  # the answer may have changed while it was opened
            self._count("dropped")
            return False
        if sound.audio != self._format or sound.first + len(sound.channels) > len(self._ends):
            self._count("wrong")
            return False
        if sound.offset is not None and not self._has_place(sound, sound.offset, now):
            return False
        kept = False
        for channel, audio in enumerate(sound.channels, sound.first):
            frame = Frame(channel, self._position(channel, sound), audio)
            try:
                kept |= self._recorder.append(frame, now)
            except ValueError:
                self._count("wrong")
                return False
        self._count("kept" if kept else "repeated")
        return kept

    async def finish(self, now: datetime) -> None:
        """Store what was taken and close the recording. Raises StoreUnavailableError; then call it again."""
        self._armed = False
        async with self._closing:
            if self._recorder is not None:
                self._tell_silence(self._recorder)
                with contextlib.suppress(PurposeRefusedError):  # it was erased while it ran: there is nothing to close
                    await self._recorder.stop(now)
                self._recorder, self._closed = None, self._recorder

    async def missed(self, now: datetime) -> None:
        """Say that something was said of which it is too late to say when. Raises StoreUnavailableError."""
        self._quiet.missed()
        async with self._closing:
            recorder = self._closed or self._recorder
            if recorder is not None and self._redact:
                with contextlib.suppress(PurposeRefusedError):
                    await recorder.unsilence(now)

    def _tell_silence(self, recorder: Recorder) -> None:
        """Say once, when all has been said, what is silent in the copy: in a call the next turn may undo it."""
        if self._told:
            return
        self._told = True
        began_ms = None
        if self._placed and self._base is not None and self._format is not None:
            began_ms = self._base * MILLISECONDS / self._format.rate
        stretches = self._quiet.stretches(began_ms) if self._redact else None
        if stretches is not None:
            recorder.silence(stretches)

    async def _open(self, audio: AudioFormat, now: datetime) -> None:
        async with self._opening:
            if self._recorder is not None or not self._armed:
                return
            try:
                recorder = await self._recordings.open(
                    self._session, self._plan, audio, now, redact=self._redact, whole_for=self._whole_for
                )
            except (PurposeRefusedError, UnknownSessionError):
                return  # the store's own books say no
            if not self._armed:
                recorder.pause(now)
            self._recorder, self._format = recorder, audio
            self._ends = [0] * audio.channels

    def _has_place(self, sound: Sound, offset: int, now: datetime) -> bool:
        """Tell whether a piece has a place in the recording that is no other's."""
        if sound.stream not in self._counts:
            self._counts[sound.stream] = (self._base_of(sound, offset, now), offset)
        if offset < self._counts[sound.stream][1]:
            self._count("dropped")  # it has no place before the beginning, and would take another's
            return False
        stream, heard_at = self._heard.get(sound.first, (sound.stream, now))
        if stream != sound.stream and now - heard_at < _SILENT:
            self._count("repeated")
            return False
        self._heard |= dict.fromkeys(range(sound.first, sound.first + len(sound.channels)), (sound.stream, now))
        if len(self._counts) > 1:
            self._placed = False  # when words were spoken is told in one of the counts
        return True

    def _base_of(self, sound: Sound, offset: int, now: datetime) -> int:
        """Return where in the count of a stream that begins with this piece the recording does."""
        if self._base is None or self._began_at is None:
            self._base, self._began_at = offset, now - sound.lasting
            return offset
        by_clock = sound.audio.samples((now - sound.lasting - self._began_at) / _MILLISECOND)
        return offset - max(by_clock, *self._ends)

    def _position(self, channel: int, sound: Sound) -> int:
        if sound.offset is None:
            self._placed = False
            if self._resumed_at is not None and self._paused_at is not None and self._format is not None:
                away = (self._resumed_at - self._paused_at).total_seconds()
                self._ends = [end + round(away * self._format.rate) for end in self._ends]
                self._resumed_at = None
            position = self._ends[channel]
        else:
            base, _ = self._counts[sound.stream]
            position = sound.offset - base
        self._ends[channel] = position + sound.samples
        return position
