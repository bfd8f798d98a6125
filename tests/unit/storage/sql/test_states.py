"""A state in memory is used only as long as nobody, in whatever process, has changed the session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from storage import ErasureReason, Ground, HoldTerms, Verdict
from storage.sql import SqlStore, states
from storage.sql.databases import Unit
from storage.sql.states import SessionState
from tests.unit.storage.builders import DAY, NOW, USUAL, Customer, assignment, consent, plan, prepared, sql_store, turn

KEPT = plan(
    transcript=(assignment(), assignment("train", consent="training")),
    facts=assignment(),
    consent=assignment("prove-consent", "P3Y"),
)
Change = Callable[[SqlStore, Customer], Awaitable[object]]


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """Two stores, as of two processes, on the same databases."""
    await prepared(tmp_path)
    made = sql_store(tmp_path), sql_store(tmp_path)
    for store in made:
        await store.start()
    yield made
    for store in made:
        await store.close()


async def seen(store: SqlStore, session_id: UUID) -> tuple[dict[str, object] | None, dict[str, object] | None]:
    """Return the state that the store's next write would take from memory, and the one in the database."""
    known: dict[UUID, SessionState] = {}
    loaded: dict[UUID, SessionState] = {}

    def look(unit: Unit) -> None:
        revisions = states.locked(unit.sessions, [session_id])
        known.update(store._committer.states.take(revisions))
        loaded.update(states.load(unit, store._keys, revisions.keys()))

    await store._databases.write(look)
    return _said(known.get(session_id)), _said(loaded.get(session_id))


def _said(state: SessionState | None) -> dict[str, object] | None:
    if state is None:
        return None
    return {each.name: getattr(state, each.name) for each in fields(state) if each.name != "digest_key"}


async def _write(store: SqlStore, one: Customer) -> None:
    await store.write(one.write(KEPT, turns=turn("more", once="2")))


async def _withdraw(store: SqlStore, one: Customer) -> None:
    await store.withdraw(one.id, "training", NOW)


async def _erase_a_part(store: SqlStore, one: Customer) -> None:
    await store.erase(list(await store.part_ids(one.id))[:1], ErasureReason.ADMIN, NOW, "test")


async def _end_idle(store: SqlStore, one: Customer) -> None:
    await store.end_idle(NOW + DAY, one.channel, NOW + 2 * DAY)


async def _hold(store: SqlStore, one: Customer) -> None:
    await store.retention.place_hold(one.id, HoldTerms("file-1", "legal", NOW + 30 * DAY), NOW)


async def _restrict(store: SqlStore, one: Customer) -> None:
    await store.retention.restrict(one.id, Ground.CLAIMS, NOW)


async def _object(store: SqlStore, one: Customer) -> None:
    await store.retention.object(one.id, NOW)


async def _end_purpose(store: SqlStore, one: Customer) -> None:
    await store.retention.end_purpose(one.id, "improve-chatbot", NOW)


CHANGES = (_write, _withdraw, _erase_a_part, _end_idle, _hold, _restrict, _object, _end_purpose)


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_elsewhere_is_seen(stores: tuple[SqlStore, SqlStore], change: Change) -> None:
    one, (store, other) = Customer(), stores
    await store.write(one.opening(KEPT, turns=turn("first", once="1"), consents=consent()))
    await change(other, one)
    known, loaded = await seen(store, one.id)
    assert loaded is not None
    assert known is None


async def test_a_decision_and_a_lifted_restriction_are_seen(stores: tuple[SqlStore, SqlStore]) -> None:
    one, (store, other) = Customer(), stores
    await store.write(one.opening(KEPT, turns=turn("first"), consents=consent()))
    objection = await other.retention.object(one.id, NOW)
    restriction = await other.retention.restrict(one.id, Ground.CLAIMS, NOW)
    for change in (
        lambda: other.retention.decide(one.id, objection.id, Verdict.DISMISSED, NOW),
        lambda: other.retention.lift(one.id, restriction.id, NOW),
    ):
        await store.write(one.write(KEPT, turns=turn("more")))
        await change()
        assert (await seen(store, one.id))[0] is None


async def test_what_was_written_is_in_memory_as_in_the_database(stores: tuple[SqlStore, SqlStore]) -> None:
    one, (store, other) = Customer(), stores
    await store.write(one.opening(USUAL, turns=turn("first", once="1")))
    for at in range(3):
        await store.write(one.write(USUAL, turns=turn(f"{at}"), consents=consent(), ratings=(True,)))
        await other.read(one.id, "legal-defence", NOW + timedelta(seconds=1))  # changes nothing of the session
        known, loaded = await seen(store, one.id)
        assert known == loaded is not None
        await store.write(one.write(USUAL, turns=turn("again")))


async def test_an_erased_session_is_in_no_memory(stores: tuple[SqlStore, SqlStore]) -> None:
    one, (store, other) = Customer(), stores
    await store.write(one.opening(USUAL, turns=turn("first")))
    await other.erase(list(await other.part_ids(one.id)), ErasureReason.REQUESTED, NOW, "test")
    assert await seen(store, one.id) == (None, None)


async def test_a_key_that_is_forgotten_or_destroyed_is_in_no_state_either(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one, other = Customer("one"), Customer("other")
    for each in (one, other):
        await store.write(each.opening(USUAL, turns=turn()))
    states = store._committer.states._states
    assert states.get(one.id) is not None
    await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
    assert states.get(one.id) is None
    assert states.get(other.id) is not None
    store._keys.forget()
    assert states.get(other.id) is None
    await store.write(other.write(USUAL, turns=turn("second")))
    assert len((await store.read(other.id, "improve-chatbot", NOW)).turns) == 2
    await store.close()
