"""Recordings in `MemoryStore`: the reference of `RecordingBackend`. Nothing is sealed here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from storage.audio import KeptRecording, Manifest, RecordingStep
from storage.errors import PurposeRefusedError, SealBrokenError, UnknownSessionError
from storage.ledger.events import Event
from storage.ledger.happened import was_read
from storage.memory.copies import there
from storage.memory.state import MemoryPart, MemoryRecording, MemorySession
from storage.plans import allowed, prepare
from storage.records import PartKind, Write, Written


class MemoryRecordingBackend:
    """A `storage.recordings.backend.RecordingBackend` over the sessions of a `MemoryStore`."""

    def __init__(
        self,
        sessions: Mapping[UUID, MemorySession],
        write: Callable[[Write], Awaitable[Written]],
        log: Callable[[Event], None],
    ) -> None:
        """Take the store's sessions, and its ways to write and to log."""
        self._log = log
        self._sessions = sessions
        self._id = uuid4()
        self._write = write

    async def write(self, write: Write) -> Written:
        """Do the steps in `write.recordings`. Raises PurposeRefusedError if the part may not be written."""
        return await self._write(write)

    async def store_id(self) -> UUID:
        """Return the store's own random id."""
        return self._id

    async def seal_segment(self, session_id: UUID, part_id: UUID, number: int, content: bytes) -> bytes:
        """Return the segment as it is, if its part is there."""
        del number
        self._part(session_id, part_id)
        return content

    async def open_segment(self, session_id: UUID, part_id: UUID, number: int, sealed: bytes) -> bytes:
        """Return the segment as it is, if its part is there."""
        return await self.seal_segment(session_id, part_id, number, sealed)

    async def recordings(self, session_id: UUID, purpose: str, now: datetime) -> Sequence[KeptRecording]:
        """Return the session's recordings for a purpose. Raises UnknownSessionError or PurposeRefusedError."""
        session = self._sessions.get(session_id)
        if session is None or session.gone:
            raise UnknownSessionError("there is no such session, or it has been erased")
        restricted = session.restricted

        def seen(part: MemoryPart) -> Mapping[str, datetime]:
            return part.live(now, purpose, restricted=restricted)

        kept = [(part.id, part.recording) for part in session.parts.values() if purpose in seen(part)]
        found = [KeptRecording(part_id, each.open, each.manifest) for part_id, each in kept if each is not None]
        if not found:
            raise PurposeRefusedError("no recording of this session is kept for that purpose now")
        return sorted(found, key=lambda each: each.part_id)

    async def held(self, session_id: UUID, now: datetime) -> Sequence[KeptRecording]:
        """Return all recordings that are held of a session. Raises UnknownSessionError."""
        session = self._sessions.get(session_id)
        if session is None or session.gone:
            raise UnknownSessionError("there is no such session, or it has been erased")
        kept = [(part.id, part.recording) for part in there(session, now)]
        found = [KeptRecording(part_id, each.open, each.manifest) for part_id, each in kept if each is not None]
        return sorted(found, key=lambda each: each.part_id)

    async def log_read(self, session_id: UUID, purpose: str, now: datetime) -> None:
        """Log that the recordings were read for a purpose."""
        self._log(was_read(session_id, purpose, now))

    async def open_recordings(self, before: datetime) -> Sequence[tuple[UUID, KeptRecording]]:
        """Return recordings that are open and were last added to before a moment."""
        parts = [(session.new.id, part) for session in self._sessions.values() for part in session.parts.values()]
        return [
            (session_id, KeptRecording(part.id, open=True, manifest=part.recording.manifest))
            for session_id, part in parts
            if part.recording is not None
            and part.recording.open
            and part.recording.at < before
            and part.erasing is None
        ]

    async def known_blobs(self) -> Collection[str]:
        """Return the ids of all blobs that parts know."""
        parts = [part for session in self._sessions.values() for part in session.parts.values()]
        return {blob for part in parts for blob in blobs_of(part)}

    def _part(self, session_id: UUID, part_id: UUID) -> MemoryPart:
        session = self._sessions.get(session_id)
        if session is None or part_id not in session.parts:
            raise SealBrokenError("the key of a part is gone: it was erased")
        return session.parts[part_id]


def blobs_of(part: MemoryPart) -> list[str]:
    """Return the ids of the blobs of a part."""
    return [] if part.recording is None else [segment.blob for segment in part.recording.segments.values()]


def take_step(step: RecordingStep, write: Write, session: MemorySession) -> None:
    """Do one step. Raises PurposeRefusedError if the part may not be written."""
    if step.opens and step.manifest is not None and step.part_id not in session.parts:
        _open(step.part_id, step.manifest, write, session)
        return
    part = session.parts.get(step.part_id)
    if part is None or part.recording is None or not part.open_at(write.now):
        raise PurposeRefusedError("there is no such recording, or it may not be kept any more")
    recording = part.recording
    if step.idle_since is not None and recording.at >= step.idle_since:
        raise PurposeRefusedError("something was added to the recording meanwhile")
    recording.at = max(recording.at, write.now)
    if step.begins is not None:
        recording.segments[step.begins.number] = step.begins
        recording.open = True
    if step.manifest is not None:
        recording.manifest = step.manifest
    if step.ends:
        recording.open = False


def _open(part_id: UUID, manifest: Manifest, write: Write, session: MemorySession) -> None:
    assignments = allowed(write.plan.assignments.get(PartKind.RECORDING, ()), session.consents, session.over)
    if not assignments:
        raise PurposeRefusedError("nothing allows a recording now: its consent is not given, or the notice keeps none")
    part = session.open_part(part_id, PartKind.RECORDING, prepare(assignments), write.now)
    part.recording = MemoryRecording(manifest, write.now)
