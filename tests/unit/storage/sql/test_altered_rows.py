"""What is sealed does not open when its key is gone, or when a record was altered, moved or taken away."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import (
    SealBrokenError,
)
from storage.audio import AudioCodec, AudioFormat
from storage.sql import SqlStore, tables
from tests.unit.storage.builders import (
    DAY,
    NOW,
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
