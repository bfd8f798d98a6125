"""Writes of many conversations, committed together: the keys first, then the rows, one durable step each."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from storage.crypto.keyring import MissingEpochError
from storage.errors import PurposeRefusedError, StorageError, StoreUnavailableError, UnknownSessionError
from storage.plans import PlanPreparer
from storage.records import Write, Written
from storage.sql import opening, saving, states
from storage.sql.databases import Databases, Unit
from storage.sql.finding import locator_token
from storage.sql.group_commit import UnforeseenError, each_alone
from storage.sql.keys import KeyStore
from storage.sql.planned import Planned
from storage.sql.spooling import HeldSessions, Late
from storage.sql.states import SessionState, StateCache
from storage.sql.steps import OnStep, Step
from storage.sql.translation import RowConflictError
from storage.sql.writing import Planner

Tokens = dict[tuple[str, str], bytes]

FAILING_SECONDS: Final = 15.0


class _UnwritableError(StoreUnavailableError):
    """One write can't be planned; the others of its batch can. Callers see its base class."""


class Committer:
    """Commits batches of writes."""

    def __init__(self, databases: Databases, keys: KeyStore, on_step: OnStep, held: HeldSessions | None = None) -> None:
        """Take the databases and keys, and whom to tell of steps; `held`: what a spool knows of sessions."""
        self.held = held
        self._databases = databases
        self.keys = keys
        self.on_step = on_step
        self.preparer = PlanPreparer()
        self.known_rules: set[bytes] = set()
        self.settled: set[UUID] = set()
        """Notes of keys whose rows have been committed."""
        self.left_over = False
        """Keys may have been committed whose rows were not."""
        self.states = StateCache()
        keys.held_by(self.states.forget)
        self._failed_at: float | None = None

    async def write(self, writes: Sequence[Write | Late]) -> Sequence[Written | StorageError]:
        """Commit the writes together; one that is at fault fails alone."""
        failed_at, self._failed_at = monotonic(), None
        try:
            results = await each_alone(self._write, writes)
        except BaseException:
            self._failed_at = failed_at
            raise
        if any(type(result) in {StoreUnavailableError, UnforeseenError} for result in results):
            self._failed_at = failed_at
        return results

    def check(self) -> None:
        """Raise StoreUnavailableError while the last batch has failed, for a while: after it somebody has to try."""
        if self._failed_at is not None and monotonic() - self._failed_at < FAILING_SECONDS:
            raise StoreUnavailableError("what was last said could not be stored")

    async def _write(self, writes: Sequence[Write | Late]) -> Sequence[Written | StorageError]:
        if self.left_over:
            await self._databases.write_apart(opening.collect_orphans)
            self.left_over = False
        tokens = await self._tokens(writes)
        while True:
            try:
                batch = _Batch(self, writes, tokens)
                await self._databases.write_batch(batch)
            except MissingEpochError as missing:
                if missing.month is not None:
                    await self._databases.provide_month(missing.month)
                await self.keys.provide(missing)
                continue
            self.left_over = False
            batch.remember()
            self.on_step(Step.ROWS_CREATED)
            return batch.results

    async def _tokens(self, writes: Sequence[Write | Late]) -> Tokens:
        tokens = {}
        for write in writes:
            if isinstance(write, Write) and write.new is not None and write.new.conversations:
                key = await self.keys.locator_key(write.new.channel)
                for each in write.new.conversations:
                    tokens[write.new.channel, each] = locator_token(key, each)
        return tokens


class _Batch:
    """A batch of writes, each with its own result. See `storage.sql.databases.WriteBatch`."""

    def __init__(self, committer: Committer, writes: Sequence[Write | Late], tokens: Tokens) -> None:
        self._of = committer
        self._writes = writes
        self._tokens = tokens
        self._known: dict[UUID, SessionState] = {}
        self._planned = Planned()
        self._settled: tuple[UUID, ...] = ()
        self._note: UUID | None = None
        self.results: list[Written | StorageError] = []
        self.opens_sessions = any(isinstance(write, Write) and write.new is not None for write in writes)

    def begin(self, unit: Unit) -> None:
        wanted = {write.session_id for write in self._writes if isinstance(write, Late) or write.new is None}
        if wanted:
            revisions = states.locked(unit.sessions, wanted)
            known = self._of.states.take(revisions)
            self._known = known | states.load(unit, self._of.keys, revisions.keys() - known.keys())

    def plan(self, unit: Unit) -> None:
        planner = Planner(unit, self._of.keys, self._of.preparer, self._tokens, self._known)
        self.results = [_added(planner, write) for write in self._writes]
        self._planned = planner.planned
        for state in self._planned.changed.values():
            state.revision += 1

    def save_keys(self, unit: Unit) -> bool:
        self._settled = tuple(self._of.settled)
        self._note = saving.save_keys(unit, self._of.keys.keyring, self._planned, self._settled)
        return self._note is not None

    def commit_keys(self, unit: Unit) -> None:
        self._of.left_over = True  # until the rows are committed as well
        unit.keys.commit()
        self._of.on_step(Step.KEYS_CREATED)

    def save_rows(self, unit: Unit) -> None:
        saving.save_rows(unit, self._planned, self._of.known_rules)

    def remember(self) -> None:
        """Keep in memory what has become durable."""
        planned, of = self._planned, self._of
        if self._note is not None:
            of.settled.difference_update(self._settled)
            of.settled.add(self._note)
        of.known_rules |= planned.rules.keys()
        of.keys.remember(planned.sealers, planned.digest_keys, planned.part_keys)
        # Where periods were set anew or assignments ended, the parts in memory are not those in the database.
        moved = planned.happened.keys() | {session_id for session_id, _ in planned.withdrawn}
        of.states.put(state for state in planned.changed.values() if state.id not in moved)
        if of.held is not None:
            of.held.note(planned.changed.values(), moved)


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
