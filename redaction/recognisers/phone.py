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
_COUNTRY_CODES = {
    "0049": "de",
    "0043": "at",
    "0041": "ch",
    "0044": "gb",
    "00353": "ie",
    "0031": "nl",
    "0032": "be",
    "0033": "fr",
}
_SERVICE = {
    "de": ("0800", "01801", "01802", "01803", "01804", "01805", "01806", "01807", "0900", "0137", "0138"),
    "at": ("0800", "0810", "0820", "0828", "0900", "0901", "0930"),
    "ch": ("0800", "0840", "0842", "0844", "0848", "0900", "0901"),
    "gb": ("0800", "0808", "0843", "0844", "0845", "0870", "0871", "0872", "0873", "0300", "0303", "0330", "0333", "0343", "0344", "0345", "0370", "0371"),
    "ie": ("1800", "1850", "1890", "0818"),
    "nl": ("0800", "0900", "0906", "0909"),
    "be": ("0800", "0900", "0901", "0902", "0903", "0904"),
    "fr": ("0800", "0801", "0805", "0806", "0809", "0810", "0811", "0820", "0825", "0890", "0892", "0899", "0969"),
    "it": ("800", "803", "840", "848", "892", "895", "899", "166", "178", "199"),
    "es": ("800", "803", "806", "807", "900", "901", "902", "905"),
    "pl": ("800", "801", "804", "700", "701", "703", "708"),
    "pt": ("800", "808", "809", "707", "708", "760", "761", "762"),
    "br": ("0800", "0300", "0500", "4003", "4004", "4020"),
    "tr": ("0800", "0850"),
    "ro": ("0800", "0801", "0900"),
}  # fmt: skip
"""Freephone, shared cost and premium rate, by country; what is one here is a town's code there (0345: Halle)."""
_SPOKEN_IN = {"de": ("de",), "en": ("gb", "ie"), "nl": ("nl", "be"), "fr": ("fr", "be"), "it": ("it",), "es": ("es",), "pl": ("pl",),
              "pt": ("pt", "br"), "tr": ("tr",), "ro": ("ro",)}  # fmt: skip
_IRISH, _IRISH_MOBILES = 10, ("083", "085", "086", "087", "089")
"""Digits of an Irish mobile number (087 ...); a British 0871 has one more."""
_SHORT = {"fr": (4, ("3", "10")), "tr": (7, ("444",))}
"""How many digits short numbers of firms have, and how they begin."""
_IN_NO_TOWN = ("0800", "0900")
_NEIGHBOURS = re.compile(r"\(?0(?:8[124][0-9]|901|930)\)?[ /-]")
"""Service numbers of Austria and Switzerland as they are written: a German town's code of these digits has a fifth."""
_COUNTRIES = {"de": ("DE", "AT", "CH"), "nl": ("NL", "BE"), "en": ("GB", "GG", "JE", "IM", "IE", "US"), "fr": ("FR", "BE", "CH"), "it": ("IT", "CH"),
              "pl": ("PL",), "tr": ("TR",), "es": ("ES",), "pt": ("PT",), "ro": ("RO",)}  # fmt: skip
_EVERYWHERE = ("DE", "AT", "CH", "NL", "GB", "IE")
_FEWEST, _MOST = 6, 15
_TOLD_AND_VALID = 0.92
_MOBILE = ("015", "016", "017", "06", "07", "08")
_MOBILES_OF = {
    "de": ("015", "016", "017", "065", "066", "067", "0680", "0681", "0688", "0699", "075", "076", "077", "078", "079"),
    "en": ("071", "072", "073", "074", "075", "077", "078", "079", *_IRISH_MOBILES), "nl": ("06", "04"), "fr": ("06", "07"), "tr": ("05",), "ro": ("07",),
    "it": ("3",), "es": ("6", "7"), "pt": ("91", "92", "93", "96"), "pl": ("45", "50", "51", "53", "57", "60", "66", "69", "72", "73", "78", "79", "88"),
}  # fmt: skip
_MOBILES = frozenset({phonenumbers.PhoneNumberType.MOBILE})
_OF_PEOPLE = frozenset({
    phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
})  # fmt: skip


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
        service_number("00" * text.startswith("+") + digits, scan.language, text)
        or _DATE.match(text)
        or ("." in text and text.count(".") == 1 and len(digits) < _FEWEST + 2 and not told)
    ):
        return 0.0
    if text.startswith(("+", "00")):
        if len(digits) <= _FEWEST + 1:
            return 0.0
        if told or _valid(text, ()):
            return CERTAIN
        return _TOLD_AND_VALID if text[0] == "+" and len(digits) > _FEWEST + 3 else LIKELY
    if told:
        return _told(digits, text, _COUNTRIES.get(scan.language or "", _EVERYWHERE))
    if clue is not None and kind is not EntityType.PHONE and -clue.end < len(text) + 24:
        return 0.0 if kind is None else _told_otherwise(scan, text, digits)
    return _untold(scan, end, text, digits)


def _untold(scan: Scan, end: int, text: str, digits: str) -> float:
    """Returns how sure a national number is that nothing is said of."""
    if not digits.startswith("0") or not _FEWEST + 2 <= len(digits) <= _MOST - 2 or scan.measured(end):
        return 0.0
    regions = _COUNTRIES.get(scan.language or "", _EVERYWHERE)
    if digits.startswith(_MOBILE) and len(digits) >= _FEWEST + 4 and _valid(text, regions, _MOBILES):
        return _TOLD_AND_VALID
    if digits.startswith(_MOBILE) or " " in text or "/" in text or "-" in text:
        return STRONG if _valid(text, regions) else LIKELY
    return LIKELY if _valid(text, regions) else 0.0


def _told_otherwise(scan: Scan, text: str, digits: str) -> float:
    """Returns how sure a number is that another kind of personal data is named before."""
    if not text.startswith(("0", "(0")) or len(digits) < _FEWEST + 3:
        return 0.0
    return STRONG if _valid(text, _COUNTRIES.get(scan.language or "", _EVERYWHERE), _MOBILES) else POSSIBLE - 0.1


def _told(digits: str, text: str, regions: tuple[str, ...]) -> float:
    if digits.startswith("0") and len(digits) >= _FEWEST + 3 and _valid(text, regions, _OF_PEOPLE):
        return _TOLD_AND_VALID
    if len(digits) >= _FEWEST + 1:
        return STRONG if digits.startswith("0") or text[0] in "(+" else LIKELY
    return LIKELY if len(digits) >= 4 and digits.startswith("0") else POSSIBLE if len(digits) >= 5 else 0.0  # noqa: PLR2004


def mobile_number(digits: str, language: str | None) -> bool:
    """Tells whether a number, in national form, is a mobile one: seldom that of a hotline."""
    return len(digits) >= _FEWEST + 3 and digits.startswith(_MOBILES_OF.get(language or "", ()))


def service_number(digits: str, language: str | None, text: str = "") -> bool:
    """Tells whether a number is freephone, shared-cost or premium rate: a firm's, not a person's.

    Args:
        digits: all of its digits; ``00`` stands before a country's code.
        language: what is spoken, where the number does not name its country.
        text: the number as it is written, if it is.
    """
    for code, country in _COUNTRY_CODES.items():
        if digits.startswith(code):
            return ("0" + digits.removeprefix(code).removeprefix("0")).startswith(_SERVICE[country])
    if language in {None, "en"} and len(digits) == _IRISH and digits.startswith(_IRISH_MOBILES):
        return False
    if language == "de" and _NEIGHBOURS.match(text) and digits.startswith((*_SERVICE["at"], *_SERVICE["ch"])):
        return True
    return digits.startswith(
        tuple(p for country in _SPOKEN_IN.get(language or "", ()) for p in _SERVICE[country]) or _IN_NO_TOWN
    )


def short_number(digits: str, language: str | None) -> bool:
    """Tells whether a number is a firm's short one, of fewer digits than a person's has: 3970, 444 0 217."""
    length, begin = _SHORT.get(language or "", (0, ()))
    return len(digits) == length and digits.startswith(begin)


def _valid(text: str, regions: tuple[str | None, ...], kinds: frozenset[int] | None = None) -> bool:
    """Asks libphonenumber, once for an international number, else for each region; ``kinds``: of these only."""
    if text.startswith(("+", "00")):
        text, regions = "+" + text.removeprefix("00").removeprefix("+"), (None,)
    for region in regions:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if (
            phonenumbers.is_possible_number(number)
            and phonenumbers.is_valid_number(number)
            and (kinds is None or phonenumbers.number_type(number) in kinds)
        ):
            return True
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
        Example("ring me on ⟦PHONE|087 211 4490⟧ any time"),
        Example("⟦PHONE|0351 4815772⟧", previous="Unter welcher Nummer erreichen wir Sie?"),
        Example("Ihre Hotline 0800 330 1000 ist besetzt"),
        Example("gekauft am 03.04.2024 für 1.299,00 Euro"),
        Example("Modell 0815-4711 und Artikelnummer 0123 456 789"),
    ),
)
