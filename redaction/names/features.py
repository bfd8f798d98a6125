"""What the network is told about a word: strings such as `w=muller`, `s3=ler`, `case=title`, `gaz=surname`.

Each string names a row of the embedding table; the rows of a word are summed. A string without a row is dropped.
Training reads `features_of`; `FeatureRows` finds the same features' rows without making the strings, and a test holds
the two together.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from redaction.names.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LONGEST_WORD = 40
_LONGEST_KEY = 16
_SMALL_NUMBER_DIGITS = 2
_PREFIXES = (2, 3, 4, 5)
_SUFFIXES = (2, 3, 4, 5, 6)
_LONGEST_LENGTH, _LONGEST_NUMBER = 12, 24


def features_of(spaced_word: str, gazetteer: Mapping[str, int], kinds: tuple[str, ...]) -> list[str]:
    """Return the features of one word.

    Args:
        spaced_word: a word of `split_words`, with the white space before it.
        gazetteer: folded word to a bit set; bit `i` stands for `kinds[i]`.
        kinds: names of the gazetteer's bits.
    """
    word = spaced_word.lstrip()
    space = spaced_word[: len(spaced_word) - len(word)]
    word = word[:_LONGEST_WORD]
    key = fold(word)
    found = ["space=none" if not space else "space=line" if "\n" in space else "space=blank"]
    if any(map(str.isdigit, key)):
        found += _number_features(key)
    elif key.isalpha():
        found += _letter_features(word, key)
    else:
        found.append("w=" + key[:_LONGEST_KEY])
        found.append("class=mark")
    bits = gazetteer.get(key, 0)
    if bits:
        found += [f"gaz={kind}" for i, kind in enumerate(kinds) if bits >> i & 1]
    elif key.isalpha():
        found.append("gaz=none")
    return found


def _letter_features(word: str, key: str) -> list[str]:
    length = len(key)
    found = ["w=" + key[:_LONGEST_KEY], f"length={min(length, _LONGEST_LENGTH)}", "case=" + _case(word)]
    if length == 1:
        found.append("class=letter")
        return found
    found += [f"p{n}={key[:n]}" for n in _PREFIXES if n < length]
    found += [f"s{n}={key[-n:]}" for n in _SUFFIXES if n < length]
    if not word.isascii():
        found.append("class=accented")
    return found


def _case(word: str) -> str:
    if word.islower():
        return "lower"
    if word.isupper():
        return "upper" if len(word) > 1 else "single"
    if word[0].isupper() and word[1:].islower():
        return "title"
    return "mixed"


def _number_features(key: str) -> list[str]:
    shape = _shape(key)
    runs = _runs(shape)
    found = ["n=" + shape, "runs=" + runs[:8], f"digits={shape.count('0')}", f"length={min(len(key), _LONGEST_NUMBER)}"]
    if len(key) <= _SMALL_NUMBER_DIGITS:
        found.append("w=" + key)
    found += ["d1=" + key[:1], "d2=" + key[:2], "d3=" + key[:3], "e1=" + key[-1:]]
    if "a" in runs:
        letters = "".join(c for c in key if c.isalpha())[:_LONGEST_KEY]
        found += ["l=" + letters, "class=mixed"]
    else:
        found.append("class=number")
    return found


def _shape(key: str) -> str:
    return "".join("0" if c.isdigit() else "a" if c.isalpha() else c for c in key[:_LONGEST_KEY])


def _runs(shape: str) -> str:
    return "".join(c for i, c in enumerate(shape) if not i or c != shape[i - 1])


class FeatureRows:
    """The rows of a word's features, in the order of `features_of`."""

    __slots__ = ("_figures", "_gazetteer", "_kinds", "_lengths", "_no_kind", "_parts", "_spaces", "_tables", "_words")

    def __init__(self, names: Iterable[str], gazetteer: Mapping[str, int], kinds: tuple[str, ...]) -> None:
        """Take the features that have a row, in the rows' order, and the gazetteer with its bits' names."""
        tables: dict[str, dict[str, int]] = defaultdict(dict)
        for row, name in enumerate(names):
            group, _, value = name.partition("=")
            tables[group][value] = row
        self._tables = tables
        self._words = tables["w"]
        self._spaces = tables["space"]
        self._parts = [(tables[f"p{n}"], n, slice(n)) for n in _PREFIXES]
        self._parts += [(tables[f"s{n}"], n, slice(-n, None)) for n in _SUFFIXES]
        self._gazetteer = gazetteer
        self._kinds = [tables["gaz"].get(kind) for kind in kinds]
        self._no_kind = tables["gaz"].get("none")
        self._lengths = [tables["length"].get(str(size)) for size in range(_LONGEST_LENGTH + 1)]
        self._figures = [self._of_shape("0" * size) for size in range(_LONGEST_NUMBER + 1)]

    def __contains__(self, word: str) -> bool:
        """Tell whether a folded word is in the shipped vocabulary."""
        return word in self._gazetteer or word in self._words

    def common_words(self, count: int) -> list[str]:
        """Return the most frequent words of the vocabulary; the rows are in the order of frequency."""
        return list(islice(filter(str.isalpha, self._words), count))

    def of(self, spaced_word: str) -> list[int]:
        """Return the rows of one word of `split_words`."""
        word = spaced_word.lstrip()
        space = spaced_word[: len(spaced_word) - len(word)]
        word = word[:_LONGEST_WORD]
        key = fold(word)
        found = [self._spaces.get("none" if not space else "line" if "\n" in space else "blank")]
        letters = key.isalpha()
        if letters:
            self._add_letters(found, word, key)
        elif any(map(str.isdigit, key)):
            self._add_number(found, key)
        else:
            found += (self._words.get(key[:_LONGEST_KEY]), self._tables["class"].get("mark"))
        bits = self._gazetteer.get(key, 0)
        if bits:
            found += [row for i, row in enumerate(self._kinds) if bits >> i & 1]
        elif letters:
            found.append(self._no_kind)
        return [row for row in found if row is not None]

    def _add_letters(self, found: list[int | None], word: str, key: str) -> None:
        tables, length = self._tables, len(key)
        found += (
            self._words.get(key[:_LONGEST_KEY]),
            self._lengths[min(length, _LONGEST_LENGTH)],
            tables["case"].get(_case(word)),
        )
        if length == 1:
            found.append(tables["class"].get("letter"))
            return
        found += [table.get(key[part]) for table, size, part in self._parts if size < length]
        if not word.isascii():
            found.append(tables["class"].get("accented"))

    def _add_number(self, found: list[int | None], key: str) -> None:
        tables, figures = self._tables, key.isdigit()
        found += self._figures[min(len(key), _LONGEST_NUMBER)] if figures else self._of_shape(key)
        found += (
            self._words.get(key) if len(key) <= _SMALL_NUMBER_DIGITS else None,
            tables["d1"].get(key[:1]),
            tables["d2"].get(key[:2]),
            tables["d3"].get(key[:3]),
            tables["e1"].get(key[-1:]),
        )
        if not figures and any(map(str.isalpha, key[:_LONGEST_KEY])):
            letters = "".join(filter(str.isalpha, key))[:_LONGEST_KEY]
            found += (tables["l"].get(letters), tables["class"].get("mixed"))
        else:
            found.append(tables["class"].get("number"))

    def _of_shape(self, key: str) -> tuple[int | None, ...]:
        tables, shape = self._tables, _shape(key)
        return (
            tables["n"].get(shape),
            tables["runs"].get(_runs(shape)[:8]),
            tables["digits"].get(str(shape.count("0"))),
            tables["length"].get(str(min(len(key), _LONGEST_NUMBER))),
        )
