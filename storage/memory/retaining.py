"""`MemoryRetention`: holds, restrictions and objections of sessions in memory. The reference for the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from storage.errors import RetentionRefusedError, UnknownSessionError
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
    check_review,
)
from storage.ids import uuid7
from storage.ledger.events import Event
from storage.ledger.happened import held, restricted, shortened
from storage.memory.state import MemoryPart, MemorySession, is_operational
from storage.plans import fingerprint
from storage.records import AssignmentState, ClassKind, ErasureReason, Receipt
from storage.retaining import Progress, unwatched
from storage.retention import EVERY_PURPOSE, OBJECTABLE_BASES, check_purpose, is_over, kept_by_any
from storage.shortening import Change, Kept, Promises, Shortening, change, first_later, plan_id, planned_at
from storage.verifying import Difference, PartAsKept, RuleAsKept, SessionAsKept, differences

Take = Callable[[Iterable[MemoryPart], MemorySession, datetime], Awaitable[tuple[Receipt, ...]]]


class MemoryRetention:
    """A `storage.retaining.RetentionStore` in memory."""

    def __init__(self, sessions: Mapping[UUID, MemorySession], take: Take, log: Callable[[Event], None]) -> None:
        """Share the store's sessions, take from it what is marked, and log to it."""
        self._log = log
        self._sessions = sessions
        self._take = take

    async def place_hold(self, session_id: UUID, terms: HoldTerms, now: datetime, parts: Collection[UUID] = ()) -> Hold:
        """Hold a session, with all that it will have, or some of its parts."""
        terms.check(now)
        session, wanted = self._known(session_id), tuple(sorted(set(parts)))
        for hold in session.holds.values():
            if (hold.reason, hold.owner, hold.parts) == (terms.reason, terms.owner, wanted):
                return hold
        if any(each not in session.parts or session.parts[each].erasing is not None for each in wanted):
            raise RetentionRefusedError("a hold names a part that is not there (any more) in this session")
        hold = Hold(uuid7(now), session_id, terms.reason, terms.owner, now, terms.review_at, wanted)
        session.holds[hold.id] = hold
        self._log(held(hold, "placed", now))
        return hold

    async def review_hold(self, session_id: UUID, hold_id: UUID, review_at: datetime, now: datetime) -> Hold:
        """Give a hold its next review date; nothing else extends one."""
        check_review(review_at, now)
        session = self._known(session_id)
        hold = replace(_hold(session, hold_id), review_at=review_at)
        session.holds[hold_id] = hold
        self._log(held(hold, "reviewed", now))
        return hold

    async def release_hold(self, session_id: UUID, hold_id: UUID, now: datetime) -> None:
        """End a hold. What nothing else keeps is due from now on."""
        session = self._known(session_id)
        hold = _hold(session, hold_id)
        del session.holds[hold.id]
        self._log(held(hold, "released", now))

    async def holds(
        self,
        *,
        session_id: UUID | None = None,
        overdue_at: datetime | None = None,
        limit: int = 1000,
        after: HoldPlace | None = None,
    ) -> tuple[Hold, ...]:
        """List holds, those to be reviewed soonest first."""
        found = [
            hold
            for session in self._some(session_id)
            for hold in session.holds.values()
            if (overdue_at is None or hold.review_at <= overdue_at) and (after is None or hold.place > after)
        ]
        return tuple(sorted(found, key=lambda hold: hold.place)[:limit])

    async def restrict(self, session_id: UUID, ground: Ground, now: datetime) -> Restriction:
        """Restrict a session (Art. 18(1)(a) to (c))."""
        if ground is Ground.OBJECTION:
            raise RetentionRefusedError("a restriction by objection (Art. 18(1)(d)) begins with the objection")
        return self._restricted(self._known(session_id), ground, None, now)

    async def lift(self, session_id: UUID, restriction_id: UUID, now: datetime) -> None:
        """End a restriction that is no objection."""
        session = self._known(session_id)
        restriction = _restriction(session, restriction_id)
        if restriction.ground is Ground.OBJECTION:
            raise RetentionRefusedError("an objection is not lifted but decided")
        del session.restrictions[restriction_id]
        self._log(restricted(restriction, "lifted", now))

    async def restrictions(
        self, *, session_id: UUID | None = None, limit: int = 1000, after: RestrictionPlace | None = None
    ) -> tuple[Restriction, ...]:
        """List restrictions, open objections among them, the oldest first."""
        found = [
            each
            for session in self._some(session_id)
            for each in session.restrictions.values()
            if after is None or each.place > after
        ]
        return tuple(sorted(found, key=lambda each: each.place)[:limit])

    async def object(self, session_id: UUID, now: datetime, purpose: str | None = None) -> Restriction:
        """Enter an objection (Art. 21)."""
        if purpose is not None:
            check_purpose(purpose)
        session = self._known(session_id)
        if purpose is not None and not any(
            is_operational(each)
            and each.rule.assignment.purpose == purpose
            and each.rule.assignment.legal_basis in OBJECTABLE_BASES
            for part in session.parts.values()
            for each in part.standing().values()
        ):
            msg = "this purpose does not rest on Art. 6(1)(e) or (f) here, so that it can't be objected to"
            raise RetentionRefusedError(msg)
        objection = self._restricted(session, Ground.OBJECTION, purpose, now)
        session.turn(_covered(objection), AssignmentState.OBJECTED, now)
        return objection

    async def decide(
        self, session_id: UUID, restriction_id: UUID, verdict: Verdict, now: datetime
    ) -> tuple[Receipt, ...]:
        """Decide an objection."""
        session = self._known(session_id)
        objection = _restriction(session, restriction_id)
        if objection.ground is not Ground.OBJECTION:
            raise RetentionRefusedError("this restriction is no objection: lift it")
        del session.restrictions[restriction_id]
        self._log(restricted(objection, verdict.value, now))
        covered = _covered(objection)
        if verdict is Verdict.DISMISSED:
            session.turn(
                lambda each: covered(each) and not is_over(each.rule.assignment, session.over),
                AssignmentState.ACTIVE,
                now,
            )
            return ()
        session.ended.add(objection.purpose or EVERY_PURPOSE)
        left = session.turn(covered, AssignmentState.ENDED, now)
        return await self._erase(left, session, ErasureReason.OBJECTED, "subject", now)

    async def end_purpose(self, session_id: UUID, purpose: str, now: datetime) -> tuple[Receipt, ...]:
        """End an operational purpose for a session; erase at once what nothing else keeps."""
        check_purpose(purpose)
        session = self._known(session_id)
        left = session.turn(
            lambda each: is_operational(each) and each.rule.assignment.purpose == purpose, AssignmentState.ENDED, now
        )
        session.ended.add(purpose)
        return await self._erase(left, session, ErasureReason.ENDED, "controller", now)

    async def blocked(self, session_id: UUID, now: datetime) -> tuple[BlockedPart, ...]:
        """Return the session's parts that no ordinary purpose keeps any more and that still may not be erased."""
        session = self._known(session_id)
        found = []
        for part in (session.parts[key] for key in sorted(session.parts)):
            visible, bars = part.ends().visible_until, session.bars(part)
            statutory = any(each.kind is ClassKind.STATUTORY and each.keeps(now) for each in part.assigned())
            if part.erasing is None and (visible is None or visible <= now) and (bars or statutory):
                found.append(
                    BlockedPart(
                        part.id,
                        part.kind,
                        held=bool(bars & Bar.HOLD),
                        statutory=statutory,
                        restricted=bool(bars & (Bar.RESTRICTION | Bar.OBJECTION)),
                    )
                )
        return tuple(found)

    async def verify(self) -> Mapping[Difference, int]:
        """Compute anew from the rules what is kept; return how often each kind differs."""
        return Counter(each for session in self._sessions.values() for each in differences(_as_kept(session)))

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
        planned = Shortening(plan)
        kept = (each for each in self._kept() if each.part_id < first_later(until))
        changes = [found for each in kept for found in [change(each, promises)] if found is not None]
        planned.add(changes)
        if changes and apply is not None:
            self._log(shortened(plan, digest, planned.parts, now))
            for each in changes:
                await self._apply(each, now)
        await progress(len(self._sessions))
        return planned

    async def _apply(self, changed: Change, now: datetime) -> None:
        session = self._sessions[changed.session_id]
        part = session.parts[changed.part_id]
        old = part.rules.pop(changed.old.id)
        if changed.new is not None and changed.delete_by is not None:
            part.rules[changed.new.id] = RuleAsKept(changed.new, old.state, changed.delete_by)
            return
        part.rules[changed.old.id] = RuleAsKept(old.rule, AssignmentState.ENDED, min(old.delete_by, now))
        if not kept_by_any(part.assigned(), now):
            await self._erase([part], session, ErasureReason.ENDED, "notice", now)

    def _kept(self) -> Iterator[Kept]:
        for session in self._sessions.values():
            for part in (each for each in session.parts.values() if each.erasing is None):
                for each in part.standing().values():
                    yield Kept(
                        session_id=session.new.id,
                        part_id=part.id,
                        channel=session.new.channel,
                        kind=part.kind,
                        collected_at=part.collected_at,
                        events=session.events,
                        rule=each.rule,
                        delete_by=each.delete_by,
                    )

    async def _erase(
        self, parts: Iterable[MemoryPart], session: MemorySession, reason: ErasureReason, actor: str, now: datetime
    ) -> tuple[Receipt, ...]:
        going = list(parts)
        for part in going:
            session.mark(part, reason, actor, now)
        return await self._take(going, session, now)

    def _restricted(self, session: MemorySession, ground: Ground, purpose: str | None, now: datetime) -> Restriction:
        for each in session.restrictions.values():
            if (each.ground, each.purpose) == (ground, purpose):
                return each
        restriction = Restriction(uuid7(now), session.new.id, ground, now, purpose)
        session.restrictions[restriction.id] = restriction
        self._log(restricted(restriction, "begun", now))
        return restriction

    def _known(self, session_id: UUID) -> MemorySession:
        session = self._sessions.get(session_id)
        if session is None or session.gone:
            raise UnknownSessionError("there is no such session, or it has been erased")
        return session

    def _some(self, session_id: UUID | None) -> Iterable[MemorySession]:
        if session_id is None:
            return self._sessions.values()
        session = self._sessions.get(session_id)
        return () if session is None else (session,)


def _covered(objection: Restriction) -> Callable[[RuleAsKept], bool]:
    named = frozenset({objection.purpose or EVERY_PURPOSE})
    return lambda each: is_over(each.rule.assignment, named)


def _hold(session: MemorySession, hold_id: UUID) -> Hold:
    if hold_id not in session.holds:
        raise RetentionRefusedError("this session has no such hold")
    return session.holds[hold_id]


def _restriction(session: MemorySession, restriction_id: UUID) -> Restriction:
    if restriction_id not in session.restrictions:
        raise RetentionRefusedError("this session has no such restriction or objection")
    return session.restrictions[restriction_id]


def _as_kept(session: MemorySession) -> SessionAsKept:
    whole = (Bar.HOLD if session.held else Bar(0)) | (Bar.RESTRICTION if session.restricted else Bar(0))
    parts = [
        PartAsKept(
            collected_at=part.collected_at,
            rules=tuple(part.rules.values()),
            plan=fingerprint(part.standing()),
            ends=part.ends(),
            bars=session.bars(part),
            held=any(part.id in each.parts for each in session.holds.values()),
        )
        for part in session.parts.values()
        if part.erasing is None
    ]
    answers = {consent: (state, session.consented_at[consent]) for consent, state in session.consents.items()}
    return SessionAsKept(session.events, answers, session.over, whole, whole, parts)
