"""Which part of an unfinished segment no further text can change.

A word is decided by at most ``RIGHT_WORDS`` words after it, unless it belongs to a run that may still
grow into one value: digits, number words, single letters, spoken signs, an address.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from redaction.context import RIGHT_WORDS
from redaction.findings import EntityType
from redaction.languages import all_languages, folded_map, folded_set
from redaction.recognisers.email import AT_WORDS, is_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redaction.context import Scan
    from redaction.resolve import Candidate

_BLANKS = {code: " " for code in range(128) if chr(code) in "\t\r\n\v\f"}
_BRIDGE, _BRIDGES = 4, {EntityType.PERSON: 10, EntityType.POSTCODE_CITY: 6}
"""Characters between two parts that may still become one value: " von der "."""
_ADDRESS_WORDS = 12
"""An "at", seven words, a "punkt" and what is its end: see ``recognisers.email``."""
_LAST_MARKS = (re.compile(r"(?s:.*)[,;|<>{}\[\]\"'=&\r\n]"), re.compile(r"(?s:.*)\s"))
"""What parts values in a text with few words, best first."""
_MARKS = ".,;:!?\"'()[]-/"
_PART = re.compile("[a-z0-9]+")


@cache
def _growing() -> frozenset[str]:
    """Words that may be a part of a longer value."""
    words: set[str] = set()
    for data in all_languages().values():
        numerals = data.numerals
        for table in (
            numerals.digits,
            numerals.numbers,
            numerals.ordinals,
            numerals.months,
            numerals.times,
            data.alphabet,
            data.letters,
            data.symbols,
        ):
            words |= folded_map(table).keys()
        words |= (
            folded_set(data.spelled_as) | folded_set(data.fillers) | folded_set(numerals.link) | folded_set(data.titles)
        )
        words |= folded_set(numerals.hundred) | folded_set(numerals.thousand)
    return frozenset(words)


@cache
def _signs() -> frozenset[str]:
    """Words for signs: what stands before one belongs to the same address, as what stands before a figure may."""
    return frozenset(word for data in all_languages().values() for word in folded_map(data.symbols))


def grows(word: str) -> bool:
    """Tells whether ``word`` (folded, lower case) may belong to a value of several words."""
    bare = word.strip(_MARKS)
    return (
        len(bare) <= 1
        or bare in _growing()
        or not bare.isalpha()
        or "hundert" in bare
        or "honderd" in bare
        or "tausend" in bare
    )


def latest(text: str, at_most: int) -> int:
    """Returns the offset in an unfinished folded ``text`` after which nothing is final, whatever is found in it.

    Args:
        text: a segment that may still grow.
        at_most: what the names model has settled.
    """
    text = text.translate(_BLANKS)
    place = len(text)
    for _ in range(RIGHT_WORDS + 1):
        place = _word_before(text, place)
        if place == 0:
            return 0
    return place if at_most >= place else text.rfind(" ", 0, at_most + 1) + 1


def settled(scan: Scan, candidates: Sequence[Candidate], place: int) -> int:
    """Returns the folded offset before which ``scan`` is final, whatever follows it.

    Args:
        scan: a segment that may still grow.
        candidates: everything proposed in it, resolved or not.
        place: its ``latest``.
    """
    text = scan.lower.translate(_BLANKS)
    place = _open_address(text, place)
    moved = True
    while moved and place:
        moved = False
        before, first = _word_before(text, place), _first_word(text, place)
        within = text[place - 1] != " "  # a value has begun within a word: what it is a part of goes with it
        if within or grows(text[before:place].rstrip(" ")) or first in _signs() or _begins_with_a_figure(text, place):
            place, moved = before, True
        outside = _outside(candidates, place)
        place, moved = outside, moved or outside < place
    return place


def parting(scan: Scan, candidates: Sequence[Candidate]) -> int:
    """Returns the folded offset at which a full segment is parted of which nothing is settled.

    Before a word, or behind a mark where it has no words; in a value only where there is nothing else.
    """
    marks = [mark.end() for pattern in _LAST_MARKS if (mark := pattern.match(scan.lower))]
    places = [place for place in (latest(scan.lower, len(scan.lower)), *marks) if place]
    return next(
        filter(None, (_outside(candidates, place) for place in places)), places[0] if places else len(scan.lower)
    )


def _outside(candidates: Sequence[Candidate], place: int) -> int:
    """Returns ``place``, or where the first of the values begins that reach over it."""
    moved = True
    while moved and place:
        moved = False
        for candidate in candidates:
            if candidate.start < place < candidate.end + _BRIDGES.get(candidate.type, _BRIDGE):
                place, moved = candidate.start, True
    return place


def _word_before(text: str, place: int) -> int:
    """Returns where the last word before ``place`` begins, however many blanks are between."""
    return text.rfind(" ", 0, len(text[:place].rstrip(" "))) + 1


def _first_word(text: str, place: int) -> str:
    """Returns the word that begins at ``place``, without the marks around it: ``#at``."""
    end = text.find(" ", place)
    part = _PART.search(text, place, end if end >= 0 else len(text))
    return "" if part is None else part[0]


def _begins_with_a_figure(text: str, place: int) -> bool:
    """Tells whether what follows ``place`` begins with a figure, whatever marks stand before it: ``, 9``."""
    part = _PART.search(text, place)
    return part is not None and is_figure(part[0])


def _open_address(text: str, place: int) -> int:
    """Returns ``place``, or where a spoken "at" before it stands that what follows may yet make an address of."""
    begin = len(text)
    for _ in range(_ADDRESS_WORDS):
        begin = _word_before(text, begin)
    for word in text[begin:place].split(" "):
        if not AT_WORDS.isdisjoint(_PART.findall(word)):
            return begin
        begin += len(word) + 1
    return place
