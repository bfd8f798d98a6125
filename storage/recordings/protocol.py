"""What a store of recordings can do.

Every `now` is an aware datetime in UTC. All raise `StoreUnavailableError` when the store can't be reached.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from storage.audio import AudioFormat, Stretch
from storage.recordings.reading import Recording
from storage.recordings.recorder import Recorder
from storage.records import Plan


class RecordingStore(Protocol):
    """Recordings as parts of sessions: each has its own key, assignments and expiry."""

    @property
    def lost(self) -> int:
        """How many segments could not be stored since this process started."""

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
        """Begin a recording; its key is durable when this returns, and no sound has been kept.

        Raises PurposeRefusedError if the plan allows no recording now: every assignment that rests on a consent
        needs that consent committed as given, whatever the caller believes. With `redact` everyone hears the copy
        with silenced stretches but the purposes in `whole_for`. Raises UnknownSessionError.
        """

    async def read(self, session_id: UUID, purpose: str, now: datetime) -> Sequence[Recording]:
        """Return what the purpose may hear of a session, in the order in which it was recorded.

        Raises UnknownSessionError, or PurposeRefusedError, also while a recording that is to be heard
        redacted waits for the stretches to silence.
        """

    async def copy(self, session_id: UUID, now: datetime) -> Sequence[Recording]:
        """Return every recording that is held of a session, whole, for its subject: also what is restricted or blocked.

        See `storage.copies`. Raises UnknownSessionError if nothing is there any more.
        """

    async def silence(
        self, session_id: UUID, number: int, purpose: str, stretches: Sequence[Stretch], now: datetime
    ) -> None:
        """Set the stretches to silence in an ended recording (none: nothing has to be), under a purpose it is kept for.

        `number` counts the session's recordings from 1. Raises UnknownSessionError, and PurposeRefusedError if there
        is no such recording or while its recorder runs: `Recorder.silence` then.
        """

    async def close_abandoned(self, before: datetime, now: datetime) -> int:
        """Close recordings that were opened or last added to before a moment and never ended; returns how many."""

    async def collect_orphans(self) -> int:
        """Delete blobs that no row knows, as a crash between two steps leaves them; returns how many."""
