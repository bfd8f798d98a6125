r"""Numbered objects in a sink. Who knows one of them can tell that all before it are as they were written.

    object number n of a chain:  <header, JSON> "\n" <record, JSON> "\n" ...
    header: {"format": "sordino-sink-1", "chain": name, "log": origin, "number": n, "previous": SHA-256 of object n-1}

Object 0 has no records: it is made when a store uses the sink first, and says whose sink it is. A number is taken
once, whoever tries, so that several processes write one chain without a lock.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from storage.errors import StoreUnavailableError
from storage.ledger.sinks.sink import Sink

_FORMAT: Final = "sordino-sink-1"
_NO_OBJECT: Final = "0" * 64
_IN_FOLDER: Final = 10_000
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """An object of a chain: its number and the digest of its bytes."""

    number: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """An object as it was read."""

    place: Place
    records: tuple[Record, ...]


class Chain:
    """One chain of a log in a sink. All raise StoreUnavailableError if the sink is away or is not this log's."""

    def __init__(self, sink: Sink, name: str, origin: str) -> None:
        """Take the sink, the chain's name and the log's."""
        self._sink = sink
        self._name = name
        self._origin = origin

    def begin(self) -> Place:
        """Return the place of object 0, made if the sink is new."""
        content = self._content(0, _NO_OBJECT, ())
        self._sink.create(self._path(0), content)
        found = self._read(0)
        if found is None:
            raise self._foreign("does not keep what is written to it")
        if found != content:
            raise self._foreign("belongs to another store: give each store a sink of its own")
        return _place(0, content)

    def beginning(self) -> Place:
        """Return the place of object 0, which has to be there."""
        content = self._content(0, _NO_OBJECT, ())
        if self._read(0) != content:
            raise self._foreign("holds nothing of this store")
        return _place(0, content)

    def check(self, place: Place) -> None:
        """See that the sink holds the object that was written there."""
        found = self._read(place.number)
        if found is None or _place(place.number, found) != place:
            raise self._foreign("does not hold what this store has written to it: it is not this store's, or not whole")

    def add(self, after: Place, records: Sequence[Record]) -> Place | None:
        """Write the next object, durable on return; None if another process has taken the number."""
        number = after.number + 1
        # An empty directory in the place of a volume that is away must not pass for the sink.
        self.check(after)
        content = self._content(number, after.digest.hex(), records)
        return _place(number, content) if self._sink.create(self._path(number), content) else None

    def next(self, after: Place) -> Link | None:
        """Return the object that follows, if there is one."""
        number = after.number + 1
        content = self._read(number)
        if content is None:
            return None
        try:
            header, *lines = content.decode().removesuffix("\n").split("\n")
            fits = json.loads(header) == self._header(number, after.digest.hex())
            records = tuple(json.loads(line) for line in lines)
        except ValueError:
            fits, records = False, ()
        if not fits:
            raise self._foreign(f"was changed: object {number} of {self._name} does not follow the one before it")
        return Link(_place(number, content), records)

    def since(self, after: Place) -> Iterator[Link]:
        """Yield the objects that follow."""
        while (link := self.next(after)) is not None:
            yield link
            after = link.place

    def _read(self, number: int) -> bytes | None:
        return self._sink.read(self._path(number))

    def _path(self, number: int) -> str:
        return f"{self._name}/{number // _IN_FOLDER:08}/{number:012}"

    def _header(self, number: int, previous: str) -> dict[str, Any]:
        return {
            "format": _FORMAT, "chain": self._name, "log": self._origin, "number": number, "previous": previous,
        }  # fmt: skip

    def _content(self, number: int, previous: str, records: Sequence[Record]) -> bytes:
        return b"".join(orjson.dumps(each) + b"\n" for each in (self._header(number, previous), *records))

    def _foreign(self, what: str) -> StoreUnavailableError:
        return StoreUnavailableError(f"the sink of the ledger, {self._sink}, {what}")


def _place(number: int, content: bytes) -> Place:
    return Place(number, hashlib.sha256(content).digest())
