"""Erasure at work: runs the steps of `erasing` one after the other, and finishes what was left open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import select

from storage.blobs.protocol import BlobStore, blob_name
from storage.errors import StoreUnavailableError
from storage.records import Receipt
from storage.sql import erasing
from storage.sql.keys import KeyStore
from storage.sql.sqlite import SqlitePair, Unit
from storage.sql.steps import OnStep, Step
from storage.sql.tables import store


@dataclass(frozen=True, slots=True)
class _Recordings:
    """Marked parts with blobs, each with its session; the names of the blobs; when backups of the keys are noise."""

    owners: Mapping[UUID, UUID]
    blobs: list[str]
    clean_by: datetime


class Eraser:
    """Erases parts and sessions for good."""

    def __init__(self, databases: SqlitePair, keys: KeyStore, blobs: BlobStore, on_step: OnStep) -> None:
        """Take the databases, keys and blobs, and whom to tell of steps."""
        self._databases = databases
        self._keys = keys
        self._blobs = blobs
        self._on_step = on_step
        self._logs_full = True  # for all that is known at a start

    async def erase(self, mark: Callable[[Unit], Collection[UUID]]) -> tuple[Receipt, ...]:
        """Commit the intent to erase the parts that `mark` returns, erase all that is marked; return their receipts."""
        part_ids = await self._databases.write(mark)
        self._on_step(Step.INTENT_COMMITTED)
        failed = None
        try:
            await self.finish()
        except StoreUnavailableError as error:
            failed = error
        # Read back, because it may have been another call or process that finished them.
        receipts = tuple(await self._databases.read(lambda unit: erasing.receipts_of(unit.sessions, part_ids)))
        if failed is not None and len(receipts) < len(part_ids):
            raise failed
        return receipts

    async def finish(self) -> None:
        """Erase all that is marked."""
        while await self._databases.alone(self._chunk):
            pass
        while chunk := await self._databases.alone(self._recordings):
            await self._blobs.delete(chunk.blobs)
            self._on_step(Step.BLOBS_DELETED)
            await self._databases.alone(partial(self._delete_rows, chunk.owners, (), chunk.clean_by))
        # Sessions whose last part was a recording.
        while await self._databases.alone(self._chunk):
            pass
        await self.empty_logs(patient=True)

    async def empty_logs(self, *, patient: bool = False) -> None:
        """Cut the write-ahead logs, in which erased bytes may lie, if that is still to be done.

        Raises StoreUnavailableError if a reader of another process is in the way, unless `patient`: then it is
        left to the next call.
        """
        if not self._logs_full:
            return
        try:
            await self._databases.checkpoint()
        except StoreUnavailableError:
            if patient:
                return
            raise
        self._logs_full = False
        self._on_step(Step.LOGS_EMPTIED)

    def _chunk(self) -> bool:
        with self._databases.sessions.writer.begin() as connection:
            owners = erasing.open_parts(connection, with_blobs=False)
            session_ids = erasing.open_sessions(connection)
        if not owners and not session_ids:
            return False
        self._delete_rows(owners, session_ids, self._delete_keys(owners, session_ids))
        return True

    def _recordings(self) -> _Recordings | None:
        with self._databases.sessions.writer.begin() as connection:
            owners = erasing.open_parts(connection, with_blobs=True)
            if not owners:
                return None
            folder = connection.execute(select(store.c.id)).scalar_one()
            blobs = [blob_name(folder, blob.hex()) for blob in erasing.blobs_of(connection, owners)]
        return _Recordings(owners, blobs, self._delete_keys(owners, ()))

    def _delete_keys(self, owners: Mapping[UUID, UUID], session_ids: Collection[UUID]) -> datetime:
        self._logs_full = True
        with self._databases.keys.writer.begin() as connection:
            self._keys.delete(connection, list(owners), session_ids)
            clean_by = self._keys.clean_by(connection)
        self._on_step(Step.KEYS_DELETED)
        return clean_by

    def _delete_rows(self, owners: Mapping[UUID, UUID], session_ids: Collection[UUID], clean_by: datetime) -> None:
        with self._databases.sessions.writer.begin() as connection:
            erasing.delete_rows(connection, owners, session_ids, clean_by)
        self._on_step(Step.ROWS_DELETED)
