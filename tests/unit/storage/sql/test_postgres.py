"""What is PostgreSQL's own: durability, servers that are away, partitions, keys vacuumed away."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import Connection, func, insert, select, text

from storage import ErasureReason, PartKind, StoreUnavailableError
from storage.holds import HoldTerms
from storage.sql import SqlStore
from storage.sql.databases import Unit
from storage.sql.key_tables import creations, session_keys
from storage.sql.postgres import TRUSTED_SECONDS, PostgresPair
from storage.surveys import SurveyTerms
from tests.fakes import FakeClock
from tests.postgres import PostgresServer, empty_pair
from tests.unit.storage.builders import DAY, NOW, USUAL, Customer, assignment, plan, sql_store, turn


@pytest.fixture
async def store(tmp_path: Path, postgres_urls: tuple[str, str]) -> AsyncIterator[SqlStore]:
    made = sql_store(tmp_path, urls=postgres_urls)
    await made.start()
    yield made
    await made.close()


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that a test may stop, durable as one should be."""
    with tempfile.TemporaryDirectory(prefix="sordino-postgres-") as name:
        Path(name).chmod(0o755)
        server = PostgresServer(Path(name) / "server", fsync=True)
        server.make()
        yield server
        server.stop()


def databases_of(store: SqlStore) -> PostgresPair:
    assert isinstance(store._databases, PostgresPair)
    return store._databases


async def query(url: str, statement: str, *values: object) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement, *values)]
    finally:
        await connection.close()


async def test_durability_and_patience_are_as_promised(store: SqlStore) -> None:
    for database in (databases_of(store).sessions, databases_of(store).keys):
        async with database.writer.connect() as connection:
            shown = {
                name: (await connection.execute(text(f"SHOW {name}"))).scalar_one()
                for name in ("synchronous_commit", "lock_timeout", "statement_timeout", "transaction_isolation")
            }
        assert shown == {
            "synchronous_commit": "on",
            "lock_timeout": "5s",
            "statement_timeout": "30s",
            "transaction_isolation": "read committed",
        }
        async with database.reader.connect() as connection:
            assert (await connection.execute(text("SHOW transaction_isolation"))).scalar_one() == "repeatable read"
            assert (await connection.execute(text("SHOW transaction_read_only"))).scalar_one() == "on"
        assert database.writer.sync_engine.hide_parameters


async def test_connections_that_were_cut_are_replaced(store: SqlStore, postgres_urls: tuple[str, str]) -> None:
    one = Customer()
    await store.write(one.opening(USUAL, turns=turn("first")))
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    for url in postgres_urls:
        assert await query(url, cut, url.rpartition("/")[2].partition("?")[0])
    await asyncio.sleep(TRUSTED_SECONDS)
    await store.write(one.write(USUAL, turns=turn("second")))
    assert [each.text for each in (await store.read(one.id, "improve-chatbot", NOW)).turns] == ["first", "second"]


async def test_a_server_that_goes_and_comes_back(tmp_path: Path, own_server: PostgresServer) -> None:
    store = sql_store(tmp_path, urls=await empty_pair(own_server))
    await store.start()
    one = Customer()
    await store.write(one.opening(USUAL, turns=turn("first")))
    own_server.stop(signal.SIGQUIT)
    for refused in (
        store.write(one.write(USUAL, turns=turn("secret words"))),
        store.find(one.by_token(), NOW),
        store.read(one.id, "improve-chatbot", NOW),
        store.erase([one.id], ErasureReason.ADMIN, NOW, "admin"),
        store.check(),
    ):
        with pytest.raises(StoreUnavailableError, match=r"can't be reached|stopping") as away:
            await refused
        assert "secret" not in str(away.value)
        assert away.value.__cause__ is None
        assert away.value.__context__ is None or away.value.__suppress_context__
    own_server.start()
    await store.write(one.write(USUAL, turns=turn("second")))
    await store.check()
    assert [each.text for each in (await store.read(one.id, "improve-chatbot", NOW)).turns] == ["first", "second"]
    await store.close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("127.0.0.1", "127.0.0.2"), "can't be reached"),
        (("shared_sessions", "geheim_sessions"), "no such database"),
        (("sordino@", "geheim:geheim@"), "refuses the user"),
    ],
)
async def test_what_is_wrong_with_a_url_is_told_without_it(
    tmp_path: Path, postgres_urls: tuple[str, str], change: tuple[str, str], told: str
) -> None:
    sessions, keys = (url.replace(*change) for url in postgres_urls)
    store = sql_store(tmp_path, urls=(sessions, keys))
    with pytest.raises(StoreUnavailableError, match=told) as away:
        await store.start()
    assert "geheim" not in str(away.value)
    await store.close()


async def test_a_session_that_another_transaction_holds_is_waited_for_and_then_refused(
    store: SqlStore, postgres_urls: tuple[str, str]
) -> None:
    one, other = Customer(), Customer("other")
    await store.write(one.opening(USUAL, turns=turn("first")))
    await store.write(other.opening(USUAL, turns=turn("first")))
    holder = await asyncpg.connect(postgres_urls[0])
    async with holder.transaction():
        await holder.execute("SELECT 1 FROM sessions WHERE id = $1 FOR UPDATE", one.id.bytes)
        with pytest.raises(StoreUnavailableError, match="another transaction holds"):
            await store.write(one.write(USUAL, turns=turn("lost")))
        await store.write(other.write(USUAL, turns=turn("others go on")))
    await holder.close()
    await store.write(one.write(USUAL, turns=turn("second")))
    assert len((await store.read(one.id, "improve-chatbot", NOW)).turns) == 2


async def test_what_is_begun_is_done_though_the_caller_leaves(store: SqlStore, postgres_urls: tuple[str, str]) -> None:
    one = Customer()
    await store.write(one.opening(USUAL, turns=turn("first")))
    holder = await asyncpg.connect(postgres_urls[0])
    await holder.execute("SELECT pg_advisory_lock(1)")
    erasure = asyncio.ensure_future(
        store._databases.write(lambda unit: unit.sessions.execute(text("SELECT pg_advisory_xact_lock(1)")))
    )
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    while not await holder.fetchval(waits):  # noqa: ASYNC110 - another process does it
        await asyncio.sleep(0.01)
    erasure.cancel()
    with pytest.raises(asyncio.CancelledError):
        await erasure
    assert len(databases_of(store)._tasks) == 1
    await holder.close()
    await store.close()
    assert databases_of(store)._tasks == set()


async def test_erased_keys_leave_the_disk(
    tmp_path: Path, own_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In no byte of any file, once their tables are rewritten and the server's log has moved on."""
    monkeypatch.setattr("storage.sql.postgres.FORGET_SECONDS", 0.0)
    urls = await empty_pair(own_server)
    store = sql_store(tmp_path, urls=urls)
    await store.start()
    one, other = Customer(), Customer("other")
    for customer in (one, other):
        await store.write(customer.opening(USUAL, turns=turn("hello")))
    part_ids = list(await store.part_ids(one.id))
    of_parts = "SELECT wrapped FROM part_keys WHERE part_id = ANY($1)"
    of_session = "SELECT wrapped FROM session_keys WHERE session_id = $1"
    doomed = [key for (key,) in await query(urls[1], of_parts, [part.bytes for part in part_ids])]
    doomed += [key for (key,) in await query(urls[1], of_session, one.id.bytes)]
    kept = [key for (key,) in await query(urls[1], "SELECT wrapped FROM part_keys")]
    assert len(doomed) == 2
    await query(urls[1], "CHECKPOINT")
    assert all(on_disk(own_server, key) for key in doomed)
    await store.erase(part_ids, ErasureReason.REQUESTED, NOW, "dpo")
    await query(urls[1], "SELECT pg_switch_wal()")
    await query(urls[1], "CHECKPOINT")
    await query(urls[1], "SELECT pg_switch_wal()")
    await query(urls[1], "CHECKPOINT")
    assert not [key for key in doomed if on_disk(own_server, key)]
    assert [on_disk(own_server, key) for key in kept if key not in doomed] == [True]
    await store.close()


def on_disk(server: PostgresServer, value: bytes) -> bool:
    return any(value in path.read_bytes() for path in server.data.rglob("*") if path.is_file())


async def test_content_lies_in_the_partition_of_its_month(store: SqlStore, postgres_urls: tuple[str, str]) -> None:
    await store.write(Customer().opening(USUAL, turns=turn("hello")))
    found = await query(postgres_urls[0], "SELECT tableoid::regclass::text, month FROM contents")
    assert found == [("contents_202612", 202612)]


async def months_of(urls: tuple[str, str]) -> list[str]:
    found = await query(urls[0], "SELECT tablename FROM pg_tables WHERE tablename ~ '^contents_' ORDER BY 1")
    return [name for (name,) in found]


async def test_a_month_is_dropped_as_a_whole(tmp_path: Path, postgres_urls: tuple[str, str]) -> None:
    clock = FakeClock(NOW)
    store = sql_store(tmp_path, urls=postgres_urls, clock=clock)
    await store.start()
    customers = [Customer(str(number)) for number in range(6)]
    for customer in customers:
        await store.write(customer.opening(USUAL, turns=(turn("first"), turn("second"))))
    assert "contents_202612" in await months_of(postgres_urls)
    clock.move(days=29)
    early = await store.erase(await store.part_ids(customers[0].id), ErasureReason.REQUESTED, clock.now(), "dpo")
    assert await query(postgres_urls[0], "SELECT count(*) FROM contents") == [(10,)], "within the month row by row"
    clock.move(days=30)
    due = await store.due(clock.now())
    late = await store.erase([part.part_id for part in due], ErasureReason.EXPIRED, clock.now(), "sweep")
    assert sorted(each.records for each in late if each.kind is PartKind.TRANSCRIPT) == [2] * 5
    assert len(early) + len(late) == 12
    assert "contents_202612" not in await months_of(postgres_urls)
    for table in ("contents", "parts", "sessions", "turns", "intents"):
        assert await query(postgres_urls[0], f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608
    assert await query(postgres_urls[1], "SELECT count(*) FROM part_keys") == [(0,)]
    after = Customer("after", now=clock.now())
    await store.write(after.opening(USUAL, turns=turn("hello", at=clock.now())))
    assert len((await store.read(after.id, "improve-chatbot", clock.now())).turns) == 1
    await store.close()


async def test_a_month_with_something_held_goes_row_by_row(tmp_path: Path, postgres_urls: tuple[str, str]) -> None:
    clock = FakeClock(NOW)
    store = sql_store(tmp_path, urls=postgres_urls, clock=clock)
    await store.start()
    held, other = Customer(), Customer("other")
    for customer in (held, other):
        await store.write(customer.opening(USUAL, turns=turn("hello")))
    clock.move(days=20)
    terms = HoldTerms(reason="claim-7", owner="legal", review_at=clock.now() + 80 * DAY)
    hold = await store.retention.place_hold(held.id, terms, clock.now())
    clock.move(days=60)
    for customer in (held, other):
        parts = await store.part_ids(customer.id)
        await store.erase(parts, ErasureReason.EXPIRED, clock.now(), "sweep")
    assert await query(postgres_urls[0], "SELECT month FROM contents") == [(202612,)], "what is held is there"
    await store.retention.release_hold(held.id, hold.id, clock.now())
    await store.erase(await store.part_ids(held.id), ErasureReason.EXPIRED, clock.now(), "sweep")
    assert "contents_202612" not in await months_of(postgres_urls)
    await store.close()


async def test_a_drop_that_was_in_somebodys_way_is_made_up_for(tmp_path: Path, postgres_urls: tuple[str, str]) -> None:
    clock = FakeClock(NOW)
    store = sql_store(tmp_path, urls=postgres_urls, clock=clock)
    await store.start()
    one, two = Customer(), Customer("two")
    await store.write(one.opening(USUAL, turns=turn("hello")))
    clock.move(days=60)
    reader = await asyncpg.connect(postgres_urls[0])
    async with reader.transaction():
        await reader.fetch("SELECT * FROM contents")
        receipts = await store.erase(await store.part_ids(one.id), ErasureReason.EXPIRED, clock.now(), "sweep")
        assert len(receipts) == 2
        assert "contents_202612" in await months_of(postgres_urls)
    await reader.close()
    await store.write(two.opening(USUAL, now=clock.now(), turns=turn("hello", at=clock.now())))
    await store.erase(await store.part_ids(two.id), ErasureReason.REQUESTED, clock.now(), "dpo")
    assert "contents_202612" not in await months_of(postgres_urls)
    await store.close()


async def test_the_end_of_a_month_and_an_erasure_do_not_wait_for_each_other(
    store: SqlStore, postgres_urls: tuple[str, str]
) -> None:
    databases = databases_of(store)
    await databases.provide_month(202001)
    eraser = await asyncpg.connect(postgres_urls[0])
    try:
        async with eraser.transaction():
            await eraser.execute("LOCK TABLE ONLY contents IN ROW EXCLUSIVE MODE")
            ending = asyncio.ensure_future(databases.drop_months(202002))
            await asyncio.sleep(0.3)
            await eraser.execute("LOCK TABLE contents_202001 IN ROW EXCLUSIVE MODE")  # as a statement locks all of them
        await ending
    finally:
        await eraser.close()
    assert not await query(postgres_urls[0], "SELECT 1 FROM pg_class WHERE relname = 'contents_202001'")


async def test_an_answer_waits_for_the_release_of_its_week_and_goes_to_another(
    store: SqlStore, postgres_urls: tuple[str, str]
) -> None:
    terms = SurveyTerms("hotline")
    await store.surveys.answer(terms, {"satisfied": 1}, NOW)
    releasing = await asyncpg.connect(postgres_urls[0])
    try:
        async with releasing.transaction():
            await releasing.execute("SELECT id FROM survey_weeks FOR UPDATE")
            answering = asyncio.ensure_future(store.surveys.answer(terms, {"satisfied": 2}, NOW))
            await asyncio.sleep(0.3)
            await releasing.execute("DELETE FROM survey_answers")
            await releasing.execute("UPDATE survey_weeks SET over = true")
        await answering
    finally:
        await releasing.close()
    kept = "SELECT over, count(*) FROM survey_answers JOIN survey_weeks ON survey_weeks.id = week_id GROUP BY over"
    assert await query(postgres_urls[0], kept) == [(False, 1)]


class Meanwhile(Unit):
    """A unit beside which another process makes the key of a session each time before it looks at the keys."""

    made = 0

    @property
    def keys(self) -> Connection:
        with self._engine.connect() as other:
            session_id, its = uuid4(), session_keys.c
            epoch_id = other.execute(select(its.epoch_id).limit(1)).scalar_one()
            other.execute(insert(session_keys).values(session_id=session_id, epoch_id=epoch_id, wrapped=b"key"))
            other.execute(insert(creations).values(id=uuid4(), part_ids=b"", session_ids=session_id.bytes))
            other.commit()
        self.made += 1
        return super().keys


async def test_a_start_beside_others_leaves_keys_whose_rows_are_still_to_come(store: SqlStore) -> None:
    await store.write(Customer().opening(USUAL, turns=turn()))
    _, sinking = store.ledger._joined

    def drop(unit: Unit) -> tuple[int, int]:
        beside = Meanwhile(unit.sessions, unit._engine)
        beside.run(sinking._drop_session_keys)
        return beside.made, unit.keys.execute(select(func.count()).select_from(session_keys)).scalar_one()

    made, there = await store._databases.write(drop)
    assert there == 1 + made > 1


async def test_a_new_month_waits_for_nobody_who_reads_the_content_as_a_backup_does(
    store: SqlStore, postgres_urls: tuple[str, str]
) -> None:
    one = Customer()
    await store.write(one.opening(USUAL, turns=turn("first")))
    backup = await asyncpg.connect(postgres_urls[0])
    async with backup.transaction(isolation="repeatable_read"):
        await backup.execute("LOCK TABLE contents IN ACCESS SHARE MODE")
        async with asyncio.timeout(2):
            await store.write(one.write(plan(transcript=assignment(period="P10Y")), turns=turn("second")))
    await backup.close()
    assert await query(postgres_urls[0], "SELECT sequence FROM contents_203611") == [(1,)], "in its partition"
    assert [each.text for each in (await store.read(one.id, "improve-chatbot", NOW)).turns] == ["first", "second"]
