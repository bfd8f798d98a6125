"""The place where somebody lives, where the words before it say so: "ich wohne in Greiz", "now living in Oban".

A town's name may be any word, so what follows is taken unless it is an ordinary word, a kind of dwelling or a country.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.languages import all_languages, any_of, fragment, ordinary_words
from redaction.recogniser import STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_PHRASES = [part for data in all_languages().values() for part in data.lives_in]
_LIVES_IN = re2.compile(rf"(?:{'|'.join(map(fragment, _PHRASES))}) ".encode())
_MOVED = re2.compile(
    rb"\b(?:von|van) [a-z'-]{3,}(?: [a-z'-]{3,})? (?:nach|naar) ([a-z'-]{3,}(?: [a-z'-]{3,})?) (?:um)?(?:gezogen|verhuisd|verzogen|ziehen|verhuizen)\b"
)
"""The verb behind: "von Greiz nach Aue gezogen"."""
_THEN = re2.compile(rb" (?:nach|to|naar|do|a|para|la) ")
_LEFT = ("from", "von", "aus", "van", "uit", "z", "da", "de", "desde")
_WORD = re2.compile(rb"[a-z][a-z'-]+")
_FIRST = frozenset(
    [
        "bad",
        "sankt",
        "st",
        "saint",
        "sint",
        "new",
        "san",
        "santa",
        "nowy",
        "nowa",
        "den",
        "de",
        "het",
        "la",
        "le",
        "los",
        "las",
        "el",
        "much",
        "great",
        "little",
        "upper",
        "lower",
        "west",
        "north",
        "south",
        "east",
        "neu",
        "neue",
        "alt",
        "gross",
        "klein",
        "market",
        "kings",
        "port",
        "fort",
        "lake",
        "mount",
    ]
)
_NOT_PLACES = frozenset(
    (
        *(
            "miete",
            "untermiete",
            "haus",
            "wohnung",
            "wg",
            "scheidung",
            "trennung",
            "rente",
            "armut",
            "angst",
            "student",
            "students",
            "poco",
            "tempo",
            "siempre",
            "sempre",
            "halls",
            "temporary",
            "rented",
        ),
        *(
            "council",
            "supported",
            "sheltered",
            "housing",
            "accommodation",
            "private",
            "hope",
            "fear",
            "peace",
            "assisted",
            "town",
            "city",
            "flat",
            "house",
            "ersten",
            "zweiten",
            "dritten",
        ),
        *(
            "vierten",
            "fuenften",
            "funften",
            "hinterhaus",
            "vorderhaus",
            "erdgeschoss",
            "dachgeschoss",
            "altbau",
            "neubau",
            "huur",
            "huurhuis",
            "appartement",
            "flatgebouw",
            "domku",
            "bloku",
        ),
        *(
            "deutschland",
            "osterreich",
            "oesterreich",
            "schweiz",
            "holland",
            "niederlande",
            "belgien",
            "frankreich",
            "england",
            "scotland",
            "wales",
            "ireland",
            "germany",
            "britain",
            "uk",
        ),
        *(
            "spain",
            "france",
            "spanien",
            "italien",
            "polen",
            "turkei",
            "tuerkei",
            "nederland",
            "belgie",
            "duitsland",
            "frankrijk",
            "spanje",
            "polsce",
            "niemczech",
            "espana",
            "alemania",
            "europa",
        ),
        *(
            "europe",
            "america",
            "usa",
            "austria",
            "switzerland",
            "italia",
            "germania",
            "portugal",
            "brasil",
            "romania",
            "ausland",
            "abroad",
            "buitenland",
        ),
    )
)
_SHORTEST, _MOST_WORDS = 3, 3
_SCORE = STRONG + 0.07


def _find(scan: Scan) -> Iterator[Hit]:
    for phrase in _LIVES_IN.finditer(scan.data):
        place = _place(scan, phrase.end())
        if place is None:
            continue
        yield *place, EntityType.POSTCODE_CITY, _SCORE
        left = phrase.group().decode().split()[-1] in _LEFT
        then = _THEN.match(scan.data, place[1]) if left else None
        if then is not None and (place := _place(scan, then.end())) is not None:
            yield *place, EntityType.POSTCODE_CITY, _SCORE
    for match in _MOVED.finditer(scan.data):
        for begin in (match.start() + len("von "), match.start(1)):
            if (place := _place(scan, begin)) is not None:
                yield *place, EntityType.POSTCODE_CITY, _SCORE


def _place(scan: Scan, start: int) -> tuple[int, int] | None:
    """Returns the span of a town's name that begins here; None if what stands here is none."""
    end = -1
    for match in _WORD.finditer(scan.data, start):
        word = match.group().decode()
        apart = match.start() != (start if end < 0 else end + 1)
        if apart or word in ordinary_words(scan.language) or word in _NOT_PLACES:
            break
        end, goes_on = match.end(), word in _FIRST
        if not goes_on and not scan.cased[end + 1 : end + 2].isupper():
            break
        if scan.lower[end : end + 1] != " " or len(scan.lower[start:end].split(" ")) == _MOST_WORDS:
            break
    return (start, end) if end - start >= _SHORTEST and scan.lower[start:end] not in _FIRST else None


RECOGNISER = Recogniser(
    name="residence",
    gate=(any_of(_PHRASES) + " ", r"\b(?:von|van) [a-z' -]{3,40} (?:nach|naar) [a-z]"),
    find=_find,
    examples=(
        Example("ich wohne in ⟦POSTCODE_CITY|Greiz⟧, liefert ihr da hin"),
        Example("we moved to ⟦POSTCODE_CITY|Market Harborough⟧ in may"),
        Example("wij wonen sinds kort in ⟦POSTCODE_CITY|goirle⟧ en zoeken een monteur", channel="call"),
        Example("mieszkam w ⟦POSTCODE_CITY|Sanoku⟧ na parterze"),
        Example("we moved from ⟦POSTCODE_CITY|Oban⟧ to ⟦POSTCODE_CITY|Stornoway⟧ in may"),
        Example("bin gerade von ⟦POSTCODE_CITY|greiz⟧ nach ⟦POSTCODE_CITY|zwickau⟧ gezogen"),
        Example("we moved from Spain to a flat, and from one provider to another"),
        Example("ich wohne in der Stadt im dritten Stock"),
        Example("i live in a flat and she lives in Spain"),
    ),
)
