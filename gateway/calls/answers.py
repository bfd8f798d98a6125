"""What a spoken answer means, by the words that the notice lists.

A yes is a yes only if nothing else is said: "ja, ich habe eine Frage" carries on, it does not consent. A no counts
wherever it stands and however unsure the recognition is: what is in doubt is not recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FILLERS: Final = frozenset(
    (
        *("äh", "ähm", "eh", "hm", "mhm", "also", "bitte", "danke", "gern", "gerne", "klar", "natürlich", "doch"),
        *("schon", "na", "gut", "uh", "um", "well", "please", "thanks", "thank", "you", "sure", "of", "course"),
        *("then", "so", "nou", "dus", "graag", "alstublieft", "alsjeblieft", "dank", "u", "je", "wel", "hoor"),
        *("prima", "natuurlijk"),
    )
)
"""What may stand beside a yes in German, English or Dutch without changing it."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A clear answer, with the words of the notice that it was understood by."""

    given: bool
    words: str


def understood(text: str, given: Iterable[str], refused: Iterable[str]) -> Understood | None:
    """Return what an utterance answers; None where that is not clear."""
    spoken = _words(text)
    for phrase in sorted(refused, key=len, reverse=True):
        if found(spoken, _words(phrase)):
            return Understood(given=False, words=phrase)
    yes, left = "", list(spoken)
    for phrase in sorted(given, key=len, reverse=True):
        words = _words(phrase)
        while place := found(left, words):
            del left[place - 1 : place - 1 + len(words)]
            yes = yes or phrase
    return Understood(given=True, words=yes) if yes and _FILLERS.issuperset(left) else None


def says(text: str, phrases: Iterable[str]) -> bool:
    """Tell whether one of the phrases is in an utterance, word by word."""
    spoken = _words(text)
    return any(found(spoken, _words(phrase)) for phrase in phrases)


def found(spoken: Sequence[str], words: Sequence[str]) -> int:
    """Return the place, counted from 1, at which the words stand in what was spoken; 0 where they do not."""
    if not words:
        return 0
    for start in range(len(spoken) - len(words) + 1):
        if list(spoken[start : start + len(words)]) == list(words):
            return start + 1
    return 0


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
