"""When a card's number is coming, and when it is over: what pauses recording and transcript by itself.

Pure. A pause that was not needed costs a sentence; a card number that was kept costs more. So the question for it is
enough, and the caller's own word beside figures. It ends when something else is said after figures were heard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from redaction.clues import asked
from redaction.findings import EntityType
from redaction.normalise import fold
from redaction.spoken import spoken_languages

_WORD: Final = re.compile(r"[a-z0-9]+")
_ASKS: Final = re.compile(r"\?|nummer|ziffer|zahl|code|number|digits|cv[cv]|expir|gultig|ablauf|geldig|verval")
"""In the folded form: without accents, in small letters."""
_FEW: Final = 2
"""Figures or number words that make an utterance one of figures; one alone is an article or a count."""


@dataclass(frozen=True, slots=True)
class CardWatch:
    """What was heard of a card so far. `pauses`: nothing is to be kept; `figures`: some have been heard since."""

    pauses: bool = False
    figures: bool = False

    def after_service(self, text: str) -> CardWatch:
        """Return what follows from words of the bot or a person of the service."""
        if EntityType.CARD in asked(text).types and _ASKS.search(fold(text).lower):
            return CardWatch(pauses=True)
        return CardWatch() if self.figures else self

    def after_caller(self, text: str, *, final: bool) -> CardWatch:
        """Return what follows from words of the caller; what is not final begins a pause and ends none."""
        figures = has_figures(text)
        if self.pauses:
            if figures:
                return replace(self, figures=True)
            return CardWatch() if final and self.figures else self
        return CardWatch(pauses=True, figures=True) if figures and EntityType.CARD in asked(text).types else self


def has_figures(text: str) -> bool:
    """Tell whether figures are said, in digits or in number words."""
    count = 0
    for word in _WORD.findall(fold(text).lower):
        digits = sum(letter.isdigit() for letter in word)
        count += digits or bool(spoken_languages([word]))
        if count >= _FEW:
            return True
    return False
