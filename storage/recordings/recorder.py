"""`Recorder`: takes the frames of one call and stores its segments, without keeping the call waiting.

Frames go to memory; a segment that is full is stored by a task of the recorder's own, one after the other. A
segment that can't be stored is tried again where it stopped, for about a minute; meanwhile a few more may wait,
and what finds no room is lost: a gap in the manifest, never a call that stalls. After a segment was given up the
next ones are tried once each, until one succeeds, so that no call's end waits for long.

What ends the part (a withdrawal, an erasure) ends the recorder: it stores nothing more and forgets what it has.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from storage.audio import Frame, Gap, Manifest, RecordingStep, Segment, Stretch
from storage.blobs.protocol import BlobStore, blob_name, new_blob_id
from storage.errors import PurposeRefusedError, SealBrokenError, StoreUnavailableError, UnknownSessionError
from storage.recordings.backend import RecordingBackend
from storage.recordings.buffer import Cut, SegmentBuffer
from storage.recordings.payloads import runs_to_bytes
from storage.records import Plan, Write

T = TypeVar("T")

MOST_WAITING: Final = 4
RETRY_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
_GONE: Final = (PurposeRefusedError, SealBrokenError, UnknownSessionError)


class Recorder:
    """One running recording. Made by `RecordingStore.open`; every recorder is to be stopped."""

    def __init__(
        self,
        backend: RecordingBackend,
        blobs: BlobStore,
        *,
        session_id: UUID,
        part_id: UUID,
        plan: Plan,
        manifest: Manifest,
        on_loss: Callable[[], None],
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        """Take the opened recording, where it goes, and whom to tell of each segment that is lost."""
        self._on_loss = on_loss
        self.session_id = session_id
        self.part_id = part_id
        self._backend = backend
        self._blobs = blobs
        self._plan = plan
        self._opened = manifest
        self._retry_seconds = retry_seconds
        self._buffer = SegmentBuffer(manifest.audio)
        self._waiting: deque[Cut] = deque()
        self._writer: asyncio.Future[None] | None = None
        self._now = manifest.opened_at
        self._paused_at: int | None = None
        self._resumed = self._stopped = self._gone = self._ended = self._failing = False
        self._numbered = self._lost = self._samples = 0
        self._segments: list[Segment] = []
        self._gaps: list[Gap] = []
        self._pauses: list[Stretch] = []
        self._silenced: list[Stretch] | None = None

    @property
    def recording(self) -> bool:
        """Whether frames are taken now."""
        return not self._stopped and not self._gone and (self._paused_at is None or self._resumed)

    @property
    def gone(self) -> bool:
        """Whether the recording was erased while it ran."""
        return self._gone

    def append(self, frame: Frame, now: datetime) -> bool:
        """Take a frame; False if nothing of it is kept: the recorder is paused or stopped, or it came twice or late.

        Returns at once. Raises ValueError for a frame that can't be of this recording.
        """
        if not self.recording:
            return False
        taken = self._buffer.add(frame, anew=self._resumed)
        if taken and self._resumed:
            self._end_pause()
        self._now = max(self._now, now)
        if self._buffer.full:
            self._cut()
        return taken

    def pause(self, now: datetime) -> None:
        """Keep nothing from this instant on; what was said before is sealed."""
        self._resumed = False
        if self._paused_at is None and not self._stopped:
            self._now = max(self._now, now)
            self._cut(whole=True)
            self._paused_at = self._buffer.end

    def resume(self, now: datetime) -> None:
        """Go on with the next frame; where it stands tells how long the pause was."""
        if self._paused_at is not None:
            self._now = max(self._now, now)
            self._resumed = True

    def silence(self, stretches: Sequence[Stretch]) -> None:
        """Add stretches that are silent in the copy that is heard; none at all says that nothing has to be so far."""
        self._silenced = [*(self._silenced or ()), *stretches]

    async def unsilence(self, now: datetime) -> None:
        """Say that more has to be silent than is known, also after the end: nobody hears the copy until that is known.

        Raises StoreUnavailableError, and PurposeRefusedError if the recording was erased.
        """
        self._silenced = None
        if self._ended:
            self._now = max(self._now, now)
            try:
                await self._again(lambda: self._step(manifest=self.manifest(complete=True)))
            except _GONE:
                raise PurposeRefusedError("the recording was erased") from None

    async def stop(self, now: datetime) -> Manifest:
        """Take nothing more, from the call of this on; store what was taken and close the recording.

        May be called again after an error, and tries again what is left to do. Raises StoreUnavailableError, and
        PurposeRefusedError if the recording was erased while it ran. Returns what is kept.
        """
        if not self._stopped:
            self._stopped = True
            self._now = max(self._now, now)
            self._cut(whole=True)
        await self.stored()
        if not self._ended and not self._gone:
            try:
                await self._again(lambda: self._step(manifest=self.manifest(complete=True), ends=True))
                self._ended = True
            except _GONE:
                self._gone = True
        if self._gone:
            raise PurposeRefusedError("the recording was erased while it ran")
        return self.manifest(complete=True)

    async def stored(self) -> None:
        """Wait until every segment that was cut is stored, or given up."""
        if self._writer is not None:
            await asyncio.shield(self._writer)

    def manifest(self, *, complete: bool = False) -> Manifest:
        """Return what is kept by now."""
        return replace(
            self._opened,
            samples=self._samples,
            complete=complete,
            segments=tuple(self._segments),
            gaps=tuple(self._gaps),
            pauses=tuple(self._pauses),
            repeated=self._buffer.repeated,
            late=self._buffer.late,
            lost=self._lost,
            silenced=None if self._silenced is None else tuple(self._silenced),
        )

    def _end_pause(self) -> None:
        if self._paused_at is not None:
            audio = self._opened.audio
            start, end = audio.milliseconds(self._paused_at), audio.milliseconds(self._buffer.start)
            self._pauses.append(Stretch(start, end))
        self._paused_at, self._resumed = None, False

    def _cut(self, *, whole: bool = False) -> None:
        cut = self._buffer.cut(whole=whole)
        if cut is None or self._gone:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._lose(cut)
            return
        self._waiting.append(cut)
        if self._writer is None or self._writer.done():
            # A future of its own and no TaskGroup: it outlives the request whose frame filled the segment.
            self._writer = asyncio.ensure_future(self._store_waiting())

    def _lose(self, cut: Cut) -> None:
        self._gaps += [Gap(channel, cut.start, cut.end) for channel in range(self._opened.audio.channels)]
        self._samples = max(self._samples, cut.end)
        self._lost += 1
        self._on_loss()

    async def _store_waiting(self) -> None:
        while self._waiting:
            cut = self._waiting[0]
            try:
                await self._store(cut)
            except _GONE:
                self._gone = True
                self._waiting.clear()
                return
            except StoreUnavailableError:
                self._lose(cut)
                self._failing = True
            else:
                self._failing = False
            self._waiting.popleft()

    async def _store(self, cut: Cut) -> None:
        self._numbered += 1
        number, blob = self._numbered, new_blob_id()
        content = runs_to_bytes(cut.runs)
        sealed = await self._again(lambda: self._backend.seal_segment(self.session_id, self.part_id, number, content))
        segment = Segment(number, blob, cut.start, cut.end, len(sealed), hashlib.sha256(sealed).hexdigest())
        name = blob_name(await self._again(self._backend.store_id), blob)
        await self._again(lambda: self._step(begins=segment))
        try:
            await self._again(lambda: self._blobs.put(name, _once(sealed)))
            await self._keep(segment, cut)
        except _GONE:
            # Its row went while the blob was on its way: nothing else would find it before the next start.
            await self._again(lambda: self._blobs.delete([name]))
            raise

    async def _keep(self, segment: Segment, cut: Cut) -> None:
        """Enter a stored segment in the manifest, or take it out again: without the manifest it is not kept."""
        self._segments.append(segment)
        self._gaps += cut.gaps
        self._samples = max(self._samples, cut.end)
        try:
            await self._again(lambda: self._step(manifest=self.manifest()))
        except StoreUnavailableError:
            self._segments.remove(segment)
            self._gaps = [gap for gap in self._gaps if gap not in cut.gaps]
            raise

    async def _step(
        self, *, manifest: Manifest | None = None, begins: Segment | None = None, ends: bool = False
    ) -> None:
        step = RecordingStep(self.part_id, manifest=manifest, begins=begins, ends=ends)
        await self._backend.write(Write(self.session_id, self._plan, self._now, recordings=(step,)))

    async def _again(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do the work, and again after each pause, until it is done. Raises what it raised last."""
        for pause in () if self._failing else self._retry_seconds:
            try:
                return await work()
            except StoreUnavailableError:
                await asyncio.sleep(pause)
        return await work()


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
