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

TAPS: tuple[tuple[int, int, int], ...] = ((-1, 0, 1), (-2, 0, 2), (-4, 0, 4), (-8, -4, 0), (-1, 0, 1))
RIGHT_CONTEXT_WORDS = sum(max(taps) for taps in TAPS)
SUMMARY_REACH = max(TAPS[0]) + max(TAPS[1])
LEFT_CONTEXT_WORDS = -sum(min(taps) for taps in TAPS)
_MARGIN = max(abs(tap) for taps in TAPS for tap in taps)
_LATE_REACH = -sum(min(taps) for taps in TAPS[2:])
"""How many words before the text the layers after the summary look at."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the previous turn does to every word of the text: each value is multiplied, then added to."""

    factor: Floats
    added: Floats


@dataclass(frozen=True, slots=True)
class Weights:
    """The trained arrays, float32, applied as `x @ matrix`.

    Attributes:
        layers: of each convolution the matrices of its taps, one below the other, and its bias as the last row;
            halves x rows x columns, see `halved`.
        question: what the summary of the previous turn goes through, and its bias.
        scores: what a word's last layer, then its first row, then 1 are multiplied with.
    """

    layers: tuple[Floats, ...]
    question: tuple[Floats, Floats]
    scores: Floats


def halved(layer: Floats) -> Floats:
    """Return the left and the right half of a layer's columns, one after the other.

    Half of a layer fits into a core's first cache, where a product looks for it again every few words; a whole one does
    not, which shows where the BLAS has no kernel of its own for small products (AVX2).
    """
    return np.stack(np.split(layer, 2, axis=1))


def asked_for(rows: Floats, previous_words: int, weights: Weights) -> Asked | None:
    """Return the summary of the previous turn, or None if there is none.

    Args:
        rows: at least the rows of the previous turn, its separator and the first `SUMMARY_REACH` words of the text.
        previous_words: how many rows belong to the previous turn and its separator.
        weights: the trained arrays.
    """
    if not previous_words:
        return None
    return _summary(_inside(_early(rows[: previous_words + SUMMARY_REACH], weights))[:previous_words], weights)


def tag_scores(rows: Floats, previous_words: int, weights: Weights, asked: Asked | None = None) -> Floats:
    """Return words x tags scores, for the words of the text.

    Args:
        rows: the summed feature rows, words x embedding; the first `previous_words` are the other side's.
        previous_words: how many rows belong to the previous turn and its separator.
        weights: the trained arrays.
        asked: the summary of the previous turn; by default that of the first `previous_words`.
    """
    padded = _early(rows, weights)
    before = min(previous_words, _LATE_REACH)
    if previous_words:
        asked = asked or _summary(_inside(padded)[:previous_words], weights)
        padded = padded[previous_words - before :]
    hidden = _inside(padded)
    if asked is not None:
        said = hidden[before:]
        said *= asked.factor
        said += asked.added
    for taps, layer in zip(TAPS[2:], weights.layers[2:], strict=True):
        hidden += _convolve(padded, taps, layer)
    width = hidden.shape[1]
    read = np.empty((len(hidden) - before, len(weights.scores)), np.float32)
    read[:, :width] = hidden[before:]
    read[:, width:-1] = rows[previous_words:]
    read[:, -1] = 1.0
    scores: Floats = read @ weights.scores
    return scores


def _early(rows: Floats, weights: Weights) -> Floats:
    """Return what the summary reads, with a margin."""
    padded = _with_margin(_convolve(_with_margin(rows), TAPS[0], weights.layers[0]))
    hidden = _inside(padded)
    hidden += _convolve(padded, TAPS[1], weights.layers[1])
    return padded


def _summary(before: Floats, weights: Weights) -> Asked:
    # The ufuncs themselves: on two dozen words the wrappers around them (mean, max, split) take longer than they do.
    mean = np.add.reduce(before, 0) / np.float32(len(before))
    asked = np.concatenate((mean, np.maximum.reduce(before, 0))) @ weights.question[0] + weights.question[1]
    half = len(asked) // 2
    return Asked(np.tanh(asked[:half]) + np.float32(1.0), asked[half:])


def _with_margin(rows: Floats) -> Floats:
    padded = np.zeros((len(rows) + 2 * _MARGIN, rows.shape[1]), np.float32)
    padded[_MARGIN:-_MARGIN] = rows
    return padded


def _inside(padded: Floats) -> Floats:
    return padded[_MARGIN:-_MARGIN]


def _convolve(padded: Floats, taps: tuple[int, int, int], layer: Floats) -> Floats:
    """Return for each word what the layer makes of the words at its taps, which are evenly apart.

    These lie side by side in `read`, so that one product serves all taps and the bias: on texts of some fifty words
    a call costs as much as its arithmetic.
    """
    words, width = len(padded) - 2 * _MARGIN, padded.shape[1]
    row, item = padded.strides
    halves, height, columns = layer.shape
    read = np.empty((words, height), np.float32)
    read[:, -1] = 1.0
    at_taps = (words, len(taps), width)
    beside = np.ndarray(at_taps, np.float32, padded, (_MARGIN + taps[0]) * row, (row, (taps[1] - taps[0]) * row, item))
    np.ndarray(at_taps, np.float32, read, 0, (read.strides[0], width * item, item))[...] = beside
    out = np.empty((words, halves * columns), np.float32)
    np.matmul(read, layer, out=out.reshape(words, halves, columns).transpose(1, 0, 2))
    return np.maximum(out, np.zeros(out.shape, np.float32), out=out)  # twice as fast as with a scalar
