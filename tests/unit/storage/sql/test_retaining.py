"""What a check of the days finds when a row was changed, which keys a hold moves, and what the log says of it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import ConsentState, Difference, Ground, HoldTerms, StartEvent, Verdict
from storage.crypto.keyring import deletion_month
from storage.sql import SqlStore
from tests.unit.storage.builders import (
    DAY,
    NOW,
    Customer,
    assignment,
    consent,
    deletion_class,
    plan,
    prepared,
    sql_store,
    turn,
)

TERMS = HoldTerms("case-1", "legal", NOW + 80 * DAY)
KEPT = plan(transcript=(assignment(), assignment("train", consent="training")), facts=assignment("count"))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    made = sql_store(await prepared(tmp_path))
    await made.start()
    yield made
    await made.close()


def change(directory: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(directory / "sessions.db")
    with connection:
        connection.execute(statement, values)
    connection.close()


HARMS = [
    ("UPDATE assignments SET delete_by = delete_by + 1 WHERE part_id IN (SELECT id FROM parts WHERE kind = 'facts')",
     {Difference.DELETE_BY: 1, Difference.PART_DAYS: 1}),
    ("UPDATE assignments SET delete_by = delete_by - 1 WHERE part_id IN (SELECT id FROM parts WHERE kind = 'facts')",
     {Difference.DELETE_BY: 1, Difference.PART_DAYS: 1}),
    ("UPDATE parts SET due_at = due_at + 1", {Difference.PART_DAYS: 2}),
    ("UPDATE parts SET first_end_at = first_end_at + 1", {Difference.PART_DAYS: 2}),
    ("UPDATE parts SET visible_until = NULL WHERE kind = 'facts'", {Difference.PART_DAYS: 1}),
    ("UPDATE parts SET plan = zeroblob(16) WHERE kind = 'facts'", {Difference.PART_RULES: 1}),
    ("UPDATE parts SET bars = 1 WHERE kind = 'facts'", {Difference.BARS: 1}),
    ("UPDATE sessions SET bars = 2", {Difference.BARS: 1}),
    ("UPDATE sessions SET ended_at = 0", {}),
    ("DELETE FROM consent_states", {Difference.CONSENT: 1}),
    ("INSERT INTO ended_purposes SELECT id, 'count', 0 FROM sessions", {Difference.PURPOSE: 1}),
]  # fmt: skip


@pytest.mark.parametrize(("harm", "found"), HARMS)
async def test_a_row_that_was_changed_is_found(
    store: SqlStore, tmp_path: Path, harm: str, found: dict[Difference, int]
) -> None:
    await store.write(Customer().opening(KEPT, turns=turn(), consents=consent()))
    assert await store.retention.verify() == {}
    change(tmp_path, harm)
    assert await store.retention.verify() == found


@pytest.mark.parametrize(
    ("days", "again", "found"),
    [(10, 10, 0), (89, 90, 0), (10, 0, 1), (89, 88, 1), (9, 90, 1), (91, 95, 1), (89, None, 1)],
)
async def test_a_day_that_an_end_of_consent_has_set_before_it_was_given_again_is_left(
    store: SqlStore, tmp_path: Path, days: int, again: int | None, found: int
) -> None:
    """`again`: after how many days the consent was given that stands; None where it was refused."""
    proof = deletion_class("P10D", StartEvent.CONSENT_END, maximum_open="P90D")
    said = consent(ConsentState.REFUSED if again is None else ConsentState.GIVEN)
    await store.write(Customer().opening(plan(consent=assignment("prove", proof)), consents=said))
    assert await store.retention.verify() == {}
    change(tmp_path, "UPDATE consent_states SET at = at + ?", (again or 0) * 86_400_000_000)
    change(tmp_path, "UPDATE assignments SET delete_by = delete_by - ?", (90 - days) * 86_400_000_000)
    assert (await store.retention.verify()).get(Difference.DELETE_BY, 0) == found


async def test_all_sessions_are_looked_at(store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.sql.verifying.SESSIONS_AT_ONCE", 2)
    for number in range(5):
        await store.write(Customer(str(number)).opening(plan(facts=assignment()), turns=turn()))
    change(tmp_path, "UPDATE parts SET due_at = due_at + 1")
    assert await store.retention.verify() == {Difference.PART_DAYS: 5}


def months(directory: Path) -> set[int]:
    connection = sqlite3.connect(directory / "keys.db")
    found = connection.execute("SELECT month FROM epoch_keys JOIN part_keys ON epoch_id = epoch_keys.id").fetchall()
    connection.close()
    return {month for (month,) in found}


async def test_a_hold_moves_keys_to_the_month_of_its_review_and_a_review_to_its_next(
    store: SqlStore, tmp_path: Path
) -> None:
    one = Customer()
    await store.write(one.opening(plan(transcript=assignment()), turns=turn("held")))
    assert months(tmp_path) == {deletion_month(NOW + 30 * DAY)}
    hold = await store.retention.place_hold(one.id, TERMS, NOW)
    assert months(tmp_path) == {deletion_month(TERMS.review_at)}
    later = NOW + 75 * DAY
    await store.retention.review_hold(one.id, hold.id, later + 90 * DAY, later)
    assert months(tmp_path) == {deletion_month(later + 90 * DAY)}
    assert [each.text for each in (await store.read(one.id, "improve-chatbot", NOW)).turns] == ["held"]


async def test_what_is_done_is_logged_with_the_session(store: SqlStore, tmp_path: Path) -> None:
    one = Customer()
    await store.write(one.opening(KEPT, turns=turn()))
    hold = await store.retention.place_hold(one.id, TERMS, NOW)
    await store.retention.place_hold(one.id, TERMS, NOW)
    await store.retention.release_hold(one.id, hold.id, NOW)
    restriction = await store.retention.restrict(one.id, Ground.ACCURACY, NOW)
    await store.retention.lift(one.id, restriction.id, NOW)
    objection = await store.retention.object(one.id, NOW, "improve-chatbot")
    await store.retention.decide(one.id, objection.id, Verdict.DISMISSED, NOW)
    connection = sqlite3.connect(tmp_path / "sessions.db")
    found = connection.execute(
        "SELECT CAST(event AS TEXT) ->> '$.kind', CAST(event AS TEXT) ->> '$.facts.done' FROM session_events"
    ).fetchall()
    connection.close()
    assert sorted(found) == [
        ("hold", "placed"),
        ("hold", "released"),
        ("objection", "begun"),
        ("objection", "dismissed"),
        ("restriction", "begun"),
        ("restriction", "lifted"),
    ]
