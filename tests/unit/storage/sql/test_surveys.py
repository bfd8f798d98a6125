"""What lies in the databases of a survey: nothing that leads to a person, and nothing once it is released."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from storage.surveys import SurveyTerms
from tests.unit.storage.builders import NOW, USUAL, Customer, files, prepared, sql_store, turn

TERMS = SurveyTerms("hotline")
WEEK = timedelta(days=7)


def rows(directory: Path, table: str, database: str = "sessions.db") -> list[dict[str, object]]:
    connection = sqlite3.connect(directory / database)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608
    finally:
        connection.close()


async def test_an_answer_can_not_be_linked(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    customers = [Customer(str(number)) for number in range(6)]
    for number, customer in enumerate(customers):
        await store.write(customer.opening(USUAL, turns=turn()))
        await store.surveys.answer(TERMS, {"satisfied": number}, NOW + timedelta(minutes=number))
    waiting, weeks = rows(tmp_path, "survey_answers"), rows(tmp_path, "survey_weeks")
    assert [set(row) for row in weeks] == [{"id", "survey", "week", "ends_at", "delete_by", "at_least", "over"}]
    assert {frozenset(row) for row in waiting} == {frozenset({"id", "week_id", "sealed"})}
    ids = [bytes(row["id"]) for row in (*waiting, *weeks)]  # type: ignore[call-overload]
    assert {UUID(bytes=each).version for each in ids} == {4}
    assert len({len(bytes(row["sealed"])) for row in waiting}) == 1  # type: ignore[call-overload]
    for name, content in files(tmp_path).items():
        assert b"satisfied" not in content, name

    await store.surveys.release(NOW + WEEK)
    results = rows(tmp_path, "survey_results")
    assert {frozenset(row) for row in results} == {
        frozenset({"id", "survey", "first_week", "last_week", "answers", "delete_by"})
    }
    assert not {bytes(row["id"]) for row in results} & set(ids)  # type: ignore[call-overload]
    assert len({row["delete_by"] for row in results}) == 1
    # A table without row numbers, so that no number counts the answers as they came.
    connection = sqlite3.connect(tmp_path / "sessions.db")
    kinds = dict(
        connection.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE 'survey_%' AND type = 'table'")
    )
    connection.close()
    assert [name for name, sql in kinds.items() if "WITHOUT ROWID" not in sql] == []
    await store.close()


async def test_what_was_released_is_gone_with_its_key_from_every_byte(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    for number in range(5):
        await store.surveys.answer(TERMS, {"satisfied": number}, NOW)
    pieces = [bytes(row["sealed"])[42:74] for row in rows(tmp_path, "survey_answers")]  # type: ignore[call-overload]
    (key,) = rows(tmp_path, "part_keys", "keys.db")
    pieces.append(bytes(key["wrapped"]))  # type: ignore[call-overload]
    assert all(any(piece in content for content in files(tmp_path).values()) for piece in pieces)
    assert await store.surveys.release(NOW + WEEK) == 5
    assert (rows(tmp_path, "survey_weeks"), rows(tmp_path, "part_keys", "keys.db")) == ([], [])
    left = files(tmp_path)
    assert not [piece for piece in pieces if any(piece in content for content in left.values())]
    await store.close()


async def test_a_start_keeps_the_keys_of_waiting_weeks(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    await store.surveys.answer(TERMS, {"satisfied": 1}, NOW)
    await store.close()
    again = sql_store(tmp_path)
    await again.start()
    for _ in range(4):
        await again.surveys.answer(TERMS, {"satisfied": 1}, NOW)
    assert await again.surveys.release(NOW + WEEK) == 5
    await again.close()
