"""`Recordings`: the `RecordingStore` over a session store, which has the rows and keys, and a blob store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from storage.audio import AudioFormat, Manifest, RecordingStep, Stretch
from storage.blobs.protocol import BlobStore, blob_name
from storage.copies import COPY_PURPOSE
from storage.errors import PurposeRefusedError, UnknownSessionError
from storage.ids import uuid7
from storage.recordings.backend import RecordingBackend
from storage.recordings.reading import Recording
from storage.recordings.recorder import RETRY_SECONDS, Recorder
from storage.records import Plan, Write

_NOTHING = Plan({})
_DELETED_AT_ONCE = 500


class Recordings:
    """A `storage.recordings.RecordingStore`."""

    def __init__(
        self, backend: RecordingBackend, blobs: BlobStore, *, retry_seconds: Sequence[float] = RETRY_SECONDS
    ) -> None:
        """Take the session store and the blob store, both started by their owner."""
        self._backend = backend
        self._blobs = blobs
        self._retry_seconds = retry_seconds
        self._lost = 0

    @property
    def lost(self) -> int:
        """How many segments could not be stored since this process started."""
        return self._lost

    async def open(
        self,
        session_id: UUID,
        plan: Plan,
        audio: AudioFormat,
        now: datetime,
        *,
        redact: bool = False,
        whole_for: Collection[str] = (),
    ) -> Recorder:
        """Begin a recording. Raises PurposeRefusedError or UnknownSessionError."""
        part_id = uuid7(now)
        manifest = Manifest(audio, now, redact=redact, whole_for=tuple(sorted(whole_for)))
        await self._write(session_id, now, RecordingStep(part_id, manifest=manifest, opens=True), plan)
        return Recorder(
            self._backend,
            self._blobs,
            session_id=session_id,
            part_id=part_id,
            plan=plan,
            manifest=manifest,
            retry_seconds=self._retry_seconds,
            on_loss=self._count_loss,
        )

    async def read(self, session_id: UUID, purpose: str, now: datetime) -> Sequence[Recording]:
        """Return what the purpose may hear of a session. Raises UnknownSessionError or PurposeRefusedError."""
        kept = await self._backend.recordings(session_id, purpose, now)
        found = [Recording(self._backend, self._blobs, session_id, each, purpose) for each in kept]
        await self._backend.log_read(session_id, purpose, now)
        return found

    async def copy(self, session_id: UUID, now: datetime) -> Sequence[Recording]:
        """Return every recording that is held of a session, whole, for its subject. Raises UnknownSessionError."""
        kept = await self._backend.held(session_id, now)
        found = [Recording(self._backend, self._blobs, session_id, each, None) for each in kept]
        if found:
            await self._backend.log_read(session_id, COPY_PURPOSE, now)
        return found

    async def silence(
        self, session_id: UUID, number: int, purpose: str, stretches: Sequence[Stretch], now: datetime
    ) -> None:
        """Set the stretches to silence in an ended recording."""
        kept = await self._backend.recordings(session_id, purpose, now)
        if not 1 <= number <= len(kept) or kept[number - 1].open:
            raise PurposeRefusedError("there is no such recording that has ended")
        recording = kept[number - 1]
        manifest = replace(recording.manifest, silenced=tuple(stretches))
        await self._write(session_id, now, RecordingStep(recording.part_id, manifest=manifest))

    async def close_abandoned(self, before: datetime, now: datetime) -> int:
        """Close recordings that were last added to before a moment and never ended; returns how many."""
        closed = 0
        for session_id, recording in await self._backend.open_recordings(before):
            # Words whose stretches never arrived may be in it: what was known is not all that there is to silence.
            manifest = replace(recording.manifest, silenced=None)
            step = RecordingStep(recording.part_id, manifest=manifest, ends=True, idle_since=before)
            closed += await self._closed(session_id, step, now)
        return closed

    async def collect_orphans(self) -> int:
        """Delete blobs that no row knows; returns how many."""
        folder = await self._backend.store_id()
        # Listed first: a blob of the list has its row already, if it has one; rows come before their blobs.
        there = [name async for name in self._blobs.names(folder.hex)]
        known = {blob_name(folder, blob) for blob in await self._backend.known_blobs()}
        orphans = [name for name in there if name not in known]
        for at in range(0, len(orphans), _DELETED_AT_ONCE):
            await self._blobs.delete(orphans[at : at + _DELETED_AT_ONCE])
        return len(orphans)

    def _count_loss(self) -> None:
        self._lost += 1

    async def _closed(self, session_id: UUID, step: RecordingStep, now: datetime) -> bool:
        try:
            await self._write(session_id, now, step)
        except (UnknownSessionError, PurposeRefusedError):
            return False  # it was erased meanwhile, or goes on
        return True

    async def _write(self, session_id: UUID, now: datetime, step: RecordingStep, plan: Plan = _NOTHING) -> None:
        await self._backend.write(Write(session_id, plan, now, recordings=(step,)))
