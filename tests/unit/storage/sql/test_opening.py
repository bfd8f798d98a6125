"""A start serves only if session database, key database, root key and notice belong together."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from storage import FileKeyProvider, KeyUnavailableError, StoreUnavailableError
from storage.sql import Step
from tests.unit.storage.builders import (
    NOW,
    TRANSCRIPT,
    Customer,
    files,
    key_provider,
    prepared,
    sql_store,
    sqlite_of,
    turn,
)
from tests.unit.storage.sql.erasures import StopError, count, stop_at


async def stored(directory: Path) -> Customer:
    """Make a store with one session in it, and close it."""
    store = sql_store(directory)
    await store.start()
    one = Customer()
    await store.write(one.opening(TRANSCRIPT, turns=turn("ja")))
    await store.close()
    return one


async def test_what_was_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    one = await stored(await prepared(tmp_path))
    store = sql_store(tmp_path)
    await store.start()
    assert [each.text for each in (await store.read(one.id, "improve-chatbot", NOW)).turns] == ["ja"]
    assert (await store.write(one.write(TRANSCRIPT, turns=turn("und")))).turns == (True,)
    found = await store.find(one.by_conversation(), NOW)
    assert found is not None
    assert len(found.history) == 2
    await store.close()


async def test_another_root_key_is_refused(tmp_path: Path) -> None:
    await stored(await prepared(tmp_path))
    (tmp_path / "root.key").unlink()
    store = sql_store(tmp_path)
    with pytest.raises(KeyUnavailableError, match="another key"):
        await store.start()
    await store.close()


async def test_another_notice_is_refused(tmp_path: Path) -> None:
    await stored(await prepared(tmp_path))
    store = sql_store(tmp_path, tenant="another-notice")
    with pytest.raises(StoreUnavailableError, match="belongs to the notice"):
        await store.start()
    await store.close()


async def test_a_lost_key_database_is_noticed(tmp_path: Path) -> None:
    await stored(await prepared(tmp_path))
    (tmp_path / "keys.db").unlink()
    store = sql_store(tmp_path)
    with pytest.raises(KeyUnavailableError, match="from its backup"):
        await store.start()
    await store.close()


async def test_the_key_database_of_another_store_is_refused(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    await stored(here)
    shutil.copy(here / "root.key", there / "root.key")
    await stored(there)
    shutil.copy(there / "keys.db", here / "keys.db")
    store = sql_store(here)
    with pytest.raises(KeyUnavailableError, match="another session database"):
        await store.start()
    await store.close()


async def test_one_file_can_not_be_both_databases(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.db"
    with pytest.raises(ValueError, match="two files"):
        sql_store(tmp_path, urls=(url, url))


async def test_one_database_can_not_be_both(tmp_path: Path) -> None:
    urls = ("postgresql://db/x", "postgresql+asyncpg://db:5432/x?sslmode=require")
    with pytest.raises(ValueError, match="two databases"):
        sql_store(tmp_path, urls=urls)


async def test_two_engines_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one engine"):
        sql_store(tmp_path, urls=("postgresql://db/x", f"sqlite:///{tmp_path}/keys.db"))


@pytest.mark.parametrize("url", ["mysql://localhost/x", "x", "sqlite://", "sqlite:///:memory:", "postgresql://db"])
async def test_a_url_of_no_database_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite:///|one engine"):
        sql_store(tmp_path, urls=(url, f"sqlite:///{tmp_path}/keys.db"))


async def test_the_url_of_an_async_driver_is_as_good(tmp_path: Path) -> None:
    store = sql_store(tmp_path, urls=(f"sqlite+aiosqlite:///{tmp_path}/a.db", f"sqlite+aiosqlite:///{tmp_path}/b.db"))
    await store.start()
    await store.check()
    await store.close()


async def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    store = sql_store(tmp_path / "made" / "for-it", provider=key_provider(tmp_path))
    await store.start()
    await store.write(Customer().opening(TRANSCRIPT, turns=turn()))
    made = list((tmp_path / "made" / "for-it").iterdir())
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in made if path.is_file()}
    assert len(modes) == 6
    assert set(modes.values()) == {0o600}
    await store.close()


async def test_a_file_that_others_may_read_is_made_private(tmp_path: Path) -> None:
    await stored(await prepared(tmp_path))
    (tmp_path / "sessions.db").chmod(0o644)
    store = sql_store(tmp_path)
    await store.start()
    assert stat.S_IMODE((tmp_path / "sessions.db").stat().st_mode) == 0o600
    await store.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys.db").write_bytes(b"these are not the bytes that you are looking for" * 100)
    store = sql_store(tmp_path)
    with pytest.raises(StoreUnavailableError, match="the key database: the file is no database"):
        await store.start()
    await store.close()


async def test_durability_and_deletion_are_as_promised(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    for database in (sqlite_of(store).sessions, sqlite_of(store).keys):
        with database.writer.connect() as connection:
            settings = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "temp_store")
            }
        assert settings == {
            "journal_mode": "wal",
            "synchronous": 2,
            "secure_delete": 1,
            "foreign_keys": 1,
            "temp_store": 2,
        }
        assert database.writer.hide_parameters
    await store.close()


@pytest.mark.parametrize("step", [Step.KEYS_CREATED, Step.ROWS_CREATED])
async def test_a_write_stopped_between_its_steps_is_there_or_not(tmp_path: Path, step: Step) -> None:
    store = sql_store(await prepared(tmp_path), on_step=stop_at(step))
    await store.start()
    one = Customer()
    with pytest.raises(StoreUnavailableError):
        await store.write(one.opening(TRANSCRIPT, turns=turn("ja")))
    await store.close()
    written = step is Step.ROWS_CREATED
    assert (count(tmp_path, "part_keys"), count(tmp_path, "session_keys")) == (1, 1)
    wrapped = wrapped_keys(tmp_path)

    after = sql_store(tmp_path)
    await after.start()
    assert (await after.find(one.by_token(), NOW) is not None) == written
    assert (count(tmp_path, "part_keys"), count(tmp_path, "session_keys")) == (written, written)
    assert count(tmp_path, "creations") == 0
    left = files(tmp_path)
    assert all(any(key in content for content in left.values()) == written for key in wrapped)
    await after.close()


async def test_a_key_without_its_row_is_collected_by_the_next_write(tmp_path: Path) -> None:
    stops = [Step.KEYS_CREATED]

    def on_step(step: Step) -> None:
        if step in stops:
            stops.remove(step)
            raise StopError

    store = sql_store(await prepared(tmp_path), on_step=on_step)
    await store.start()
    with pytest.raises(StoreUnavailableError):
        await store.write(Customer().opening(TRANSCRIPT, turns=turn()))
    await store.write(Customer("two").opening(TRANSCRIPT, turns=turn()))
    assert (count(tmp_path, "part_keys"), count(tmp_path, "session_keys")) == (1, 1)
    await store.close()


async def test_two_processes_may_open_one_store(tmp_path: Path) -> None:
    """As `sordino sweep` does while the gateway serves."""
    serving, sweeping = sql_store(await prepared(tmp_path)), sql_store(tmp_path)
    await serving.start()
    one = Customer()
    await serving.write(one.opening(TRANSCRIPT, turns=turn("first")))
    await sweeping.start()
    assert [each.text for each in (await sweeping.read(one.id, "improve-chatbot", NOW)).turns] == ["first"]
    await serving.write(one.write(TRANSCRIPT, turns=turn("second")))
    await sweeping.write(one.write(TRANSCRIPT, turns=turn("third")))
    await serving.write(one.write(TRANSCRIPT, turns=turn("fourth")))
    turns = (await sweeping.read(one.id, "improve-chatbot", NOW)).turns
    assert [(each.sequence, each.text) for each in turns] == [(0, "first"), (1, "second"), (2, "third"), (3, "fourth")]
    await sweeping.close()
    await serving.close()


def wrapped_keys(directory: Path) -> list[bytes]:
    keys = sqlite3.connect(directory / "keys.db")
    wrapped = [key for (key,) in keys.execute("SELECT wrapped FROM part_keys UNION SELECT wrapped FROM session_keys")]
    keys.close()
    return wrapped


def test_a_root_key_is_read_when_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailableError, match="missing"):
        FileKeyProvider(tmp_path / "none")


async def test_without_a_notice_the_store_is_opened_for_the_one_it_belongs_to(tmp_path: Path) -> None:
    one = await stored(await prepared(tmp_path))
    store = sql_store(tmp_path, tenant=None)
    await store.start()
    assert [each.text for each in (await store.read(one.id, "improve-chatbot", NOW)).turns] == ["ja"]
    assert await store.find(one.by_conversation(), NOW) is not None
    await store.close()


async def test_without_a_notice_nothing_is_made(tmp_path: Path) -> None:
    store = sql_store(tmp_path, tenant=None)
    with pytest.raises(StoreUnavailableError, match="no store here yet"):
        await store.start()
    await store.close()
