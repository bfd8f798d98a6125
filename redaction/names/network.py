"""The network: sums of feature rows, five convolutions over words, a score per tag. Pure numpy.

A convolution reads a few words at fixed distances (`TAPS`), so a word's scores depend on `LEFT_CONTEXT_WORDS` before
it and `RIGHT_CONTEXT_WORDS` after it and on nothing else, however long the text is. What the other side asked is read
twice: its last words stand before the text, and a summary of them is added to every word of the text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Layer = tuple[tuple[Floats, ...], Floats]
"""One matrix per tap, and the bias."""

TAPS: tuple[tuple[int, ...], ...] = ((-1, 0, 1), (-2, 0, 2), (-4, 0, 4), (-8, -4, 0), (-1, 0, 1))
RIGHT_CONTEXT_WORDS = sum(max(taps) for taps in TAPS)
SUMMARY_REACH = max(TAPS[0]) + max(TAPS[1])
LEFT_CONTEXT_WORDS = -sum(min(taps) for taps in TAPS)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the previous turn does to every word of the text: each value is multiplied, then added to."""

    factor: Floats
    added: Floats


@dataclass(frozen=True, slots=True)
class Weights:
    """The trained arrays, float32, applied as `x @ matrix + bias`."""

    layers: tuple[Layer, ...]
    question: tuple[Floats, Floats]
    out_hidden: Floats
    out_rows: Floats
    out_bias: Floats


def asked_for(rows: Floats, previous_words: int, weights: Weights) -> Asked | None:
    """Return the summary of the previous turn, or None if there is none.

    Args:
        rows: at least the rows of the previous turn, its separator and the first `SUMMARY_REACH` words of the text.
        previous_words: how many rows belong to the previous turn and its separator.
        weights: the trained arrays.
    """
    if not previous_words:
        return None
    hidden = _convolve(rows[: previous_words + SUMMARY_REACH], TAPS[0], weights.layers[0])
    hidden += _convolve(hidden, TAPS[1], weights.layers[1])
    before = hidden[:previous_words]
    asked = np.concatenate((before.mean(0), before.max(0))) @ weights.question[0] + weights.question[1]
    factor, added = np.split(asked, 2)
    return Asked(np.tanh(factor) + np.float32(1.0), added)


def tag_scores(rows: Floats, previous_words: int, asked: Asked | None, weights: Weights) -> Floats:
    """Return words x tags scores, for the words of the text.

    Args:
        rows: the summed feature rows, words x embedding; the first `previous_words` are the other side's.
        previous_words: how many rows belong to the previous turn and its separator.
        asked: the summary of the previous turn.
        weights: the trained arrays.
    """
    hidden = _convolve(rows, TAPS[0], weights.layers[0])
    hidden += _convolve(hidden, TAPS[1], weights.layers[1])
    if asked is not None:
        hidden[previous_words:] *= asked.factor
        hidden[previous_words:] += asked.added
    for taps, layer in zip(TAPS[2:], weights.layers[2:], strict=True):
        hidden += _convolve(hidden, taps, layer)
    scores: Floats = hidden[previous_words:] @ weights.out_hidden
    scores += rows[previous_words:] @ weights.out_rows
    scores += weights.out_bias
    return scores


def _convolve(x: Floats, taps: tuple[int, ...], layer: Layer) -> Floats:
    words = len(x)
    matrices, bias = layer
    out: Floats = x @ matrices[taps.index(0)]
    out += bias
    for tap, matrix in zip(taps, matrices, strict=True):
        if 0 < tap < words:
            out[:-tap] += x[tap:] @ matrix
        elif 0 < -tap < words:
            out[-tap:] += x[:tap] @ matrix
    return np.maximum(out, 0.0, out=out)
