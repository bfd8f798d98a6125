"""Erasure at work: runs the steps of `erasing` one after the other, and finishes what was left open."""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

from storage.errors import StoreUnavailableError
from storage.records import Receipt
from storage.sql import erasing
from storage.sql.keys import KeyStore
from storage.sql.sqlite import SqlitePair, Unit
from storage.sql.steps import OnStep, Step


class Eraser:
    """Erases parts and sessions for good."""

    def __init__(self, databases: SqlitePair, keys: KeyStore, on_step: OnStep) -> None:
        """Take the databases and keys, and whom to tell of steps."""
        self._databases = databases
        self._keys = keys
        self._on_step = on_step
        self._logs_full = True  # for all that is known at a start

    async def erase(self, mark: Callable[[Unit], Collection[UUID]]) -> tuple[Receipt, ...]:
        """Commit the intent to erase the parts that `mark` returns, erase all that is marked; return their receipts."""
        part_ids = await self._databases.write(mark)
        self._on_step(Step.INTENT_COMMITTED)
        await self.finish()
        # Read back, because it may have been another call or process that finished them.
        return tuple(await self._databases.read(lambda unit: erasing.receipts_of(unit.sessions, part_ids)))

    async def finish(self) -> None:
        """Erase all that is marked."""
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
            owners, session_ids = erasing.open_parts(connection), erasing.open_sessions(connection)
        if not owners and not session_ids:
            return False
        self._logs_full = True
        with self._databases.keys.writer.begin() as connection:
            self._keys.delete(connection, list(owners), session_ids)
            clean_by = self._keys.clean_by(connection)
        self._on_step(Step.KEYS_DELETED)
        with self._databases.sessions.writer.begin() as connection:
            erasing.delete_rows(connection, owners, session_ids, clean_by)
        self._on_step(Step.ROWS_DELETED)
        return True
