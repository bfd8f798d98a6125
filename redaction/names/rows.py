"""One vector per word: the sum of the embedding rows of its features.

Vectors of words that the shipped vocabulary knows are kept; those of other words (a customer's rare name, a number)
are computed each time and forgotten.
"""

from __future__ import annotations

from threading import Lock

import numpy as np
import numpy.typing as npt

from redaction.names.features import features_of
from redaction.names.network import Floats
from redaction.names.words import fold

_MOST_KEPT = 24_000
_FIRST_CAPACITY = 4_096
_SEPARATOR = 0
_UNKNOWN = -1


class WordRows:
    """The embedding table and the vectors of the shipped words met so far."""

    __slots__ = ("_features", "_gazetteer", "_kept", "_kinds", "_learning", "_scales", "_table", "_vectors")

    def __init__(
        self,
        *,
        features: dict[str, int],
        table: npt.NDArray[np.int8],
        scales: Floats,
        separator: Floats,
        gazetteer: dict[str, int],
        kinds: tuple[str, ...],
    ) -> None:
        """Take the feature names with their rows, the table and its scales, and the gazetteer with its bits' names."""
        self._features = features
        self._table = table
        self._scales = scales[:, None]
        self._gazetteer = gazetteer
        self._kinds = kinds
        self._kept: dict[str, int] = {}
        self._learning = Lock()  # long texts are read in threads: two words must not take one place
        self._vectors = np.empty((_FIRST_CAPACITY, table.shape[1]), np.float32)
        self._vectors[_SEPARATOR] = separator

    def vectors(self, previous: list[str], words: list[str]) -> Floats:
        """Return a vector for each word: the previous turn's, a separator if there are any, then the text's."""
        kept = self._kept.get
        places = [kept(word, _UNKNOWN) for word in previous]
        if previous:
            places.append(_SEPARATOR)
        places += [kept(word, _UNKNOWN) for word in words]
        if _UNKNOWN not in places:
            return self._vectors[places]
        every = [*previous, "", *words] if previous else words
        with self._learning:
            self._learn(every, places)
        found: Floats = self._vectors[places]
        missing = [at for at, place in enumerate(places) if place == _UNKNOWN]
        if missing:
            found[missing] = self._sums([every[at] for at in missing])
        return found

    def _learn(self, words: list[str], places: list[int]) -> None:
        """Keep the vectors of those words without a place that belong to the vocabulary."""
        for at, place in enumerate(places):
            if place != _UNKNOWN:
                continue
            word = words[at]
            known = self._kept.get(word)
            if known is None:
                if not self._may_keep(word):
                    continue
                known = len(self._kept) + 1
                if known == len(self._vectors):
                    self._vectors = np.concatenate((self._vectors, np.empty_like(self._vectors)))
                self._vectors[known] = self._sums([word])[0]
                self._kept[word] = known
            places[at] = known

    def _may_keep(self, spaced_word: str) -> bool:
        word = spaced_word.removeprefix(" ")
        if len(self._kept) >= _MOST_KEPT or word != word.strip():
            return False
        key = fold(word)
        return word in (word.lower(), word.title(), word.upper()) and (
            key in self._gazetteer or f"w={key}" in self._features
        )

    def _sums(self, words: list[str]) -> Floats:
        rows: list[int] = []
        starts: list[int] = []
        for word in words:
            starts.append(len(rows))
            found = [self._features[f] for f in features_of(word, self._gazetteer, self._kinds) if f in self._features]
            rows += found or [0]
        taken: Floats = self._table[rows] * self._scales[rows]
        return np.add.reduceat(taken, starts, axis=0, dtype=np.float32)
