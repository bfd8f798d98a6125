"""Whatever is changed in a ledger or its sink is found, and where."""

from __future__ import annotations

import asyncio
import copy
import json
import secrets
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from benchmarks.tamper_ledger import alterations, altered
from storage import ErasureReason, LedgerBrokenError, SessionEvent
from storage.ledger.receipts import check_receipt
from storage.ledger.verification import Verification
from storage.sql import SqlStore
from tests.unit.storage.builders import DAY, NOW, USUAL, Customer, consent, prepared, sql_store, turn


async def made(directory: Path, sessions: int = 120) -> SqlStore:
    """Make a store whose ledger has 700 entries, two checkpoints, erasures, and some entries that wait."""
    store = sql_store(await prepared(directory))
    await store.start()
    customers: list[Customer] = []
    for number in range(2):
        customers = [Customer(str(each)) for each in range(sessions)]
        for each in customers:
            said = consent() if number else ()
            await store.write(each.opening(USUAL, turns=turn(), consents=said, events=SessionEvent.AI_DISCLOSED))
        parts = [part for each in customers[: sessions // 2] for part in await store.part_ids(each.id)]
        await store.erase(parts, ErasureReason.REQUESTED, NOW, "dpo")
        await store.ledger.seal(NOW + number * DAY)
    await store.read(customers[-1].id, "improve-chatbot", NOW)
    return store


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of what `made` makes, closed: it takes longer than most of the tests."""

    async def make() -> None:
        await (await made(directory)).close()

    directory = tmp_path_factory.mktemp("ledger")
    asyncio.run(make())
    return directory


@pytest.fixture
def ledger(tmp_path: Path, template: Path) -> Path:
    """Return the directory of a store of its own, like that."""
    return shutil.copytree(template, tmp_path / "store")


async def checked(directory: Path, since: str | None = None) -> Verification:
    store = sql_store(directory)
    found = await store.ledger.verify(since)
    await store.close()
    return found


async def test_what_was_not_changed_is_as_it_was(tmp_path: Path) -> None:
    store = await made(tmp_path)
    figures = await store.ledger.figures()
    found = await store.ledger.verify()
    assert found.problems == ()
    assert (found.checked, found.sealed) == (figures.size, figures.sealed) == (660, 660)
    assert found.forgotten == 180
    await store.close()
    assert await checked(tmp_path) == found


@pytest.mark.parametrize(
    ("harm", "where"),
    {
        "UPDATE ledger_leaves SET leaf = zeroblob(32) WHERE position = 70": "entry 70",
        "DELETE FROM ledger_leaves WHERE position = 70": "entry 70",
        # The event of this entry is erased with its session, so that nothing else holds its id.
        "UPDATE ledger_leaves SET id = zeroblob(16) WHERE id NOT IN (SELECT id FROM session_events UNION "
        "SELECT id FROM ledger_events) AND position = (SELECT min(position) FROM ledger_leaves WHERE id NOT IN "
        "(SELECT id FROM session_events UNION SELECT id FROM ledger_events))": "its id is not the one",
        "DELETE FROM ledger_leaves WHERE position >= 600": "entry 600",
        "UPDATE ledger_leaves SET position = 660 WHERE position = 70": "entry 70",
        "UPDATE ledger_leaves SET position = -1 WHERE position = 70": "entries before 0",
        "UPDATE ledger_events SET event = CAST(replace(event, 'dpo', 'me!') AS BLOB)": "its event or salt was changed",
        "UPDATE session_events SET salt = zeroblob(32)": "its event or salt was changed",
        "UPDATE receipts SET actor = 'nobody'": "receipt of part",
        "UPDATE receipts SET records = records + 1": "receipt of part",
        "DELETE FROM receipts": "event",
        "DELETE FROM ledger_events": "receipt of part",
        "DELETE FROM ledger_checkpoints WHERE number = 1": "entries 0 to 239",
        "DELETE FROM ledger_checkpoints": "entries 0 to 239",
        "UPDATE ledger_checkpoints SET note = replace(note, 's', 'S') WHERE number = 2": "checkpoint over 660",
        "UPDATE ledger_checkpoints SET size = 661 WHERE number = 2": "checkpoint over 661",
        "UPDATE ledger_tiers SET root = zeroblob(32) WHERE number = 1": "tier 1, entries 256 to 511",
        "INSERT INTO ledger_tiers VALUES (1, 9, zeroblob(32))": "tier 1, number 9",
        "UPDATE ledger_outbox SET leaf = zeroblob(32)": "which waits for its place",
        "DELETE FROM ledger_outbox": "has no place",
        "UPDATE sink_heads SET number = number + 1": "sink, ",
        "UPDATE sink_heads SET digest = zeroblob(32)": "sink, ",
    }.items(),
)
async def test_a_change_in_the_database_is_found_and_placed(ledger: Path, harm: str, where: str) -> None:
    database = sqlite3.connect(ledger / "sessions.db")
    with database:
        assert database.execute(harm).rowcount > 0
    database.close()
    found = await checked(ledger)
    assert [f"{each.where} {each.what}" for each in found.problems if where in f"{each.where} {each.what}"], found


async def test_entries_that_changed_places_are_found(ledger: Path) -> None:
    database = sqlite3.connect(ledger / "sessions.db")
    with database:
        for before, after in ((70, -1), (71, 70), (-1, 71)):
            database.execute("UPDATE ledger_leaves SET position = ? WHERE position = ?", (after, before))
    database.close()
    found = await checked(ledger)
    assert {each.where for each in found.problems} >= {"entry 70", "entry 71"}


async def test_a_changed_or_missing_object_of_the_sink_is_found(ledger: Path) -> None:
    store = sql_store(ledger)
    objects = sorted(path for path in (ledger / "sink").rglob("*") if path.is_file())
    assert len(objects) == 6
    for path in objects:
        content = path.read_bytes()
        path.chmod(0o600)
        for harmed in (
            None,
            content[:-2],
            content + b"{}\n",
            content.replace(b"A", b"B", 1),
            content.replace(b"0", b"1", 1),
        ):
            path.unlink()
            if harmed is not None:
                path.write_bytes(harmed)
            found = await store.ledger.verify()
            assert harmed == content or found.problems, path
            path.write_bytes(content)
    assert (await store.ledger.verify()).problems == ()
    await store.close()


async def test_what_is_erased_in_the_sink_and_still_here_is_found(tmp_path: Path) -> None:
    store = await made(tmp_path)
    one = Customer("late")
    await store.write(one.opening(USUAL, turns=turn()))
    await store.close()
    backup = (tmp_path / "sessions.db").read_bytes()
    store = sql_store(tmp_path)
    await store.start()
    parts = await store.part_ids(one.id)
    await store.erase(parts, ErasureReason.REQUESTED, NOW, "dpo")
    await store.close()
    for name in ("sessions.db-wal", "sessions.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "sessions.db").write_bytes(backup)
    where = {each.where for each in (await checked(tmp_path)).problems}
    assert where == {f"part {part}" for part in parts}


async def test_since_a_checkpoint(ledger: Path) -> None:
    store = sql_store(ledger)
    await store.start()
    notes = await store._databases.read(
        lambda unit: unit.sessions.exec_driver_sql("SELECT note FROM ledger_checkpoints ORDER BY number").all()
    )
    first, second = (note for (note,) in notes)
    assert (await store.ledger.verify(first)).checked == 420
    assert (await store.ledger.verify(second)).checked == 0
    assert (await store.ledger.verify(second)).problems == ()
    with pytest.raises(LedgerBrokenError, match="does not fit"):
        await store.ledger.verify(first.replace("240", "241"))
    await store.close()
    database = sqlite3.connect(ledger / "sessions.db")
    with database:
        database.execute("UPDATE ledger_leaves SET leaf = zeroblob(32) WHERE position = 239")
    database.close()
    assert "entries 0 to 239" in {each.where for each in (await checked(ledger, first)).problems}
    with sqlite3.connect(ledger / "sessions.db") as database:
        database.execute("DELETE FROM ledger_leaves WHERE position > 500")
    database.close()
    assert "entries up to 659" in {each.where for each in (await checked(ledger, second)).problems}


async def test_a_receipt_proves_itself(ledger: Path) -> None:
    store = sql_store(ledger)
    await store.start()
    key = await store.ledger.public_key()
    (*_, last) = await store.receipts(1000)
    document = await store.ledger.receipt(last.part_id)
    assert document is not None
    check_receipt(document, key)
    facts = document["event"]["facts"]
    assert facts["part"] == str(last.part_id)
    assert (facts["reason"], facts["actor"], facts["records"]) == ("requested", "dpo", last.records)
    assert facts["out_of_backups_by"] == last.backups_clean_by.isoformat()
    assert document["proof"].startswith("c2sp.org/tlog-proof@v1\nindex ")
    assert await store.ledger.receipt(Customer("no part").id) is None
    for path, value in every_place(document):
        if path == ["statement"]:
            continue
        false = copy.deepcopy(document)
        place: Any = false
        for each in path[:-1]:
            place = place[each]
        place[path[-1]] = changed(value)
        with pytest.raises(LedgerBrokenError):
            check_receipt(false, key)
    await store.close()


async def test_a_receipt_waits_for_its_proof(tmp_path: Path) -> None:
    store = sql_store(await prepared(tmp_path))
    await store.start()
    one = Customer()
    await store.write(one.opening(USUAL, turns=turn()))
    receipt, *_ = await store.erase(await store.part_ids(one.id), ErasureReason.REQUESTED, NOW, "dpo")
    document = await store.ledger.receipt(receipt.part_id)
    assert document is not None
    assert document["proof"] is None
    key = await store.ledger.public_key()
    with pytest.raises(LedgerBrokenError, match="no proof yet"):
        check_receipt(document, key)
    await store.ledger.seal(NOW)
    document = await store.ledger.receipt(receipt.part_id)
    assert document is not None
    check_receipt(json.loads(json.dumps(document)), key)
    await store.close()


def every_place(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[list[Any], Any]]:  # noqa: ANN401
    if isinstance(document, dict):
        return [found for key, value in document.items() for found in every_place(value, (*path, key))]
    if isinstance(document, list):
        return [found for at, value in enumerate(document) for found in every_place(value, (*path, at))]
    return [(list(path), document)]


def changed(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str) and value:
        at = secrets.randbelow(len(value))
        return value[:at] + ("a" if value[at] != "a" else "b") + value[at + 1 :]
    return "something"


@pytest.mark.parametrize(("sessions", "rounds"), [(12, 135), (120, 15)])
async def test_random_alterations_are_all_found(tmp_path: Path, sessions: int, rounds: int) -> None:
    """A short form of `python -m benchmarks.tamper`, which does 100,000, most of them in small ledgers as well."""
    store = await made(tmp_path, sessions)
    missed = []
    for alteration in alterations(tmp_path, rounds):
        with altered(tmp_path, alteration):
            if not (await store.ledger.verify()).problems:
                missed.append(alteration)
    assert missed == []
    await store.close()
