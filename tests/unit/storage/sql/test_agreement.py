"""Whatever is done to them, SqlStore and MemoryStore say the same. Shorter stories are found by hypothesis."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from storage import (
    ConsentState,
    ErasureReason,
    PartKind,
    Plan,
    SessionEvent,
    SessionStore,
    Speaker,
    StartEvent,
    StorageError,
)
from storage.memory import MemoryStore
from storage.sql import SqlStore
from tests.unit.storage.builders import (
    DAY,
    NOTHING,
    NOW,
    TRANSCRIPT,
    USUAL,
    Customer,
    assignment,
    consent,
    deletion_class,
    plan,
    prepared,
    sql_store,
    turn,
)

CONSENTED = plan(
    transcript=(assignment("improve-chatbot"), assignment("train", "P90D", consent="training")),
    original=assignment("train", "P90D", consent="training"),
    facts=(assignment("improve-chatbot"), assignment("statistics", "P1Y")),
    pseudonyms=assignment("improve-chatbot", "P1D"),
)
BY_EVENT = plan(
    transcript=assignment("improve-chatbot", deletion_class("P5D", StartEvent.SESSION_END, maximum_open="P20D")),
    consent=assignment("prove", deletion_class("P9D", StartEvent.CONSENT_END, maximum_open="P40D")),
    connection=assignment("security", deletion_class("P3D", StartEvent.MATTER_RESOLVED)),
    facts=assignment("improve-chatbot", deletion_class("P7D", StartEvent.RELATION_END)),
)
PLANS = st.sampled_from([NOTHING, TRANSCRIPT, USUAL, CONSENTED, BY_EVENT])
PURPOSES = ("improve-chatbot", "legal-defence", "train", "prove", "prove-consent", "statistics", "security", "none")


@dataclass
class World:
    """Two stores, a clock, and the customers of both."""

    loop: asyncio.AbstractEventLoop
    directory: Path
    memory: MemoryStore
    sql: SqlStore
    now: datetime = NOW
    customers: list[Customer] = field(default_factory=list)


class TwoStores(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        loop = asyncio.new_event_loop()
        directory = loop.run_until_complete(prepared(Path(self.folder.name)))
        self.world = World(loop, directory, MemoryStore(), sql_store(directory))
        loop.run_until_complete(self.world.sql.start())

    def teardown(self) -> None:
        self.world.loop.run_until_complete(self.world.sql.close())
        self.world.loop.close()
        self.folder.cleanup()

    def both(self, do: Any) -> tuple[Any, Any]:  # noqa: ANN401 - any method of a store
        return tuple(
            self.world.loop.run_until_complete(answer(do, store)) for store in (self.world.memory, self.world.sql)
        )

    def same(self, do: Any) -> Any:  # noqa: ANN401
        memory, sql = self.both(do)
        assert memory == sql
        return memory

    @initialize(kept=PLANS)
    def begin(self, kept: Plan) -> None:
        self.open(kept)

    @rule(kept=PLANS)
    def open(self, kept: Plan) -> None:
        customer = Customer(str(len(self.world.customers)), now=self.world.now)
        self.world.customers.append(customer)
        self.same(lambda store: store.write(customer.opening(kept)))

    @rule(kept=PLANS, data=st.data(), ratings=st.lists(st.booleans(), max_size=2))
    def say(self, kept: Plan, data: st.DataObject, ratings: list[bool]) -> None:
        customer = self.some(data)
        turns = data.draw(
            st.lists(
                st.builds(
                    turn,
                    st.sampled_from(["ja", "nein", ""]),
                    st.sampled_from(Speaker),
                    st.just(self.world.now),
                    once=st.sampled_from([None, None, "m1", "m2"]),
                    original=st.sampled_from([None, "Eva"]),
                ),
                max_size=3,
            )
        )
        write = customer.write(kept, now=self.world.now, turns=tuple(turns), ratings=tuple(ratings))
        self.same(lambda store: store.write(write))

    @rule(kept=PLANS, data=st.data(), state=st.sampled_from(ConsentState), name=st.sampled_from(["training", "other"]))
    def answer_a_question(self, kept: Plan, data: st.DataObject, state: ConsentState, name: str) -> None:
        write = self.some(data).write(kept, now=self.world.now, consents=consent(state, name, self.world.now))
        self.same(lambda store: store.write(write))

    @rule(kept=PLANS, data=st.data(), event=st.sampled_from(SessionEvent))
    def happen(self, kept: Plan, data: st.DataObject, event: SessionEvent) -> None:
        write = self.some(data).write(kept, now=self.world.now, events=event)
        self.same(lambda store: store.write(write))

    @rule(kept=PLANS, data=st.data(), pseudonyms=st.sampled_from([b"one", b"two"]))
    def map_names(self, kept: Plan, data: st.DataObject, pseudonyms: bytes) -> None:
        write = self.some(data).write(kept, now=self.world.now, pseudonyms=pseudonyms, connection={"ip": "::1"})
        self.same(lambda store: store.write(write))

    @rule(data=st.data(), name=st.sampled_from(["training", "other"]))
    def withdraw(self, data: st.DataObject, name: str) -> None:
        customer = self.some(data)
        memory, sql = self.both(lambda store: store.withdraw(customer.id, name, self.world.now))
        assert told(memory) == told(sql)

    @rule(days=st.sampled_from([0.01, 1, 5, 30]))
    def time_passes(self, days: float) -> None:
        self.world.now += days * DAY

    @rule()
    def fall_silent(self) -> None:
        self.same(lambda store: store.end_idle(self.world.now - timedelta(minutes=30), "chatbot", self.world.now))

    @rule()
    def sweep(self) -> None:
        async def swept(store: SessionStore) -> Any:  # noqa: ANN401
            due = await store.due(self.world.now)
            parts = [part.part_id for part in due]
            return told(await store.erase(parts, ErasureReason.EXPIRED, self.world.now, "sweep"))

        self.same(swept)

    @rule(data=st.data(), kind=st.sampled_from(PartKind))
    def erase_what_is_of_a_kind(self, data: st.DataObject, kind: PartKind) -> None:
        customer = self.some(data)

        async def erased(store: SessionStore) -> Any:  # noqa: ANN401
            parts = [part for part, its in (await store.part_ids(customer.id)).items() if its is kind]
            return told(await store.erase(parts, ErasureReason.REQUESTED, self.world.now, "dpo"))

        self.same(erased)

    @rule()
    def restart(self) -> None:
        """A start finishes the erasures that a withdrawal has begun; memory, which has no start, does so here."""
        memory = self.world.memory
        for session in list(memory._sessions.values()):
            marked = [part for part in session.parts.values() if part.erasing is not None]
            self.world.loop.run_until_complete(memory._take(marked, session, self.world.now))
        self.world.loop.run_until_complete(self.world.sql.close())
        self.world.sql = sql_store(self.world.directory)
        self.world.loop.run_until_complete(self.world.sql.start())

    @invariant()
    def no_two_things_happen_at_once(self) -> None:
        self.world.now += timedelta(milliseconds=5)

    @invariant()
    def they_say_the_same(self) -> None:
        now = self.world.now
        self.same(lambda store: store.figures(now))
        self.same(lambda store: store.sessions(now))
        for customer in self.world.customers:
            for locator in (customer.by_token(), customer.by_conversation()):
                memory, sql = self.both(lambda store, locator=locator: store.find(locator, now))
                assert comparable(memory) == comparable(sql)
            for purpose in PURPOSES:
                self.same(lambda store, purpose=purpose, of=customer.id: store.read(of, purpose, now))
            self.same(lambda store, of=customer.id: store.consent_states(of))

    def some(self, data: st.DataObject) -> Customer:
        return data.draw(st.sampled_from(self.world.customers[-3:]))


async def answer(do: Any, store: SessionStore) -> Any:  # noqa: ANN401
    try:
        return await do(store)
    except StorageError as error:
        return type(error)


def told(receipts: Any) -> Any:  # noqa: ANN401
    """Return what two stores can say alike of receipts: ids are random, and memory holds no ciphertext."""
    return sorted(
        (each.kind, each.reason, each.actor, each.deletion_classes, each.records, each.erased_at) for each in receipts
    )


def comparable(session: Any) -> Any:  # noqa: ANN401
    """Return a session without what is keyed by a random key."""
    if session is None:
        return None
    history = tuple(replace(ref, digest=b"", once=ref.once and b"") for ref in session.history)
    return replace(session, digest_key=None, history=history, consents=dict(session.consents))


TwoStores.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow],
)
TestTwoStores = TwoStores.TestCase
