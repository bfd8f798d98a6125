"""Proofs, held to the RFC's own recursion, to the known vectors, and to every way of falsifying them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import LedgerBrokenError
from storage.ledger import tiers
from storage.ledger.proofs import Subtree, includes, inclusion
from storage.ledger.tiers import Tiers
from storage.ledger.tree import EMPTY_ROOT, leaf_hash, node_hash, root_of
from tests.unit.storage.ledger.rfc6962 import ENTRIES, path, tree_head

LEAVES = [leaf_hash(str(number).encode()) for number in range(300)]
KNOWN = [leaf_hash(entry) for entry in ENTRIES]


def over(leaves: Sequence[bytes]) -> Subtree:
    return lambda start, end: root_of(leaves[start:end])


SIZES = st.integers(1, 130).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))


def test_the_known_proofs() -> None:
    """The audit paths of leaves 5 and 0 of the reference tests."""
    assert [each.hex()[:8] for each in inclusion(over(KNOWN), 5, 8)] == ["bc1a0643", "ca854ea1", "d37ee418"]
    assert [each.hex()[:8] for each in inclusion(over(KNOWN), 0, 8)] == ["96a296d2", "5f083f0a", "6b47aaf2"]


@given(SIZES)
def test_a_leaf_is_shown_to_be_in_the_tree(where: tuple[int, int]) -> None:
    position, size = where
    made = inclusion(over(LEAVES), position, size)
    assert made == path(position, LEAVES[:size])
    assert includes(tree_head(LEAVES[:size]), size, position, LEAVES[position], made)


def falsified(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    other = data.draw(st.sampled_from([*LEAVES[:9], EMPTY_ROOT, node_hash(LEAVES[0], LEAVES[1])]))
    at = data.draw(st.integers(0, len(proof)))
    ways = [[*proof[:at], other, *proof[at:]], [*proof, *proof[-1:], other]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        ways += [proof[:at] + proof[at + 1 :], [*proof[:at], other, *proof[at + 1 :]], proof[::-1]]
    return data.draw(st.sampled_from(ways))


@settings(max_examples=400)
@given(SIZES, st.data())
def test_no_other_proof_shows_a_leaf(where: tuple[int, int], data: st.DataObject) -> None:
    position, size = where
    root, made = tree_head(LEAVES[:size]), inclusion(over(LEAVES), position, size)
    false = falsified(made, data)
    assert includes(root, size, position, LEAVES[position], false) == (false == made)
    assert not includes(root, size, position, LEAVES[position + 1], made)
    assert not includes(root, size, -1, LEAVES[position], made)
    assert not includes(root, size, size, LEAVES[position], made)
    elsewhere = data.draw(st.integers(0, size - 1).filter(lambda at: at != position)) if size > 1 else 1
    assert not includes(root, size, elsewhere, LEAVES[position], made)


def test_what_is_not_there_has_no_proof() -> None:
    for position in (-1, 3):
        with pytest.raises(ValueError, match=f"no leaf {position}"):
            inclusion(over(LEAVES), position, 3)


class Kept:
    """A tree as it is kept: leaves, and the tiers above them."""

    def __init__(self) -> None:
        self.tiers: dict[int, list[bytes]] = {0: []}
        self.reads = 0

    def read(self, tier: int, first: int, count: int) -> Sequence[bytes]:
        self.reads += count
        return self.tiers.get(tier, [])[first : first + count]

    def grow(self, leaves: Sequence[bytes]) -> None:
        before = len(self.tiers[0])
        self.tiers[0] += leaves
        for tier, number, root in Tiers(self.read).completed(before, len(self.tiers[0])):
            kept = self.tiers.setdefault(tier, [])
            assert number == len(kept)
            kept.append(root)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 40), max_size=9), st.data())
def test_a_tree_kept_in_tiers_says_the_same(growths: list[int], data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiers, "FAN_OUT", 4)
        kept = Kept()
        for growth in growths:
            kept.grow(LEAVES[len(kept.tiers[0]) : len(kept.tiers[0]) + growth])
        size = len(kept.tiers[0])
        subtree = Tiers(kept.read).subtree
        assert subtree(0, size) == tree_head(LEAVES[:size])
        if size:
            position = data.draw(st.integers(0, size - 1))
            assert inclusion(subtree, position, size) == path(position, LEAVES[:size])


def test_a_proof_in_a_large_tree_reads_a_few_hundred_hashes() -> None:
    kept = Kept()
    for _ in range(300):
        kept.grow(LEAVES)
    kept.reads = 0
    size = len(kept.tiers[0])
    inclusion(Tiers(kept.read).subtree, 54_321, size)
    assert size == 90_000
    assert kept.reads < 1500


def test_missing_hashes_are_named() -> None:
    kept = Kept()
    kept.grow(LEAVES)
    with pytest.raises(LedgerBrokenError, match="lacks hashes between 256 and 301"):
        Tiers(kept.read).subtree(0, 301)
