"""`SqlStore`: sealed sessions in a session database, their wrapped keys in a key database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import select

from storage.access import AccessStore
from storage.blobs.protocol import BlobStore
from storage.clock import Clock
from storage.copies import CopyStore
from storage.crypto.keyring import MissingEpochError
from storage.crypto.providers.provider import KeyProvider
from storage.errands import ErrandStore
from storage.errors import SealBrokenError, StorageError, StoreUnavailableError, UnknownSessionError
from storage.leases import LeaseStore
from storage.ledger.happened import was_read
from storage.ledger.outside import Outside
from storage.planning import PlanStore
from storage.recordings import Recordings, RecordingStore
from storage.records import (
    ConsentState,
    DuePart,
    ErasureReason,
    Figures,
    Identifier,
    KeyState,
    Locator,
    PartKind,
    Receipt,
    Session,
    SessionSummary,
    Transcript,
    Write,
    Written,
)
from storage.requests import RequestStore
from storage.retention import SUBJECT
from storage.spool import Journal, Spool
from storage.sql import ending, erasing, finding, indexing, opening, reading
from storage.sql.access import SqlAccess
from storage.sql.committer import Committer
from storage.sql.copies import SqlCopies
from storage.sql.databases import Databases, Unit
from storage.sql.eraser import Eraser
from storage.sql.errands import SqlErrands
from storage.sql.finding import Sought, locator_token
from storage.sql.group_commit import GroupCommit, each_alone
from storage.sql.keys import KeyStore
from storage.sql.lease import SqlLeases
from storage.sql.ledger import append
from storage.sql.ledger_store import SqlLedger
from storage.sql.planning import SqlPlans
from storage.sql.proving import SqlProofs
from storage.sql.reading import Page
from storage.sql.recording import SqlRecordingBackend
from storage.sql.requests import SqlRequests
from storage.sql.retaining import SqlRetention
from storage.sql.roots import KEY_BACKUP_HORIZON
from storage.sql.rotating import RootKey
from storage.sql.spooling import HeldSessions, Late, SqlSpoolBackend
from storage.sql.steps import OnStep, ignore
from storage.sql.surveys import SqlSurveys
from storage.sql.tables import consent_states, parts
from storage.sql.translation import RowConflictError
from storage.surveys import SurveyStore

T = TypeVar("T")

MAX_BATCH: Final = 256
CHECK_SECONDS: Final = 4.0
"""How long a check waits for the databases: less than who asks for it does."""


class SqlStore:
    """A `storage.store.SessionStore` over SQL databases."""

    def __init__(
        self,
        databases: Databases,
        provider: KeyProvider,
        *,
        tenant: str | None,
        clock: Clock,
        outside: Outside,
        key_backup_horizon: str = KEY_BACKUP_HORIZON,
        blobs: BlobStore,
        journal: Journal | None = None,
        on_step: OnStep = ignore,
    ) -> None:
        """Take the two databases (see `engines`), the root key's provider, the notice's id and the blobs.

        Without an id (None) the store must be there already, and is opened for the notice that it belongs to.
        `outside` are the ledger's sink and signing key; `key_backup_horizon` (ISO 8601) is how long backups of the
        keys may open anything; `journal` is where turns wait while the databases are away; `on_step` is told of each
        durable step of what spans both databases or the sink.
        """
        self._databases = databases
        self._keys = KeyStore(self._databases, provider, tenant, clock, key_backup_horizon)
        self.root_key = RootKey(self._databases, self._keys, on_step)
        held = HeldSessions() if journal is not None else None
        self._committer = Committer(self._databases, self._keys, on_step, held)
        self._blobs = blobs
        self.ledger = SqlLedger(self._databases, self._keys, outside, on_step)
        self._eraser = Eraser(self._databases, self._keys, blobs, self.ledger, on_step)
        self.proofs = SqlProofs(self._databases)
        self.leases: LeaseStore = SqlLeases(self._databases)
        self.access: AccessStore = SqlAccess(self._databases)
        self.plans: PlanStore = SqlPlans(self._databases)
        self.retention = SqlRetention(self._databases, self._keys, self._eraser)
        self._writes: GroupCommit[Write | Late, Written] = GroupCommit(self._committer.write, max_batch=MAX_BATCH)
        self._finds: GroupCommit[Sought, Session | None] = GroupCommit(self._find, max_batch=MAX_BATCH)
        self.spool: Spool | None = None
        if journal is not None and held is not None:
            backend = SqlSpoolBackend(self._databases, self._keys, held, self._find_one, self._writes.submit, clock)
            self.spool = Spool(backend, journal, clock)
        self.recording_backend = SqlRecordingBackend(self._keys, self._reading, self.write, self._log_read)
        self.surveys: SurveyStore = SqlSurveys(self._databases, self._keys, self._eraser)
        self.errands: ErrandStore = SqlErrands(self._databases, self._keys, self._eraser)
        self.requests: RequestStore = SqlRequests(self._databases, self._keys, self._eraser)
        self.copies: CopyStore = SqlCopies(self._keys, self._reading, self._databases.read, self._log_read)
        self.recordings: RecordingStore = Recordings(self.recording_backend, blobs)

    async def start(self) -> None:
        """Make or update the databases, see that keys and sink fit, erase what came back, finish what was open."""
        await self._databases.prepare()
        await opening.match(self._databases, self._keys)
        await self._databases.write_apart(opening.collect_orphans)
        await self._blobs.start()
        await self.ledger.join()
        await self._eraser.finish()
        await self._eraser.empty_logs(patient=True)
        if self.spool is not None:
            await self.spool.start()

    async def open_keys(self) -> None:
        """Open what `root_key` needs, beside a running process; erasures are left to the others."""
        await self._databases.prepare()
        await opening.match(self._databases, self._keys)

    async def close(self) -> None:
        """Finish what was accepted, then let go of connections, threads and keys."""
        if self.spool is not None:
            await self.spool.close()
        await self._writes.close()
        await self._finds.close()
        await self._blobs.close()
        await self._databases.close()
        self._keys.forget()
        await self._keys.provider.close()

    async def check(self) -> None:
        """Raise StoreUnavailableError or KeyUnavailableError unless both databases and the root key serve now."""
        await self._keys.provider.check()
        until = asyncio.get_running_loop().time() + CHECK_SECONDS
        try:
            async with asyncio.timeout_at(until):
                await self._databases.write(self._databases.touch)
        except TimeoutError:
            raise StoreUnavailableError("the databases do not answer") from None
        with contextlib.suppress(TimeoutError):  # it goes on, and to take long is no failure
            async with asyncio.timeout_at(until):
                await self._eraser.empty_logs()
        self._committer.check()

    def key_state(self) -> KeyState:
        """Return whether the root key can be reached."""
        return self._keys.provider.state()

    async def find(self, locator: Locator, now: datetime) -> Session | None:
        """Return the session, or None if there is none, it is erased, or the token is not its own."""
        if self.spool is not None and locator.before is None:  # it remembers none that has ended
            return await self.spool.find(locator, now)
        await self._keys.provider.confirm()
        return await self._find_one(locator, now)

    async def _find_one(self, locator: Locator, now: datetime) -> Session | None:
        token = None
        if locator.token is None and locator.conversation is not None:
            token = locator_token(await self._keys.locator_key(locator.channel), locator.conversation)
        elif locator.token is None or locator.id is None:
            return None
        return await self._finds.submit(Sought(locator, now, token))

    async def find_by(self, identifier: Identifier, now: datetime) -> tuple[UUID, ...]:
        """Return the sessions with a turn that had this identifier, newest first."""
        await self._keys.provider.confirm()
        return await self._reading(lambda unit: indexing.find(unit, self._keys.keyring, identifier, now))

    async def write(self, write: Write) -> Written:
        """Seal and add, durably, in one transaction with the writes of other callers."""
        if self.spool is not None:
            return await self.spool.write(write)
        await self._keys.provider.confirm()
        return await self._writes.submit(write)

    async def withdraw(self, session_id: UUID, consent: str, now: datetime) -> tuple[Receipt, ...]:
        """End what rests on the consent, unless it is given; erase at once the parts that are left with no purpose."""

        def end(unit: Unit) -> set[UUID]:
            left = ending.end_consent(unit.sessions, session_id, consent, now)
            marked = erasing.mark(unit.sessions, left, ErasureReason.WITHDRAWN, SUBJECT, now)
            return marked | erasing.withdrawn_parts(unit.sessions, session_id)

        return await self._eraser.erase(end)

    async def read(self, session_id: UUID, purpose: str, now: datetime) -> Transcript:
        """Return what the purpose may see. Raises UnknownSessionError or PurposeRefusedError."""
        await self._keys.provider.confirm()
        transcript = await self._reading(lambda unit: reading.read(unit, self._keys, session_id, purpose, now))
        await self._log_read(session_id, purpose, now)
        return transcript

    async def sessions(
        self, now: datetime, *, channel: str | None = None, purpose: str | None = None,
        limit: int = 100, after: UUID | None = None,
    ) -> tuple[SessionSummary, ...]:  # fmt: skip
        """List sessions with something live in them, newest first."""
        return await self._databases.read(
            lambda unit: reading.list_sessions(unit.sessions, Page(now, channel, purpose, limit, after))
        )

    async def end_idle(self, idle_since: datetime, channel: str, now: datetime) -> int:
        """End the channel's open sessions whose last turn is before `idle_since`; those that keep nothing go."""
        ended = 0
        while True:
            step = await self._databases.write(lambda unit: ending.end_idle(unit.sessions, channel, idle_since, now))
            ended += step.ended
            if step.bare:
                await self._eraser.erase(_marking_sessions(step.bare))
            if step.ended < ending.IDLE_CHUNK and len(step.bare) < ending.IDLE_CHUNK:
                return ended

    async def due(self, now: datetime, limit: int = 1000) -> Sequence[DuePart]:
        """List parts whose last purpose has ended, oldest first, then those whose erasure was begun."""
        return await self._databases.read(lambda unit: reading.due(unit.sessions, now, limit))

    async def erase(
        self, parts: Collection[UUID], reason: ErasureReason, now: datetime, actor: str
    ) -> tuple[Receipt, ...]:
        """Erase parts for good, with a receipt each; parts that do not exist are passed over."""
        receipts: list[Receipt] = []
        wanted = list(parts)
        for at in range(0, len(wanted), erasing.ERASE_CHUNK):
            chunk = wanted[at : at + erasing.ERASE_CHUNK]
            receipts += await self._eraser.erase(_marking(chunk, reason, actor, now))
        return tuple(receipts)

    async def figures(self, now: datetime) -> Figures:
        """Count what is kept."""
        return await self._databases.count(lambda unit: reading.figures(unit.sessions, now))

    async def consent_states(self, session_id: UUID) -> Mapping[str, ConsentState]:
        """Return the current state of each consent of a session. Raises UnknownSessionError."""
        return await self._databases.read(lambda unit: _consent_states(unit, session_id))

    async def receipts(self, limit: int = 100) -> tuple[Receipt, ...]:
        """Return the newest receipts."""
        rows = await self._databases.read(lambda unit: reading.newest_receipts(unit.sessions, limit))
        return tuple(erasing.receipt_of(row) for row in rows)

    async def part_ids(self, session_id: UUID) -> Mapping[UUID, PartKind]:
        """Return the parts of a session that exist."""
        found = select(parts.c.id, parts.c.kind).where(parts.c.session_id == session_id, ~parts.c.erasing)
        rows = await self._databases.read(lambda unit: unit.sessions.execute(found.order_by(parts.c.id)).all())
        return {row.id: PartKind(row.kind) for row in rows}

    async def _log_read(self, session_id: UUID, purpose: str, now: datetime) -> None:
        # Logged for good before anything is shown. If the session goes meanwhile, the row has nothing to refer to.
        event = was_read(session_id, purpose, now)
        try:
            await self._databases.write(lambda unit: append(unit.sessions, [event]))
        except RowConflictError:
            raise UnknownSessionError("there is no such session, or it has been erased") from None

    async def _find(self, sought: Sequence[Sought]) -> Sequence[Session | StorageError | None]:
        return await each_alone(self._find_all, sought)

    async def _find_all(self, sought: Sequence[Sought]) -> Sequence[Session | None]:
        return await self._reading(lambda unit: finding.find(unit, self._keys, sought))

    async def _reading(self, work: Callable[[Unit], T]) -> T:
        again = True
        while True:
            try:
                return await self._databases.read(work)
            except MissingEpochError as missing:
                await self._keys.provide(missing)
            except SealBrokenError:
                # An erasure may have taken the keys between the looks at the two databases: a second look tells.
                if not again:
                    raise
                again = False


def _marking(
    part_ids: Collection[UUID], reason: ErasureReason, actor: str, now: datetime
) -> Callable[[Unit], set[UUID]]:
    return lambda unit: erasing.mark(unit.sessions, part_ids, reason, actor, now)


def _marking_sessions(session_ids: Collection[UUID]) -> Callable[[Unit], set[UUID]]:
    def mark(unit: Unit) -> set[UUID]:
        erasing.mark_sessions(unit.sessions, session_ids)
        return set()

    return mark


def _consent_states(unit: Unit, session_id: UUID) -> dict[str, ConsentState]:
    reading.known(unit.sessions, session_id)
    found = select(consent_states.c.consent, consent_states.c.state).where(consent_states.c.session_id == session_id)
    return {row.consent: ConsentState(row.state) for row in unit.sessions.execute(found)}
