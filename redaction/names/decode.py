"""From scores per word to spans.

A word is a candidate when 'nothing' is not likely enough. Neighbouring candidates are one span unless the network says
that a value begins between them; a span counts if its surest word is sure enough, and its type is the one that its
words together make likeliest. So whether a word can be covered is settled by the network's right context alone, and
what becomes of a span when the span has ended.
"""

from __future__ import annotations

from math import exp
from typing import NamedTuple

import numpy as np

from redaction.names.network import Floats

_LEEWAY = 0.5
"""How much less sure the other words of a span may be than a single word, and how much surer its surest must be."""
_LEAST = np.float32(exp(-5.0))
"""How much one word can speak against a type: no more than this probability does."""
_NAME, *_PLACES = range(3)
"""The kinds that the weights know first: names, streets, places."""
_ADDRESSED = frozenset((_NAME, *_PLACES))
_PARTING = frozenset((",", " /", "/", " –", " |"))
_NO_BEGINNING = frozenset(",;:.!?)-–—=*|>")
_NO_END = frozenset(",;:?(-–—=|<@")


class WordSpan(NamedTuple):
    """Words `first` to `last` (inclusive) are one value of `kind`; `probability` is that of the surest word."""

    first: int
    last: int
    kind: int
    probability: float


def decode(scores: Floats, words: list[str], caution: float) -> list[WordSpan]:
    """Return the spans of words, in order.

    Args:
        scores: words x tags; tag 0 is 'nothing', tag 2k+1 begins kind k, tag 2k+2 continues it.
        words: the words; a span neither begins nor ends with a comma and its like.
        caution: is taken from the score of 'nothing': above 0 more is covered, below 0 less.
    """
    against_nothing = np.exp(scores[:, 1:] - scores[:, :1])
    personal = np.add.reduce(against_nothing, 1)
    (places,) = (personal > exp(-caution - _LEEWAY)).nonzero()
    odds = personal.take(places)
    sure, least = odds.tolist(), exp(_LEEWAY - caution)
    if not sure or max(sure) <= least:
        return []
    rows = against_nothing.take(places, axis=0)
    begins, inner = rows[:, 0::2], rows[:, 1::2]
    kinds = np.log(np.maximum((begins + inner) / odds[:, None], _LEAST))
    at, starts = places.tolist(), (np.maximum.reduce(begins, 1) > np.maximum.reduce(inner, 1)).tolist()
    firsts = [i for i, start in enumerate(starts) if start or not i or at[i] != at[i - 1] + 1]
    parting = [words[place] in _PARTING for place in at]
    if True in parting:
        firsts = _parted(firsts, parting, kinds)
    of_spans = np.add.reduceat(kinds, firsts, axis=0).argmax(1).tolist()
    return [
        WordSpan(*edges, kind, peak / (1.0 + peak))
        for first, after, kind in zip(firsts, [*firsts[1:], len(at)], of_spans, strict=True)
        if (peak := max(sure[first:after])) > least and (edges := _trimmed(words, at[first], at[after - 1]))
    ]


def _parted(firsts: list[int], parting: list[bool], kinds: Floats) -> list[int]:
    """Return where spans begin when a comma parts a name from what is none: `Ines Korb, Ahornweg 3` is no street."""
    cuts = sorted({*firsts, *(i for i, parts in enumerate(parting) if parts)})
    best = np.add.reduceat(kinds, cuts, axis=0).argmax(1).tolist()
    known = set(firsts)
    return [
        cut
        for cut, before, kind in zip(cuts, [_NAME, *best], best, strict=False)
        if cut in known or (before != kind and _NAME in {before, kind} <= _ADDRESSED)
    ]


def _trimmed(words: list[str], first: int, last: int) -> tuple[int, int] | None:
    """Return the span without punctuation at its edges, or None if it holds nothing else."""
    while first <= last and words[first].lstrip()[0] in _NO_BEGINNING:
        first += 1
    while first <= last and words[last].lstrip()[0] in _NO_END:
        last -= 1
    if all(not word[-1].isalnum() for word in words[first : last + 1]):
        return None
    return first, last
