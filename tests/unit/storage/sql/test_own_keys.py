"""A key beside those of parts, and a process that starts while it is made: it is no orphan. On both engines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from storage.sql import SqlStore, opening
from storage.sql.databases import Unit
from storage.sql.own_keys import Owner, OwnKeys
from storage.sql.tables import errands
from tests.postgres import empty_pair
from tests.unit.storage.builders import NOW, prepared, sql_store

_PAUSE_SECONDS = 0.4


@pytest.fixture(params=["sqlite", "postgresql"])
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """Two processes on one pair of databases."""
    urls = None
    if request.param == "postgresql":
        urls = await empty_pair(request.getfixturevalue("postgres"))
    else:
        await prepared(tmp_path)
    one, other = sql_store(tmp_path, urls=urls), sql_store(tmp_path, urls=urls)
    await one.start()
    await other.start()
    yield one, other
    await one.close()
    await other.close()


async def test_a_key_whose_row_is_just_coming_is_no_orphan(pair: tuple[SqlStore, SqlStore]) -> None:
    making, starting = pair
    own, owner = OwnKeys(making._databases, making._keys, Owner.ERRAND), uuid4()

    def make(unit: Unit) -> None:
        sealed = own.make(unit, owner, NOW).seal(0, b"words")
        if unit.sessions.dialect.name == "postgresql":
            unit.sessions.exec_driver_sql(f"SELECT pg_sleep({_PAUSE_SECONDS})")
        else:
            time.sleep(_PAUSE_SECONDS)
        row = {"id": owner, "token": bytes(32), "channel": "line", "at": NOW, "counts": True, "sealed": sealed}
        unit.sessions.execute(insert(errands).values(row))

    async def start() -> int:
        await asyncio.sleep(_PAUSE_SECONDS / 2)
        return await starting._databases.write_apart(opening.collect_orphans)

    _, collected = await asyncio.gather(own.writing(make), start())
    assert collected == 0
    there = OwnKeys(starting._databases, starting._keys, Owner.ERRAND)
    assert await there.writing(lambda unit: _opened(unit, there, owner)) == b"words"


def _opened(unit: Unit, own: OwnKeys, owner: UUID) -> bytes:
    (sealed,) = unit.sessions.execute(errands.select().with_only_columns(errands.c.sealed)).scalars()
    return own.sealer(unit, owner).open(0, sealed)
