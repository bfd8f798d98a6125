"""Payment cards: numbers (ISO/IEC 7812, check digit by Luhn, ISO/IEC 7812-1 annex B), expiry date, security code, last four digits."""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from typing import TYPE_CHECKING

import re2
from stdnum import luhn

from redaction.findings import EntityType
from redaction.recogniser import CERTAIN, LIKELY, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_NUMBER = re2.compile(
    rb"[2-6][0-9]{3}(?:[ -]{0,3}|, ?)[0-9]{4}(?:[ -]{0,3}|, ?)[0-9]{4}(?:[ -]{0,3}|, ?)[0-9]{1,7}|3[0-9]{3}[ -]{0,3}[0-9]{6}[ -]{0,3}[0-9]{4,5}"
)
_EXPIRY = re2.compile(rb"\b(?:0?[1-9]|1[0-9])(?: ?[/.-] ?|  ?)(?:20)?[2-4][0-9]\b")
_MASKED = re2.compile(rb"(?:[x*.]{2,4}[ -]?){1,4}([0-9]{4})\b")
_HIDDEN = re2.compile(rb"[2-6][0-9]{3}(?:[ -]?(?:(?:x{2,4}|\*{1,4})[ -]){2}|x{4,8}|\*{2,4})[0-9]{4}\b")
"""As statements show a card: its first figures and its last."""
_EXPIRY_WORDS = re2.compile(
    rb"\b(?:gultig|gueltig|lauft ab|laeuft ab|ablauf\w*|verfall\w*|exp\w*|valid|verval\w*|geldig|gueltigkeit|gultigkeit|scad\w*|expir\w*|wazn\w*|son kul\w*|cad\w*|valable|valid\w*|bis)\b"
)
_CODE_WORDS = re2.compile(
    rb"\b(?:cvc|cvv)2?\b|prufziffer|pruefziffer|kartenprufnummer|security code|veiligheidscode|sicherheitscode|three digits|letzten drei|(?:kod|code|codice|codigo|cod|number|nummer)(?: (?:auf|on|op|z|sur|a|di|de|do|o|w|the|der|het|la|les?|trzycyfrow\w+|drei\w*|three|tres|tre|trois)){0,3} (?:back|ruckseite|rueckseite|achterkant|tylu|odwrocie|dos|verso|derriere|retro|dietro|atras|reverso|detras|verso|spate)|(?:arka|arkasinda)\w* (?:kod|numara|uc hane)\w*|codigo de seguridad|codice di sicurezza|kod bezpieczenstwa|guvenlik kodu"
)
_LAST_WORDS = re2.compile(
    rb"(?:letzten?|last|laatste|ultim[ei]|ostatnie|son|derniers) (?:vier|four|4|cztery|dort|quatre|quattro|ziffern|stellen|digits|cijfers)|end(?:et|s|ing)|endziffern|eindig\w*|termina\w*|finissant|finit|konc\w+"
)
_PAYS_WITH = re2.compile(
    rb"(?:^|[^a-z-])(?:(?:kredit|credit|debit|debet|bank|ec|giro|zahl|betaal|pay)[ -]?)?(?:kart[a-z]{0,3}|cards?|kaart|carte|carta|tarjeta|cartao|card\w{0,3})(?: [^.!?]*)?$|visa|mastercard|amex|maestro"
)
_SURE = STRONG + 0.07
"""A payment card is spoken of: its digits are personal whatever the model thinks of four figures."""
_SHORTEST, _USUAL, _LONGEST = 13, 16, 19
_REACH = 60
_LAST_FOUR = 4
_NEAR = 48
_WORD_WINDOW = 120
_CARD_WORD = re2.compile(rb"kart|card|visa|amex|maestro|cvc|cvv|pas\b|carta\b|karta|kart\b|carte\b|tarjeta|cartao")
_SOME_WORD = re2.compile(rb"kart|card|visa|amex|maestro|cvc|cvv|pas|carta|carte|tarjeta|cartao")
"""Matches wherever ``_CARD_WORD`` does, at the borders of any window too."""


def _find(scan: Scan) -> Iterator[Hit]:
    first = _told_before(scan)
    for match in _NUMBER.finditer(scan.data):
        start, end = match.span()
        score = _number(scan, start, end)
        if score:
            first = min(first, end)
            yield start, end, EntityType.CARD, score
    for match in _HIDDEN.finditer(scan.data):
        if scan.bordered(*match.span()):
            yield *match.span(), EntityType.CARD, _SURE
    asked = EntityType.CARD in scan.asked.types
    if first == len(scan.lower) and not asked and not _SOME_WORD.search(scan.left[-_WORD_WINDOW:].encode() + scan.data):
        return
    for match in _MASKED.finditer(scan.data):
        if first <= match.start() or asked or _CARD_WORD.search(scan.before(match.start(), _WORD_WINDOW).encode()):
            yield match.start(1), match.end(1), EntityType.CARD, _score(scan, match.start(), STRONG)
    for match in _EXPIRY.finditer(scan.data):
        if _expires(scan, match.start(), match.end(), first):
            follows = first <= match.start() <= first + _REACH
            yield match.start(), match.end(), EntityType.CARD, _SURE if follows else STRONG
    yield from _short(scan, first)


def _told_before(scan: Scan) -> int:
    """Returns where a card's number ended in the sentence before, as a negative offset; the segment's end if in none."""
    left = scan.left[-_REACH:]
    ends = [
        match.end() - len(left)
        for match in _NUMBER.finditer(left.encode())
        if luhn.is_valid("".join(filter(str.isdigit, match.group().decode())))
    ]
    return ends[-1] if ends else len(scan.lower)


def _number(scan: Scan, start: int, end: int) -> float:
    """Returns how sure a run of digits is a card's number; 0 where it is none."""
    digits = "".join(filter(str.isdigit, scan.lower[start:end]))
    if (
        not scan.bordered(start, end)
        or scan.character_before(start) in "-/."
        or not _SHORTEST <= len(digits) <= _LONGEST
    ):
        return 0.0
    told = scan.says(start, EntityType.CARD)
    if luhn.is_valid(digits):
        return CERTAIN if told or len(digits) == _USUAL else LIKELY + 0.1
    if told:
        return STRONG
    return LIKELY if len(digits) == _USUAL and " " in scan.lower[start:end] else 0.0


def _about_cards(scan: Scan, place: int, first: int) -> bool:
    """Tells whether a card was spoken of before ``place``; ``first`` is where a card's number ended."""
    return (
        first <= place
        or EntityType.CARD in scan.asked.types
        or _CARD_WORD.search(scan.before(place, _WORD_WINDOW).encode()) is not None
    )


def _expires(scan: Scan, start: int, end: int, first: int) -> bool:
    """Tells whether a month and year are a card's expiry date."""
    if (
        not scan.bordered(start, end)
        or scan.character_before(start) in ".-/"
        or scan.lower[end : end + 1] in {".", "-", "/"}
    ):
        return False
    if first <= start <= first + _REACH:
        return True
    named = _EXPIRY_WORDS.search(scan.before(start, 28).encode()) is not None
    asked = EntityType.CARD in scan.asked.types and _EXPIRY_WORDS.search(scan.asked.words.encode()) is not None
    return (named and _about_cards(scan, start, first)) or asked


def _short(scan: Scan, first: int) -> Iterator[Hit]:
    """Yields security codes and last digits that words beside them name."""
    asked = scan.asked.words.encode()
    for code in scan.codes:
        if code.digits not in {3, 4} or not code.text[-code.digits :].isdigit() or scan.measured(code.end):
            continue
        before = scan.before(code.start, 40).encode()
        if not _about_cards(scan, code.start, first):
            continue
        if _CODE_WORDS.search(before) or (_CODE_WORDS.search(asked) and not before.strip()):
            yield code.start, code.end, EntityType.CARD, _SURE if first <= code.start else STRONG
        elif code.digits == _LAST_FOUR and (
            _LAST_WORDS.search(before) or (_LAST_WORDS.search(asked) and EntityType.CARD in scan.asked.types)
        ):
            yield code.start, code.end, EntityType.CARD, _score(scan, code.start, LIKELY)


def _score(scan: Scan, start: int, otherwise: float) -> float:
    return _SURE if _PAYS_WITH.search(scan.before(start, _NEAR).encode()) else otherwise


RECOGNISER = Recogniser(
    name="card",
    gate=(
        r"[2-6][0-9]{3}[ ,-]{0,3}[0-9]{4}|3[0-9]{3}[ -]?[0-9]{6}|[2-6][0-9]{3}[ -]?[x*]",
        r"kart|card|visa|amex|maestro|cvc|cvv|pas\b|carta|tarjeta|carte|cartao",
        r"\b(?:0?[1-9]|1[0-2])/(?:20)?[2-4][0-9]\b",
    ),
    find=_find,
    answers=frozenset({EntityType.CARD}),
    examples=(
        Example("Kreditkarte ⟦CARD|4111 1111 1111 1111⟧ gültig bis ⟦CARD|11/27⟧, CVC ⟦CARD|123⟧"),
        Example("my card is ⟦CARD|5500-0000-0000-0004⟧"),
        Example("die Karte endet auf ⟦CARD|4487⟧"),
        Example("rimborso sulla carta ⟦CARD|5500 **** **** 0004⟧ disposto"),
        Example("Card ⟦CARD|5500 XXXX XXXX 0004⟧, eine Platte 3000 x 2000 oder 2500 * 4000"),
        Example("card number ⟦CARD|4111 1111 1111 1112⟧ was declined"),
        Example("⟦CARD|4111 1111 1111 1111⟧ ważna do ⟦CARD|11/27⟧, kod z tyłu ⟦CARD|315⟧"),
        Example("⟦CARD|4111 1111 1111 1111⟧ son kul. ⟦CARD|11/27⟧ iade edin"),
        Example("EAN 4006381333931 passt nicht, bestellt 11/24"),
    ),
)
