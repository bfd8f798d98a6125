"""Values known from the conversation: what was found once is found again.

A name comes back in small letters, declined, alone or with the other names; a number comes back with
other separators or dictated, a plate or a serial number with or without them. Short and ordinary words
are not looked for: "Will" and "May" are words more often than names.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from redaction.findings import EntityType
from redaction.languages import all_languages, folded_set
from redaction.normalise import fold, spellings
from redaction.resolve import Candidate

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from redaction.context import Scan

_SHORTEST_NAME, _SHORTEST_NUMBER, _SHORTEST_TEXT = 3, 5, 5
_ENDINGS = ("'s", "s", "es", "n", "en", "a", "y", "owi", "em", "ego", "in")
_CODES = frozenset({EntityType.PLATE, EntityType.DEVICE_ID, EntityType.CUSTOMER_NO, EntityType.NATIONAL_ID})
_SCORE = 0.9
_SURE, _AGAIN = 0.8, 0.7
"""How sure a name must be that is looked for again in its own message, and what its coming back is worth."""
_SEARCHES = 4
"""Fewer known values than one for so many characters are looked for one by one."""
_WORDS_AND_NAMES = frozenset(
    (
        *("will", "may", "mark", "rose", "art", "bill", "rob", "sue", "grace", "hope", "joy", "faith"),
        *("klein", "gross", "gut", "stark", "lang", "kurz", "fromm", "ernst", "frank", "herz"),
    ),
)  # fmt: skip
NAME = "known"
"""The recogniser's name of what was known."""


class Known:
    """Values to find again; immutable, made for one message from the session's table."""

    def __init__(self, values: Iterable[tuple[EntityType, str]] = ()) -> None:
        """Take kinds and values as they were found."""
        self._names: set[str] = set()
        self._numbers: dict[str, EntityType] = {}
        self._codes: dict[str, EntityType] = {}
        self._texts: dict[str, EntityType] = {}
        self._beginnings: dict[str, list[str]] = {}
        for kind, value in values:
            self._learn(kind, fold(value).lower)
            if kind is EntityType.PERSON and not value.isascii():  # "Jürgen" comes back as "Juergen"
                self._names.update(name for form in spellings(value) for name in _names_in(form))
        for value in self._texts:
            self._beginnings.setdefault(value[:_SHORTEST_TEXT], []).append(value)
        written: dict[EntityType, list[str]] = {}
        for value, kind in self._numbers.items():
            written.setdefault(kind, []).append(value)
        self._written = {kind: " ".join(values) for kind, values in written.items()}
        self._lengths = sorted(set(map(len, self._numbers)))

    def __bool__(self) -> bool:
        """Tells whether there is anything to look for."""
        return bool(self._names or self._numbers or self._texts)

    def _learn(self, kind: EntityType, value: str) -> None:
        compact = "".join(filter(str.isalnum, value))
        digits = sum(map(str.isdigit, compact))
        if kind is EntityType.PERSON:
            self._names.update(_names_in(value))
        elif digits >= _SHORTEST_NUMBER and 2 * digits >= len(compact):
            self._numbers[compact] = kind
        elif len(value) >= _SHORTEST_TEXT and (
            digits or any(map(value.__contains__, "@ ._-")) or _is_secret(kind, value)
        ):
            self._texts[value] = kind
            if kind in _CODES and digits and len(compact) >= _SHORTEST_NUMBER:
                self._codes[compact] = kind

    def find(self, scan: Scan) -> Iterator[tuple[int, int, EntityType, float]]:
        """Yields where known values stand in ``scan``."""
        if self._names:
            yield from self._find_names(scan)
        if self._texts:
            yield from self._find_texts(scan)
        if self._numbers or self._codes:
            spans = [(code.start, code.end, code.text.lower()) for code in scan.codes]
            spans += [(run.start, run.end, run.text) for run in scan.runs]
            for start, end, text in spans:
                for kind in self._kinds_of("".join(filter(str.isalnum, text))):
                    yield start, end, kind, _SCORE

    def _find_texts(self, scan: Scan) -> Iterator[tuple[int, int, EntityType, float]]:
        """Yields addresses and the like; a session may know thousands, so each place is looked up, not each value."""
        text = scan.lower
        few = len(self._texts) * _SEARCHES < len(text)
        beginnings = [key for key in self._beginnings if key in text] if few else self._beginnings
        if not beginnings:
            return
        for start in range(len(text) - _SHORTEST_TEXT + 1):
            for value in self._beginnings.get(text[start : start + _SHORTEST_TEXT], ()):
                end = start + len(value)
                if text.startswith(value, start) and scan.bordered(start, end):
                    yield start, end, self._texts[value], _SCORE

    def _kinds_of(self, compact: str) -> set[EntityType]:
        """Returns the kinds of the known numbers that ``compact`` is, is a part of, or holds."""
        if len(compact) < _SHORTEST_NUMBER:
            return set()
        if compact in self._codes:
            return {self._codes[compact]}
        kinds = {kind for kind, written in self._written.items() if compact in written}
        for length in self._lengths:
            for start in range(len(compact) - length + 1):
                kind = self._numbers.get(compact[start : start + length])
                if kind is not None:
                    kinds.add(kind)
        return kinds

    def _find_names(self, scan: Scan) -> Iterator[tuple[int, int, EntityType, float]]:
        for start, _, word in scan.words:
            bare = word.removesuffix("'s")
            if any(_names_behind(bare, self._names)):
                yield start, start + len(bare), EntityType.PERSON, _SCORE


def again(found: Sequence[Candidate], scan: Scan) -> Iterator[Candidate]:
    """Yields where names found in ``scan`` come back after their first place, in any case and declined.

    Only what stands after it: text that follows may not change what was decided.
    """
    names: dict[str, int] = {}
    for name in found:
        if name.type is EntityType.PERSON and name.score >= _SURE:
            for word in _names_in(scan.lower[name.start : name.end]):
                if scan.lower.find(word, name.end) >= 0:
                    names.setdefault(word, name.end)
    if not names:
        return
    for start, _, word in scan.words:
        bare = word.removesuffix("'s")
        if any(start >= names[name] for name in _names_behind(bare, names)):
            yield Candidate(start, start + len(bare), EntityType.PERSON, _AGAIN, NAME)


def _is_secret(kind: EntityType, value: str) -> bool:
    """Tells whether a value without any sign is a password that is no everyday word."""
    return kind is EntityType.PASSWORD and value not in _ordinary()


def _names_in(value: str) -> list[str]:
    """Returns the words of a name that are worth looking for."""
    words = value.replace("'s", " ").replace("-", " ").replace(".", " ").replace(",", " ").split()
    return [word for word in words if len(word) >= _SHORTEST_NAME and word.isalpha() and word not in _ordinary()]


def _names_behind(word: str, names: Container[str]) -> Iterator[str]:
    """Yields those of ``names`` that a word is a form of."""
    if word in names:
        yield word
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > _SHORTEST_NAME:
            for name in (stem, stem + "a"):
                if name in names:
                    yield name


@cache
def _ordinary() -> frozenset[str]:
    """Frequent words of all languages, and words that follow titles without being names."""
    words: set[str] = set(_WORDS_AND_NAMES)
    for data in all_languages().values():
        words |= (
            folded_set(tuple(data.stop))
            | folded_set(data.not_names)
            | folded_set(data.titles)
            | folded_set(tuple(data.numerals.months))
        )
    return frozenset(words)
