"""What a session store can do. Implementations: `storage.memory` (the reference) and `storage.sql`.

Every method is all or nothing and durable when it returns. Every `now` is an aware datetime in UTC.
All raise `StoreUnavailableError` when the store can't be reached or written; nothing has changed then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from storage.access import AccessStore
from storage.copies import CopyStore
from storage.errands import ErrandStore
from storage.leases import LeaseStore
from storage.ledger.protocol import Ledger
from storage.planning import PlanStore
from storage.proving import ProofStore
from storage.recordings.protocol import RecordingStore
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
from storage.retaining import RetentionStore
from storage.spool.protocol import TurnSpool
from storage.surveys import SurveyStore


class SessionStore(Protocol):
    """Sealed sessions with purposes and an expiry."""

    @property
    def ledger(self) -> Ledger:
        """The log of what was done in this store: erasures, answers, disclosures, reads, holds, restrictions."""

    @property
    def recordings(self) -> RecordingStore:
        """The recordings of the sessions."""

    @property
    def surveys(self) -> SurveyStore:
        """Survey answers, which belong to no session."""

    @property
    def errands(self) -> ErrandStore:
        """What is still to be done elsewhere."""

    @property
    def requests(self) -> RequestStore:
        """Requests of data subjects, and messages to recipients."""

    @property
    def copies(self) -> CopyStore:
        """What is held, for its subjects."""

    @property
    def leases(self) -> LeaseStore:
        """Which of the processes on this store leads."""

    @property
    def retention(self) -> RetentionStore:
        """What can be done to the time that something is kept."""

    @property
    def proofs(self) -> ProofStore:
        """What promises are checked by."""

    @property
    def access(self) -> AccessStore:
        """Who may use the desk, and what two people have to want."""

    @property
    def plans(self) -> PlanStore:
        """What the plan of a changed notice shows, as far as it has been counted."""

    @property
    def spool(self) -> TurnSpool | None:
        """What holds turns while the databases are away; None where nothing does."""

    async def start(self) -> None:
        """Connect, bring the schema up to date, finish open erasures. Raises KeyUnavailableError."""

    async def close(self) -> None:
        """Finish what was accepted and let go of connections and keys."""

    async def check(self) -> None:
        """Raise StoreUnavailableError or KeyUnavailableError unless both databases and the root key serve now."""

    def key_state(self) -> KeyState:
        """Return whether the root key can be reached; while it can't, keys in memory serve for an hour at most."""

    async def find(self, locator: Locator, now: datetime) -> Session | None:
        """Return the session, or None if there is none, it is erased, or the token is not its own."""

    async def find_by(self, identifier: Identifier, now: datetime) -> tuple[UUID, ...]:
        """Return the sessions with a turn that had this identifier, newest first, whatever they are kept for.

        Only what was written with identifiers is found, as long as the part that has the turn, or the connection, is
        there.
        """

    async def write(self, write: Write) -> Written:
        """Seal and add; opens the session if `write.new` is set. Raises UnknownSessionError if it has gone.

        With a spool, turns of sessions that were written here lately may wait there until the databases are back;
        they are stored then as a write of that moment would be, and until then only `find` knows them.
        The keys of new parts are durable before any row that needs them. Writes of concurrent
        conversations share one transaction.

        An assignment of the plan whose consent is not given now, this write's own records counted, is
        left out, and so is one that has ended by `write.now`, for content that comes late. A consent record that
        is not `given` ends in the same step every assignment that rests on the consent: what is left with none
        can't be read any more and is due.
        """

    async def withdraw(self, session_id: UUID, consent: str, now: datetime) -> tuple[Receipt, ...]:
        """Erase what the withdrawal of a consent has left with no purpose, after its record has been written.

        Where the consent is given, the record's own withdrawal has been followed by another answer: nothing ends that
        rests on it, and only what had been left before is erased.
        May be called again: returns the receipts of what this call has erased.
        """

    async def read(self, session_id: UUID, purpose: str, now: datetime) -> Transcript:
        """Return what the purpose may see. Raises UnknownSessionError or PurposeRefusedError."""

    async def sessions(
        self,
        now: datetime,
        *,
        channel: str | None = None,
        purpose: str | None = None,
        limit: int = 100,
        after: UUID | None = None,
    ) -> tuple[SessionSummary, ...]:
        """List sessions with something live in them, newest first; `after` continues a list behind that id."""

    async def end_idle(self, idle_since: datetime, channel: str, now: datetime) -> int:
        """End the channel's open sessions whose last turn is before `idle_since`; returns how many."""

    async def due(self, now: datetime, limit: int = 1000) -> Sequence[DuePart]:
        """List parts whose last purpose has ended, oldest first, then those whose erasure was begun."""

    async def erase(
        self, parts: Collection[UUID], reason: ErasureReason, now: datetime, actor: str
    ) -> tuple[Receipt, ...]:
        """Erase parts for good: unreadable at once, then keys, then rows, then a receipt each.

        Parts that do not exist are passed over, and so are those that have not expired where the reason is that
        they have. A session whose last part goes is erased with it. What a hold, a statutory period or a
        restriction keeps stays; see `storage.retaining`.
        """

    async def figures(self, now: datetime) -> Figures:
        """Count what is kept."""

    async def consent_states(self, session_id: UUID) -> Mapping[str, ConsentState]:
        """Return the current state of each consent of a session. Raises UnknownSessionError."""

    async def receipts(self, limit: int = 100) -> tuple[Receipt, ...]:
        """Return the newest receipts."""

    async def part_ids(self, session_id: UUID) -> Mapping[UUID, PartKind]:
        """Return the parts of a session that exist."""
