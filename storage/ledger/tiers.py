"""How a large tree is kept: beside its leaves the roots of complete subtrees of 256 leaves, of 65,536, and so on.

That is one hash more for 255 leaves, and any part of the tree is then computed from a few hundred hashes. Tier 0 are
the leaves, tier 1 the subtrees of 256.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from storage.errors import LedgerBrokenError
from storage.ledger.tree import Edge

FAN_OUT: Final = 256
ReadTier = Callable[[int, int, int], Sequence[bytes]]
"""Gives hashes of a tier: tier, number of the first, how many."""


class Tiers:
    """Parts of a tree that is kept in tiers."""

    def __init__(self, read: ReadTier) -> None:
        """Take what reads hashes of a tier."""
        self._read = read

    def subtree(self, start: int, end: int) -> bytes:
        """Return the root over the leaves from `start` to `end`, of those that the halving of a tree makes.

        Raises LedgerBrokenError if hashes are missing.
        """
        edge = Edge()
        tier = 0
        while FAN_OUT ** (tier + 1) <= end - start:
            tier += 1
        for each in range(tier, -1, -1):
            width = FAN_OUT**each
            count = (end - start) // width
            for found in self._hashes(each, start // width, count):
                edge.add(found, width)
            start += count * width
        return edge.root()

    def completed(self, before: int, size: int) -> Iterator[tuple[int, int, bytes]]:
        """Yield tier, number and root of each subtree that is complete at `size` and was not at `before`.

        Each has to be kept before the next is asked for, because it may be needed for it.
        """
        tier = 1
        while size >= FAN_OUT**tier:
            width = FAN_OUT**tier
            for number in range(before // width, size // width):
                edge = Edge()
                for each in self._hashes(tier - 1, number * FAN_OUT, FAN_OUT):
                    edge.add(each)
                yield tier, number, edge.root()
            tier += 1

    def _hashes(self, tier: int, first: int, count: int) -> Sequence[bytes]:
        found = self._read(tier, first, count) if count else ()
        if len(found) != count:
            msg = f"the ledger lacks hashes between {first * FAN_OUT**tier} and {(first + count) * FAN_OUT**tier}"
            raise LedgerBrokenError(msg)
        return found
