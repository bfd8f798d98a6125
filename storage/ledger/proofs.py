"""Proofs of the tree: that a leaf is in it (RFC 9162, 2.1.3).

They are made with the roots of parts of the tree and checked with nothing but the proof. That a log continues an older
one is checked over the whole log (`ledger verify --since`), which whoever may read it has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from storage.ledger.tree import node_hash

Subtree = Callable[[int, int], bytes]
"""Gives the root over the leaves from one position up to another, as the halving of a tree makes them."""


def inclusion(subtree: Subtree, position: int, size: int) -> list[bytes]:
    """Return the proof that the leaf at `position` is in the tree of `size` leaves, its neighbour first.

    Raises ValueError if there is no such leaf.
    """
    if not 0 <= position < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {position}")
    beside: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _half(end - start)
        if position < split:
            beside.append((split, end))
            end = split
        else:
            beside.append((start, split))
            start = split
    return [subtree(*each) for each in reversed(beside)]


def includes(root: bytes, size: int, position: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether the proof shows that the leaf is at that position of the tree with that root and size."""
    if not 0 <= position < size:
        return False
    at, last, result = position, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            result = node_hash(each, result)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            result = node_hash(result, each)
        at, last = at >> 1, last >> 1
    return last == 0 and result == root


def _half(size: int) -> int:
    """Return the largest power of two that is smaller than a size of two or more."""
    return 1 << ((size - 1).bit_length() - 1)
