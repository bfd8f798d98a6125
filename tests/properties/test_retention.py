"""Simulated years of a store against a plain oracle: nothing erased early, nothing late, nothing against a hold."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from benchmarks.retention_oracle import KINDS, OBJECTABLE, KeptPart, KeptSession
from benchmarks.retention_years import PLAN
from storage import (
    ConsentState,
    ErasureReason,
    Ground,
    HoldTerms,
    Plan,
    PurposeRefusedError,
    RetentionRefusedError,
    SessionEvent,
    SessionStore,
    UnknownSessionError,
    Verdict,
)
from storage.memory import MemoryStore
from tests.unit.storage.builders import NOW, Customer, consent, prepared, sql_store, turn

T = TypeVar("T")
YEARS = timedelta(days=12 * 365)
MOST_SESSIONS = 3  # few, so that much happens to each


PURPOSES = sorted({purpose for purposes in KINDS.values() for purpose in purposes})
WHICH = st.integers(0, 1 << 16)


class Years(RuleBasedStateMachine):
    """Whatever happens to sessions, in any order, over years."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.now = NOW
        self.sessions: list[KeptSession] = []
        self.customers: dict[UUID, Customer] = {}
        self.erased = 0
        self.store = self.run(self.make())
        self.run(self.store.start())

    async def make(self) -> SessionStore:
        return MemoryStore()

    def run(self, work: Awaitable[T]) -> T:
        async def waiting() -> T:
            return await work

        return self.runner.run(waiting())

    def teardown(self) -> None:
        assert self.run(self.store.retention.verify()) == {}
        self.run(self.store.close())
        self.runner.close()

    @initialize()
    def first(self) -> None:
        self.opens()

    @precondition(lambda self: len(self.sessions) < MOST_SESSIONS)
    @rule()
    def opens(self) -> None:
        customer = Customer(hashlib.sha256(str(len(self.customers)).encode()).hexdigest(), now=self.now)
        session = KeptSession(customer.id)
        self.customers[customer.id] = customer
        self.sessions.append(session)
        self._write(session, customer.opening(PLAN, now=self.now, turns=self._turn()))

    @rule(which=WHICH)
    def says(self, which: int) -> None:
        session = self._one(which)
        if session is not None:
            self._write(session, self.customers[session.id].write(PLAN, now=self.now, turns=self._turn()))

    @rule(length=st.one_of(st.integers(0, 40), st.integers(0, 400)))
    def time_passes(self, length: int) -> None:
        if self.now - NOW < YEARS:
            self.now += timedelta(days=length)

    @rule()
    def sweeps(self) -> None:
        expected = {part.id for session in self.sessions for part in session.due(self.now)}
        found = self.run(self.store.due(self.now, limit=10_000))
        receipts = self.run(
            self.store.erase([part.part_id for part in found], ErasureReason.EXPIRED, self.now, "sweep")
        )
        assert {receipt.part_id for receipt in receipts} == expected
        for session in self.sessions:
            session.parts = [part for part in session.parts if part.id not in expected]
        self._forget()

    @rule(which=WHICH, given=st.booleans())
    def answers(self, which: int, given: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        session = self._one(which)
        if session is None:
            return
        answer = ConsentState.GIVEN if given else ConsentState.WITHDRAWN
        record = consent(answer, at=self.now)
        self.run(self.store.write(self.customers[session.id].write(Plan({}), now=self.now, consents=record)))
        session.consent = given
        if not given:
            receipts = self.run(self.store.withdraw(session.id, "training", self.now))
            left = session.turn_off({"train"}, self.now, session.parts)
            self._gone(session, left, receipts, asked=True)

    @rule(which=WHICH, event=st.sampled_from([SessionEvent.SESSION_END, SessionEvent.MATTER_RESOLVED]))
    def happens(self, which: int, event: SessionEvent) -> None:
        session = self._one(which)
        if session is None:
            return
        self.run(self.store.write(self.customers[session.id].write(Plan({}), now=self.now, events=event)))
        if event is SessionEvent.SESSION_END:
            session.ended = session.ended or self.now
        else:
            session.resolved = session.resolved or self.now

    @rule(which=WHICH, part=st.one_of(st.none(), WHICH))
    def held(self, which: int, part: int | None) -> None:
        session = self._one(which)
        if session is None or (part is not None and not session.parts):
            return
        parts = None if part is None else frozenset({session.parts[part % len(session.parts)].id})
        terms = HoldTerms(f"case-{len(session.holds)}", "legal", self.now + timedelta(days=90))
        hold = self.run(self.store.retention.place_hold(session.id, terms, self.now, parts or ()))
        session.holds[hold.id] = parts

    @precondition(lambda self: any(session.holds for session in self.sessions))
    @rule(which=WHICH)
    def released(self, which: int) -> None:
        holds = [(session, hold) for session in self.sessions for hold in session.holds]
        session, hold = holds[which % len(holds)]
        self.run(self.store.retention.release_hold(session.id, hold, self.now))
        del session.holds[hold]

    @rule(which=WHICH, ground=st.sampled_from([Ground.ACCURACY, Ground.UNLAWFUL, Ground.CLAIMS]))
    def restricted(self, which: int, ground: Ground) -> None:
        session = self._one(which)
        if session is not None:
            session.restrictions.add(self.run(self.store.retention.restrict(session.id, ground, self.now)).id)

    @precondition(lambda self: any(session.restrictions for session in self.sessions))
    @rule(which=WHICH)
    def lifted(self, which: int) -> None:
        found = [(session, each) for session in self.sessions for each in sorted(session.restrictions)]
        session, restriction = found[which % len(found)]
        self.run(self.store.retention.lift(session.id, restriction, self.now))
        session.restrictions.remove(restriction)

    @rule(which=WHICH, purpose=st.one_of(st.none(), st.sampled_from(PURPOSES)))
    def objects(self, which: int, purpose: str | None) -> None:
        session = self._one(which)
        if session is None:
            return
        stands = {each for part in session.parts for each in part.standing()}
        try:
            objection = self.run(self.store.retention.object(session.id, self.now, purpose))
        except RetentionRefusedError:
            assert purpose not in stands & OBJECTABLE | {None}
            return
        assert purpose in stands & OBJECTABLE | {None}
        session.objections[objection.id] = purpose
        for part in session.parts:
            for each in session.covered(purpose) & part.standing():
                part.state[each] = "put"

    @precondition(lambda self: any(session.objections for session in self.sessions))
    @rule(which=WHICH, verdict=st.sampled_from(Verdict))
    def decided(self, which: int, verdict: Verdict) -> None:
        found = [(session, each) for session in self.sessions for each in session.objections]
        session, objection = found[which % len(found)]
        purpose = session.objections.pop(objection)
        receipts = self.run(self.store.retention.decide(session.id, objection, verdict, self.now))
        if verdict is Verdict.UPHELD:
            session.over.add(purpose)
            left = session.turn_off(session.covered(purpose), self.now, session.parts)
            self._gone(session, left, receipts, asked=True)
            return
        covered = {each for other in session.objections.values() for each in session.covered(other)}
        for part in session.parts:
            for each in session.covered(purpose) - covered:
                if part.state.get(each) == "put":
                    part.state[each] = "on"

    @rule(which=WHICH, purpose=st.sampled_from([each for each in PURPOSES if each != "books"]))
    def purpose_ends(self, which: int, purpose: str) -> None:
        session = self._one(which)
        if session is None:
            return
        receipts = self.run(self.store.retention.end_purpose(session.id, purpose, self.now))
        session.over.add(purpose)
        self._gone(session, session.turn_off({purpose}, self.now, session.parts), receipts, asked=False)

    @rule(which=WHICH, asked=st.booleans())
    def erased_for(self, which: int, asked: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        session = self._one(which)
        if session is not None:
            reason = ErasureReason.REQUESTED if asked else ErasureReason.ADMIN
            parts = [part.id for part in session.parts]
            receipts = self.run(self.store.erase(parts, reason, self.now, "dpo"))
            self._gone(session, session.parts, receipts, asked=asked)

    @invariant()
    def is_as_the_oracle_says(self) -> None:
        states: Counter[str] = Counter()
        for session in self.sessions:
            kept = self.run(self.store.part_ids(session.id))
            assert {each: kind.value for each, kind in kept.items()} == {p.id: p.kind for p in session.parts}
            assert {purpose for purpose in PURPOSES if self._reads(session, purpose)} == {
                purpose for purpose in PURPOSES if session.readable(purpose, self.now)
            }
            states.update(session.word(part, self.now) for part in session.parts)
        due = {part.part_id for part in self.run(self.store.due(self.now, limit=10_000))}
        assert due == {part.id for session in self.sessions for part in session.due(self.now)}
        figures = self.run(self.store.figures(self.now))
        assert {state.value: count for state, count in figures.states.items()} == dict(states)
        assert figures.holds == sum(len(session.holds) for session in self.sessions)

    def _reads(self, session: KeptSession, purpose: str) -> bool:
        try:
            self.run(self.store.read(session.id, purpose, self.now))
        except (PurposeRefusedError, UnknownSessionError):
            return False
        return True

    def _turn(self) -> object:
        self.now += timedelta(seconds=1)
        return turn("words", at=self.now, original="words")

    def _one(self, which: int) -> KeptSession | None:
        self.now += timedelta(seconds=1)
        return self.sessions[which % len(self.sessions)] if self.sessions else None

    def _write(self, session: KeptSession, write: object) -> None:
        before = set(self.run(self.store.part_ids(session.id)))
        self.run(self.store.write(write))  # type: ignore[arg-type]  # a Write
        fresh = {
            kind.value: part_id
            for part_id, kind in self.run(self.store.part_ids(session.id)).items()
            if part_id not in before
        }
        opening = {kind for kind in KINDS if session.allowed(kind) and session.open_part(kind, self.now) is None}
        assert set(fresh) == opening
        for kind in opening:
            state = dict.fromkeys(session.allowed(kind), "on")
            session.parts.append(KeptPart(fresh[kind], kind, self.now, state))

    def _gone(self, session: KeptSession, left: list[KeptPart], receipts: tuple[object, ...], *, asked: bool) -> None:
        going = {part.id for part in session.drop(left, self.now, asked=asked)}
        assert {receipt.part_id for receipt in receipts} == going  # type: ignore[attr-defined]  # Receipts
        self._forget()

    def _forget(self) -> None:
        """A session whose last part has gone is gone."""
        self.sessions = [session for session in self.sessions if session.parts]


class SqlYears(Years):
    """The same over SQLite."""

    async def make(self) -> SessionStore:
        self.directory = Path(tempfile.mkdtemp())
        return sql_store(await prepared(self.directory))

    def teardown(self) -> None:
        super().teardown()
        shutil.rmtree(self.directory)


CALM = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
TestMemory = Years.TestCase
TestMemory.settings = settings(max_examples=40, stateful_step_count=50, suppress_health_check=CALM)
TestSqlite = SqlYears.TestCase
TestSqlite.settings = settings(max_examples=8, stateful_step_count=40, suppress_health_check=CALM)
