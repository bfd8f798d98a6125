"""Erasure reaches every table and every byte, and is completed wherever it is stopped."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Table, Text, func, select

from storage import (
    ConsentState,
    ErasureReason,
    Ground,
    HoldTerms,
    Identifier,
    SealBrokenError,
    StoreUnavailableError,
    UnknownSessionError,
)
from storage.audio import AudioCodec, AudioFormat, Frame
from storage.recordings import Recordings
from storage.sql import SqlStore, Step, key_tables, tables
from storage.sql.erasing import PART_TABLES, SESSION_TABLES
from tests.unit.storage.builders import (
    DAY,
    NOTHING,
    NOW,
    Customer,
    assignment,
    consent,
    files,
    plan,
    prepared,
    sql_store,
    sqlite_of,
    turn,
)

EVERYTHING = plan(
    transcript=assignment(),
    original=assignment(),
    pseudonyms=assignment(),
    connection=assignment(),
    consent=assignment(),
    facts=assignment(),
    recording=assignment(),
)
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


class StopError(Exception):
    """The process stops here."""


def stop_at(step: Step) -> Callable[[Step], None]:
    seen: set[Step] = set()

    def on_step(each: Step) -> None:
        seen.add(each)
        # A start empties the logs as well; that is not the step meant.
        if each is step and (each is not Step.LOGS_EMPTIED or Step.INTENT_COMMITTED in seen):
            raise StopError

    return on_step


async def full_session(store: SqlStore, name: str = "one") -> Customer:
    customer = Customer(name)
    identifiers = (
        Identifier("EMAIL", f"address-of-{name}@example.org"),
        Identifier("CUSTOMER_NO", f"number of {name}"),
    )
    said = turn(f"secret words of {name}", once="m1", original=f"original words of {name}", identifiers=identifiers)
    await store.write(
        customer.opening(
            EVERYTHING,
            turns=(said, turn("and more")),
            consents=consent(),
            pseudonyms=f"map of {name}".encode(),
            connection={"address": f"address of {name}"},
            ratings=True,
        )
    )
    recorder = await Recordings(store.recording_backend, store._blobs).open(
        customer.id, EVERYTHING, AudioFormat(AudioCodec.PCMU), NOW
    )
    recorder.append(Frame(0, 0, f"sound of the words of {name}".encode() * 20), NOW)
    await recorder.stop(NOW)
    return customer


def count(directory: Path, name: str) -> int:
    database = directory / ("keys.db" if name in key_tables.metadata.tables else "sessions.db")
    connection = sqlite3.connect(database)
    try:
        (number,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608
    finally:
        connection.close()
    return int(number)


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


def sealed_and_wrapped(directory: Path, customer: Customer) -> set[bytes]:
    """Return pieces of all that is sealed, hashed or wrapped for a session (pages cut long values)."""
    sessions, keys = sqlite3.connect(directory / "sessions.db"), sqlite3.connect(directory / "keys.db")
    of = (customer.id.bytes,)
    rows = [
        *sessions.execute("SELECT substr(sealed, 43, 32) FROM contents WHERE session_id = ?", of),
        *sessions.execute("SELECT digest FROM turns WHERE session_id = ?", of),
        *sessions.execute("SELECT once FROM turns WHERE session_id = ? AND once IS NOT NULL", of),
        *sessions.execute("SELECT token FROM locators WHERE session_id = ?", of),
        *sessions.execute("SELECT token_digest FROM sessions WHERE id = ?", of),
        *keys.execute("SELECT wrapped FROM session_keys WHERE session_id = ?", of),
    ]
    for (part_id,) in sessions.execute("SELECT id FROM parts WHERE session_id = ?", of):
        rows += keys.execute("SELECT wrapped FROM part_keys WHERE part_id = ?", (part_id,))
    for (digest,) in sessions.execute("SELECT digest FROM segments WHERE session_id = ?", of):
        sealed = [content for name, content in files(directory).items() if name.startswith("blobs/")]
        rows += [(each[42:74],) for each in sealed if hashlib.sha256(each).digest() == digest]
    sessions.close()
    keys.close()
    return {value for (value,) in rows}


ERASING = [
    Step.INTENT_COMMITTED,
    Step.ERASURES_SUNK,
    Step.KEYS_DELETED,
    Step.BLOBS_DELETED,
    Step.ROWS_DELETED,
    Step.LOGS_EMPTIED,
]


@pytest.mark.parametrize("step", ERASING)
async def test_stopped_at_any_step_it_completes_at_the_next_start(tmp_path: Path, step: Step) -> None:
    before = sql_store(await prepared(tmp_path))
    await before.start()
    one, other = await full_session(before), await full_session(before, "other")
    parts = await before.part_ids(one.id)
    doomed = sealed_and_wrapped(tmp_path, one)
    await before.close()

    stopping = sql_store(tmp_path, on_step=stop_at(step))
    await stopping.start()
    with pytest.raises(StopError):
        await stopping.erase(parts, ErasureReason.REQUESTED, NOW, "dpo")
    # Unreadable from the first step on, whatever else was not done.
    assert await stopping.find(one.by_token(), NOW) is None
    with pytest.raises(UnknownSessionError):
        await stopping.read(one.id, "improve-chatbot", NOW)
    await stopping.close()

    after = sql_store(tmp_path)
    await after.start()
    receipts = await after.receipts()
    assert {receipt.part_id: receipt.kind for receipt in receipts} == parts
    assert {(receipt.reason, receipt.actor, receipt.erased_at) for receipt in receipts} == {
        (ErasureReason.REQUESTED, "dpo", NOW)
    }
    assert count(tmp_path, "intents") == 0
    assert len(await after.part_ids(other.id)) == len(parts)
    assert [each.text for each in (await after.read(other.id, "improve-chatbot", NOW)).turns] == [
        "secret words of other",
        "and more",
    ]
    left = files(tmp_path)
    assert not [value for value in doomed if any(value in content for content in left.values())]
    await after.close()


@pytest.mark.parametrize("step", [step for step in ERASING if step is not Step.BLOBS_DELETED])
async def test_a_withdrawal_stopped_at_any_step_completes(tmp_path: Path, step: Step) -> None:
    store = sql_store(await prepared(tmp_path), on_step=stop_at(step))
    await store.start()
    one = Customer()
    kept = plan(transcript=(assignment(), assignment("train", consent="c")), original=assignment("train", consent="c"))
    await store.write(one.opening(kept, turns=turn("ja", original="ja"), consents=consent(name="c")))
    with pytest.raises(StopError):
        await store.withdraw(one.id, "c", NOW)
    await store.close()
    after = sql_store(tmp_path)
    await after.start()
    assert [receipt.reason for receipt in await after.receipts()] == [ErasureReason.WITHDRAWN]
    assert list((await after.read(one.id, "improve-chatbot", NOW)).summary.purposes) == ["improve-chatbot"]
    await after.close()


async def test_what_was_stopped_is_due_and_completed_without_a_restart(tmp_path: Path) -> None:
    stops = [Step.KEYS_DELETED]

    def on_step(step: Step) -> None:
        if step in stops:
            stops.remove(step)
            raise StopError

    store = sql_store(await prepared(tmp_path), on_step=on_step)
    await store.start()
    one = await full_session(store)
    parts = await store.part_ids(one.id)
    with pytest.raises(StopError):
        await store.erase(parts, ErasureReason.REQUESTED, NOW, "dpo")
    due = await store.due(NOW)
    assert {part.part_id for part in due} == set(parts)
    receipts = await store.erase([part.part_id for part in due], ErasureReason.EXPIRED, NOW + DAY, "sweep")
    assert {(receipt.reason, receipt.actor) for receipt in receipts} == {(ErasureReason.REQUESTED, "dpo")}
    assert await store.due(NOW) == []
    await store.close()


async def test_a_session_that_kept_nothing_goes_with_its_keys(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path), on_step=stop_at(Step.INTENT_COMMITTED))
    await store.start()
    one = Customer()
    await store.write(one.opening(NOTHING, turns=turn(once="m1"), consents=consent(ConsentState.REFUSED)))
    with pytest.raises(StopError):
        await store.end_idle(NOW + DAY, "chatbot", NOW + DAY)
    await store.close()
    after = sql_store(tmp_path)
    await after.start()
    assert {name: count(tmp_path, name) for name in ("sessions", "turns", "locators", "session_keys")} == {
        "sessions": 0,
        "turns": 0,
        "locators": 0,
        "session_keys": 0,
    }
    await after.close()


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
