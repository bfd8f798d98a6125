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
_TIGHT = re2.compile(rb"\b(?:[A-Z]{2}[0-9]{2} ?[A-Z]{3}|[A-Z][0-9]{1,3} [A-Z]{3}|[0-9]{2,3}-?[A-Z]{1,2}-?[0-9]{1,6})\b")
_DUTCH = re2.compile(
    rb"\b(?:[A-Z]{2}-[0-9]{2,3}-[A-Z]{1,2}|[A-Z]{2}-[A-Z]{2}-[0-9]{2}|[0-9]{2}-[A-Z]{2}-[A-Z]{2}|[0-9]{1,2}-[A-Z]{3}-[0-9]{1,2}|[A-Z]-[0-9]{3}-[A-Z]{2}|[A-Z]{3}-[0-9]{2}-[A-Z]|[0-9]-[A-Z]{3}-[0-9]{3}|[0-9]{2}-[0-9]{2}-[A-Z]{2}|[A-Z]{2}-[0-9]{2}-[0-9]{2})\b"
)
_ANY = re2.compile(rb"\b(?:[a-z0-9]{1,4}[ -]{1,3}){0,3}[a-z]{0,3}[0-9]{1,6}[a-z]{0,3}(?: [a-z]{1,3})?\b")
_MOST = 9
_SHORT = 3


def _find(scan: Scan) -> Iterator[Hit]:
    cased = scan.cased.encode()
    for pattern, score in ((_GERMAN, LIKELY), (_DUTCH, LIKELY), (_TIGHT, POSSIBLE)):
        for match in pattern.finditer(cased):
            start, end = match.span()
            if (
                not scan.bordered(start, end)
                or scan.character_before(start) in "-/."
                or scan.lower[end : end + 1] in {"-", "/"}
                or scan.measured(end)
            ):
                continue
            found = scan.clue(start)
            if found is not None and found.type is _PLATE:
                yield start, end, _PLATE, STRONG + 0.07
            elif found is None and _PLATE in scan.asked.types:
                yield start, end, _PLATE, STRONG
            elif found is None and "-" in scan.cased[start:end] and pattern is not _TIGHT:
                yield start, end, _PLATE, score if " " in scan.cased[start:end] or pattern is _DUTCH else POSSIBLE
    for match in _ANY.finditer(scan.data):
        start, end = _with_digits(scan, match.start(), match.end())
        if end > start and scan.says(start, _PLATE, 36):
            yield start, end, _PLATE, LIKELY


def _with_digits(scan: Scan, start: int, end: int) -> tuple[int, int]:
    """Narrows a run of short groups to those that make a plate; an empty span where there is none."""
    groups = scan.lower[start:end].split(" ")
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
        r"\b[a-z]{1,3} ?- ?[a-z]{1,2}[ -]?[1-9]",
        r"\b[a-z]{2}-[a-z0-9]{2,3}-[a-z0-9]|\b[0-9]{1,2}-[a-z]{2,3}-[0-9a-z]|\b[a-z]{1,3}-[0-9]{2,3}-[a-z]|\b[0-9]{2}-[0-9]{2}-[a-z]",
    ),
    find=_find,
    answers=frozenset({_PLATE}),
    examples=(
        Example("Kennzeichen ⟦PLATE|DD-KW 774⟧ steht im Weg"),
        Example("kenteken ⟦PLATE|TR-816-N⟧"),
        Example("my reg is ⟦PLATE|CA15 JYH⟧ please"),
        Example("⟦PLATE|w 48213 t⟧", previous="Wie lautet Ihr Kennzeichen?"),
        Example("Modell TN-249 und DCP-L3559CDW"),
        Example("Ich habe 3 Kinder"),
    ),
)
