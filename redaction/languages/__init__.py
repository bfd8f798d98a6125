"""Languages: one data file each; found here by their ``LANGUAGE``.

To add a language, add one file; nothing else changes. ``identify`` tells which of them a text is in.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

from redaction.errors import UnknownLanguageError
from redaction.languages.model import Fragments, Language, Numerals, any_of, folded_map, folded_set, fragment
from redaction.normalise import fold, spellings

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Fragments",
    "Language",
    "Numerals",
    "all_languages",
    "any_of",
    "folded_map",
    "folded_set",
    "fragment",
    "identify",
    "language",
    "ordinary_words",
    "spellings",
]

_SHORTEST_VOTE = 2


@cache
def all_languages() -> Mapping[str, Language]:
    """Returns every language with a data file, by its code."""
    found: dict[str, Language] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name != "model":
            data: Language = importlib.import_module(f"{__name__}.{module.name}").LANGUAGE
            found[data.code] = data
    return found


def language(code: str) -> Language:
    """Returns the language ``code`` (a region after it is ignored: ``de-AT``).

    Raises:
        UnknownLanguageError: there is no data file for it.
    """
    found = all_languages().get(code.lower().replace("_", "-").split("-")[0])
    if found is None:
        msg = "no such language; see redaction/languages for those that are there"
        raise UnknownLanguageError(msg)
    return found


@cache
def ordinary_words(code: str | None = None) -> frozenset[str]:
    """Returns words that are seldom a name: frequent ones, fillers, units, words after titles.

    Of one language; of every language where it is not known, so that "Ben" may be a word there (Dutch "ik ben").
    """
    words: set[str] = set()
    for data in all_languages().values() if code is None else (all_languages()[code],):
        words |= (
            folded_set(tuple(data.stop))
            | folded_set(data.not_names)
            | folded_set(data.fillers)
            | folded_set(data.units)
        )
        words |= folded_map(data.numerals.digits).keys() | folded_map(data.numerals.numbers).keys()
    return frozenset(words)


@cache
def _votes() -> Mapping[str, tuple[str, ...]]:
    """Returns for each frequent word the languages it speaks for."""
    votes: dict[str, list[str]] = {}
    for code, data in all_languages().items():
        for word in data.stop:
            for form in spellings(word):
                votes.setdefault(form, []).append(code)
    return {word: tuple(dict.fromkeys(codes)) for word, codes in votes.items()}


def identify(text: str) -> str | None:
    """Returns the code of the language ``text`` is most likely in; None where nothing tells.

    Counts frequent words, those of one language more than shared ones; linear in the text.
    """
    tally: dict[str, float] = {}
    votes = _votes()
    for word in fold(text).lower.replace(",", " ").replace(".", " ").replace("?", " ").replace("!", " ").split():
        codes = votes.get(word, ())
        for code in codes:
            tally[code] = tally.get(code, 0.0) + 1.0 / len(codes)
    if not tally:
        return None
    best = max(tally, key=lambda code: tally[code])
    return best if tally[best] >= _SHORTEST_VOTE or len(tally) == 1 else None
