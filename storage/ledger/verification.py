"""Checking a log from what is kept of it: entries in their places, events against their leaves, checkpoints over all.

What was changed is found, whoever changed it, as long as one checkpoint is known from elsewhere; the sink holds them
all, with every leaf's hash, so that the very entry can be named.
"""

from __future__ import annotations

from dataclasses import dataclass

from storage.errors import LedgerBrokenError
from storage.ledger.checkpoints import open_checkpoint
from storage.ledger.events import Entry
from storage.ledger.notes import PublicKey
from storage.ledger.tree import Edge


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written: where, and what is wrong with it."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check has found: `checked` entries, `forgotten` of them without their event, `sealed` by a checkpoint."""

    checked: int
    sealed: int
    forgotten: int
    problems: tuple[Problem, ...]


class LogCheck:
    """Takes the entries of a log one after the other, and its checkpoints where they stand."""

    def __init__(self, key: PublicKey, edge: Edge | None = None) -> None:
        """Take the log's key, and the edge of what is known already."""
        self._key = key
        self._edge = edge or Edge()
        self._good = self._edge.size  # up to here a checkpoint has been found to be true
        self.checked = 0
        self.sealed = self._edge.size
        self.forgotten = 0
        self.problems: list[Problem] = []

    @property
    def size(self) -> int:
        """How far the log has been checked."""
        return self._edge.size

    def found(self, where: str, what: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(where, what))

    def entry(self, leaf: bytes, entry: Entry | None, expected: bytes | None = None) -> None:
        """Take the leaf of the next place, its event if it is there, and the leaf's hash as the sink has it."""
        position = self._edge.size
        if expected is not None and leaf != expected:
            self.found(f"entry {position}", "is not what the sink says was logged in its place")
        elif entry is None:
            self.forgotten += 1
        elif entry.leaf != leaf:
            self.found(f"entry {position}", "its event or salt was changed")
        self._edge.add(leaf if expected is None else expected)
        self.checked += 1

    def missing(self, expected: bytes | None) -> None:
        """Note that the next place is empty; the sink may know what stood there."""
        self.found(f"entry {self._edge.size}", "is missing")
        self._edge.add(expected or bytes(32))

    def checkpoint(self, note: str) -> None:
        """Take the checkpoint over all entries so far."""
        size = self._edge.size
        try:
            checkpoint = open_checkpoint(note, self._key)
        except LedgerBrokenError as error:
            self.found(f"checkpoint over {size} entries", str(error))
            return
        if checkpoint.size != size:
            self.found(f"checkpoint over {size} entries", f"was signed over {checkpoint.size}")
        elif checkpoint.root != self._edge.root():
            where = f"entries {self._good} to {size - 1}"
            self.found(where, "something was changed, taken away, added or moved since the checkpoint was signed")
        else:
            self._good = self.sealed = size

    def result(self) -> Verification:
        """Return what was found."""
        return Verification(self.checked, self.sealed, self.forgotten, tuple(self.problems))
