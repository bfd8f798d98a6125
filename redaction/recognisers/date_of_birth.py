"""Dates of birth: dates (ISO 8601 and the languages' forms) and years where a word or the question says it is a birth."""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.languages import all_languages, folded_map
from redaction.recogniser import LIKELY, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_BIRTH = EntityType.DATE_OF_BIRTH
_MONTHS = sorted(
    {name for data in all_languages().values() for name in folded_map(data.numerals.months)},
    key=lambda name: (-len(name), name),
)
_MONTH = "(?:" + "|".join(_MONTHS) + r")\.?"
_DATE = re2.compile(
    rf"\b(?:[0-3]?[0-9](?:\. ?| ?[-/] ?| )[01]?[0-9](?:\. ?| ?[-/] ?| )(?:(?:19|20)[0-9]{{2}}|'?[0-9]{{2}})|(?:19|20)[0-9]{{2}}[-/.][01]?[0-9][-/.][0-3]?[0-9]|"
    rf"[0-3]?[0-9](?:st|nd|rd|th|\.|er|e|o)? ?(?:of |de |di )?{_MONTH} ?(?:de |del )?(?:,? ?(?:(?:19|20)[0-9]{{2}}|'?[0-9]{{2}}))?|{_MONTH} [0-3]?[0-9](?:st|nd|rd|th)?,? (?:19|20)?[0-9]{{2}}|"
    rf"[01]?[0-9]/(?:19|20)[0-9]{{2}}|{_MONTH} (?:19|20)[0-9]{{2}}|[0-3][0-9][01][0-9](?:19|20)[0-9]{{2}}|[0-3]?[0-9]\.[01]?[0-9]\.)".encode(),
)
_YEAR = re2.compile(rb"\b(?:19[0-9]{2}|20[0-2][0-9])\b|'[0-9]{2}\b|\b[0-9]{2}\b")
_BORN_IN_WORDS = re2.compile(
    rb"\bjahrgang ([a-z]+und(?:zwan|drei|vier|funf|fuenf|sech|sieb|acht|neun)(?:zig|ss?ig)|(?:zwan|vier|funf|fuenf|sech|sieb|acht|neun)zig)\b"
)
_BORN_IN_FIGURES = re2.compile(rb"\b(?:bin|sind)(?: (?:auch|beide|noch|ja|schon))* (?:jahrgang|jg\.?) ('?[0-9]{2})\b")
_MARKED = re2.compile(rb"\* ?$")
_WIDE, _CLOSE = 40, 22
_TOLD = 0.92


def _find(scan: Scan) -> Iterator[Hit]:
    asked = _BIRTH in scan.asked.types
    first = len(scan.lower)
    for match in _DATE.finditer(scan.data):
        start, end = match.span()
        if scan.character_before(start).isalnum() or scan.lower[end : end + 1].isalnum():
            continue
        clue = scan.clue(start, _WIDE)
        told = (clue is not None and clue.type is _BIRTH) or _MARKED.search(scan.before(start, 3).encode()) is not None
        told = told or _born_after(scan, end)
        if told or (asked and (clue is None or clue.type is not None)):
            first = min(first, start)
            yield start, end, _BIRTH, STRONG
    for pattern in (_BORN_IN_WORDS, _BORN_IN_FIGURES):
        for match in pattern.finditer(scan.data):
            yield *match.span(1), _BIRTH, _TOLD
    for match in _YEAR.finditer(scan.data):
        start, end = match.span()
        if start >= first:
            return
        if (
            not scan.bordered(start, end)
            or scan.character_before(start) in ".-/,"
            or scan.lower[end : end + 2][:1] in {"-", "/", ","}
            or scan.measured(end)
        ):
            continue
        text = scan.lower[start:end]
        clue = scan.clue(start, _CLOSE)
        told = (clue is not None and clue.type is _BIRTH) or (len(text) == 4 and _born_after(scan, end))  # noqa: PLR2004
        if (told and len(text) > 2) or (asked and clue is None and (len(text) > 2 or (scan.first and start < _CLOSE))):  # noqa: PLR2004
            yield start, end, _BIRTH, LIKELY + 0.05


def _born_after(scan: Scan, end: int) -> bool:
    return any(word.startswith(("gebor", "born", "ne(e)", "urodz", "dogum")) for word in scan.after(end, 2).split())


RECOGNISER = Recogniser(
    name="date_of_birth",
    gate=(r"\* ?[0-9]", r"jahrgang|gebor|born|ne\(e\)|urodz|dogum"),
    find=_find,
    answers=frozenset({_BIRTH}),
    examples=(
        Example("ich bin Jahrgang ⟦DATE_OF_BIRTH|58⟧ und brauche Hilfe"),
        Example("der Wein ist Jahrgang 18"),
        Example("geboren am ⟦DATE_OF_BIRTH|12.03.1968⟧ in Wels"),
        Example("DOB ⟦DATE_OF_BIRTH|1987-09-08⟧"),
        Example("mijn geboortedatum is ⟦DATE_OF_BIRTH|2 maart 1990⟧"),
        Example("⟦DATE_OF_BIRTH|4.7.55⟧", previous="Wie ist Ihr Geburtsdatum?"),
        Example("Jahrgang ⟦DATE_OF_BIRTH|1944⟧"),
        Example("ich bin jahrgang ⟦DATE_OF_BIRTH|dreiundsechzig⟧"),
        Example("sie ist ⟦DATE_OF_BIRTH|2012⟧ geboren"),
        Example("gekauft am 12.03.2021, Geburtstagsgeschenk"),
        Example("born to run since forever"),
    ),
)
