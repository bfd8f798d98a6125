"""Twelve simulated years of retention, a million parts, against a plain oracle.

    python -m benchmarks.retention_years [--parts 1000000] [--years 12] [--seed 1] [--processes N] [--json]

Sessions open all the time; what happens to them is left to chance: events, withdrawals, holds, restrictions,
objections, requests to erase. At each sweep the store says what is due and until when each part was kept, and the
oracle says the same by itself: to the second and part by part. So it counts what was erased early, late, or against
a hold, how often a part's state or a read differed, and days that are not as the rules say. All of it should be 0.

No session has to do with another, so that the parts live their years 20,000 at a time, in several processes.
`python -m benchmarks.torture --only years` does the same in batches, and goes on from where it stopped.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import itertools
import os
import random  # noqa: TID251 - a seed makes a run repeatable
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from benchmarks.pieces import counted, parts_of
from benchmarks.retention_oracle import KINDS, KeptPart, KeptSession, days
from storage import (
    Assignment,
    ClassKind,
    ConsentRecord,
    ConsentState,
    DeletionClass,
    ErasureReason,
    Ground,
    HoldTerms,
    NewSession,
    PartKind,
    Plan,
    PurposeRefusedError,
    Receipt,
    RetentionRefusedError,
    RoundTo,
    SessionEvent,
    Speaker,
    StartEvent,
    Turn,
    UnknownSessionError,
    Verdict,
    Write,
    uuid7,
)
from storage.memory import MemoryStore
from storage.retention import Assigned, state
from storage.verifying import RuleAsKept

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SWEEP_EVERY = days(28)
COMPARE_EVERY = 13  # sweeps: about a year; comparing all that is kept takes far longer than sweeping it
READ_AT_A_SWEEP = 2000
AT_ONCE = 20_000
NOTHING = Plan({})


def rule(purpose: str) -> Assignment:
    """Return the assignment of a purpose of the oracle, as a notice would say it."""
    start, period, longest = {
        "improve": (StartEvent.COLLECTION, "P30D", "P1Y"),
        "defend": (StartEvent.COLLECTION, "P90D", "P1Y"),
        "train": (StartEvent.COLLECTION, "P60D", "P1Y"),
        "serve": (StartEvent.SESSION_END, "P10D", "P200D"),
        "books": (StartEvent.MATTER_RESOLVED, "P1Y", "P400D"),
    }[purpose]
    basis = {"serve": "A6-1-b", "train": "A6-1-a", "books": "A6-1-c"}.get(purpose, "A6-1-f")
    its_class = DeletionClass(purpose, start, period, "UTC", longest)
    if purpose == "books":
        its_class = DeletionClass(purpose, start, period, "UTC", longest, ClassKind.STATUTORY, RoundTo.YEAR_END)
    given = "training" if purpose == "train" else None
    return Assignment(purpose, basis, its_class, given, legal_claims=purpose == "defend")


PURPOSES = sorted({purpose for purposes in KINDS.values() for purpose in purposes})
PLAN = Plan({PartKind(kind): tuple(map(rule, purposes)) for kind, purposes in KINDS.items()})
Act = Callable[[KeptSession, datetime], Awaitable[None]]


@dataclass
class Found:
    """What a run has counted; all but the first five should be 0."""

    sessions: int = 0
    parts: int = 0
    erased: int = 0
    sweeps: int = 0
    compared: int = 0
    early: int = 0
    late: int = 0
    against_a_hold: int = 0
    other_day: int = 0
    other_state: int = 0
    other_read: int = 0
    unverified: int = 0
    happened: Counter[str] = field(default_factory=Counter)

    @property
    def wrong(self) -> int:
        """How much is not as it should be."""
        return sum(getattr(self, name) for name in _WRONG)


_WRONG = ("early", "late", "against_a_hold", "other_day", "other_state", "other_read", "unverified")
_COUNTED = ("sessions", "parts", "erased", "sweeps", "compared", *_WRONG)


class Years:
    """The store, the oracle's sessions and what is to happen to them."""

    def __init__(self, seed: int | str) -> None:
        """Start empty."""
        self.found = Found()
        self._dice = random.Random(seed)
        self._store = MemoryStore()
        self._sessions: dict[UUID, KeptSession] = {}
        self._coming: list[tuple[datetime, int, KeptSession, Act]] = []
        self._order = itertools.count()

    async def run(self, parts: int, years: int) -> Found:
        """Simulate, until about so many parts have been made over the years, and then until all are gone."""
        end = BEGIN + days(365 * years)
        sessions = parts * 4 // 9  # two parts a session, and one more where there is consent
        between = (end - BEGIN) / sessions
        now, swept = BEGIN, BEGIN
        while now < end:
            now += between
            await self._until(now)
            await self._open(now)
            if now - swept >= SWEEP_EVERY:
                await self._sweep(now)
                swept = now
        while self._sessions:
            now += SWEEP_EVERY
            await self._until(now)
            await self._sweep(now)
        return self.found

    async def _until(self, now: datetime) -> None:
        while self._coming and self._coming[0][0] <= now:
            at, _, session, act = heapq.heappop(self._coming)
            if session.id in self._sessions:
                await act(session, at)

    def _later(self, session: KeptSession, now: datetime, longest: int, act: Act) -> None:
        at = now + timedelta(seconds=self._dice.randint(1, longest * 86400))
        heapq.heappush(self._coming, (at, next(self._order), session, act))

    async def _open(self, now: datetime) -> None:
        session = KeptSession(uuid7(now), consent=self._dice.random() < 0.25)
        new = NewSession(session.id, "chat", "1", "0" * 64, now, session.id.bytes * 2)
        given = (_answer(ConsentState.GIVEN, now),) if session.consent else ()
        said = Turn(Speaker.SUBJECT, "words", now, original="words")
        await self._store.write(Write(session.id, PLAN, now, new=new, turns=(said,), consents=given))
        for part_id, kind in (await self._store.part_ids(session.id)).items():
            state_of = dict.fromkeys(session.allowed(kind.value), "on")
            session.parts.append(KeptPart(part_id, kind.value, now, state_of))
        self._sessions[session.id] = session
        self.found.sessions += 1
        self.found.parts += len(session.parts)
        chances: tuple[tuple[float, int, Act], ...] = (
            (0.7, 3, self._ended),
            (0.02, 400, self._ended),  # perhaps after the 200 days that it may be open
            (0.4, 500, self._resolved),
            (0.2 if session.consent else 0.0, 70, self._withdrawn),
            (0.04, 120, self._held),
            (0.02, 120, self._restricted),
            (0.03, 120, self._objected),
            (0.02, 120, self._requested),
            (0.01, 60, self._purpose_ended),
        )
        for chance, longest, act in chances:
            if self._dice.random() < chance:
                self._later(session, now, longest, act)

    async def _ended(self, session: KeptSession, now: datetime) -> None:
        await self._store.write(Write(session.id, NOTHING, now, events=(SessionEvent.SESSION_END,)))
        session.ended = session.ended or now
        self.found.happened["session-end"] += 1

    async def _resolved(self, session: KeptSession, now: datetime) -> None:
        await self._store.write(Write(session.id, NOTHING, now, events=(SessionEvent.MATTER_RESOLVED,)))
        session.resolved = session.resolved or now
        self.found.happened["matter-resolved"] += 1

    async def _withdrawn(self, session: KeptSession, now: datetime) -> None:
        record = _answer(ConsentState.WITHDRAWN, now)
        await self._store.write(Write(session.id, NOTHING, now, consents=(record,)))
        receipts = await self._store.withdraw(session.id, "training", now)
        session.consent = False
        self._gone(session, session.turn_off({"train"}, now, session.parts), receipts, now, asked=True)
        self.found.happened["withdrawal"] += 1

    async def _held(self, session: KeptSession, now: datetime) -> None:
        some = frozenset({self._dice.choice(session.parts).id}) if self._dice.random() < 0.5 else None
        hold = await self._store.retention.place_hold(
            session.id, HoldTerms("case-1", "legal", now + days(90)), now, some or ()
        )
        session.holds[hold.id] = some
        self.found.happened["hold"] += 1

        async def release(session: KeptSession, now: datetime) -> None:
            if hold.id in session.holds:
                await self._store.retention.release_hold(session.id, hold.id, now)
                del session.holds[hold.id]

        self._later(session, now, 700, release)

    async def _restricted(self, session: KeptSession, now: datetime) -> None:
        restriction = await self._store.retention.restrict(session.id, Ground.CLAIMS, now)
        session.restrictions.add(restriction.id)
        self.found.happened["restriction"] += 1

        async def lift(session: KeptSession, now: datetime) -> None:
            await self._store.retention.lift(session.id, restriction.id, now)
            session.restrictions.remove(restriction.id)

        self._later(session, now, 200, lift)

    async def _objected(self, session: KeptSession, now: datetime) -> None:
        purpose = self._dice.choice([None, "improve", "defend"])
        try:
            objection = await self._store.retention.object(session.id, now, purpose)
        except RetentionRefusedError:
            return  # nothing is left to object to
        session.objections[objection.id] = purpose
        for part in session.parts:
            for each in session.covered(purpose) & part.standing():
                part.state[each] = "put"
        self.found.happened["objection"] += 1
        self._later(session, now, 60, lambda session, now: self._decided(session, now, objection.id))

    async def _decided(self, session: KeptSession, now: datetime, objection: UUID) -> None:
        verdict = self._dice.choice(list(Verdict))
        receipts = await self._store.retention.decide(session.id, objection, verdict, now)
        purpose = session.objections.pop(objection)
        if verdict is Verdict.UPHELD:
            session.over.add(purpose)
            left = session.turn_off(session.covered(purpose), now, session.parts)
            self._gone(session, left, receipts, now, asked=True)
            return
        for part in session.parts:
            for each in session.covered(purpose) & part.standing():
                part.state[each] = "on"

    async def _requested(self, session: KeptSession, now: datetime) -> None:
        parts = [part.id for part in session.parts]
        receipts = await self._store.erase(parts, ErasureReason.REQUESTED, now, "subject")
        self._gone(session, session.parts, receipts, now, asked=True)
        self.found.happened["request"] += 1

    async def _purpose_ended(self, session: KeptSession, now: datetime) -> None:
        receipts = await self._store.retention.end_purpose(session.id, "improve", now)
        session.over.add("improve")
        self._gone(session, session.turn_off({"improve"}, now, session.parts), receipts, now, asked=False)
        self.found.happened["purpose-end"] += 1

    def _gone(
        self, session: KeptSession, left: list[KeptPart], receipts: tuple[Receipt, ...], now: datetime, *, asked: bool
    ) -> None:
        held = {part.id for part in session.parts if session.held(part)}
        expected = {part.id for part in session.drop(left, now, asked=asked)}
        self._count({receipt.part_id for receipt in receipts}, expected, held)
        self._forget(session)

    def _count(self, erased: set[UUID], expected: set[UUID], held: set[UUID]) -> None:
        self.found.erased += len(erased)
        self.found.early += len(erased - expected)
        self.found.late += len(expected - erased)
        self.found.against_a_hold += len(erased & held)

    def _forget(self, session: KeptSession) -> None:
        if not session.parts:
            self._sessions.pop(session.id, None)

    async def _sweep(self, now: datetime) -> None:
        if self.found.sweeps % COMPARE_EVERY == 0:
            await self._compare(now)
        ends = {part.id: (each, part) for each in self._sessions.values() for part in each.due(now)}
        held = {p.id for each in self._sessions.values() if each.holds for p in each.parts if each.held(p)}
        due = await self._store.due(now, limit=self.found.parts)
        for part in due:
            if part.part_id in ends:
                self.found.other_day += part.due_at != ends[part.part_id][0].last_end(ends[part.part_id][1])
        receipts = await self._store.erase([part.part_id for part in due], ErasureReason.EXPIRED, now, "sweep")
        self._count({receipt.part_id for receipt in receipts}, set(ends), held)
        for session, gone in ends.values():
            session.parts.remove(gone)
            self._forget(session)
        self.found.sweeps += 1
        self._store._receipts.clear()  # noqa: SLF001 - a million of them would only fill the memory

    async def _compare(self, now: datetime) -> None:
        """Compare states by both functions, some reads, and all that is materialised."""
        words: Counter[str] = Counter()
        for session in self._sessions.values():
            words.update(session.word(part, now) for part in session.parts)
        counted = {each.value: count for each, count in (await self._store.figures(now)).states.items()}
        self.found.other_state += sum(abs(words[each] - counted.get(each, 0)) for each in {*words, *counted})
        self.found.compared += sum(words.values())
        self.found.unverified += sum((await self._store.retention.verify()).values())
        every = list(self._sessions.values())
        for session in self._dice.sample(every, min(READ_AT_A_SWEEP, len(every))):
            await self._compare_one(session, now)

    async def _compare_one(self, session: KeptSession, now: datetime) -> None:
        kept = self._store._sessions[session.id]  # noqa: SLF001 - the pure function takes what is kept
        for part in session.parts:
            its = kept.parts[part.id]
            holds = [each for each in kept.holds.values() if not each.parts or part.id in each.parts]
            restrictions = [each for each in kept.restrictions.values() if each.purpose is None]
            found = state([_assigned(each) for each in its.rules.values()], holds, restrictions, now)
            self.found.other_state += found.value != session.word(part, now)
        for purpose in PURPOSES:
            try:
                await self._store.read(session.id, purpose, now)
                read = True
            except (PurposeRefusedError, UnknownSessionError):
                read = False
            self.found.other_read += read != session.readable(purpose, now)


def _assigned(each: RuleAsKept) -> Assigned:
    return Assigned(each.rule.assignment.deletion_class.kind, each.state, each.delete_by)


def _answer(said: ConsentState, at: datetime) -> ConsentRecord:
    return ConsentRecord("training", said, at, "n", "1", "0" * 64, "en", "May we?", "click", ("train",))


def live(life: tuple[int, int, str]) -> Counter[str]:
    """Return what is counted in a life of so many parts, years, with a seed."""
    parts, years, seed = life
    found = asyncio.run(Years(seed).run(parts, years))
    return Counter({name: getattr(found, name) for name in _COUNTED}) + found.happened


def main() -> None:
    """Run and print what was counted; exit status 1 if anything is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--parts", type=int, default=1_000_000)
    parser.add_argument("--years", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    began = time.perf_counter()
    lives = [
        (parts, arguments.years, f"{arguments.seed} {number}")
        for number, parts in enumerate(parts_of(arguments.parts, AT_ONCE))
    ]
    count = counted(live, lives, arguments.processes)
    document: dict[str, object] = {name: count.pop(name, 0) for name in _COUNTED}
    document |= {"happened": dict(count), "years": arguments.years, "seed": arguments.seed}
    document["seconds"] = round(time.perf_counter() - began, 1)
    if arguments.json:
        print(orjson.dumps(document).decode())
    else:
        for name, value in document.items():
            print(f"{name.replace('_', ' ')}: {value}")
    if any(document[name] for name in _WRONG):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
