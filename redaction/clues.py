"""Clues: the words beside a value, or in the question before it, that say what it is.

All languages' clue words are searched at once, kind by kind: a set says which kinds occur in a
window, then only those are looked up for their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import re2

from redaction.findings import EntityType
from redaction.languages import all_languages, any_of, folded_set, fragment
from redaction.normalise import fold
from redaction.scanset import BuiltSet, ScanSet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_QUESTION_WINDOW = 220
_EXACT = tuple(folded_set(tuple(ending for data in all_languages().values() for ending in data.exact)))


class Clue(NamedTuple):
    """A clue word: the kind it speaks for and where it stands.

    Attributes:
        type: the kind; None: nothing personal.
        start: offset in its window.
        end: offset after it.
        exact: it names a number of that kind ("Seriennummer"), not only its subject ("Bestellung").
    """

    type: EntityType | None
    start: int
    end: int
    exact: bool = False


class _Matcher:
    """Finds clues in a window of folded text."""

    def __init__(self, fragments: Mapping[EntityType | None, Sequence[str]]) -> None:
        self._kinds = [kind for kind, parts in fragments.items() if parts]
        bodies = [r"(?:" + "|".join(map(fragment, fragments[kind])) + r")\b" for kind in self._kinds]
        self._patterns = [re2.compile(body.encode()) for body in bodies]
        self._ties = ScanSet(bodies)  # where kinds share a word, the order in which this set lists them decides
        self._set = BuiltSet([any_of(fragments[kind]) + r"\b" for kind in self._kinds])

    def build(self) -> None:
        self._set.build()

    def kinds(self, window: bytes) -> list[EntityType | None]:
        return [self._kinds[index] for index in self._set.matching(window)]

    def nearest(self, window: bytes) -> tuple[EntityType | None, int, int] | None:
        """Returns kind, start and end of the clue that ends last; the longer of two that end together."""
        best: list[int] = []
        span = (-1, -1)
        for index in self._set.matching(window):
            start = end = -1
            for match in self._patterns[index].finditer(window):
                start, end = match.span()
            if (start, end) == span:
                best.append(index)
            elif end > span[1] or (end == span[1] and start < span[0]):
                best, span = [index], (start, end)
        if span[1] < 0:
            return None
        kind = best[0] if len(best) == 1 else next(index for index in self._ties.matching(window) if index in best)
        return self._kinds[kind], *span


@cache
def _beside() -> _Matcher:
    kinds: dict[EntityType | None, list[str]] = {kind: [] for kind in EntityType}
    kinds[None] = []
    for data in all_languages().values():
        for kind, parts in data.clues.items():
            kinds[kind].extend(parts)
        kinds[None].extend(data.other)
    return _Matcher(kinds)


@cache
def _asking() -> _Matcher:
    kinds: dict[EntityType | None, list[str]] = {kind: [] for kind in EntityType}
    kinds[None] = []
    for data in all_languages().values():
        for kind in EntityType:
            kinds[kind].extend((*data.clues.get(kind, ()), *data.asks.get(kind, ())))
        kinds[None].extend(data.other)
    return _Matcher(kinds)


def build() -> None:
    """Make all later searches quick now, rather than after some thousand texts; takes seconds, once a process."""
    for matcher in (_beside(), _asking()):
        matcher.build()


def nearest(window: str) -> Clue | None:
    """Returns the clue that ends last in ``window`` (folded, lower case); the longer of two that end together."""
    found = _beside().nearest(window.encode())
    if found is None:
        return None
    kind, start, end = found
    return Clue(kind, start, end, window.endswith(_EXACT, start, end))


def kinds_named(text: str) -> frozenset[EntityType]:
    """Returns the kinds that clue words somewhere in ``text`` (folded, lower case) speak for."""
    return frozenset(kind for kind in _beside().kinds(text.encode()) if kind is not None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the other side's last turn asks for.

    Attributes:
        types: the kinds it names.
        other: it asks for something that is not personal (a model, a version).
        words: its last words, folded, for the recognisers.
    """

    types: frozenset[EntityType] = frozenset()
    other: bool = False
    words: str = ""


NOTHING_ASKED = Asked()


def asked(previous: str) -> Asked:
    """Returns what ``previous``, the other side's last turn, asks for; looks at its last question or sentence."""
    if not previous:
        return NOTHING_ASKED
    tail = fold(previous[-_QUESTION_WINDOW:]).lower.strip()
    sentences = [part for part in tail.replace("!", ".").replace("?", "?.").split(". ") if part.strip(" .")]
    questions = [part for part in sentences if "?" in part]
    chosen = " ".join(questions[-2:] or sentences[-2:])
    kinds = _asking().kinds(chosen.encode())
    return Asked(frozenset(kind for kind in kinds if kind is not None), None in kinds, chosen)
