"""Postcodes with their town: DE (5 digits), AT, CH, BE (4), NL (4 and 2 letters), GB (Royal Mail), IE (Eircode), PL, and in context.

Five digits alone are a postcode only where a word or the question says so, or beside a street.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.recogniser import LIKELY, POSSIBLE, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_PLACE = EntityType.POSTCODE_CITY
_TOWN = r"[A-Z][a-z]+(?:-[A-Za-z][a-z]+)*(?: (?:am|an der|a\.d\.|im|in der|ob der|bei|aan de|aan den|den|de|op|sur|sul|del|della) [A-Z][a-z]+| ?\([A-Z][a-z]+\)| ?/ ?[A-Z][a-z]+| [A-Z][a-z]+)?"
_WITH_TOWN = re2.compile(rf"\b(?:(?:DE?|AT?|CH|B|L|FL)[- ])?[0-9]{{4,5}},? {_TOWN}".encode())
_SMALL_TOWN = re2.compile(rb"\b[0-9]{4,5},? [a-z]{3,}\b")
_DUTCH = re2.compile(
    rf"\b[1-9][0-9]{{3}} ?[A-Za-z]{{2}}\b(?:,? (?:{_TOWN}|'s-[A-Z][a-z]+|'t [A-Z][a-z]+|Den [A-Z][a-z]+|DEN [A-Z]+))?".encode()
)
_BRITISH = re2.compile(
    rf"(?:{_TOWN},? )?\b[A-Za-z]{{1,2}}[0-9][0-9A-Za-z]? ?[0-9][A-Za-z]{{2}}\b".encode(),
)
_EIRCODE = re2.compile(
    rf"(?:{_TOWN},? (?:Co\.? {_TOWN},? )?)?\b[ACDEFHKNPRTVWXY][0-9][0-9W] ?[0-9AC-FHKNPRTV-Y]{{4}}\b".encode()
)
_POLISH = re2.compile(rf"\b[0-9]{{2}}-[0-9]{{3}} {_TOWN}".encode())
_BARE = re2.compile(rb"\b[0-9]{4,5}\b")
_STREET_BEFORE = re2.compile(
    rb"(?:str(?:as+e|\.)?|gas+e|weg|platz|allee|ring|damm|laan|straat|plein|kade|hof|via|rue|ul\.) ?[0-9]{1,4} ?[a-z]?(?:[ /-][0-9]{1,3}){0,2},? (?:in )?$"
)
_FIGURE = re.compile("[0-9]")
_FEWEST = 4
_NOT_TOWNS = frozenset(
    [
        "euro",
        "eur",
        "uhr",
        "stuck",
        "stuk",
        "mal",
        "jahre",
        "jahr",
        "tage",
        "kilometer",
        "watt",
        "volt",
        "prozent",
        "franken",
        "liter",
        "meter",
        "gramm",
        "zeichen",
        "personen",
        "und",
        "oder",
        "ist",
        "war",
        "hat",
        "kann",
        "habe",
        "das",
        "der",
        "die",
        "ist",
        "bitte",
        "ich",
        "mit",
        "von",
        "vom",
        "aus",
        "auf",
        "fur",
        "nicht",
        "aber",
        "per",
        "seit",
        "pounds",
        "quid",
        "dollars",
        "the",
        "and",
        "was",
        "is",
        "for",
        "you",
        "please",
        "from",
        "with",
        "days",
        "stars",
        "kwh",
        "schritte",
        "punkte",
        "teile",
        "stueck",
        "model",
        "modell",
    ],
)


def _find(scan: Scan) -> Iterator[Hit]:
    cased = scan.cased.encode()
    if any(end - start >= _FEWEST for start, end in scan.figures):
        yield from _numbers(scan, cased)
    for match in _POLISH.finditer(cased) if "-" in scan.lower else ():
        start, end = match.span()
        if _alone(scan, start, end) and not scan.measured(end):
            yield from _coded(scan, start, end, STRONG + 0.07, dutch=False)
    if any(scan.lower[start:end].islower() for start, end in scan.figures):
        for pattern in (_BRITISH, _EIRCODE):
            for match in pattern.finditer(cased):
                start, end = match.span()
                if _alone(scan, start, end) and not scan.measured(end):
                    yield from _coded(scan, start, end, LIKELY, dutch=False)


def _numbers(scan: Scan, cased: bytes) -> Iterator[Hit]:
    """Yields postcodes that are or begin with a number of four digits or five."""
    for match in _WITH_TOWN.finditer(cased):
        start, end = match.span()
        town = scan.lower[start:end].split(" ", 1)[1].strip().split(" ")[0]
        if not _alone(scan, start, end) or town in _NOT_TOWNS or _numbered(scan, start):
            continue
        five = sum(map(str.isdigit, scan.lower[start:end])) == 5  # noqa: PLR2004
        beside = _told(scan, start)
        yield (
            start,
            end,
            _PLACE,
            STRONG
            if beside or five
            else LIKELY
            if not scan.lower[start:end].startswith(("19", "20"))
            else POSSIBLE - 0.1,
        )
    for match in _SMALL_TOWN.finditer(scan.data):
        start, end = match.span()
        town = scan.lower[start:end].rsplit(" ", 1)[1]
        if _alone(scan, start, end) and town not in _NOT_TOWNS and _told(scan, start):
            yield start, end, _PLACE, LIKELY
    for match in _DUTCH.finditer(cased):
        start, end = match.span()
        if _alone(scan, start, end) and not scan.measured(end):
            yield from _coded(scan, start, end, LIKELY, dutch=True)
    for match in _BARE.finditer(scan.data):
        start, end = match.span()
        if _alone(scan, start, end) and not scan.measured(end) and _told(scan, start):
            yield start, end, _PLACE, LIKELY


def _coded(scan: Scan, start: int, end: int, score: float, *, dutch: bool) -> Iterator[Hit]:
    """Yields a postcode of letters and digits; typed small it needs a clue, for a word may look like it."""
    code = scan.cased[start:end]
    upper = not any(character.islower() for character in code.split(" ")[0 if dutch else -1]) and (
        not dutch or not code[4:7].strip()[:2].islower()
    )
    clue = scan.clue(start, 40)
    if clue is not None and clue.type not in {_PLACE, EntityType.STREET}:
        return
    if upper or _told(scan, start):
        unit = dutch and code[4:].strip()[:2].lower() in {
            "km",
            "kg",
            "cm",
            "mm",
            "kw",
            "mb",
            "gb",
            "ml",
            "st",
            "in",
            "mg",
            "is",
            "en",
            "op",
            "de",
            "te",
            "er",
        }
        if not unit:
            yield start, end, _PLACE, score if upper else LIKELY


def _alone(scan: Scan, start: int, end: int) -> bool:
    before, after = scan.character_before(start), scan.lower[end : end + 1]
    return not (before.isalnum() or before in "-./_#:$" or after.isalnum() or after in {"-", "/", "_", "@"})


def _numbered(scan: Scan, start: int) -> bool:
    clue = scan.clue(start, 24)
    return clue is not None and clue.type not in {_PLACE, EntityType.STREET}


def _told(scan: Scan, start: int) -> bool:
    if scan.says(start, _PLACE, 32) or scan.says(start, EntityType.STREET, 48):
        return True
    before = scan.before(start, 40)
    return _FIGURE.search(before) is not None and _STREET_BEFORE.search(before.encode()) is not None


RECOGNISER = Recogniser(
    name="postcode_city",
    gate=(r"\b[0-9]{4}", r"[a-z][0-9][0-9a-z]? ?[0-9][a-z]", r"[a-z][0-9][0-9w] ?[0-9a-z]{4}", r"[0-9]{2}-[0-9]{3} "),
    find=_find,
    answers=frozenset({_PLACE}),
    examples=(
        Example("wohnhaft in ⟦POSTCODE_CITY|01099 Dresden⟧, danke"),
        Example("⟦POSTCODE_CITY|1056 CH Amsterdam⟧"),
        Example("Postcode is ⟦POSTCODE_CITY|LS6 2AB⟧"),
        Example("⟦POSTCODE_CITY|77120⟧", previous="Wie lautet Ihre Postleitzahl?"),
        Example("Ich zahle 12000 Euro im Jahr"),
        Example("Modell 4410 Turbo"),
    ),
)
