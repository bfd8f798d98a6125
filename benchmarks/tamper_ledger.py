"""Alterations of a ledger and its sink: the check of the ledger has to find each. See `benchmarks.tamper`."""

from __future__ import annotations

import contextlib
import random  # noqa: TID251 - the same alterations again for the same seed
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TABLES = {
    # table: what names a row, and what of it the ledger speaks for
    "ledger_leaves": ("position", ("id", "leaf")),
    "ledger_events": ("id", ("salt", "event")),
    "session_events": ("id", ("salt", "event")),
    "ledger_outbox": ("id", ("leaf",)),
    "ledger_tiers": ("number", ("root",)),
    "ledger_checkpoints": ("number", ("note",)),
    "sink_heads": ("chain", ("digest",)),
    "receipts": ("id", ("ciphertext_root", "reason", "actor", "method", "deletion_classes", "notice_version")),
}
_WHOLE = ("ledger_leaves", "ledger_checkpoints", "receipts", "ledger_outbox", "ledger_tiers")
"""Tables of which no row may be missing. The event of a session may: it is erased with the session."""


@dataclass(frozen=True, slots=True)
class Alteration:
    """One thing that is altered: a byte of a file, a byte of a column, a row that goes, two rows that change places."""

    kind: str
    place: str
    row: object = None
    other: object = None
    column: str = ""
    byte: int = 0
    bit: int = 0


def alterations(directory: Path, count: int, seed: str = "sordino") -> Iterator[Alteration]:
    """Yield so many alterations of the store in a directory, the same for the same seed and store."""
    chance = random.Random(seed)
    objects = sorted(path for path in (directory / "sink").rglob("*") if path.is_file())
    with contextlib.closing(sqlite3.connect(directory / "sessions.db")) as database:
        keys = {
            table: [row for (row,) in database.execute(f"SELECT {key} FROM {table} ORDER BY 1")]  # noqa: S608
            for table, (key, _) in _TABLES.items()
        }
    filled = [table for table, rows in keys.items() if rows]
    for _ in range(count):
        kind = chance.choice(("byte of the sink", "object of the sink", "byte", "byte", "row", "places"))
        byte, bit = chance.randrange(1 << 30), chance.randrange(8)
        if "sink" in kind:
            yield Alteration(kind, str(chance.choice(objects).relative_to(directory)), byte=byte, bit=bit)
        elif kind == "byte":
            table = chance.choice(filled)
            column = chance.choice(_TABLES[table][1])
            yield Alteration(kind, table, chance.choice(keys[table]), column=column, byte=byte, bit=bit)
        elif kind == "row":
            table = chance.choice([each for each in _WHOLE if keys[each]])
            yield Alteration(kind, table, chance.choice(keys[table]))
        else:
            one, other = chance.sample(keys["ledger_leaves"], 2)
            yield Alteration(kind, "ledger_leaves", one, other)


@contextlib.contextmanager
def altered(directory: Path, alteration: Alteration) -> Iterator[None]:
    """Alter one thing, and put it back as it was."""
    if "sink" in alteration.kind:
        path = directory / alteration.place
        content = path.read_bytes()
        path.unlink()
        if alteration.kind == "byte of the sink":
            path.write_bytes(_flipped(content, alteration))
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            path.write_bytes(content)
        return
    with contextlib.closing(sqlite3.connect(directory / "sessions.db", isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        undo = _alter(database, alteration)
        try:
            yield
        finally:
            for statement, values in undo:
                database.execute(statement, values)


def _alter(database: sqlite3.Connection, alteration: Alteration) -> list[tuple[str, tuple[object, ...]]]:
    table, key = alteration.place, _TABLES[alteration.place][0]
    if alteration.kind == "places":
        one, other = alteration.row, alteration.other
        move = "UPDATE ledger_leaves SET position = ? WHERE position = ?"
        moves: list[tuple[str, tuple[object, ...]]] = [(move, (-1, one)), (move, (one, other)), (move, (other, -1))]
        for statement, values in moves:
            database.execute(statement, values)
        return moves
    row = database.execute(f"SELECT * FROM {table} WHERE {key} = ?", (alteration.row,)).fetchone()  # noqa: S608
    if alteration.kind == "row":
        database.execute(f"DELETE FROM {table} WHERE {key} = ?", (alteration.row,))  # noqa: S608
        return [(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)]  # noqa: S608
    names = [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")]
    before = row[names.index(alteration.column)]
    after: object = _flipped(before if isinstance(before, bytes) else before.encode(), alteration)
    if isinstance(before, str) and isinstance(after, bytes):
        after = after.decode("latin-1")
    change = f"UPDATE {table} SET {alteration.column} = ? WHERE {key} = ?"  # noqa: S608
    database.execute(change, (after, alteration.row))
    return [(change, (before, alteration.row))]


def _flipped(content: bytes, alteration: Alteration) -> bytes:
    at = alteration.byte % len(content)
    return content[:at] + bytes((content[at] ^ 1 << alteration.bit,)) + content[at + 1 :]


async def tampered(rounds: int, seed: str, sessions: int) -> Counter[str]:
    """Alter and check so often in the ledger of so many sessions; counts what was altered, and what was found."""
    from tests.unit.storage.builders import sql_store  # noqa: PLC0415 - the tests' own, not needed elsewhere
    from tests.unit.storage.sql.test_ledger_audit import made  # noqa: PLC0415 - the same ledger as in the tests

    count: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        await (await made(directory, sessions)).close()
        store = sql_store(directory)
        for alteration in alterations(directory, rounds, seed):
            what = f"{alteration.kind} {alteration.place if 'sink' not in alteration.kind else ''}".strip()
            with altered(directory, alteration):
                found = bool((await store.ledger.verify()).problems)
            count[f"altered {what}"] += 1
            count[f"found {what}"] += found
        await store.close()
    return count
