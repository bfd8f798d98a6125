"""Where a text may be cut so that both sides can be decided apart, however it arrives.

A segment ends at the first quiet end of a sentence after ``SHORTEST`` characters, else at most after
``LONGEST``, more where most of these are not seen: a thousand characters without width, or tags, would
else part a value. Whole texts and streams are cut at the same places, because a cut depends on nothing
but the segment's own text and the first character of the next word.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import re2

from redaction.languages import all_languages, folded_map, folded_set
from redaction.normalise import fold

if TYPE_CHECKING:
    from redaction.normalise import Folded

SHORTEST = 200
LONGEST = 640
_MOST = 64 * LONGEST
_ABBREVIATED = ("str", "nr", "tel")
_END = re2.compile(rb"[a-z]{3,}[!?.]+[\"')]? +[A-Z]|[a-z.!?)]\r?\n\r?\n\s*[A-Za-z]")


@cache
def _loud() -> frozenset[str]:
    """Words beside which no cut is made: parts of dictated values, titles, abbreviations."""
    words: set[str] = {
        "str",
        "tel",
        "geb",
        "bzw",
        "usw",
        "ggf",
        "etc",
        "inkl",
        "zzgl",
        "mob",
        "ref",
        "abt",
        "plz",
        "dipl",
        "burg",
    }
    for data in all_languages().values():
        numerals = data.numerals
        for table in (
            numerals.digits,
            numerals.numbers,
            numerals.ordinals,
            numerals.months,
            numerals.times,
            data.alphabet,
            data.symbols,
        ):
            words |= folded_map(table).keys()
        words |= folded_set(data.titles)
    return frozenset(words)


def see_more(window: str) -> bool:
    """Tells whether so little of ``window`` is seen that its segment is to be looked for in twice as much text."""
    return len(window) < _MOST and 2 * len(fold(window).lower) < LONGEST


def sentence_cut(folded: Folded) -> int | None:
    """Returns the folded offset where a segment ends and the next begins; None where it does not end yet."""
    if len(folded.cased) <= SHORTEST:
        return None
    data = folded.cased.encode()
    place = SHORTEST
    while match := _END.search(data, place):
        cut = match.end() - 1
        before = folded.lower[: match.end() - 1].rstrip(" \r\n\t.!?\"')").rsplit(" ", 1)[-1]
        if before not in _loud() and not before.endswith(_ABBREVIATED):
            return int(cut)
        place = cut
    return None
