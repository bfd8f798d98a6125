"""The Merkle tree of RFC 6962, section 2.1 (the same in RFC 9162), over SHA-256.

A leaf's hash is `SHA-256(0x00 | entry)`, a node's `SHA-256(0x01 | left | right)`; the left half of a tree is the
largest power of two that is smaller than the whole. A tree of nothing has the hash of nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256().digest()
_LEAF, _NODE = b"\0", b"\1"


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two others."""
    return hashlib.sha256(_NODE + left + right).digest()


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    edge = Edge()
    for each in leaves:
        edge.add(each)
    return edge.root()


class Edge:
    """The right edge of a growing tree: the roots of its largest complete subtrees, from left to right.

    It is all that is needed to add leaves and to tell the root, one hash for each bit that is set in the size.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.size = 0
        self._subtrees: list[tuple[int, bytes]] = []

    def add(self, subtree: bytes, leaves: int = 1) -> None:
        """Add a leaf's hash, or the root of a complete subtree of so many leaves, a power of two.

        Raises ValueError unless a subtree of that many leaves may begin at this size.
        """
        if self.size % leaves:
            raise ValueError(f"no subtree of {leaves} leaves begins at leaf {self.size}")
        self.size += leaves
        while self._subtrees and self._subtrees[-1][0] == leaves:
            subtree = node_hash(self._subtrees.pop()[1], subtree)
            leaves *= 2
        self._subtrees.append((leaves, subtree))

    def root(self) -> bytes:
        """Return the root over all that was added."""
        if not self._subtrees:
            return EMPTY_ROOT
        root = self._subtrees[-1][1]
        for _, left in reversed(self._subtrees[:-1]):
            root = node_hash(left, root)
        return root
