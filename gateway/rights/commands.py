"""What in a chat is a request to the gateway itself. Pure.

A message is one only as a whole: compared without case, accents, punctuation and doubled blanks, it is exactly one of
a language's phrases. An ordinary sentence that has such words in it ("can you delete my data plan?") is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
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
    return None if len(text) > _LONGEST else _phrases().get(_plain(text))


def said_now(parsed: Parsed) -> str:
    """Return what the customer says in a request, if that is one text and nothing follows it; else nothing."""
    kept = [slot for slot in parsed.slots if slot.speaker is not None or slot.result]
    last = kept[-1] if kept else None
    if last is None or last.speaker is not Speaker.SUBJECT:
        return ""
    same = [slot for slot in kept if slot.message == last.message and slot.speaker is last.speaker]
    return last.text if not parsed.history or len(same) == 1 else ""


@cache
def _phrases() -> Mapping[str, Command]:
    found: dict[str, Command] = {}
    for language, words in rights_words().items():
        for right, phrases in words.commands.phrases.items():
            found |= {_plain(phrase): Command(right, language) for phrase in phrases}
        for phrase in words.commands.confirmations:
            found[_plain(phrase)] = Command(Right.ERASURE, language, confirmed=True)
    return found


def _plain(text: str) -> str:
    lower = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    letters = "".join(each for each in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(each))
    return _NO_WORD.sub(" ", letters).strip()
