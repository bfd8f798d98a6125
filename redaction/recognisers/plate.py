"""Vehicle registration plates: DE (FZV), AT, CH, NL (RDW side codes), GB (DVLA current and prefix forms), IE; others in context."""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.recogniser import LIKELY, POSSIBLE, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_PLATE = EntityType.PLATE
_GERMAN = re2.compile(rb"\b[A-Z]{1,3}(?:[ ]?-[ ]?| )[A-Z]{1,2}[ -]?[1-9][0-9]{0,3}[EH]?\b")
_ABROAD = re2.compile(
    rb"\b(?:[0-9]{4} ?[BCDFGHJKLMNPRSTVWXYZ]{3}|[A-HJ-NPR-TV-Z]{2} ?[0-9]{3} ?[A-HJ-NPR-TV-Z]{2}|[A-Z]{1,2} [0-9]{2,3} [A-Z]{3})\b"
)
"""Spain since 2000, Italy since 1994 and France, Romania: where a vehicle is spoken of."""
_TIGHT = re2.compile(rb"\b(?:[A-Z]{2}[0-9]{2} ?[A-Z]{3}|[A-Z][0-9]{1,3} [A-Z]{3}|[0-9]{2,3}-?[A-Z]{1,2}-?[0-9]{1,6})\b")
_BRITISH = re2.compile(rb"\b[A-HJ-PR-Y][A-HJ-PR-Y](?:0[2-9]|[1-7][0-9]) [A-HJ-PR-Z]{3}\b")
"""Since September 2001: area, age, three letters without I and Q (DVLA, INF104)."""
_DUTCH = re2.compile(
    rb"\b(?:[A-Z]{2}-[0-9]{2,3}-[A-Z]{1,2}|[A-Z]{2}-[A-Z]{2}-[0-9]{2}|[0-9]{2}-[A-Z]{2}-[A-Z]{2}|[0-9]{1,2}-[A-Z]{3}-[0-9]{1,2}|[A-Z]-[0-9]{3}-[A-Z]{2}|[A-Z]{3}-[0-9]{2}-[A-Z]|[0-9]-[A-Z]{3}-[0-9]{3}|[0-9]{2}-[0-9]{2}-[A-Z]{2}|[A-Z]{2}-[0-9]{2}-[0-9]{2})\b"
)
_ANY = re2.compile(rb"\b(?:[a-z0-9]{1,4}[ -]{1,3}){0,3}[a-z]{0,3}[0-9]{1,6}[a-z]{0,3}(?: [a-z]{1,3})?\b")
_VEHICLE = re2.compile(
    rb"\b(?:auto|autos|wagen|pkw|lkw|transporter|lieferwagen|fahrer|fahrzeug|motorrad|roller|geparkt|parke|parkplatz|tiefgarage|stehe mit|busje|bestelbus|vrachtwagen|"
    rb"parkeer\w*|geparkeerd|chauffeur|motor|scooter|car|(?:the|a|my|our|your|white) van|lorry|truck|parked|car park|driver|motorbike|"
    rb"coche|furgoneta|moto|camion|voiture|camionnette|macchina|furgone|veicolo|ciclomotore|carrozziere|revisione|masina|duba|parcare|samochod|auto)\b"
)
_NEAR = 40
_SURE = STRONG + 0.07
_MOST = 9
_SHORT = 3


def _find(scan: Scan) -> Iterator[Hit]:
    cased = scan.cased.encode()
    certain = []
    for pattern, score in ((_GERMAN, LIKELY), (_DUTCH, LIKELY), (_TIGHT, POSSIBLE), (_ABROAD, 0.0), (_BRITISH, _SURE)):
        for match in pattern.finditer(cased):
            start, end = match.span()
            if _apart(scan, start, end) and (found := _score(scan, start, end, pattern, score)):
                yield start, end, _PLATE, found
                certain += [(start, end)] if pattern is _BRITISH else []
    for match in _ANY.finditer(scan.data):
        start, end = _with_digits(scan, match.start(), match.end())
        if any(start < last and first < end for first, last in certain):
            continue  # what stands behind it counts something else: "CA15 JYH on 4 May"
        if end > start and scan.says(start, _PLATE, 36):
            yield start, end, _PLATE, LIKELY


def _apart(scan: Scan, start: int, end: int) -> bool:
    return (
        scan.bordered(start, end)
        and scan.character_before(start) not in "-/."
        and scan.lower[end : end + 1] not in {"-", "/"}
        and not scan.measured(end)
    )


def _score(scan: Scan, start: int, end: int, pattern: re2._Regexp, score: float) -> float:
    """Returns how sure a form is in its context, 0 where nothing speaks for it."""
    clue = scan.clue(start)
    if clue is not None:
        return _SURE if clue.type is _PLATE else 0.0
    if pattern is _BRITISH or (pattern is not _TIGHT and _beside_a_vehicle(scan, start, end)):
        return _SURE
    if pattern is _DUTCH and scan.language == "nl" and not scan.cased[start:end].replace("-", "").isdigit():
        return _SURE
    if _PLATE in scan.asked.types:
        return STRONG
    if "-" in scan.cased[start:end] and pattern is not _TIGHT:
        return score if " " in scan.cased[start:end] or pattern is _DUTCH else POSSIBLE
    return 0.0


def _beside_a_vehicle(scan: Scan, start: int, end: int) -> bool:
    return _VEHICLE.search(f"{scan.before(start, _NEAR)}\n{scan.after(end)}".encode()) is not None


def _with_digits(scan: Scan, start: int, end: int) -> tuple[int, int]:
    """Narrows a run of short groups to those that make a plate; an empty span where there is none."""
    groups = scan.lower[start:end].split(" ")
    last = groups[-1]
    capitals = any(map(str.isupper, scan.cased[start : end - len(last)]))
    if capitals and last.isalpha() and scan.cased[end - len(last) : end].islower():
        end -= len(groups.pop()) + 1  # what follows is not of it: "V-418-KG wit"
    places = [start]
    for group in groups:
        places.append(places[-1] + len(group) + 1)
    for first in range(len(groups)):
        text = "".join(groups[first:]).replace("-", "")
        if (
            any(map(str.isupper, scan.cased[places[first] : end]))
            and groups[first].isalpha()
            and scan.cased[places[first]].islower()
        ):
            continue
        capital = scan.cased[places[first] : end]
        if (
            len(text) <= _MOST
            and any(map(str.isdigit, text))
            and any(map(str.isalpha, text))
            and (capital.isupper() or first == len(groups) - 1 or len(groups[first]) <= _SHORT)
        ):
            return places[first], end
    return start, start


RECOGNISER = Recogniser(
    name="plate",
    gate=(
        r"\b[a-z]{2}[0-7][0-9] [a-z]{3}\b",
        r"\b[a-z]{1,3} [a-z]{1,2} [1-9][0-9]{0,3}[eh]?\b",
        r"\b[0-9]{4} ?[a-z]{3}\b|\b[a-z]{2} ?[0-9]{3} ?[a-z]{2}\b|\b[a-z]{1,2} [0-9]{2,3} [a-z]{3}\b",
        r"\b[a-z]{1,3} ?- ?[a-z]{1,2}[ -]?[1-9]",
        r"\b[a-z]{2}-[0-9]{2,3}-[a-z0-9]|\b[a-z]{2}-[a-z]{2}-[0-9]|\b[0-9]{1,2}-[a-z]{2,3}-[0-9a-z]|\b[a-z]{1,3}-[0-9]{2,3}-[a-z]|\b[0-9]{2}-[0-9]{2}-[a-z]",
    ),
    find=_find,
    answers=frozenset({_PLATE}),
    examples=(
        Example("Kennzeichen ⟦PLATE|DD-KW 774⟧ steht im Weg"),
        Example("kenteken ⟦PLATE|TR-816-N⟧"),
        Example("my reg is ⟦PLATE|CA15 JYH⟧ please"),
        Example("the lorry ⟦PLATE|CA15 JYH⟧ blocked us"),
        Example("my vehicle ⟦PLATE|CA15 JYH⟧ on 4 May"),
        Example("mein Auto ⟦PLATE|DD KW 774⟧ steht noch bei euch"),
        Example("al devolver el coche ⟦PLATE|5520 LBT⟧ vi un golpe"),
        Example("⟦PLATE|w 48213 t⟧", previous="Wie lautet Ihr Kennzeichen?"),
        Example("kenteken ⟦PLATE|W-531-TK⟧ wit, hij reed door"),
        Example("Modell TN-249 und DCP-L3559CDW"),
        Example("Ich habe 3 Kinder"),
    ),
)
