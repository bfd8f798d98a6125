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

TAPS: tuple[tuple[int, ...], ...] = ((-1, 0, 1), (-2, 0, 2), (-4, 0, 4), (-8, -4, 0), (-1, 0, 1))
RIGHT_CONTEXT_WORDS = sum(max(taps) for taps in TAPS)
LEFT_CONTEXT_WORDS = -sum(min(taps) for taps in TAPS)


@dataclass(frozen=True, slots=True)
class Weights:
    """The trained arrays, float32. `layers` and `out` are applied as `x @ matrix + bias`."""

    layers: tuple[tuple[Floats, Floats], ...]
    question: tuple[Floats, Floats]
    out_hidden: Floats
    out_rows: Floats
    out_bias: Floats


def asked_for(rows: Floats, previous_words: int, weights: Weights) -> Floats | None:
    """Return the summary of the previous turn, or None if there is none.

    Args:
        rows: at least the rows of the previous turn, its separator and the first word of the text.
        previous_words: how many rows belong to the previous turn and its separator.
        weights: the trained arrays.
    """
    if not previous_words:
        return None
    before = _convolve(rows[: previous_words + 1], TAPS[0], weights.layers[0])[:previous_words]
    asked: Floats = np.concatenate((before.mean(0), before.max(0))) @ weights.question[0] + weights.question[1]
    return np.maximum(asked, 0.0, out=asked)


def tag_scores(rows: Floats, previous_words: int, asked: Floats | None, weights: Weights) -> Floats:
    """Return words x tags scores, for the words of the text.

    Args:
        rows: the summed feature rows, words x embedding; the first `previous_words` are the other side's.
        previous_words: how many rows belong to the previous turn and its separator.
        asked: the summary of the previous turn.
        weights: the trained arrays.
    """
    hidden = _convolve(rows, TAPS[0], weights.layers[0])
    if asked is not None:
        hidden[previous_words:] += asked
    for taps, layer in zip(TAPS[1:], weights.layers[1:], strict=True):
        hidden += _convolve(hidden, taps, layer)
    scores: Floats = hidden[previous_words:] @ weights.out_hidden
    scores += rows[previous_words:] @ weights.out_rows
    scores += weights.out_bias
    return scores


def _convolve(x: Floats, taps: tuple[int, ...], layer: tuple[Floats, Floats]) -> Floats:
    words, width = x.shape
    wide = np.zeros((words, width * len(taps)), np.float32)
    for i, tap in enumerate(taps):
        at = slice(i * width, (i + 1) * width)
        if tap >= 0:
            if tap < words:
                wide[: words - tap, at] = x[tap:]
        elif -tap < words:
            wide[-tap:, at] = x[:tap]
    out: Floats = wide @ layer[0]
    out += layer[1]
    return np.maximum(out, 0.0, out=out)
