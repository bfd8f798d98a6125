"""Coordinates, plus codes and three-word addresses.

Decimal degrees and degrees-minutes-seconds (ISO 6709), geo URIs (RFC 5870), plus codes (Open Location
Code), British grid references (Ordnance Survey) in context, three words as ``///a.b.c``.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.recogniser import CERTAIN, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_HEMI = r"(?:[nswoe]\b|nord|sud|ost|west|north|south|east)"
_DEC = r"[-+]?[0-9]{1,3}[.,][0-9]{3,8}(?: ?o)?"
_PAIR = re2.compile(
    rf"(?:\b{_HEMI} ?)?{_DEC} ?{_HEMI}?(?:[,;/ ] ?){{1,2}}(?:\b{_HEMI} ?)?{_DEC}(?: ?{_HEMI})?".encode(),
)
_ANGLE = (
    r"[0-9]{1,3} ?o ?[0-9]{1,2}(?:[.,][0-9]{1,6})?(?: ?'{1,2})?(?: ?[0-9]{1,2}(?:[.,][0-9]{1,4})?(?: ?(?:\"|''))?)?"
)
_DEGREES = re2.compile(
    rf"(?:\b{_HEMI} ?)?{_ANGLE} ?{_HEMI}?[,;/ ]{{0,2}}(?:\b{_HEMI} ?)?(?:{_ANGLE} ?{_HEMI}?)?".encode()
)
_SINGLE = re2.compile(
    rf"{_DEC} ?{_HEMI}|[ns] ?[0-9]{{1,2}} [0-9]{{1,2}}\.[0-9]{{2,4}},? [ew] ?[0-9]{{1,3}} [0-9]{{1,2}}\.[0-9]{{2,4}}".encode()
)
_PLUS_CODE = re2.compile(
    rb"\b(?:[23456789cfghjmpqrvwx]{8}|[23456789cfghjmpqrvwx]{4})\+[23456789cfghjmpqrvwx]{2,3}\b(?:,? [a-z][a-z-]+)?"
)
_WORDS = re2.compile(rb"///[a-z]+\.[a-z]+\.[a-z]+")
_GRID = re2.compile(rb"\b[a-z]{2} ?[0-9]{3,5} ?[0-9]{3,5}\b")
_NORTH, _EAST = 90.0, 180.0


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _PAIR.finditer(scan.data):
        start, end = match.span()
        if scan.bordered(start, end) and _on_earth(match.group().decode()):
            yield start, _trim(scan, start, end), EntityType.GEO, STRONG
    for pattern, score in ((_DEGREES, STRONG), (_WORDS, CERTAIN), (_SINGLE, STRONG)):
        for match in pattern.finditer(scan.data):
            start, end = match.span()
            inside = scan.character_before(start) in ".," and pattern is _SINGLE  # of an address, a version, a sum
            if scan.bordered(start, end) and not inside and (pattern is not _DEGREES or "'" in match.group().decode()):
                yield start, _trim(scan, start, end), EntityType.GEO, score
    for match in _PLUS_CODE.finditer(scan.data):
        end = (
            match.end()
            if scan.cased[match.end() - 1].islower() and " " in match.group().decode()
            else match.start() + len(match.group().split(b" ")[0].rstrip(b","))
        )
        yield match.start(), end, EntityType.GEO, CERTAIN
    for match in _GRID.finditer(scan.data):
        if scan.says(match.start(), EntityType.GEO, 40):
            yield match.start(), match.end(), EntityType.GEO, STRONG


def _trim(scan: Scan, start: int, end: int) -> int:
    while end > start and scan.lower[end - 1] in " ,;/.":
        end -= 1
    return end


def _on_earth(text: str) -> bool:
    numbers: list[float] = []
    figure = ""
    for character in text + " ":
        if character.isdigit() or (character in ".," and figure and "." not in figure):
            figure += "." if character == "," else character
        elif figure:
            numbers.append(float(figure.rstrip(".") or "0"))
            figure = ""
    return len(numbers) == 2 and numbers[0] <= _EAST and numbers[1] <= _EAST and min(numbers) <= _NORTH  # noqa: PLR2004


RECOGNISER = Recogniser(
    name="geo",
    gate=(r"[0-9][.,][0-9]{3}", r"[0-9] ?o ?[0-9]", r"[a-z0-9]\+[a-z0-9]{2}", r"///[a-z]", r"[ns] ?[0-9]{1,2} [0-9]"),
    find=_find,
    answers=frozenset({EntityType.GEO}),
    examples=(
        Example("Ich stehe bei ⟦GEO|48.2109, 13.4872⟧ auf dem Parkplatz"),
        Example("pin ⟦GEO|52.4862,-1.8904⟧"),
        Example("⟦GEO|51°02'47\"N 13°44'16\"O⟧ ungefähr"),
        Example("plus code ⟦GEO|8FVHQWFJ+6XQ⟧"),
        Example("Preis 12.499, dann 1.299 Euro"),
        Example("Firmware 10.203 und 11.204"),
        Example("logged in from 178.82.25.177 on Saturday"),
    ),
)
