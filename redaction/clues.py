"""Clues: the words beside a value, or in the question before it, that say what it is.

All languages' clue words are searched at once, kind by kind: an RE2 set says which kinds occur in a
window, then only those are looked up for their place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.languages import all_languages, fragment
from redaction.normalise import fold
from redaction.scanset import ScanSet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_QUESTION_WINDOW = 220
_NUMBERS = (
    "nummer",
    "nr",
    "number",
    "no",
    "numero",
    "numer",
    "numara",
    "imei",
    "iccid",
    "serial",
    "sn",
    "s/n",
    "kennzeichen",
    "kenteken",
    "iban",
    "reg",
)


@dataclass(frozen=True, slots=True)
class Clue:
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
    """Finds the last clue of every kind in a window of folded text."""

    def __init__(self, fragments: Mapping[EntityType | None, Sequence[str]]) -> None:
        self._kinds = [kind for kind, parts in fragments.items() if parts]
        bodies = [r"(?:" + "|".join(map(fragment, fragments[kind])) + r")\b" for kind in self._kinds]
        self._patterns = [re2.compile(body.encode()) for body in bodies]
        self._set = ScanSet(bodies)

    def kinds(self, window: bytes) -> list[EntityType | None]:
        return [self._kinds[index] for index in self._set.matching(window)]

    def last(self, window: bytes) -> dict[EntityType | None, Clue]:
        found: dict[EntityType | None, Clue] = {}
        for index in self._set.matching(window):
            for match in self._patterns[index].finditer(window):
                found[self._kinds[index]] = Clue(self._kinds[index], match.start(), match.end())
        return found


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


def nearest(window: str) -> Clue | None:
    """Returns the clue that ends last in ``window`` (folded, lower case); the longer of two that end together."""
    found = _beside().last(window.encode())
    if not found:
        return None
    best = max(found.values(), key=lambda clue: (clue.end, -clue.start))
    return replace(best, exact=True) if window[best.start : best.end].endswith(_NUMBERS) else best


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
