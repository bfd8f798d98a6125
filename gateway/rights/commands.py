"""What in a chat is a request to the gateway itself. Pure.

A message is one only as a whole: compared without case, accents, punctuation, doubled blanks and words of courtesy
("please", "all"), it is exactly one of a language's phrases. An ordinary sentence that has such words in it ("can you
delete my data plan?") is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from gateway.engine import Parsed
from gateway.rights.words import rights_words
from storage.records import Speaker
from storage.requests import Right

_LONGEST: Final = 80
_NO_WORD: Final = re.compile(r"[^\w]+")
_LETTERS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Command:
    """A request in a chat, in the language in which it was made. `confirmed`: an erasure that is meant."""

    right: Right
    language: str
    confirmed: bool = False


def command_in(text: str) -> Command | None:
    """Return the command that a message is; None if it is none."""
    if len(text) > _LONGEST:
        return None
    words = _words(text)
    found = (phrases.get(_without(words, fillers)) for fillers, phrases in _phrases())
    return next((command for command in found if command is not None), None)


def said_now(parsed: Parsed) -> str:
    """Return what the customer says in a request, if that is one text and nothing follows it; else nothing."""
    kept = [slot for slot in parsed.slots if slot.speaker is not None or slot.result]
    last = kept[-1] if kept else None
    if last is None or last.speaker is not Speaker.SUBJECT:
        return ""
    same = [slot for slot in kept if slot.message == last.message and slot.speaker is last.speaker]
    return last.text if not parsed.history or len(same) == 1 else ""


@cache
def _phrases() -> Sequence[tuple[Collection[str], Mapping[tuple[str, ...], Command]]]:
    """Return of each language its fillers, and its phrases without them."""
    found = []
    for language, words in rights_words().items():
        said = words.commands
        means = {phrase: Command(right, language) for right, phrases in said.phrases.items() for phrase in phrases}
        means |= dict.fromkeys(said.confirmations, Command(Right.ERASURE, language, confirmed=True))
        found.append((said.fillers, {_without(_words(phrase), said.fillers): each for phrase, each in means.items()}))
    return found


def _without(words: Sequence[str], fillers: Collection[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in fillers)


def _words(text: str) -> Sequence[str]:
    lower = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    letters = "".join(each for each in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(each))
    return _NO_WORD.sub(" ", letters).split()
