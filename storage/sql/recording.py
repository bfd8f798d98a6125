"""Recordings in the databases: the steps of a write, planned and saved; and the `RecordingBackend` of `SqlStore`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select, true, update

from storage.audio import KeptRecording, Manifest, RecordingFigures, RecordingStep, Segment
from storage.errors import PurposeRefusedError, SealBrokenError
from storage.recordings.payloads import SEGMENT_SEQUENCE, manifest_from_bytes
from storage.records import PartKind, Write, Written
from storage.sql.chained import missing, opened
from storage.sql.copies import there
from storage.sql.databases import Unit
from storage.sql.keys import KeyStore
from storage.sql.reading import known, live_parts
from storage.sql.tables import parts, recorded, recordings, segments, store

T = TypeVar("T")

_KEY: Final = ("session_id", "part_id")


class RecordingRows:
    """The rows that the recording steps of a batch come to, in the order in which they were planned."""

    def __init__(self) -> None:
        """Start with none."""
        self.opened: list[dict[str, Any]] = []
        self.added: list[dict[str, Any]] = []
        self.segments: list[dict[str, Any]] = []
        self.recorded: dict[tuple[UUID, UUID], dict[str, Any]] = {}

    def open(self, session_id: UUID, part_id: UUID, now: datetime) -> None:
        """Add a recording that begins."""
        self.opened.append({"session_id": session_id, "part_id": part_id, "open": True, "added_at": now})

    def add(self, session_id: UUID, step: RecordingStep, now: datetime) -> None:
        """Add what a step changes of a recording's row, and the segment that it begins."""
        if step.begins is not None or step.ends:
            row = {"of": session_id, "of_part": step.part_id, "new_open": not step.ends, "new_added_at": now}
            self.added.append(row)
        if step.begins is not None:
            self.segments.append(_segment_row(session_id, step.part_id, step.begins))

    def count(self, session_id: UUID, facts_id: UUID, recording_id: UUID, figures: RecordingFigures) -> None:
        """Set what a part of facts says of a recording."""
        self.recorded[facts_id, recording_id] = {
            "session_id": session_id,
            "part_id": facts_id,
            "recording_id": recording_id,
            "duration_ms": figures.duration_ms,
            "sealed_bytes": figures.sealed_bytes,
            "gaps": figures.gaps,
            "gap_ms": figures.gap_ms,
        }


_ADDED: Final = (
    update(recordings)
    .where(recordings.c.session_id == bindparam("of"), recordings.c.part_id == bindparam("of_part"))
    .values(open=bindparam("new_open"), added_at=bindparam("new_added_at"))
)


def save(connection: Connection, rows: RecordingRows) -> None:
    """Execute the rows. Segments and facts take the place of those that are there: a step may be done twice."""
    if rows.opened:
        connection.execute(insert(recordings), rows.opened)
    if rows.added:
        connection.execute(_ADDED, rows.added)
    for table, more, new in (
        (segments, "number", rows.segments),
        (recorded, "recording_id", [*rows.recorded.values()]),
    ):
        if new:
            keys = (*_KEY, more)
            # Deleted and inserted instead of an upsert, which each database spells its own way.
            mine = [table.c[name] == bindparam(f"of_{name}") for name in keys]
            connection.execute(delete(table).where(*mine), [{f"of_{name}": row[name] for name in keys} for row in new])
            connection.execute(insert(table), new)


def last_added(connection: Connection, session_id: UUID, part_id: UUID) -> datetime:
    """Return when something was last added to a recording."""
    found: datetime = connection.execute(
        select(recordings.c.added_at).where(recordings.c.session_id == session_id, recordings.c.part_id == part_id)
    ).scalar_one()
    return found


def refused() -> PurposeRefusedError:
    """Return the error for a recording that may not be written."""
    return PurposeRefusedError("nothing allows this recording now: no consent, no such part, or its time is over")


class _Reading(Protocol):
    def __call__(self, work: Callable[[Unit], T]) -> Awaitable[T]: ...


class SqlRecordingBackend:
    """A `storage.recordings.backend.RecordingBackend` over the databases of a `SqlStore`."""

    def __init__(
        self,
        keys: KeyStore,
        reading: _Reading,
        write: Callable[[Write], Awaitable[Written]],
        log_read: Callable[[UUID, str, datetime], Awaitable[None]],
    ) -> None:
        """Take the keys, how to read, how to write, and how to log a read."""
        self._log_read = log_read
        self._keys = keys
        self._reading = reading
        self._store_id: UUID | None = None
        self._write = write

    async def write(self, write: Write) -> Written:
        """Do the steps in `write.recordings`. Raises PurposeRefusedError if the part may not be written."""
        return await self._write(write)

    async def store_id(self) -> UUID:
        """Return the store's own random id."""
        if self._store_id is not None:
            return self._store_id
        found = select(store.c.id)
        kept: UUID = await self._reading(lambda unit: unit.sessions.execute(found).scalar_one())
        self._store_id = kept
        return kept

    async def seal_segment(self, session_id: UUID, part_id: UUID, number: int, content: bytes) -> bytes:
        """Seal a segment with its part's key, in a thread. Raises SealBrokenError if that is gone."""

        def seal(unit: Unit) -> bytes:
            sealer = self._keys.sealer(unit, session_id, part_id, PartKind.RECORDING)
            return sealer.seal(SEGMENT_SEQUENCE + number, content)

        return await self._reading(seal)

    async def open_segment(self, session_id: UUID, part_id: UUID, number: int, sealed: bytes) -> bytes:
        """Open a segment, in a thread. Raises SealBrokenError."""

        def unseal(unit: Unit) -> bytes:
            sealer = self._keys.sealer(unit, session_id, part_id, PartKind.RECORDING)
            return sealer.open(SEGMENT_SEQUENCE + number, sealed)

        return await self._reading(unseal)

    async def recordings(self, session_id: UUID, purpose: str, now: datetime) -> Sequence[KeptRecording]:
        """Return the session's recordings for a purpose. Raises UnknownSessionError or PurposeRefusedError."""

        def read(unit: Unit) -> list[KeptRecording]:
            seen = live_parts(unit.sessions, session_id, purpose, now)
            ids = sorted(part_id for part_id, kind in seen.items() if kind is PartKind.RECORDING)
            if not ids:
                raise PurposeRefusedError("no recording of this session is kept for that purpose now")
            return [self._kept(unit, session_id, part_id) for part_id in ids]

        return await self._reading(read)

    async def held(self, session_id: UUID, now: datetime) -> Sequence[KeptRecording]:
        """Return all recordings that are held of a session. Raises UnknownSessionError."""
        mine = (parts.c.session_id == session_id, parts.c.kind == PartKind.RECORDING.value)
        found = select(parts.c.id).where(*mine, *there(now)).order_by(parts.c.id)

        def read(unit: Unit) -> list[KeptRecording]:
            known(unit.sessions, session_id)
            ids = unit.sessions.execute(found).scalars().all()
            return [self._kept(unit, session_id, part_id) for part_id in ids]

        return await self._reading(read)

    async def log_read(self, session_id: UUID, purpose: str, now: datetime) -> None:
        """Log for good that a purpose hears the session's recordings. Raises UnknownSessionError."""
        await self._log_read(session_id, purpose, now)

    async def open_recordings(self, before: datetime) -> Sequence[tuple[UUID, KeptRecording]]:
        """Return recordings that are open and were last added to before a moment."""
        mine = (parts.c.session_id == recordings.c.session_id) & (parts.c.id == recordings.c.part_id)
        found = select(recordings.c.session_id, recordings.c.part_id).join(parts, mine)
        waiting = found.where(recordings.c.open.is_(true()), recordings.c.added_at < before, ~parts.c.erasing)

        def read(unit: Unit) -> list[tuple[UUID, KeptRecording]]:
            rows = unit.sessions.execute(waiting).all()
            found = [(row.session_id, self._readable(unit, row.session_id, row.part_id)) for row in rows]
            return [(session_id, kept) for session_id, kept in found if kept is not None]

        return await self._reading(read)

    async def known_blobs(self) -> Collection[str]:
        """Return the ids of all blobs that rows know."""
        found = select(segments.c.blob)
        blobs = await self._reading(lambda unit: unit.sessions.execute(found).scalars().all())
        return {blob.hex() for blob in blobs}

    def _kept(self, unit: Unit, session_id: UUID, part_id: UUID) -> KeptRecording:
        mine = (recordings.c.session_id == session_id, recordings.c.part_id == part_id)
        is_open = unit.sessions.execute(select(recordings.c.open).where(*mine)).scalar_one()
        return KeptRecording(part_id, bool(is_open), self._manifest(unit, session_id, part_id))

    def _readable(self, unit: Unit, session_id: UUID, part_id: UUID) -> KeptRecording | None:
        """Return a recording; None for one whose manifest was altered, which goes on its part's day as any other."""
        try:
            return self._kept(unit, session_id, part_id)
        except SealBrokenError:
            return None

    def _manifest(self, unit: Unit, session_id: UUID, part_id: UUID) -> Manifest:
        records = opened(unit, self._keys, session_id, {part_id: PartKind.RECORDING}).get(PartKind.RECORDING)
        if not records:
            raise missing()
        ((_, manifest),) = records
        return manifest_from_bytes(manifest)


def _segment_row(session_id: UUID, part_id: UUID, segment: Segment) -> dict[str, Any]:
    return {
        "session_id": session_id,
        "part_id": part_id,
        "number": segment.number,
        "blob": bytes.fromhex(segment.blob),
        "digest": bytes.fromhex(segment.digest),
    }
