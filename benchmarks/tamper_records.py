"""Alterations of what is sealed and of its keys: nobody who reads is ever told anything else than was stored.

Each is looked for with nothing in memory, as after a start, by all ways in which a session is read: by whom it goes on
with (with its map of pseudonyms), for a purpose, as a copy for its subject, and as sound. Found means that one of them
refuses and that none says something else than before, for each session that was touched.
"""

from __future__ import annotations

import contextlib
import random  # noqa: TID251 - the same alterations again for the same seed
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.tamper_victims import COLUMNS, IN_KEYS, Row, Stored, Victim, made
from storage.errors import KeyUnavailableError, SealBrokenError
from storage.sql import SqlStore

_HEADER: Final = {
    "version, suite or key id": (0, 18),
    "salt": (18, 42),
    "commitment": (42, 74),
    "ciphertext": (74, None),
}
_BLOBS: Final = "blobs"


@dataclass(frozen=True, slots=True)
class Change:
    """A row of a table, or a file (its path and bytes), as it is and as it is to be; None: there is none."""

    table: str
    before: Row | None
    after: Row | None


@dataclass(frozen=True, slots=True)
class Harm:
    """What is altered, and the sessions that it concerns."""

    kind: str
    changes: tuple[Change, ...]
    sessions: frozenset[bytes]


class Harms:
    """Makes harms to a store, the same for the same seed and store."""

    def __init__(self, stored: Stored, seed: str) -> None:
        """Take what is stored."""
        self._stored = stored
        self._chance = random.Random(seed)
        self._makers: Sequence[Callable[[], Harm]] = (
            self._byte_of_record, self._byte_of_record, self._byte_of_record, self._cut, self._taken_away,
            self._places_in_part, self._places_of_parts, self._places_of_sessions, self._earlier, self._tail,
            self._wrapped, self._wrapped, self._wrapped_places, self._wrapped_gone,
            self._segment, self._segment_cut, self._segment_gone, self._segment_places,
        )  # fmt: skip

    def one(self) -> Harm:
        """Return the next."""
        return self._chance.choice(self._makers)()

    def _byte_of_record(self) -> Harm:
        where, (begin, end) = self._chance.choice(list(_HEADER.items()))
        row = self._record()
        sealed = row[4]
        at = self._chance.randrange(begin, end or len(sealed))
        return _harm(f"byte of a record: {where}", Change("contents", row, (*row[:4], self._flipped(sealed, at))))

    def _cut(self) -> Harm:
        row = self._record()
        return _harm("record cut", Change("contents", row, (*row[:4], row[4][: self._chance.randrange(len(row[4]))])))

    def _taken_away(self) -> Harm:
        row, changes = self._record(), list[Change]()
        if self._chance.random() < 0.5:
            turns = self._stored.rows["turns"]
            changes = [Change("turns", each, None) for each in turns if (each[0], each[2], each[1]) == row[:3]]
        what = "record taken away with all that tells of it" if changes else "record taken away"
        return _harm(what, Change("contents", row, None), *changes)

    def _places_in_part(self) -> Harm:
        one = self._record()
        while not (others := [each for each in self._contents() if each[:2] == one[:2] and each != one]):
            one = self._record()
        return _places("records of one part", "contents", one, self._chance.choice(others))

    def _places_of_parts(self) -> Harm:
        one = self._record()
        others = [each for each in self._contents() if each[0] == one[0] and each[1] != one[1]]
        return _places("records of two parts", "contents", one, self._chance.choice(others))

    def _places_of_sessions(self) -> Harm:
        one = self._record()
        others = [each for each in self._contents() if each[0] != one[0] and each[2] == one[2]]
        return _places("records of two sessions", "contents", one, self._chance.choice(others))

    def _earlier(self) -> Harm:
        row = self._chance.choice(self._stored.earlier)
        now = next(each for each in self._contents() if each[:2] == row[:2])
        return _harm("record put back in place of the one after it", Change("contents", now, row))

    def _tail(self) -> Harm:
        at = COLUMNS["parts"].sealed
        row = self._chance.choice([each for each in self._stored.rows["parts"] if each[at] is not None])
        tail = self._flipped(row[at], self._chance.randrange(len(row[at])))
        return _harm("tail of a part", Change("parts", row, (*row[:at], tail, *row[at + 1 :])))

    def _wrapped(self) -> Harm:
        table = self._chance.choice(("part_keys", "session_keys", "epoch_keys", "index_keys"))
        row = self._chance.choice(self._stored.rows[table])
        at = COLUMNS[table].sealed
        wrapped = self._flipped(row[at], self._chance.randrange(len(row[at])))
        return self._keys(f"wrapped key: {table}", Change(table, row, (*row[:at], wrapped, *row[at + 1 :])))

    def _wrapped_places(self) -> Harm:
        table = self._chance.choice(("part_keys", "session_keys"))
        one, other = self._chance.sample(self._stored.rows[table], 2)
        changes = _places("", table, one, other).changes
        return self._keys(f"wrapped keys changed places: {table}", *changes)

    def _wrapped_gone(self) -> Harm:
        table = self._chance.choice(("part_keys", "session_keys", "epoch_keys"))
        row = self._chance.choice(self._stored.rows[table])
        return self._keys(f"wrapped key taken away: {table}", Change(table, row, None))

    def _segment(self) -> Harm:
        path, content, session = self._chance.choice(self._stored.blobs)
        altered = self._flipped(content, self._chance.randrange(len(content)))
        return Harm("byte of a segment", (Change(_BLOBS, (path, content), (path, altered)),), frozenset({session}))

    def _segment_cut(self) -> Harm:
        path, content, session = self._chance.choice(self._stored.blobs)
        cut = content[: self._chance.randrange(len(content))]
        return Harm("segment cut", (Change(_BLOBS, (path, content), (path, cut)),), frozenset({session}))

    def _segment_gone(self) -> Harm:
        path, content, session = self._chance.choice(self._stored.blobs)
        return Harm("segment taken away", (Change(_BLOBS, (path, content), None),), frozenset({session}))

    def _segment_places(self) -> Harm:
        one, other = self._chance.sample(self._stored.blobs, 2)
        changes = (Change(_BLOBS, one[:2], (one[0], other[1])), Change(_BLOBS, other[:2], (other[0], one[1])))
        return Harm("segments changed places", changes, frozenset({one[2], other[2]}))

    def _keys(self, kind: str, *changes: Change) -> Harm:
        owners = (self._stored.sessions_of(each.table, each.before) for each in changes if each.before is not None)
        return Harm(kind, changes, frozenset().union(*owners))

    def _contents(self) -> Sequence[Row]:
        return self._stored.rows["contents"]

    def _record(self) -> Row:
        return self._chance.choice(self._contents())

    def _flipped(self, content: bytes, at: int) -> bytes:
        return content[:at] + bytes((content[at] ^ 1 << self._chance.randrange(8),)) + content[at + 1 :]


def _harm(kind: str, *changes: Change) -> Harm:
    return Harm(kind, changes, frozenset(each.before[0] for each in changes if each.before is not None))


def _places(kind: str, table: str, one: Row, other: Row) -> Harm:
    last = COLUMNS[table].sealed
    moved = [(*a[:last], b[last], *a[last + 1 :]) for a, b in ((one, other), (other, one))]
    return _harm(f"{kind} changed places", Change(table, one, moved[0]), Change(table, other, moved[1]))


@contextlib.contextmanager
def altered(directory: Path, harm: Harm) -> Iterator[None]:
    """Do a harm, and put everything back as it was."""
    _put(directory, harm.changes)
    try:
        yield
    finally:
        _put(directory, [Change(each.table, each.after or _nothing(each), each.before) for each in harm.changes])


def _nothing(change: Change) -> Row | None:
    # A file that is gone has to be known by its path.
    return change.before if change.table == _BLOBS else None


def _put(directory: Path, changes: Sequence[Change]) -> None:
    for table in {each.table for each in changes}:
        these = [each for each in changes if each.table == table]
        if table == _BLOBS:
            _put_files(directory, these)
            continue
        path = directory / ("keys.db" if table in IN_KEYS else "sessions.db")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = OFF")
            database.execute("BEGIN IMMEDIATE")
            key = COLUMNS[table]
            where = " AND ".join(f"{name} = ?" for name in key.names)
            for row in (each.before for each in these if each.before is not None):
                database.execute(f"DELETE FROM {table} WHERE {where}", [row[at] for at in key.places])  # noqa: S608
            for row in (each.after for each in these if each.after is not None):
                database.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608
            database.execute("COMMIT")


def _put_files(directory: Path, changes: Sequence[Change]) -> None:
    for change in changes:
        if change.before is not None:
            (directory / change.before[0]).unlink(missing_ok=True)
        if change.after is not None:
            (directory / change.after[0]).write_bytes(change.after[1])


async def tampered(rounds: int, seed: str, sessions: int) -> Counter[str]:
    """Alter and read so often in a store of so many sessions; counts what was altered, and what was found."""
    count: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        store, stored, victims = await made(directory, sessions)
        truth = {victim.id: await _told(store, victim) for victim in victims}
        harms = Harms(stored, seed)
        for _ in range(rounds):
            harm = harms.one()
            touched = [victim for victim in victims if victim.id in harm.sessions]
            with altered(directory, harm):
                told = [(await _told(store, victim), truth[victim.id]) for victim in touched]
            count[f"altered {harm.kind}"] += 1
            count[f"found {harm.kind}"] += bool(told) and all(_refused(*each) for each in told)
            count["of sealed"] += 1
        after = {victim.id: await _told(store, victim) for victim in victims}
        if after != truth:
            raise RuntimeError("not all was put back as it was")
        await store.close()
    return count


def _refused(told: Sequence[object], truth: Sequence[object]) -> bool:
    return None in told and all(each in (None, true) for each, true in zip(told, truth, strict=True))


async def _told(store: SqlStore, victim: Victim) -> list[object]:
    """Return what each way of reading tells of a session; None where it refuses."""
    store._keys.forget()  # noqa: SLF001 - as a start does
    ways: tuple[Callable[[SqlStore], Awaitable[object]], ...] = (victim.found, victim.read, victim.copied, victim.heard)
    told: list[object] = []
    for way in ways:
        try:
            told.append(await way(store))
        except (SealBrokenError, KeyUnavailableError):
            told.append(None)
    return told
