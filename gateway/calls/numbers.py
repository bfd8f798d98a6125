"""A number that answers a question: pressed, or said in figures or in a word."""

from __future__ import annotations

import re
from typing import Final

from redaction.languages import all_languages

_WORD: Final = re.compile(r"[^\W_]+")
_ARTICLES: Final = frozenset({"ein", "eine", "einen", "een", "a", "an", "one"})
"""Words that may stand before the number that is meant ("eine fünf", "a four")."""


def number_said(text: str, language: str) -> int | None:
    """Return the one number in what was said; None where there is none, or more than one."""
    known = all_languages().get(language)
    words = [word.casefold() for word in _WORD.findall(text)]
    found = {word: int(word) for word in words if word.isascii() and word.isdecimal()}
    if known is not None:
        found |= {word: int(known.numerals.digits[word]) for word in words if word in known.numerals.digits}
        found |= {word: known.numerals.numbers[word] for word in words if word in known.numerals.numbers}
    meant = {value for word, value in found.items() if word not in _ARTICLES} or set(found.values())
    return meant.pop() if len(meant) == 1 else None


def number_pressed(keys: str) -> int | None:
    """Return the number that keys make, without a `#` at their end; None where they make none."""
    bare = keys.removesuffix("#")
    return int(bare) if bare.isascii() and bare.isdecimal() else None
