"""From scores per word to spans, left to right and without looking ahead.

A word is covered when 'nothing' is not likely enough; its type is the likeliest that may follow the word before.
Because no later word is consulted, what the network's right context settles stays settled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from redaction.names.network import Floats

CONTINUES = 1.0


@dataclass(frozen=True, slots=True)
class WordSpan:
    """Words `first` to `last` (inclusive) are one value of `kind`."""

    first: int
    last: int
    kind: int
    probability: float


def decode(scores: Floats, caution: float) -> list[WordSpan]:
    """Return the spans of words, in order.

    Args:
        scores: words x tags; tag 0 is 'nothing', tag 2k+1 begins kind k, tag 2k+2 continues it.
        caution: is taken from the score of 'nothing': above 0 more is covered, below 0 less.
    """
    shifted = scores - scores.max(1, keepdims=True)
    likely = np.exp(shifted)
    likely /= likely.sum(1, keepdims=True)
    nothing = likely[:, 0]
    covered = nothing * np.float32(np.exp(-caution)) < 1.0 - nothing
    found: list[WordSpan] = []
    first = kind = -1
    last = -2
    sure = 0.0
    for word in np.flatnonzero(covered).tolist():
        row = shifted[word, 1:]
        if word == last + 1:
            begins, goes_on = row[0::2], float(row[2 * kind + 1]) + CONTINUES
            best = int(begins.argmax())
            inner = int(row[1::2].argmax())
            other = best if float(begins[best]) >= float(row[2 * inner + 1]) else inner
            if goes_on >= max(float(begins[best]), float(row[2 * inner + 1])):
                last = word
                sure = max(sure, 1.0 - float(nothing[word]))
                continue
        else:
            both = np.maximum(row[0::2], row[1::2])
            other = int(both.argmax())
        if first >= 0:
            found.append(WordSpan(first, last, kind, sure))
        first, last, kind, sure = word, word, other, 1.0 - float(nothing[word])
    if first >= 0:
        found.append(WordSpan(first, last, kind, sure))
    return found
