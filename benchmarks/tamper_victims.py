"""A store to be tampered with: sessions with parts of every kind, what lies of them where, and how they are read."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from storage.audio import AudioCodec, AudioFormat, Frame
from storage.copies import SessionCopy
from storage.records import Transcript
from storage.sql import SqlStore
from tests.unit.storage.builders import NOW, SECOND, Customer, assignment, consent, plan, prepared, sql_store, turn

_PURPOSE: Final = "improve-chatbot"
_EVERYTHING: Final = plan(
    transcript=assignment(),
    original=assignment(),
    pseudonyms=assignment(),
    connection=assignment(),
    consent=assignment(period="P3M"),
    facts=assignment(),
    recording=assignment(period="P6M"),
)
_TURNS: Final = 5
_SEGMENTS: Final = 3


class Columns(NamedTuple):
    """The columns of a table's key with their places in a row, and the place of what is sealed or wrapped."""

    names: tuple[str, ...]
    places: tuple[int, ...]
    sealed: int


COLUMNS: Final[Mapping[str, Columns]] = {
    "contents": Columns(("session_id", "part_id", "sequence", "month"), (0, 1, 2, 3), 4),
    "turns": Columns(("session_id", "sequence"), (0, 1), 4),
    "parts": Columns(("session_id", "id"), (0, 1), 11),
    "part_keys": Columns(("part_id",), (0,), 2),
    "session_keys": Columns(("session_id",), (0,), 2),
    "epoch_keys": Columns(("id",), (0,), 4),
    "index_keys": Columns(("id", "epoch_id"), (0, 1), 2),
}
IN_KEYS: Final = frozenset({"part_keys", "session_keys", "epoch_keys", "index_keys"})
_NAMES: Final = {"contents": "sealed", "turns": "digest", "parts": "tail"}
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Victim:
    """A session, and the ways in which it is read."""

    customer: Customer

    @property
    def id(self) -> bytes:
        """Its id as it is stored."""
        return self.customer.id.bytes

    async def found(self, store: SqlStore) -> tuple[bytes | None, bytes]:
        """Return its map of pseudonyms and its digest key, as a gateway goes on with them."""
        session = await store.find(self.customer.by_token(), NOW)
        if session is None:
            raise LookupError("a session is not found by its token")
        return session.pseudonyms, session.digest_key.reveal()

    async def read(self, store: SqlStore) -> Transcript:
        """Return what a purpose sees."""
        return await store.read(self.customer.id, _PURPOSE, NOW)

    async def copied(self, store: SqlStore) -> SessionCopy:
        """Return the copy for its subject."""
        return await store.copies.of(self.customer.id, NOW)

    async def heard(self, store: SqlStore) -> list[object]:
        """Return its sound."""
        recordings = await store.recordings.read(self.customer.id, _PURPOSE, NOW)
        return [segment for recording in recordings async for segment in recording.segments()]


@dataclass(frozen=True, slots=True)
class Stored:
    """The rows of the tables; records that others have taken the place of; and the blobs: path, bytes, session."""

    rows: Mapping[str, Sequence[Row]]
    earlier: Sequence[Row]
    blobs: Sequence[tuple[str, bytes, bytes]]

    def sessions_of(self, table: str, row: Row) -> frozenset[bytes]:
        """Return the sessions of which a wrapped key opens anything."""
        if table == "session_keys":
            return frozenset({row[0]})
        if table == "part_keys":
            return frozenset(part[0] for part in self.rows["parts"] if part[1] == row[0])
        epoch = row[0] if table == "epoch_keys" else row[1]
        parts = {key[0] for key in self.rows["part_keys"] if key[1] == epoch}
        owners = {key[0] for key in self.rows["session_keys"] if key[1] == epoch}
        return frozenset(owners | {part[0] for part in self.rows["parts"] if part[1] in parts})


async def made(directory: Path, sessions: int) -> tuple[SqlStore, Stored, list[Victim]]:
    """Make a store with so many sessions, each with all that can be kept."""
    store = sql_store(await prepared(directory))
    await store.start()
    victims = [Victim(Customer(f"number {number}")) for number in range(sessions)]
    earlier: list[Row] = []
    for victim in victims:
        await _fill(store, victim.customer)
        earlier += _rows(directory, ["contents"])["contents"]
        await _go_on(store, victim.customer)
    rows = _rows(directory, COLUMNS)
    now = {row[:3] for row in rows["contents"]}
    stored = Stored(rows, [row for row in earlier if row[:3] not in now], _blobs(directory))
    return store, stored, victims


async def _fill(store: SqlStore, one: Customer) -> None:
    said = [turn(f"{one.conversation} says {n}", original=f"{one.conversation}, in full {n}") for n in range(_TURNS)]
    await store.write(
        one.opening(
            _EVERYTHING,
            turns=tuple(said[:2]),
            consents=consent(),
            pseudonyms=f"map of {one.conversation}".encode(),
            connection={"address": one.conversation},
        )
    )
    for each in said[2:]:
        await store.write(one.write(_EVERYTHING, turns=each))
    recorder = await store.recordings.open(one.id, _EVERYTHING, AudioFormat(AudioCodec.PCMU), NOW)
    for number in range(_SEGMENTS):
        recorder.append(Frame(0, number * 8000, f"{one.conversation}, sound {number}".encode() * 40), NOW)
        recorder.pause(NOW + number * SECOND)
        await recorder.stored()
        recorder.resume(NOW + number * SECOND)
    await recorder.stop(NOW + _SEGMENTS * SECOND)


async def _go_on(store: SqlStore, one: Customer) -> None:
    await store.write(
        one.write(
            _EVERYTHING,
            consents=consent(name="a second one"),
            pseudonyms=f"second map of {one.conversation}".encode(),
            connection={"address": f"{one.conversation}, moved"},
        )
    )
    await store.recordings.silence(one.id, 1, _PURPOSE, (), NOW + _SEGMENTS * SECOND)


def _rows(directory: Path, tables: Collection[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for table in tables:
        path = directory / ("keys.db" if table in IN_KEYS else "sessions.db")
        with contextlib.closing(sqlite3.connect(path)) as database:
            names = [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")]
            if names[COLUMNS[table].sealed] != _NAMES.get(table, "wrapped"):
                raise RuntimeError(f"the columns of {table} stand in another order: {names}")
            found[table] = database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
    return found


def _blobs(directory: Path) -> list[tuple[str, bytes, bytes]]:
    with contextlib.closing(sqlite3.connect(directory / "sessions.db")) as database:
        owners = dict(database.execute("SELECT blob, session_id FROM segments").fetchall())
    files = sorted(path for path in (directory / "blobs").rglob("*") if path.is_file())
    return [(str(path.relative_to(directory)), path.read_bytes(), owners[bytes.fromhex(path.name)]) for path in files]
