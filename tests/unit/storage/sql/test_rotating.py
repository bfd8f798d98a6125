"""The root key replaced: only what it wraps itself is wrapped anew, and the old version is destroyed, come what may."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from storage import FileKeyProvider, KeyUnavailableError
from storage.sql import SqlStore, Step
from tests.fakes import FakeClock
from tests.unit.storage.builders import DAY, NOW, Customer, assignment, plan, prepared, sql_store, turn
from tests.unit.storage.sql.erasures import StopError

PERIODS = ("P10D", "P40D", "P100D", "P1Y", "P3Y")


def rows(directory: Path, sql: str) -> list[tuple[object, ...]]:
    keys = sqlite3.connect(directory / "keys.db")
    found = keys.execute(sql).fetchall()
    keys.close()
    return found


def wrapped_by(directory: Path) -> set[object]:
    return {
        version
        for table in ("epoch_keys", "locator_keys", "key_store")
        for (version,) in rows(directory, f"SELECT root_version FROM {table}")  # noqa: S608
    }


async def filled(directory: Path, **said: Any) -> tuple[SqlStore, list[Customer]]:  # noqa: ANN401
    store = sql_store(directory, **said)
    await store.start()
    customers = [Customer(period) for period in PERIODS]
    for customer, period in zip(customers, PERIODS, strict=True):
        await store.write(customer.opening(plan(transcript=assignment(period=period)), turns=turn("ja")))
    return store, customers


async def assert_reads(store: SqlStore, customers: list[Customer]) -> None:
    for customer in customers:
        assert (await store.read(customer.id, "improve-chatbot", NOW)).turns[0].text == "ja"
        assert await store.find(customer.by_conversation(), NOW) is not None


async def versions(directory: Path) -> tuple[int, ...]:
    return await FileKeyProvider(directory / "root.key").versions()


async def test_a_rotation_wraps_epoch_keys_anew_and_leaves_part_keys(tmp_path: Path) -> None:
    store, customers = await filled(await prepared(tmp_path))
    parts, epochs = rows(tmp_path, "SELECT * FROM part_keys"), rows(tmp_path, "SELECT wrapped FROM epoch_keys")
    told: list[tuple[int, int]] = []
    done = await store.root_key.rotate(lambda *count: told.append(count))
    assert (done.version, done.rewrapped, done.resumed) == (2, 7, False)  # five months, a channel, the check value
    assert told[-1] == (7, 7)
    assert rows(tmp_path, "SELECT * FROM part_keys") == parts
    assert not set(rows(tmp_path, "SELECT wrapped FROM epoch_keys")) & set(epochs)
    assert wrapped_by(tmp_path) == {2}
    assert await versions(tmp_path) == (2,)
    await assert_reads(store, customers)
    await store.close()
    again = sql_store(tmp_path)
    await again.start()
    await assert_reads(again, customers)
    await again.close()


async def test_backups_of_the_keys_are_noise_after_it(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    store, _ = await filled(await prepared(tmp_path / "here"))
    await store.close()
    shutil.copytree(tmp_path / "here", tmp_path / "backup")
    store = sql_store(tmp_path / "here")
    await store.start()
    await store.root_key.rotate()
    await store.close()
    shutil.copy(tmp_path / "here" / "root.key", tmp_path / "backup" / "root.key")
    restored = sql_store(tmp_path / "backup")
    with pytest.raises(KeyUnavailableError, match="no version 1"):
        await restored.start()
    await restored.close()


@pytest.mark.parametrize("step", [Step.ROOT_ROTATED, Step.ROOT_RETIRED, Step.KEYS_REWRAPPED, Step.ROOT_DESTROYED])
async def test_it_is_finished_wherever_it_was_stopped(tmp_path: Path, step: Step) -> None:
    def stop(each: Step) -> None:
        if each is step:
            raise StopError

    store, customers = await filled(await prepared(tmp_path), on_step=stop)
    store.root_key._chunk = 2
    with pytest.raises(StopError):
        await store.root_key.rotate()
    await assert_reads(store, customers)
    await store.close()
    again = sql_store(tmp_path)
    await again.start()
    await assert_reads(again, customers)
    done = await again.root_key.rotate()
    assert (done.version, done.resumed) == (2, True)
    assert wrapped_by(tmp_path) == {2}
    assert await versions(tmp_path) == (2,)
    assert all(each.destroyed_at for each in (await again.root_key.list()).versions[:-1])
    done = await again.root_key.rotate()
    assert (done.version, done.resumed) == (3, False)
    await assert_reads(again, customers)
    await again.close()


async def test_a_process_that_serves_meanwhile_loses_nothing(tmp_path: Path) -> None:
    serving, customers = await filled(await prepared(tmp_path))
    rotating = sql_store(tmp_path)
    await rotating.open_keys()
    await rotating.root_key.rotate()
    new = Customer("after")
    await serving.write(new.opening(plan(transcript=assignment(period="P5Y")), turns=turn("ja")))
    assert wrapped_by(tmp_path) == {2}
    await assert_reads(serving, [*customers, new])
    await rotating.close()
    await serving.close()


async def test_what_was_wrapped_by_a_version_that_is_retired_meanwhile_is_wrapped_again(tmp_path: Path) -> None:
    store, customers = await filled(await prepared(tmp_path))

    class Slow(FileKeyProvider):
        """Another process rotates between the wrapping of a key and its keeping."""

        async def wrap(self, key, bound_to):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            made = await super().wrap(key, bound_to)
            if made.version == 1:
                await store.root_key.rotate()
            return made

    serving = sql_store(tmp_path, provider=Slow(tmp_path / "root.key"))
    await serving.start()
    new = Customer("new")
    await serving.write(new.opening(plan(transcript=assignment(period="P5Y")), turns=turn("ja")))
    assert wrapped_by(tmp_path) == {2}
    await serving.close()
    await store.close()
    again = sql_store(tmp_path)
    await again.start()
    await assert_reads(again, [*customers, new])
    await again.close()


async def test_it_is_done_when_it_is_due(tmp_path: Path) -> None:
    clock = FakeClock(NOW)
    store, _ = await filled(tmp_path, clock=clock)
    assert await store.root_key.rotate_if_due() is None
    assert await store.root_key.due_at() == NOW + 30 * DAY
    clock.move(days=30)
    done = await store.root_key.rotate_if_due()
    assert done is not None
    assert done.version == 2
    assert await store.root_key.due_at() == NOW + 60 * DAY
    assert await store.root_key.rotate_if_due() is None
    await store.close()


async def test_a_version_that_wraps_something_is_not_destroyed(tmp_path: Path) -> None:
    store, customers = await filled(await prepared(tmp_path))
    for version in (1, 2):
        with pytest.raises(KeyUnavailableError, match="rotate first"):
            await store.root_key.destroy(version)
    await FileKeyProvider(tmp_path / "root.key").rotate()
    with pytest.raises(KeyUnavailableError, match="still wraps 7 keys"):
        await store.root_key.destroy(1)
    assert await versions(tmp_path) == (1, 2)
    await assert_reads(store, customers)
    await store.root_key.rotate()
    await store.root_key.destroy(1)  # again: it is gone already
    assert await versions(tmp_path) == (2,)
    await store.close()


async def test_it_lists_versions_and_epochs_without_a_key(tmp_path: Path) -> None:
    store, _ = await filled(await prepared(tmp_path))
    await store.root_key.rotate()
    kept = await store.root_key.list()
    assert [(each.version, each.wraps, each.destroyed_at is None) for each in kept.versions] == [
        (1, 0, False),
        (2, 7, True),
    ]
    assert [each.month for each in kept.epochs] == [202612, 202701, 202703, 202711, 202911]
    assert {each.root_version for each in kept.epochs} == {2}
    await store.close()
