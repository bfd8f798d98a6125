"""Erasure reaches every table and every byte."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Table, Text

from storage import (
    ErasureReason,
    Ground,
    HoldTerms,
    StoreUnavailableError,
)
from storage.sql import key_tables, tables
from storage.sql.databases import Unit
from storage.sql.erasing import PART_TABLES, SESSION_TABLES, MarkedPart
from tests.unit.storage.builders import (
    DAY,
    NOW,
    files,
    prepared,
    sql_store,
    turn,
)
from tests.unit.storage.sql.erasures import EVERYTHING, count, full_session, sealed_and_wrapped

IMPERSONAL = {
    "store",
    "rules",
    "receipts",
    "ledger_events",
    "ledger_outbox",
    "leases",
    "access_tokens",
    "sign_ins",
    "approvals",
    "plans",
    "survey_weeks",
    "survey_answers",
    "survey_results",
    "errands",
    # Sealed but for words of the program, references and days; they go when the request expires.
    "rights_requests",
    "rights_events",
    "rights_messages",
    "ledger_leaves",
    "ledger_tiers",
    "ledger_checkpoints",
    "sink_heads",
}
PLAIN_WORDS = {
    # Words of the notice and of the protocol; none of them is said by a person.
    "sessions": {"channel", "notice_version", "notice_digest", "language"},
    "consent_states": {"consent", "state"},
    "parts": {"kind", "doomed"},
    "assignments": {"state"},
    "intents": {"reason", "actor"},
    # References, held to their form by `storage.holds`.
    "holds": {"reason", "owner"},
    "restrictions": {"ground", "purpose"},
    "ended_purposes": {"purpose"},
    "locators": set(),
    "index_tokens": set(),
    "contents": set(),
    "turns": set(),
    "facts": set(),
    "session_events": set(),
    "recordings": set(),
    "segments": set(),
    "recorded": set(),
}


async def test_erasure_reaches_every_table(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = await full_session(store)
    await store.retention.restrict(one.id, Ground.ACCURACY, NOW)
    await store.retention.end_purpose(one.id, "another", NOW)
    hold = await store.retention.place_hold(one.id, HoldTerms("case-1", "legal", NOW + DAY), NOW)
    personal = set(tables.metadata.tables) - IMPERSONAL
    assert {name for name in personal if count(tmp_path, name) == 0} == {"intents"}
    assert await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo") == ()
    await store.retention.release_hold(one.id, hold.id, NOW)
    await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
    assert {name for name in personal if count(tmp_path, name) != 0} == set()
    assert (count(tmp_path, "part_keys"), count(tmp_path, "session_keys")) == (0, 0)
    await store.close()


def test_a_table_is_impersonal_or_erased() -> None:
    """A new table has to be put on one of the lists of `erasing`, or this fails."""
    reached = {*PART_TABLES, *SESSION_TABLES, tables.parts, tables.sessions}
    for table in tables.metadata.sorted_tables:
        assert (table in reached) != (table.name in IMPERSONAL), table.name
        assert ("session_id" in table.c or table is tables.sessions) == (table in reached), table.name


@pytest.mark.parametrize("table", [each for each in tables.metadata.sorted_tables if each.name not in IMPERSONAL])
def test_no_column_holds_what_a_person_said(table: Table) -> None:
    assert {column.name for column in table.c if isinstance(column.type, Text)} == PLAIN_WORDS[table.name]


def test_the_key_database_holds_no_text() -> None:
    texts = {
        f"{table.name}.{column.name}"
        for table in key_tables.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, Text)
    }
    assert texts == {"key_store.tenant", "locator_keys.channel", "sink_heads.chain"}


async def test_nothing_said_is_in_any_byte(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    customers = [await full_session(store, f"customer{number}") for number in range(20)]
    await store.erase(await store.part_ids(customers[0].id), ErasureReason.REQUESTED, NOW, "dpo")
    await store.write(customers[1].write(EVERYTHING, turns=turn("secret words again")))
    for name, content in files(tmp_path).items():
        for planted in (
            b"words",
            b"address-of",
            b"number of",
            b"map of",
            b"address of",
            b"of customer",
            b"conversation of",
        ):
            assert planted not in content, name
        for customer in customers:
            assert customer.token not in content, name
    await store.close()


async def test_what_was_erased_is_gone_from_every_byte(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one, other = await full_session(store), await full_session(store, "other")
    doomed = sealed_and_wrapped(tmp_path, one)
    kept = sealed_and_wrapped(tmp_path, other)
    assert len(doomed) == len(kept) > 10
    assert all(any(value in content for content in files(tmp_path).values()) for value in doomed | kept)
    await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
    left = files(tmp_path)
    assert not [value for value in doomed if any(value in content for content in left.values())]
    assert all(any(value in content for content in left.values()) for value in kept)
    assert [len(content) for name, content in left.items() if name.endswith("-wal")] == [0, 0]
    await store.close()


async def test_many_parts_go_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.sql.erasing.ERASE_CHUNK", 3)
    store = sql_store(await prepared(tmp_path))
    await store.start()
    parts = [part for number in range(4) for part in await store.part_ids((await full_session(store, str(number))).id)]
    assert len(await store.erase(parts, ErasureReason.ADMIN, NOW, "admin")) == len(parts) == 28
    assert (count(tmp_path, "sessions"), count(tmp_path, "part_keys"), count(tmp_path, "receipts")) == (0, 0, 28)
    await store.close()


async def test_a_reader_in_the_way_delays_only_the_last_step(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = await full_session(store)
    doomed = sealed_and_wrapped(tmp_path, one)
    reader = sqlite3.connect(tmp_path / "sessions.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM contents").fetchone()
    assert len(await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")) == 7
    with pytest.raises(StoreUnavailableError, match="another process reads"):
        await store.check()
    reader.execute("COMMIT")
    reader.close()
    await store.check()
    left = files(tmp_path)
    assert not [value for value in doomed if any(value in content for content in left.values())]
    await store.close()


class Beside:
    """Databases that are asked which months are over while another erasure begins."""

    def __init__(self) -> None:
        self.begins: Callable[[], object] = int

    def closing(self, _unit: object, months: Collection[int], _now_month: int) -> set[int]:
        self.begins()
        return set(months)


async def test_an_erasure_that_begins_meanwhile_breaks_no_other_off(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    eraser, beside = store._eraser, Beside()
    eraser._databases = beside  # type: ignore[assignment]
    unit = Unit(None, None)  # type: ignore[arg-type]
    first, second = (MarkedPart(uuid4(), uuid4(), month) for month in (202501, 202502))
    assert eraser._closing_months(unit, [first]) == {202501}
    beside.begins = lambda: eraser.finish().send(None)  # as far as its first wait
    assert eraser._closing_months(unit, [first, second]) == {202501, 202502}
    eraser._databases = store._databases
    await store.close()
