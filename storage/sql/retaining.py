"""`SqlRetention`, the RetentionStore over SQL databases: each method is one transaction, and erasure where it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from storage.crypto.keyring import deletion_month
from storage.holds import (
    Bar,
    BlockedPart,
    Ground,
    Hold,
    HoldPlace,
    HoldTerms,
    Restriction,
    RestrictionPlace,
    Verdict,
)
from storage.ledger.happened import shortened
from storage.records import AssignmentState, ClassKind, PartKind, Receipt
from storage.retaining import Progress, unwatched
from storage.shortening import Change, Promises, Shortening, plan_id, planned_at
from storage.sql import holding, shortening, verifying
from storage.sql.databases import Databases, Unit, lock_sessions
from storage.sql.eraser import Eraser
from storage.sql.keys import KeyStore
from storage.sql.ledger import append
from storage.sql.reading import known
from storage.sql.tables import assignments, parts, rules
from storage.verifying import Difference


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Some sessions that a plan goes through, in the order of their ids."""

    promises: Promises
    until: datetime
    after: UUID | None
    last: UUID

    def changes(self, unit: Unit) -> list[Change]:
        """Return what the plan changes of them as they are now."""
        return shortening.changes_of(unit.sessions, self.promises, self.until, self.after, self.last)


class SqlRetention:
    """A `storage.retaining.RetentionStore` over SQL databases."""

    def __init__(self, databases: Databases, keys: KeyStore, eraser: Eraser) -> None:
        """Take the databases and keys, and what erases."""
        self._databases = databases
        self._keys = keys
        self._eraser = eraser

    async def place_hold(self, session_id: UUID, terms: HoldTerms, now: datetime, parts: Collection[UUID] = ()) -> Hold:
        """Hold a session, with all that it will have, or some of its parts."""
        # Terms and session are looked at again with the lock; here they only save keys from moving for nothing.
        terms.check(now)
        await self._move_keys(session_id, terms.review_at, parts)
        return await self._databases.write(lambda unit: holding.place(unit.sessions, session_id, terms, parts, now))

    async def review_hold(self, session_id: UUID, hold_id: UUID, review_at: datetime, now: datetime) -> Hold:
        """Give a hold its next review date; nothing else extends one."""
        hold = await self._databases.write(
            lambda unit: holding.review(unit.sessions, session_id, hold_id, review_at, now)
        )
        await self._move_keys(session_id, review_at, hold.parts)
        return hold

    async def release_hold(self, session_id: UUID, hold_id: UUID, now: datetime) -> None:
        """End a hold. What nothing else keeps is due from now on."""
        await self._databases.write(lambda unit: holding.release(unit.sessions, session_id, hold_id, now))

    async def holds(
        self,
        *,
        session_id: UUID | None = None,
        overdue_at: datetime | None = None,
        limit: int = 1000,
        after: HoldPlace | None = None,
    ) -> tuple[Hold, ...]:
        """List holds, those to be reviewed soonest first."""
        return await self._databases.read(
            lambda unit: holding.list_holds(
                unit.sessions, session_id=session_id, overdue_at=overdue_at, limit=limit, after=after
            )
        )

    async def restrict(self, session_id: UUID, ground: Ground, now: datetime) -> Restriction:
        """Restrict a session (Art. 18(1)(a) to (c))."""
        return await self._databases.write(lambda unit: holding.restrict(unit.sessions, session_id, ground, now))

    async def lift(self, session_id: UUID, restriction_id: UUID, now: datetime) -> None:
        """End a restriction that is no objection."""
        await self._databases.write(lambda unit: holding.lift(unit.sessions, session_id, restriction_id, now))

    async def restrictions(
        self, *, session_id: UUID | None = None, limit: int = 1000, after: RestrictionPlace | None = None
    ) -> tuple[Restriction, ...]:
        """List restrictions, open objections among them, the oldest first."""
        return await self._databases.read(
            lambda unit: holding.list_restrictions(unit.sessions, session_id, limit, after)
        )

    async def object(self, session_id: UUID, now: datetime, purpose: str | None = None) -> Restriction:
        """Enter an objection (Art. 21)."""
        return await self._databases.write(lambda unit: holding.object_to(unit.sessions, session_id, purpose, now))

    async def decide(
        self, session_id: UUID, restriction_id: UUID, verdict: Verdict, now: datetime
    ) -> tuple[Receipt, ...]:
        """Decide an objection."""
        return await self._eraser.erase(
            lambda unit: holding.decide(unit.sessions, session_id, restriction_id, verdict, now)
        )

    async def end_purpose(self, session_id: UUID, purpose: str, now: datetime) -> tuple[Receipt, ...]:
        """End an operational purpose for a session; erase at once what nothing else keeps."""
        return await self._eraser.erase(lambda unit: holding.end_purpose(unit.sessions, session_id, purpose, now))

    async def blocked(self, session_id: UUID, now: datetime) -> tuple[BlockedPart, ...]:
        """Return the session's parts that no ordinary purpose keeps any more and that still may not be erased."""
        return await self._databases.read(lambda unit: _blocked(unit.sessions, session_id, now))

    async def verify(self) -> Mapping[Difference, int]:
        """Compute anew from the rules what is materialised; return how often each kind differs."""
        total: Counter[Difference] = Counter()
        last: UUID | None = None
        while True:
            after = last
            found, last = await self._databases.read(lambda unit: verifying.verify(unit.sessions, after))  # noqa: B023
            total += found
            if last is None:
                return dict(total)

    async def shortening(
        self,
        promises: Promises,
        digest: str,
        now: datetime,
        *,
        apply: str | None = None,
        progress: Progress = unwatched,
    ) -> Shortening:
        """Return what a new notice shortens; with `apply`, a plan's id, shorten it."""
        plan = apply or plan_id(promises, digest, now)
        until = planned_at(plan, promises, digest, now)
        most = shortening.SHOWN_AT_ONCE if apply is None else shortening.APPLIED_AT_ONCE
        planned, looked_at, last = Shortening(plan), 0, None
        while True:
            after = last
            last, count = await self._databases.read(
                lambda unit: shortening.next_sessions(unit.sessions, after, most)  # noqa: B023
            )
            if last is None:
                return planned
            stretch = _Stretch(promises, until, after, last)
            changes = await self._databases.read(stretch.changes)
            if changes and apply is not None:
                changes = await self._shorten(stretch, plan, digest, now)
            planned.add(changes)
            looked_at += count
            await progress(looked_at)

    async def _shorten(self, stretch: _Stretch, plan: str, digest: str, now: datetime) -> list[Change]:
        """Shorten what some sessions have, with its event; returns what was changed."""
        changes: list[Change] = []

        def shorten(unit: Unit) -> set[UUID]:
            lock_sessions(unit.sessions, {each.session_id for each in stretch.changes(unit)})
            # Once more, under the locks: another process may have changed them since.
            changes[:] = stretch.changes(unit)
            if changes:
                parts_changed = len({each.part_id for each in changes})
                append(unit.sessions, [shortened(plan, digest, parts_changed, now)])
            return shortening.apply(unit.sessions, changes, now)

        await self._eraser.erase(shorten)
        return changes

    async def _move_keys(self, session_id: UUID, review_at: datetime, wanted: Collection[UUID]) -> None:
        """Move the keys of what is held under the epoch key of the review's month, if their own ends before it."""
        owners = await self._databases.read(lambda unit: _parts_of(unit.sessions, session_id, wanted))
        if owners:
            await self._keys.rewrap(owners, deletion_month(review_at))


def _parts_of(connection: Connection, session_id: UUID, wanted: Collection[UUID]) -> dict[UUID, UUID]:
    found = select(parts.c.id).where(parts.c.session_id == session_id, ~parts.c.erasing)
    if wanted:
        found = found.where(parts.c.id.in_(wanted))
    return dict.fromkeys(connection.execute(found).scalars(), session_id)


def _blocked(connection: Connection, session_id: UUID, now: datetime) -> tuple[BlockedPart, ...]:
    known(connection, session_id)
    each = assignments.c
    statutory = set(
        connection.execute(
            select(each.part_id)
            .join(rules, rules.c.id == each.rule_id)
            .where(each.session_id == session_id, each.state == AssignmentState.ACTIVE.value, each.delete_by > now)
            .where(rules.c.kind == ClassKind.STATUTORY.value)
        ).scalars()
    )
    found = select(parts.c.id, parts.c.kind, parts.c.bars, parts.c.visible_until)
    rows = connection.execute(found.where(parts.c.session_id == session_id, ~parts.c.erasing).order_by(parts.c.id))
    return tuple(
        BlockedPart(
            row.id,
            PartKind(row.kind),
            held=bool(row.bars & Bar.HOLD),
            statutory=row.id in statutory,
            restricted=bool(row.bars & (Bar.RESTRICTION | Bar.OBJECTION)),
        )
        for row in rows
        if (row.visible_until is None or row.visible_until <= now) and (row.bars or row.id in statutory)
    )
