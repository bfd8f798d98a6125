"""Bank accounts.

IBAN (ISO 13616, checked by ISO 7064 mod 97-10), BIC (ISO 9362), national account numbers, German bank
codes and British sort codes in context. An IBAN whose check fails is still found where its country's
length is about right or a clue names it.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from typing import TYPE_CHECKING

import re2
from stdnum import iban

from redaction.findings import EntityType
from redaction.recogniser import CERTAIN, LIKELY, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_LENGTHS = {
    "ad": 24, "at": 20, "be": 16, "bg": 22, "ch": 21, "cy": 28, "cz": 24, "de": 22, "dk": 18, "ee": 20, "es": 24, "fi": 18, "fr": 27, "gb": 22,
    "gr": 27, "hr": 21, "hu": 28, "ie": 22, "is": 26, "it": 27, "li": 21, "lt": 20, "lu": 20, "lv": 21, "mc": 27, "mt": 31, "nl": 18, "no": 15,
    "pl": 28, "pt": 25, "ro": 24, "rs": 22, "se": 24, "si": 19, "sk": 24, "sm": 27, "tr": 26, "ua": 29, "xk": 20, "ba": 20, "al": 28, "md": 24,
}  # fmt: skip
_COUNTRY = "(?:" + "|".join(_LENGTHS) + ")"
_IBAN = re2.compile(rf"{_COUNTRY}[ .-]?[0-9]{{2}}(?:[ .\-]{{0,2}}[a-z0-9]){{4,30}}".encode())
_BIC = re2.compile(rb"\b[a-z]{4}(?:de|at|ch|nl|be|gb|ie|fr|it|pl|tr|es|pt|ro|lu|li)[a-z0-9]{2}(?:[a-z0-9]{3})?\b")
_BIC_ASKED = re2.compile(rb"\b(?:bic|swift)\b")
_SORT_CODE = re2.compile(
    rb"\b[0-9]{2}[- ][0-9]{2}[- ][0-9]{2}\b(?:[,;/ ]{1,3}(?:a/?c |account |acc |and |acct )?[0-9]{7,8}\b)?"
)
_BESIDE = 16
"""Characters before a BIC in which its name may stand: "SWIFT kodu: "."""
_SLACK = 3
_FEWEST = 4


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _IBAN.finditer(scan.data):
        hit = _iban(scan, match.start(), match.end())
        if hit:
            yield hit
    for match in _BIC.finditer(scan.data):
        if score := _bic(scan, *match.span()):
            yield *match.span(), EntityType.IBAN, score
    for match in _SORT_CODE.finditer(scan.data):
        if "sort" in scan.before(match.start(), 40) or "sort" in scan.asked.words:
            yield match.start(), match.end(), EntityType.IBAN, STRONG + 0.07
    yield from _named(scan)


def _named(scan: Scan) -> Iterator[Hit]:
    """Yields numbers that a clue or the question calls an account."""
    for code in scan.codes:
        if code.digits < _FEWEST or scan.measured(code.end):
            continue
        clue = scan.clue(code.start)
        if clue is not None and clue.type is EntityType.IBAN:
            yield code.start, code.end, EntityType.IBAN, LIKELY
        elif clue is None and EntityType.IBAN in scan.asked.types:
            yield code.start, code.end, EntityType.IBAN, LIKELY - 0.05


def _bic(scan: Scan, start: int, end: int) -> float:
    """Returns how sure a word of that form is a BIC; 0 where it is none."""
    text = scan.cased[start:end]
    if _BIC_ASKED.search(scan.before(start, _BESIDE).encode()):
        return CERTAIN if text.isupper() else STRONG
    if _BIC_ASKED.search(scan.asked.words.encode()) and (text.isupper() or end - start == len(scan.lower.strip())):
        return CERTAIN
    coded = text.isalnum() and any(map(str.isdigit, text)) and "bic" in scan.before(start, 120)
    return STRONG if text.isupper() and (coded or scan.says(start, EntityType.IBAN, 90)) else 0.0


def _iban(scan: Scan, start: int, end: int) -> Hit | None:
    """Returns the longest run from ``start`` that is an IBAN; else about its country's length, told or in groups."""
    if scan.character_before(start).isalnum():
        return None
    country = scan.lower[start : start + 2]
    length = _LENGTHS[country]
    kept, place = 0, start
    while place < end and kept < length:
        kept += scan.lower[place].isalnum()
        place += 1
    text = "".join(filter(str.isalnum, scan.lower[start:place]))
    if kept == length and not scan.lower[place : place + 1].isalnum() and iban.is_valid(text):
        return start, place, EntityType.IBAN, CERTAIN
    stop = _last_group(scan, start, end, length)
    text = "".join(filter(str.isalnum, scan.lower[start:stop]))
    digits = sum(map(str.isdigit, text))
    told = scan.says(start, EntityType.IBAN)
    if not told and scan.cased[start : start + 2].islower() and not scan.lower[start + 2].isalnum():
        return None  # a word: "account no 55"
    if digits >= (_FEWEST if told else length // 2) and abs(len(text) - length) <= (length if told else _SLACK):
        return start, stop, EntityType.IBAN, STRONG if told else LIKELY
    return None


def _last_group(scan: Scan, start: int, end: int, length: int) -> int:
    """Returns where the groups with digits end, so that a word after the number stays out."""
    stop, kept = start, 0
    for group_start, group_end in _groups(scan.lower, start, end):
        group = scan.lower[group_start:group_end]
        if kept and (kept >= length or (not any(map(str.isdigit, group)) and (kept > 4 or len(group) != 4))):  # noqa: PLR2004
            break
        kept += sum(map(str.isalnum, group))
        stop = group_end
    while stop > start and not scan.lower[stop - 1].isalnum():
        stop -= 1
    if scan.lower[stop : stop + 1].isalnum():
        while stop > start and scan.lower[stop - 1].isalnum():
            stop -= 1
        stop = max(len(scan.lower[:stop].rstrip(" .-")), start)
    return stop


def _groups(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    place = start
    while place < end:
        stop = text.find(" ", place, end)
        stop = end if stop < 0 else stop
        if stop > place:
            yield place, stop
        place = stop + 1


RECOGNISER = Recogniser(
    name="iban",
    gate=(rf"\b{_COUNTRY}[ .-]?[0-9]{{2}}", r"\bbic\b|swift|sort"),
    find=_find,
    answers=frozenset({EntityType.IBAN}),
    examples=(
        Example("IBAN: ⟦IBAN|DE89 3704 0044 0532 0130 00⟧ bitte"),
        Example("bitte auf ⟦IBAN|AT611904300234573201⟧ überweisen"),
        Example("⟦IBAN|nl91abna0417164300⟧"),
        Example("meine iban ist ⟦IBAN|DE12 3456 7890 1234 56⟧ glaub ich"),
        Example("Sort code ⟦IBAN|20-07-41⟧ please"),
        Example("Kontonummer ⟦IBAN|0532013000⟧"),
        Example("⟦IBAN|TRWIBEB1XXX⟧", previous="Wie ist Ihr BIC?"),
        Example("BIC ⟦IBAN|QRSTFRPP⟧"),
        Example("KUNDENDIENST", previous="Wie ist Ihr BIC?"),
        Example("DE 2024 war ein gutes Jahr"),
        Example("customer no 5500871263"),
        Example("Art. 6 DSGVO, at 12 o'clock"),
    ),
)
