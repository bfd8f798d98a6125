"""What recordings need of a session store. Implemented by the session stores."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from storage.audio import KeptRecording
from storage.records import Write, Written


class RecordingBackend(Protocol):
    """The rows and keys of recordings. All raise StoreUnavailableError when the store can't be reached."""

    async def store_id(self) -> UUID:
        """Return the store's own random id."""

    async def write(self, write: Write) -> Written:
        """Do the steps in `write.recordings`, durably. Raises PurposeRefusedError if the part may not be written."""

    async def seal_segment(self, session_id: UUID, part_id: UUID, number: int, content: bytes) -> bytes:
        """Seal a segment with its part's key. Raises SealBrokenError if that is gone."""

    async def open_segment(self, session_id: UUID, part_id: UUID, number: int, sealed: bytes) -> bytes:
        """Open a segment. Raises SealBrokenError."""

    async def recordings(self, session_id: UUID, purpose: str, now: datetime) -> Sequence[KeptRecording]:
        """Return the session's recordings for a purpose. Raises UnknownSessionError or PurposeRefusedError."""

    async def held(self, session_id: UUID, now: datetime) -> Sequence[KeptRecording]:
        """Return all recordings that are held of a session, for whatever reason. Raises UnknownSessionError."""

    async def log_read(self, session_id: UUID, purpose: str, now: datetime) -> None:
        """Log for good that a purpose hears the session's recordings, before it does. Raises UnknownSessionError."""

    async def open_recordings(self, before: datetime) -> Sequence[tuple[UUID, KeptRecording]]:
        """Return recordings that are open and were last added to before a moment, each with its session's id."""

    async def known_blobs(self) -> Collection[str]:
        """Return the ids of all blobs that rows know."""
