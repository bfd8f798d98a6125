"""What can be done to the time that something is kept. Implementations: `storage.memory` and `storage.sql`.

Every method but `shortening` is all or nothing. It is durable when it returns, and what is materialised is set anew in
the same step.
All raise `StoreUnavailableError` when the store can't be reached or written, `UnknownSessionError` for a session
that is not there, and `RetentionRefusedError` for what can't be as it was asked for; nothing has changed then.

Nothing is erased against a hold or a statutory period that runs, whatever the reason. What was to be erased and is
kept by one of them loses its ordinary purposes in that second: it is blocked (Section 35(3) BDSG), listed by
`blocked`, and erased for the first reason as soon as nothing stands against it.

Nothing is erased by expiry while its session is restricted, for a restriction leaves storing only (Art. 18(2)).
What the data subject asks for (withdrawal, erasure, an objection that is upheld) a restriction does not stop.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from storage.holds import (
    BlockedPart,
    Ground,
    Hold,
    HoldPlace,
    HoldTerms,
    Restriction,
    RestrictionPlace,
    Verdict,
)
from storage.records import Receipt
from storage.shortening import Promises, Shortening
from storage.verifying import Difference

Progress = Callable[[int], Awaitable[None]]


async def unwatched(_looked_at: int) -> None:
    """Tell nobody how far it has come."""


class RetentionStore(Protocol):
    """Holds, restrictions, objections, ended purposes, and the proof that all days are as the rules say."""

    async def place_hold(self, session_id: UUID, terms: HoldTerms, now: datetime, parts: Collection[UUID] = ()) -> Hold:
        """Hold a session, with all that it will have, or some of its parts.

        The same hold placed again is returned as it is: its review date does not move.
        """

    async def review_hold(self, session_id: UUID, hold_id: UUID, review_at: datetime, now: datetime) -> Hold:
        """Give a hold its next review date; nothing else extends one."""

    async def release_hold(self, session_id: UUID, hold_id: UUID, now: datetime) -> None:
        """End a hold. What nothing else keeps is due from now on."""

    async def holds(
        self,
        *,
        session_id: UUID | None = None,
        overdue_at: datetime | None = None,
        limit: int = 1000,
        after: HoldPlace | None = None,
    ) -> tuple[Hold, ...]:
        """List holds, those to be reviewed soonest first; with `overdue_at` those whose date has passed by then.

        With `after`, the place of a hold in that order, only those behind it.
        """

    async def restrict(self, session_id: UUID, ground: Ground, now: datetime) -> Restriction:
        """Restrict a session (Art. 18(1)(a) to (c)); a ground that it is restricted on already is returned as it is."""

    async def lift(self, session_id: UUID, restriction_id: UUID, now: datetime) -> None:
        """End a restriction that is no objection. What has expired meanwhile is due from now on."""

    async def restrictions(
        self, *, session_id: UUID | None = None, limit: int = 1000, after: RestrictionPlace | None = None
    ) -> tuple[Restriction, ...]:
        """List restrictions, open objections among them, the oldest first; `after` as for `holds`."""

    async def object(self, session_id: UUID, now: datetime, purpose: str | None = None) -> Restriction:
        """Enter an objection (Art. 21) to a purpose, or to all that rests on Art. 6(1)(e) or (f) but legal claims.

        Until it is decided what it covers is stored and not read; one to everything restricts the whole session
        (Art. 18(1)(d)). Refused for a purpose that does not rest on Art. 6(1)(e) or (f) here.
        """

    async def decide(
        self, session_id: UUID, restriction_id: UUID, verdict: Verdict, now: datetime
    ) -> tuple[Receipt, ...]:
        """Decide an objection. Upheld: what it covers ends, also for later turns, and what nothing else keeps goes."""

    async def end_purpose(self, session_id: UUID, purpose: str, now: datetime) -> tuple[Receipt, ...]:
        """End an operational purpose for a session, also for later turns; erase at once what nothing else keeps.

        Refused for what no purpose is called.
        """

    async def blocked(self, session_id: UUID, now: datetime) -> tuple[BlockedPart, ...]:
        """Return the session's parts that no ordinary purpose keeps any more and that still may not be erased."""

    async def verify(self) -> Mapping[Difference, int]:
        """Compute anew from the rules what is materialised; return how often each kind differs (none: empty)."""

    async def shortening(
        self,
        promises: Promises,
        digest: str,
        now: datetime,
        *,
        apply: str | None = None,
        progress: Progress = unwatched,
    ) -> Shortening:
        """Return what a new notice (with its digest) shortens of what is kept now.

        With `apply`, a plan's id, shorten what that plan has shown and is there still, some sessions in one step: what
        breaks off can be done again. `progress` is told how many sessions have been looked at.
        Raises RetentionRefusedError for a plan of another notice, or one that is too old.
        """
