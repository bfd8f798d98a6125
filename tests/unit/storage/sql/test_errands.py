"""What lies in the databases of an errand: nothing of what it says, and nothing once it is done."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from storage.sql.errands import SqlErrands
from tests.postgres import PostgresServer, empty_pair
from tests.unit.storage.builders import NOW, files, prepared, sql_store
from tests.unit.storage.sql.erasures import StopError

CONTENT = {"recording": "RE0123456789", "account": "AC0123456789"}


def count(directory: Path, table: str, database: str) -> int:
    with closing(sqlite3.connect(directory / database)) as connection:
        return int(connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608


async def test_an_errand_is_sealed_survives_a_start_and_goes_with_its_key(tmp_path: Path) -> None:
    home = await prepared(tmp_path)
    store = sql_store(home)
    await store.start()
    errand = await store.errands.add("line", "RE0", CONTENT, NOW)
    assert [name for name, raw in files(tmp_path).items() if b"0123456789" in raw] == []
    await store.close()
    store = sql_store(home)
    await store.start()
    assert list(await store.errands.left("line")) == [errand]
    await store.errands.done(errand.id)
    assert (count(tmp_path, "errands", "sessions.db"), count(tmp_path, "part_keys", "keys.db")) == (0, 0)
    await store.close()


async def test_a_row_whose_key_has_gone_is_done(tmp_path: Path) -> None:
    home = await prepared(tmp_path)
    store = sql_store(home)
    await store.start()
    await store.errands.add("line", "RE0", CONTENT, NOW)
    await store.close()
    with closing(sqlite3.connect(tmp_path / "keys.db")) as connection:
        connection.execute("DELETE FROM part_keys")
        connection.commit()
    store = sql_store(home)
    await store.start()
    assert (list(await store.errands.left("line")), await store.errands.count()) == ([], 0)
    await store.close()


async def test_a_row_that_was_altered_is_not_done(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    await store.errands.add("line", "RE0", CONTENT, NOW)
    other = await store.errands.add("line", "RE1", CONTENT, NOW)
    with closing(sqlite3.connect(tmp_path / "sessions.db")) as connection:
        connection.execute("UPDATE errands SET sealed = zeroblob(length(sealed)) WHERE id != ?", (other.id.bytes,))
        connection.commit()
    assert (list(await store.errands.left("line")), await store.errands.count()) == ([other], 2)
    assert [one.readable for one in await store.errands.listed() if one.id != other.id] == [False]
    assert await store.errands.take("line", NOW, NOW) == other
    await store.close()


async def test_many_that_were_altered_keep_nobody_from_the_others(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    for number in range(45):
        await store.errands.add("line", f"RE{number}", CONTENT, NOW)
    with closing(sqlite3.connect(tmp_path / "sessions.db")) as connection:
        connection.execute("UPDATE errands SET sealed = zeroblob(length(sealed))")
        connection.commit()
    others = [
        await store.errands.add("line", f"later {after}", CONTENT, NOW + timedelta(seconds=after)) for after in (1, 2)
    ]
    later = NOW + timedelta(minutes=1)
    assert [await store.errands.take("line", NOW, later) for _ in range(3)] == [*others, None]
    await store.close()


class Killed(SqlErrands):
    """Errands of a process that ends between a row and its key."""

    async def done(self, errand: UUID) -> None:
        """End."""
        raise StopError(errand)


async def test_the_key_of_one_that_was_closed_goes_at_a_start_if_the_process_ended_before(tmp_path: Path) -> None:
    home = await prepared(tmp_path)
    store = sql_store(home)
    await store.start()
    errand = await store.errands.add("line", "RE0", CONTENT, NOW)
    await store.close()
    store = sql_store(home)
    await store.start()
    with pytest.raises(StopError):
        await Killed(store._databases, store._keys, store._eraser).close(errand.id, "account-closed", "dpo", NOW)
    assert (await store.errands.count(), count(tmp_path, "part_keys", "keys.db")) == (0, 1)
    await store.close()
    store = sql_store(home)
    await store.start()
    assert (count(tmp_path, "part_keys", "keys.db"), count(tmp_path, "epoch_keys", "keys.db")) == (0, 0)
    await store.close()


async def test_one_can_be_replaced_by_a_process_that_has_not_read_it(tmp_path: Path) -> None:
    home = await prepared(tmp_path)
    store = sql_store(home)
    await store.start()
    errand = await store.errands.add("line", "RE0", CONTENT, NOW)
    await store.close()
    store = sql_store(home)
    await store.start()
    await store.errands.amend(errand.id, {"sealed": "yes"})
    (left,) = await store.errands.left("line")
    assert left.content == {**CONTENT, "sealed": "yes"}
    await store.close()


async def test_two_processes_that_are_told_the_same_have_one_errand_and_its_name_is_not_kept(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    urls = await empty_pair(postgres)
    one, another = (sql_store(tmp_path, urls=urls) for _ in range(2))
    await one.start()
    await another.start()
    for number in range(20):
        name, both = f"RE{number}", (one, another)
        taken = await asyncio.gather(*(store.errands.add("line", name, CONTENT, NOW) for store in both))
        assert taken[0].id == taken[1].id
    assert await one.errands.count() == 20
    await one.close()
    await another.close()


async def test_one_that_was_altered_says_again_what_the_platform_tells(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    errand = await store.errands.add("line", "RE-name", CONTENT, NOW)
    assert [name for name, raw in files(tmp_path).items() if b"RE-name" in raw] == []
    with closing(sqlite3.connect(tmp_path / "sessions.db")) as connection:
        connection.execute("UPDATE errands SET sealed = zeroblob(length(sealed))")
        connection.commit()
    again = await store.errands.add("line", "RE-name", CONTENT, NOW)
    assert (again, list(await store.errands.left("line"))) == (errand, [errand])
    await store.close()


async def test_one_whose_key_has_gone_is_done_and_can_be_taken_on_anew(tmp_path: Path) -> None:
    home = await prepared(tmp_path)
    store = sql_store(home)
    await store.start()
    errand = await store.errands.add("line", "RE0", CONTENT, NOW)
    await store.close()
    with closing(sqlite3.connect(tmp_path / "keys.db")) as connection:
        connection.execute("DELETE FROM part_keys")
        connection.commit()
    store = sql_store(home)
    await store.start()
    new = await store.errands.add("line", "RE0", CONTENT, NOW)
    assert new.id != errand.id
    assert list(await store.errands.left("line")) == [new]
    await store.close()
