"""Writes of many conversations, committed together: the keys first, then the rows, one durable step each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from time import monotonic
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from storage.crypto.keyring import MissingEpochError
from storage.errors import PurposeRefusedError, StorageError, StoreUnavailableError, UnknownSessionError
from storage.plans import PlanPreparer
from storage.records import Write, Written
from storage.sql import opening, saving, states
from storage.sql.databases import Databases, Unit
from storage.sql.finding import locator_token
from storage.sql.group_commit import each_alone
from storage.sql.keys import KeyStore
from storage.sql.planned import Planned
from storage.sql.spooling import HeldSessions, Late
from storage.sql.states import SessionState, StateCache
from storage.sql.steps import OnStep, Step
from storage.sql.translation import RowConflictError
from storage.sql.writing import Planner

Tokens = dict[tuple[str, str], bytes]

FAILING_SECONDS: Final = 15.0


class _Batch(NamedTuple):
    """A batch whose rows are written and still to be committed.

    `note`: of the keys that it made, if any; `settled`: the notes of earlier batches that it has deleted.
    """

    planned: Planned
    results: list[Written | StorageError]
    note: UUID | None
    settled: tuple[UUID, ...]


class _UnwritableError(StoreUnavailableError):
    """One write can't be planned; the others of its batch can. Callers see its base class."""


class Committer:
    """Commits batches of writes."""

    def __init__(self, databases: Databases, keys: KeyStore, on_step: OnStep, held: HeldSessions | None = None) -> None:
        """Take the databases and keys, and whom to tell of steps; `held`: what a spool knows of sessions."""
        self._held = held
        self._databases = databases
        self._keys = keys
        self._on_step = on_step
        self._preparer = PlanPreparer()
        self._known_rules: set[bytes] = set()
        self._settled: set[UUID] = set()
        self._left_over = False
        self._states = StateCache()
        self._failed_at: float | None = None

    async def write(self, writes: Sequence[Write | Late]) -> Sequence[Written | StorageError]:
        """Commit the writes together; one that is at fault fails alone."""
        failed_at, self._failed_at = monotonic(), None
        try:
            results = await each_alone(self._write, writes)
        except BaseException:
            self._failed_at = failed_at
            raise
        if any(type(result) is StoreUnavailableError for result in results):
            self._failed_at = failed_at
        return results

    def check(self) -> None:
        """Raise StoreUnavailableError while the last batch has failed, for a while: after it somebody has to try."""
        if self._failed_at is not None and monotonic() - self._failed_at < FAILING_SECONDS:
            msg = "what was last said could not be stored"
            raise StoreUnavailableError(msg)

    async def _write(self, writes: Sequence[Write | Late]) -> Sequence[Written | StorageError]:
        if self._left_over:
            await self._databases.write_apart(opening.collect_orphans)
            self._left_over = False
        tokens = await self._tokens(writes)
        while True:
            try:
                batch = await self._databases.write_batch(
                    partial(self._known, writes), partial(self._plan, writes, tokens), self._commit
                )
            except MissingEpochError as missing:
                if missing.month is not None:
                    await self._databases.provide_month(missing.month)
                await self._keys.provide(missing)
                continue
            self._remember(batch)
            self._on_step(Step.ROWS_CREATED)
            return batch.results

    async def _tokens(self, writes: Sequence[Write | Late]) -> Tokens:
        tokens = {}
        for write in writes:
            if isinstance(write, Write) and write.new is not None and write.new.conversations:
                key = await self._keys.locator_key(write.new.channel)
                for each in write.new.conversations:
                    tokens[write.new.channel, each] = locator_token(key, each)
        return tokens

    def _known(self, writes: Sequence[Write | Late], unit: Unit) -> dict[UUID, SessionState]:
        wanted = {write.session_id for write in writes if isinstance(write, Late) or write.new is None}
        if not wanted:
            return {}
        known = self._states.take(wanted, self._databases.unchanged(unit))
        return known | states.load(unit, self._keys, wanted - known.keys())

    def _plan(
        self, writes: Sequence[Write | Late], tokens: Tokens, unit: Unit, known: dict[UUID, SessionState]
    ) -> _Batch:
        planner = Planner(unit, self._keys, self._preparer, tokens, known)
        results = [_added(planner, write) for write in writes]
        planned, settled = planner.planned, tuple(self._settled)
        note = saving.save_keys(unit, self._keys.keyring, planned, settled)
        saving.save_rows(unit, planned, self._known_rules)
        return _Batch(planned, results, note, settled)

    def _commit(self, unit: Unit, batch: _Batch) -> None:
        """Make the keys durable, then the rows: rows without their keys could never be read."""
        if batch.note is not None:
            self._left_over = True  # until the rows are committed as well
            unit.keys.commit()
            self._on_step(Step.KEYS_CREATED)
        unit.sessions.commit()
        self._left_over = False

    def _remember(self, batch: _Batch) -> None:
        planned = batch.planned
        if batch.note is not None:
            self._settled.difference_update(batch.settled)
            self._settled.add(batch.note)
        self._known_rules |= planned.rules.keys()
        self._keys.remember(planned.sealers, planned.digest_keys, planned.part_keys)
        # Where periods were set anew or assignments ended, the parts in memory are not those in the database.
        moved = planned.happened.keys() | {session_id for session_id, _ in planned.withdrawn}
        self._states.put(state for state in planned.changed.values() if state.id not in moved)
        if self._held is not None:
            self._held.note(planned.changed.values(), moved)


def _added(planner: Planner, write: Write | Late) -> Written | StorageError:
    try:
        return planner.restore(write) if isinstance(write, Late) else planner.add(write)
    except (UnknownSessionError, PurposeRefusedError, RowConflictError) as error:
        return error
    except (StorageError, MissingEpochError, SQLAlchemyError):
        raise
    except Exception as error:  # noqa: BLE001 - what a caller hands in must not fail the others; its text stays here
        msg = f"a write can't be stored ({type(error).__name__}); does its plan hold valid periods and time zones?"
        raise _UnwritableError(msg) from None
