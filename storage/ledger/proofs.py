"""Proofs of the tree: that a leaf is in it, and that a larger tree continues a smaller one (RFC 9162, 2.1.3 and 2.1.4).

They are made with the roots of parts of the tree and checked with nothing but the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from storage.ledger.tree import EMPTY_ROOT, node_hash

Subtree = Callable[[int, int], bytes]
"""Gives the root over the leaves from one position up to another, as the halving of a tree makes them."""


def inclusion(subtree: Subtree, position: int, size: int) -> list[bytes]:
    """Return the proof that the leaf at `position` is in the tree of `size` leaves, its neighbour first.

    Raises ValueError if there is no such leaf.
    """
    if not 0 <= position < size:
        msg = f"a tree of {size} leaves has no leaf {position}"
        raise ValueError(msg)
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


def consistency(subtree: Subtree, before: int, size: int) -> list[bytes]:
    """Return the proof that the tree of `size` leaves begins with the tree of the first `before`.

    Raises ValueError if it is not larger.
    """
    if not 0 <= before <= size:
        msg = f"a tree of {size} leaves does not continue one of {before}"
        raise ValueError(msg)
    if before in (0, size):
        return []
    needed: list[tuple[int, int]] = []
    start, end, known = 0, size, True
    while before != end:
        split = start + _half(end - start)
        if before <= split:
            needed.append((split, end))
            end = split
        else:
            needed.append((start, split))
            start, known = split, False
    if not known:
        needed.append((start, end))
    return [subtree(*each) for each in reversed(needed)]


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


def continues(before: tuple[int, bytes], after: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Tell whether the proof shows that the second tree (size and root) begins with the first."""
    (size, root), (larger, larger_root) = before, after
    if size == larger:
        return not proof and root == larger_root
    if not 0 <= size < larger:
        return False
    if size == 0:
        return not proof and root == EMPTY_ROOT
    # A smaller tree that is complete is itself the first node of the proof.
    path = [root, *proof] if size & (size - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = size - 1, larger - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    small = large = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            small, large = node_hash(each, small), node_hash(each, large)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            large = node_hash(large, each)
        at, last = at >> 1, last >> 1
    return last == 0 and small == root and large == larger_root


def _half(size: int) -> int:
    """Return the largest power of two that is smaller than a size of two or more."""
    return 1 << ((size - 1).bit_length() - 1)
