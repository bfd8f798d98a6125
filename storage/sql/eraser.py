"""Erasure at work: runs the steps of `erasing` one after the other, and finishes what was left open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import select

from storage.blobs.protocol import BlobStore, blob_name
from storage.crypto.keyring import deletion_month
from storage.errors import StoreUnavailableError
from storage.ledger.sinks.records import ERASURES
from storage.records import Receipt
from storage.sql import erasing, key_tables, sinking
from storage.sql.databases import Databases, Unit, lock_sessions
from storage.sql.erasing import MarkedPart
from storage.sql.heads import move
from storage.sql.keys import KeyStore
from storage.sql.ledger_store import SqlLedger
from storage.sql.steps import OnStep, Step
from storage.sql.tables import store


@dataclass(frozen=True, slots=True)
class _Recordings:
    """Marked parts with blobs; the names of the blobs; when backups of the keys are noise."""

    parts: Sequence[MarkedPart]
    blobs: list[str]
    clean_by: datetime


class Eraser:
    """Erases parts and sessions for good."""

    def __init__(
        self, databases: Databases, keys: KeyStore, blobs: BlobStore, ledger: SqlLedger, on_step: OnStep
    ) -> None:
        """Take the databases, keys and blobs, the ledger whose sink is to know first, and whom to tell of steps."""
        self._databases = databases
        self._keys = keys
        self._blobs = blobs
        self._ledger = ledger
        self._on_step = on_step
        self._logs_full = True  # for all that is known at a start
        self._months_left = True
        self._closing: dict[int, bool] = {}

    async def erase(self, mark: Callable[[Unit], Collection[UUID]], *, keyed: bool = False) -> tuple[Receipt, ...]:
        """Commit the intent to erase the parts that `mark` returns, erase all that is marked; return their receipts.

        `keyed`: it makes keys as well.
        """
        part_ids = await (self._databases.write_keyed if keyed else self._databases.write)(mark)
        self._on_step(Step.INTENT_COMMITTED)
        failed = None
        try:
            await self.finish(part_ids)
        except StoreUnavailableError as error:
            failed = error
        # Read back, because it may have been another call or process that finished them.
        receipts = await self._databases.read(lambda unit: erasing.receipts_of(unit.sessions, part_ids))
        if failed is not None and len(receipts) < len(part_ids):
            raise failed
        return tuple(receipts)

    async def finish(self, waited_for: Collection[UUID] = ()) -> None:
        """Erase all that is marked, but for what another process is about to erase; some parts are waited for."""
        self._closing = {}
        await self._erase_rows(None)
        await self._erase_recordings(None)
        for some in _chunks(waited_for):
            await self._erase_rows(some)
            await self._erase_recordings(some)
        await self._erase_rows(None)  # sessions whose last part was a recording
        await self._drop_months()
        await self.empty_logs(patient=True)

    def note_deletions(self) -> None:
        """Remember that something else was deleted, whose bytes may lie in the logs."""
        self._logs_full = True

    async def empty_logs(self, *, patient: bool = False) -> None:
        """Have erased bytes leave the disk (SQLite's logs, PostgreSQL's key tables), if that is still to be done.

        Raises StoreUnavailableError if another process is in the way, unless `patient`: then it is left to the next
        call.
        """
        if not self._logs_full:
            return
        try:
            done = await self._databases.forget()
        except StoreUnavailableError:
            if patient:
                return
            raise
        if not done:
            return
        self._logs_full = False
        self._on_step(Step.LOGS_EMPTIED)

    async def _erase_rows(self, of: Collection[UUID] | None) -> None:
        # What others have marked meanwhile, too: a chunk takes only what the sink knows.
        await self._ledger.sink_erasures()
        while await self._databases.write(partial(self._chunk, of)):
            self._on_step(Step.ROWS_DELETED)
            await self._ledger.sink_erasures()

    async def _erase_recordings(self, of: Collection[UUID] | None) -> None:
        while chunk := await self._databases.write(partial(self._recordings, of)):
            await self._blobs.delete(chunk.blobs)
            self._on_step(Step.BLOBS_DELETED)
            await self._databases.write(partial(self._delete_recordings, chunk))
            self._on_step(Step.ROWS_DELETED)

    def _chunk(self, of: Collection[UUID] | None, unit: Unit) -> bool:
        # In one transaction, whose locks keep others from the same parts; their intents are durable already.
        marked = erasing.open_parts(unit.sessions, with_blobs=False, of=of)
        session_ids = erasing.open_sessions(unit.sessions, {part.of for part in marked})
        if not marked and (not session_ids or of is not None):
            return False
        clean_by = self._delete_keys(unit, marked, session_ids)
        erasing.delete_rows(unit.sessions, marked, session_ids, clean_by, left=self._closing_months(unit, marked))
        return True

    def _closing_months(self, unit: Unit, marked: Sequence[MarkedPart]) -> set[int]:
        """Return the months whose content need not be deleted row by row; each is looked at once in a `finish`."""
        months, known = {part.of_month for part in marked}, self._closing  # another `finish` may begin anew meanwhile
        unknown = months - known.keys()
        if unknown:
            over = self._databases.closing(unit, unknown, self._this_month())
            known.update({month: month in over for month in unknown})
        closing = {month for month in months if known[month]}
        self._months_left = self._months_left or bool(closing)
        return closing

    async def _drop_months(self) -> None:
        if not self._months_left:
            return
        try:
            await self._databases.drop_months(self._this_month())
        except StoreUnavailableError:
            return  # somebody reads it just now; its keys are gone, and the next call drops it
        self._months_left = False

    def _this_month(self) -> int:
        return deletion_month(self._keys.clock.now())

    def _recordings(self, of: Collection[UUID] | None, unit: Unit) -> _Recordings | None:
        marked = erasing.open_parts(unit.sessions, with_blobs=True, of=of)
        if not marked:
            return None
        folder = unit.sessions.execute(select(store.c.id)).scalar_one()
        blobs = [blob_name(folder, blob.hex()) for blob in erasing.blobs_of(unit.sessions, marked)]
        return _Recordings(marked, blobs, self._delete_keys(unit, marked, ()))

    def _delete_recordings(self, chunk: _Recordings, unit: Unit) -> None:
        # Looked for again: nothing was locked while the blobs were deleted, and another process may have been here.
        marked = erasing.open_parts(unit.sessions, with_blobs=True, of=[part.of_part for part in chunk.parts])
        lock_sessions(unit.sessions, {part.of for part in marked})
        erasing.delete_rows(unit.sessions, marked, (), chunk.clean_by)

    def _delete_keys(self, unit: Unit, marked: Sequence[MarkedPart], session_ids: Collection[UUID]) -> datetime:
        self._logs_full = True
        part_ids = [part.of_part for part in marked]
        self._keys.delete(unit.keys, part_ids, session_ids)
        reached = sinking.reached(unit.sessions, part_ids)
        if reached is not None:
            move(unit.keys, key_tables.sink_heads, ERASURES, reached)
        clean_by = self._keys.clean_by(unit.keys)
        unit.keys.commit()
        self._on_step(Step.KEYS_DELETED)
        return clean_by


def _chunks(part_ids: Collection[UUID]) -> Iterator[Sequence[UUID]]:
    wanted = sorted(part_ids)
    return (wanted[at : at + erasing.ERASE_CHUNK] for at in range(0, len(wanted), erasing.ERASE_CHUNK))
