"""Telephone numbers: international (ITU-T E.164) and national forms of DE, AT, CH, NL, BE, GB, IE and the languages' countries.

Sources: national numbering plans as in ``phonenumbers`` (Google libphonenumber metadata). Shapes come
from one RE2 pattern; libphonenumber only judges what neither a clue nor the shape decides. Freephone,
shared-cost and service numbers (0800, 0180, 0900, 0344 ...) and short codes belong to firms.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import phonenumbers
import re2

from redaction.findings import EntityType
from redaction.recogniser import CERTAIN, LIKELY, POSSIBLE, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_SEPARATOR = r"(?: ?[-/.] ?| {1,2}| ?\(0?\) ?| ?\[0\] ?)"
_SHAPE = re2.compile(
    rf"(?:\+ ?|\b00 ?)[1-9][0-9]{{0,2}}(?:{_SEPARATOR}?[0-9]{{1,12}}){{1,8}}|\(?\+?[0-9]{{1,4}}\)? ?[-/]? ?[0-9]{{1,10}}(?:{_SEPARATOR}[0-9]{{1,9}}){{0,7}}|\b0[0-9]{{5,14}}\b".encode(),
)
# Python's own engine: anchored, and no part repeats without end.
_DATE = re.compile(
    r"(?:[0-3]?[0-9][-./ ]{1,2}[01]?[0-9][-./ ]{1,2}(?:19|20)?[0-9]{2}|(?:19|20)[0-9]{2}[-./][01]?[0-9][-./][0-3]?[0-9])(?:\Z|[^0-9])"
)
_COUNTRY_CODES = ("0049", "0043", "0041", "0044", "0031")
_SERVICE = (
    "0800", "0808", "0844", "0845", "0843", "0870", "0871", "0872", "0873", "01801", "01802", "01803", "01804", "01805", "01806", "01807", "0900", "0137",
    "0138", "0700", "0810", "0820", "0840", "0842", "0848", "0901", "0906", "0909", "0300", "0330", "0333", "0343", "0344", "0345", "0370", "0371",
    "0890", "1800", "1890", "1850", "0818",
)  # fmt: skip
_COUNTRIES = {"de": ("DE", "AT", "CH"), "nl": ("NL", "BE"), "en": ("GB", "IE", "US"), "fr": ("FR", "BE", "CH"), "it": ("IT", "CH"),
              "pl": ("PL",), "tr": ("TR",), "es": ("ES",), "pt": ("PT",), "ro": ("RO",)}  # fmt: skip
_EVERYWHERE = ("DE", "AT", "CH", "NL", "GB", "IE")
_FEWEST, _MOST = 6, 15


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _SHAPE.finditer(scan.data):
        start, end = match.span()
        while scan.lower[start] in "( " and ")" not in scan.lower[start:end]:
            start += 1
        text = scan.lower[start:end]
        digits = "".join(filter(str.isdigit, text))
        if len(digits) > _MOST + 2 or not _free(scan, start, end):
            continue
        score = _score(scan, start, end, text, digits)
        if score:
            yield start, end, EntityType.PHONE, score


def _free(scan: Scan, start: int, end: int) -> bool:
    """Tells whether the number is not part of a word, a longer code, a price or an address."""
    before, after = scan.character_before(start), scan.lower[end : end + 2]
    if before.isalnum() or before in "_#@$=":
        return False
    word = before == ":" and scan.before(start, 3)[:2].isalpha()  # as in tel:
    if before in "-./:," and not word and scan.before(start, 2)[:1].isalnum():
        return False
    return not (
        after[:1].isalnum()
        or after[:1] in {"@", "_", "%", "$"}
        or (after[:1] in {"-", ".", "/", ":"} and after[1:].isalnum())
    )


def _score(scan: Scan, start: int, end: int, text: str, digits: str) -> float:  # noqa: PLR0911 - one answer for each kind of evidence
    clue = scan.clue(start)
    kind = clue.type if clue else None
    told = kind is EntityType.PHONE or (clue is None and EntityType.PHONE in scan.asked.types)
    if (
        service_number(digits)
        or _DATE.match(text)
        or ("." in text and text.count(".") == 1 and len(digits) < _FEWEST + 2 and not told)
    ):
        return 0.0
    international = text.startswith(("+", "00"))
    if international:
        return (
            CERTAIN
            if len(digits) > _FEWEST + 1 and (told or _valid(text, ()))
            else LIKELY
            if len(digits) > _FEWEST + 1
            else 0.0
        )
    if told:
        return _told(digits, text)
    if clue is not None and kind is not EntityType.PHONE and -clue.end < len(text) + 24:
        return (
            0.0
            if kind is None
            else POSSIBLE - 0.1
            if text.startswith(("0", "(0")) and len(digits) >= _FEWEST + 3
            else 0.0
        )
    if not digits.startswith("0") or not _FEWEST + 2 <= len(digits) <= _MOST - 2 or scan.measured(end):
        return 0.0
    mobile = digits.startswith(("015", "016", "017", "06", "07", "08")) and len(digits) >= _FEWEST + 4
    if mobile or " " in text or "/" in text or "-" in text:
        return STRONG if _valid(text, _COUNTRIES.get(scan.language or "", _EVERYWHERE)) else LIKELY
    return LIKELY if _valid(text, _COUNTRIES.get(scan.language or "", _EVERYWHERE)) else 0.0


def _told(digits: str, text: str) -> float:
    if len(digits) >= _FEWEST + 1:
        return STRONG if digits.startswith("0") or text[0] in "(+" else LIKELY
    return LIKELY if len(digits) >= 4 and digits.startswith("0") else POSSIBLE if len(digits) >= 5 else 0.0  # noqa: PLR2004


def service_number(digits: str) -> bool:
    """Tells whether a number is freephone, shared-cost or premium rate: a firm's, not a person's."""
    national = digits
    for prefix in _COUNTRY_CODES:
        if national.startswith(prefix):
            national = "0" + national.removeprefix(prefix)
            break
    return national.startswith(_SERVICE)


def _valid(text: str, regions: tuple[str, ...]) -> bool:
    """Asks libphonenumber, once for an international number, else for each region."""
    if text.startswith(("+", "00")):
        text, regions = "+" + text.removeprefix("00").removeprefix("+"), (None,)  # type: ignore[assignment]
    for region in regions:
        try:
            if phonenumbers.is_possible_number(
                number := phonenumbers.parse(text, region)
            ) and phonenumbers.is_valid_number(number):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False


RECOGNISER = Recogniser(
    name="phone",
    gate=(r"\+ ?[1-9]", r"\b0[0-9]|\(0", r"[0-9][^a-z]?[0-9][^a-z]?[0-9][^a-z]?[0-9]"),
    find=_find,
    answers=frozenset({EntityType.PHONE}),
    examples=(
        Example("Rufen Sie mich an: ⟦PHONE|+49 (0)351 4815 77 20⟧"),
        Example("meine Handynummer lautet ⟦PHONE|0171/5550199⟧."),
        Example("⟦PHONE|0664 9240 118⟧ ab 17 Uhr"),
        Example("siehe tel:⟦PHONE|+4917155501990⟧ oder Tel:⟦PHONE|0171 5550199⟧"),
        Example("bel me op ⟦PHONE|06-2447 1190⟧"),
        Example("ring me on ⟦PHONE|07700 900461⟧ please"),
        Example("⟦PHONE|0351 4815772⟧", previous="Unter welcher Nummer erreichen wir Sie?"),
        Example("Ihre Hotline 0800 330 1000 ist besetzt"),
        Example("gekauft am 03.04.2024 für 1.299,00 Euro"),
        Example("Modell 0815-4711 und Artikelnummer 0123 456 789"),
    ),
)
