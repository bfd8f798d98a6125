"""The words of the desk: one module a language, all with the same keys; errors by reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.desk.words import de, en
from gateway.desk.words.details import detail, problems

WORDS: Final[Mapping[str, Mapping[str, str]]] = {"de": de.WORDS, "en": en.WORDS}


def told(language: str, reason: str, sentence: str) -> str:
    """Return what went wrong in the reader's language: by its reason, or as it was said where English is read."""
    words = WORDS[language]
    found = words.get(f"error_{reason}")
    if reason == "bad_form":
        sentence = words.get(sentence, sentence)
    elif reason == "notice_wrong":
        sentence = problems(language, sentence)
    elif found is not None:
        sentence = detail(language, sentence) or sentence
    return found.format(sentence) if found is not None else sentence if language == "en" else words["error"]
