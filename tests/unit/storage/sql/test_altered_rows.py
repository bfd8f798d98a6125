"""What is sealed does not open when its key is gone, or when a record was altered, moved or taken away."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select

from storage import HoldTerms, PartKind, SealBrokenError, uuid7
from storage.audio import AudioCodec, AudioFormat
from storage.requests import MessageKind, NewMessage
from storage.sql import SqlStore, tables
from storage.surveys import SurveyTerms
from tests.contracts.test_request_store import opened, step
from tests.unit.storage.builders import (
    DAY,
    NOW,
    SECOND,
    Customer,
    prepared,
    sql_store,
    sqlite_of,
)
from tests.unit.storage.sql.erasures import EVERYTHING, full_session


async def test_a_part_whose_key_is_gone_does_not_open(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = await full_session(store)
    await store.close()
    keys = sqlite3.connect(tmp_path / "keys.db")
    with keys:
        keys.execute("DELETE FROM part_keys")
    keys.close()
    after = sql_store(tmp_path)
    await after.start()
    with pytest.raises(SealBrokenError):
        await after.read(one.id, "improve-chatbot", NOW)
    await after.close()


async def alter(engine: Engine, statement: str, *ids: UUID) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(statement, tuple(each.bytes for each in ids))
        connection.commit()


async def opens(store: SqlStore, customer: Customer) -> bool:
    try:
        await store.read(customer.id, "improve-chatbot", NOW)
    except SealBrokenError:
        return False
    return True


async def test_a_record_taken_away_altered_or_moved_is_noticed(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one, other = await full_session(store), await full_session(store, "other")
    contents, parts = tables.contents, tables.parts
    mine = select(parts.c.id).where(parts.c.session_id == one.id, parts.c.kind == "transcript").scalar_subquery()
    sealed = contents.c.sealed
    theirs = (
        select(sealed).where(contents.c.session_id == other.id, func.length(sealed) > 300).limit(1).scalar_subquery()
    )
    assert await opens(store, one)
    harms = {
        "swapped within the part": contents.update()
        .where(contents.c.part_id == mine)
        .values(sealed=select(sealed).where(contents.c.part_id == mine, contents.c.sequence == 1).scalar_subquery()),
        "from another session": contents.update().where(contents.c.part_id == mine).values(sealed=theirs),
        "taken away": contents.delete().where(contents.c.part_id == mine, contents.c.sequence == 1),
        "all taken away": contents.delete().where(contents.c.part_id == mine),
    }
    for harm, statement in harms.items():
        with sqlite_of(store).sessions.writer.connect() as connection:
            connection.execute(statement)
            connection.commit()
        assert await opens(store, one) is False, harm
    assert await opens(store, other)
    await store.close()


async def test_an_altered_recording_keeps_no_other_from_being_closed(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    for name in ("altered", "whole"):
        customer = await full_session(store, name)
        await store.recordings.open(customer.id, EVERYTHING, AudioFormat(AudioCodec.PCMU), NOW)
    contents, recordings = tables.contents, tables.recordings
    first = select(recordings.c.part_id).where(recordings.c.open).order_by(recordings.c.part_id).limit(1)
    with sqlite_of(store).sessions.writer.connect() as connection:
        connection.execute(
            contents.update().where(contents.c.part_id == first.scalar_subquery()).values(sealed=b"altered")
        )
        connection.commit()
    assert await store.recordings.close_abandoned(NOW + DAY, NOW) == 1
    await store.close()


async def test_an_altered_key_keeps_nobody_from_a_hold_or_from_new_epoch_keys(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one, other = await full_session(store), await full_session(store, "other")
    parts = await store.part_ids(one.id)
    transcript = next(part for part, kind in parts.items() if kind is PartKind.TRANSCRIPT)
    await alter(sqlite_of(store).keys.writer, "UPDATE part_keys SET wrapped = x'00' WHERE part_id = ?", transcript)
    await store.retention.place_hold(one.id, HoldTerms("case-1", "legal", NOW + 80 * DAY), NOW)
    await store.root_key.close_epochs()
    renewal = await store.root_key.renew()
    assert (renewal.left, renewal.moved > len(parts)) == (1, True)
    assert await opens(store, other)
    await store.close()


async def test_an_altered_message_keeps_no_other_waiting(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    request = await opened(store)
    messages = tuple(
        NewMessage(uuid7(NOW + number * SECOND), "Ratepay", "gone", MessageKind.ERASURE) for number in range(2)
    )
    await store.requests.take(request.id, step(messages=messages), NOW)
    await alter(
        sqlite_of(store).sessions.writer,
        "UPDATE rights_messages SET sealed = x'00' WHERE id = ?",
        messages[0].id,
    )
    assert [each.id for each in await store.requests.waiting(NOW)] == [messages[1].id]
    assert [each.id for each in await store.requests.waiting(NOW, limit=1)] == [messages[1].id], "nor before a page"
    await store.close()


async def test_an_altered_answer_keeps_its_own_week_only(tmp_path: Path) -> None:
    store, week = sql_store(await prepared(tmp_path)), 7 * DAY
    await store.start()
    for at in (NOW, NOW, NOW + week, NOW + week):
        await store.surveys.answer(SurveyTerms("hotline", at_least=2), {"satisfied": 3}, at)
    await alter(
        sqlite_of(store).sessions.writer,
        "UPDATE survey_answers SET sealed = x'00' WHERE week_id = (SELECT id FROM survey_weeks ORDER BY week LIMIT 1)",
    )
    with pytest.raises(SealBrokenError):
        await store.surveys.release(NOW + 2 * week)
    assert len(await store.surveys.results(NOW)) == 2
    with contextlib.suppress(SealBrokenError):
        await store.surveys.release(NOW + 500 * DAY)
    assert await store.surveys.results(NOW + 500 * DAY) == []
    await store.close()
