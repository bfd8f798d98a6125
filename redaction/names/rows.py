"""One vector per word: the sum of the embedding rows of its features.

Vectors of words that the shipped vocabulary knows are kept; those of other words (a customer's rare name, a number)
are computed each time and forgotten.
"""

from __future__ import annotations

from itertools import accumulate
from threading import Lock

import numpy as np
import numpy.typing as npt

from redaction.names.features import FeatureRows
from redaction.names.network import Floats
from redaction.names.words import fold

_MOST_KEPT = 32_000
_FIRST_CAPACITY = 4_096
_LEARNT_AT_ONCE = 1_000
"""Of the vocabulary's most frequent words, so that the first messages do not wait for them."""
_LEARNT_WHEN_ASKED = 12_000
_LEARNT_TOGETHER = 500
"""Few enough that what their sums need meanwhile does not stay with the process: it was ten megabytes."""
_SEPARATOR, _UNKNOWN = 0, -1


class WordRows:
    """The embedding table and the vectors of the shipped words met so far."""

    __slots__ = ("_features", "_kept", "_learning", "_table", "_vectors")

    def __init__(
        self,
        *,
        features: FeatureRows,
        table: npt.NDArray[np.int8],
        scales: Floats,
        separator: Floats,
    ) -> None:
        """Take the rows of features, the table and its scales."""
        self._features = features
        self._table = table * scales[:, None]
        self._kept: dict[str, int] = {}
        self._learning = Lock()  # long texts are read in threads: two words must not take one place
        self._vectors = np.empty((_FIRST_CAPACITY, table.shape[1]), np.float32)
        self._vectors[_SEPARATOR] = separator
        self.build(_LEARNT_AT_ONCE)

    def build(self, count: int = _LEARNT_WHEN_ASKED) -> None:
        """Keep the vectors of the `count` most frequent words, small and with a capital, before any text has them."""
        common = self._features.common_words(count)
        for first in range(0, count, _LEARNT_TOGETHER):
            some = common[first : first + _LEARNT_TOGETHER]
            self.vectors([], [f" {word}" for word in some] + [f" {word.title()}" for word in some])

    def vectors(self, previous: list[str], words: list[str]) -> Floats:
        """Return a vector for each word: the previous turn's, a separator if there are any, then the text's."""
        every = [*previous, "", *words] if previous else words
        kept = self._kept.get
        places = [kept(word, _UNKNOWN) for word in every]
        if previous:
            places[len(previous)] = _SEPARATOR
        found: Floats = self._vectors.take(places, axis=0)
        if _UNKNOWN not in places:
            return found
        missing = [at for at, place in enumerate(places) if place == _UNKNOWN]
        unknown = [every[at] for at in missing]
        sums = self._sums(unknown)
        found[missing] = sums
        if len(self._kept) < _MOST_KEPT:
            self._learn(unknown, sums)
        return found

    def _learn(self, words: list[str], sums: Floats) -> None:
        """Keep the vectors of those words that belong to the vocabulary."""
        for at, word in enumerate(words):
            if not self._may_keep(word):
                continue
            with self._learning:
                known = len(self._kept) + 1
                if word in self._kept or known > _MOST_KEPT:
                    continue
                if known == len(self._vectors):
                    self._vectors = np.concatenate((self._vectors, np.empty_like(self._vectors)))
                self._vectors[known] = sums[at]
                self._kept[word] = known

    def _may_keep(self, spaced_word: str) -> bool:
        word = spaced_word.removeprefix(" ")
        return (
            fold(word) in self._features and word == word.strip() and word in (word.lower(), word.title(), word.upper())
        )

    def _sums(self, words: list[str]) -> Floats:
        rows = [self._features.of(word) or [0] for word in words]
        joined = [row for of_word in rows for row in of_word]
        taken = self._table.take(joined, axis=0)
        return np.add.reduceat(taken, [0, *accumulate(map(len, rows[:-1]))], axis=0, dtype=np.float32)
