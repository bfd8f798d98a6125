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
from itertools import groupby, pairwise
from typing import Final

from gateway.engine import Parsed, Slot
from gateway.rights.words import rights_words
from storage.records import Speaker
from storage.requests import Right

_LONGEST: Final = 80
_NO_WORD: Final = re.compile(r"[^\w]+")
_REFERENCE: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[\w-]{43}", re.ASCII | re.IGNORECASE)
"""A session's or request's id with its secret, as `gateway.tokens` writes it."""
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


def aside_in(parsed: Parsed) -> frozenset[int]:
    """Return the slots of a history that are commands, each with its answer: what the gateway said in its own words."""
    if not parsed.history:
        return frozenset()
    said = [slot for slot in parsed.slots if slot.speaker is not None or slot.result]
    messages = [list(slots) for _, slots in groupby(said, key=lambda slot: (slot.message, slot.speaker))]
    return frozenset(
        slot.index for asked, answer in pairwise(messages) if _is_aside(asked, answer) for slot in (*asked, *answer)
    )


def without_references(text: str) -> str:
    """Return a text in which no reference of a request can be read: whoever has one sees what becomes of it."""
    return _REFERENCE.sub("[REFERENCE]", text)


def _is_aside(asked: Sequence[Slot], answer: Sequence[Slot]) -> bool:
    mine, theirs = asked[0].speaker is Speaker.SUBJECT, answer[0].speaker is Speaker.BOT
    return mine and theirs and len(asked) == 1 and command_in(asked[0].text) is not None


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
