"""The tree of RFC 6962, held to the vectors of the Certificate Transparency project and to the text of the RFC."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.ledger.tree import EMPTY_ROOT, Edge, leaf_hash, node_hash, root_of
from tests.unit.storage.ledger.rfc6962 import ENTRIES, ROOTS, tree_head

LEAVES = st.lists(st.binary(max_size=3).map(leaf_hash), max_size=70)


def test_the_known_roots() -> None:
    leaves = [leaf_hash(entry) for entry in ENTRIES]
    assert [root_of(leaves[:size]).hex() for size in range(1, 9)] == ROOTS


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) != leaf_hash(left + right)
    assert hashlib.sha256().digest() == EMPTY_ROOT == root_of([])


@given(LEAVES)
def test_growing_leaf_by_leaf_gives_the_root_of_the_whole(leaves: list[bytes]) -> None:
    assert root_of(leaves) == tree_head(leaves)


@given(LEAVES, st.integers(0, 4))
def test_complete_subtrees_stand_for_their_leaves(leaves: list[bytes], tier: int) -> None:
    width = 2**tier
    edge = Edge()
    whole = len(leaves) - len(leaves) % width
    for start in range(0, whole, width):
        edge.add(tree_head(leaves[start : start + width]), width)
    for leaf in leaves[whole:]:
        edge.add(leaf)
    assert (edge.size, edge.root()) == (len(leaves), tree_head(leaves))


def test_a_subtree_begins_where_one_may() -> None:
    edge = Edge()
    edge.add(leaf_hash(b""))
    with pytest.raises(ValueError, match="no subtree of 2 leaves begins at leaf 1"):
        edge.add(leaf_hash(b""), 2)
