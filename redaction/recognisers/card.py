"""Payment cards: numbers (ISO/IEC 7812, check digit by Luhn, ISO/IEC 7812-1 annex B), expiry date, security code, last four digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2
from stdnum import luhn

from redaction.findings import EntityType
from redaction.recogniser import CERTAIN, LIKELY, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_NUMBER = re2.compile(rb"[2-6][0-9]{3}(?:[ -]{0,3}|, ?)[0-9]{4}(?:[ -]{0,3}|, ?)[0-9]{4}(?:[ -]{0,3}|, ?)[0-9]{1,7}|3[0-9]{3}[ -]{0,3}[0-9]{6}[ -]{0,3}[0-9]{4,5}")
_EXPIRY = re2.compile(rb"\b(?:0?[1-9]|1[0-9])(?: ?[/.-] ?|  ?)(?:20)?[2-4][0-9]\b")
_MASKED = re2.compile(rb"(?:[x*.]{2,4}[ -]?){1,4}([0-9]{4})\b")
_EXPIRY_WORDS = re2.compile(rb"\b(?:gultig|gueltig|lauft ab|laeuft ab|ablauf\w*|verfall\w*|exp\w*|valid|verval\w*|geldig|gueltigkeit|gultigkeit|scad\w*|expir\w*|wazn\w*|son kullanma|cad\w*|valable|valid\w*|bis)\b")
_CODE_WORDS = re2.compile(rb"\b(?:cvc|cvv)2?\b|prufziffer|pruefziffer|kartenprufnummer|security code|veiligheidscode|sicherheitscode|three digits|letzten drei")
_LAST_WORDS = re2.compile(rb"(?:letzten?|last|laatste|ultim[ei]|ostatnie|son|derniers) (?:vier|four|4|cztery|dort|quatre|quattro)|end(?:et|s|ing)|endziffern|eindig\w*")
_SHORTEST, _LONGEST = 13, 19
_CARD_WORD = re2.compile(rb"karte|card|visa|amex|maestro|pas\b|carta\b|karta|kart\b|carte\b|tarjeta|cartao")


def _find(scan: Scan) -> Iterator[Hit]:
    card_seen = False
    for match in _NUMBER.finditer(scan.data):
        start, end = match.span()
        digits = "".join(filter(str.isdigit, scan.lower[start:end]))
        if not scan.bordered(start, end) or scan.character_before(start) in "-/." or not _SHORTEST <= len(digits) <= _LONGEST:
            continue
        told = scan.says(start, EntityType.CARD)
        if luhn.is_valid(digits):
            card_seen = True
            yield start, end, EntityType.CARD, CERTAIN if told or len(digits) == 16 else LIKELY + 0.1  # noqa: PLR2004
        elif told:
            card_seen = True
            yield start, end, EntityType.CARD, STRONG
        elif len(digits) == 16 and " " in scan.lower[start:end]:  # noqa: PLR2004
            yield start, end, EntityType.CARD, LIKELY
    about_cards = card_seen or EntityType.CARD in scan.asked.types or bool(_CARD_WORD.search(scan.before(len(scan.lower), 200).encode()))
    if about_cards:
        yield from _details(scan, seen=card_seen)
    for match in _MASKED.finditer(scan.data):
        if about_cards:
            yield match.start(1), match.end(1), EntityType.CARD, STRONG


def _details(scan: Scan, *, seen: bool) -> Iterator[Hit]:
    """Yields expiry dates, security codes and last digits that words beside them name."""
    asked = scan.asked.words.encode()
    for match in _EXPIRY.finditer(scan.data):
        before = scan.before(match.start(), 28).encode()
        if scan.bordered(*match.span()) and scan.character_before(match.start()) not in ".-/" and scan.lower[match.end() : match.end() + 1] not in {".", "-", "/"} | set("0123456789"):
            asks = EntityType.CARD in scan.asked.types and _EXPIRY_WORDS.search(asked)
            if seen or _EXPIRY_WORDS.search(before) or asks:
                yield match.start(), match.end(), EntityType.CARD, STRONG
    for code in scan.codes:
        size = len(code.text)
        before = scan.before(code.start, 40).encode()
        if not code.text.isdigit() or scan.measured(code.end):
            continue
        if code.digits in {3, 4} and (_CODE_WORDS.search(before) or (_CODE_WORDS.search(asked) and not before.strip())):
            yield code.start, code.end, EntityType.CARD, STRONG
        elif size == 4 and (_LAST_WORDS.search(before) or (_LAST_WORDS.search(asked) and EntityType.CARD in scan.asked.types)):  # noqa: PLR2004
            yield code.start, code.end, EntityType.CARD, LIKELY


RECOGNISER = Recogniser(
    name="card",
    gate=(
        r"[2-6][0-9]{3}[ ,-]{0,3}[0-9]{4}|3[0-9]{3}[ -]?[0-9]{6}",
        r"kart|card|visa|amex|maestro|cvc|cvv|carta|tarjeta|carte|cartao",
    ),
    find=_find,
    answers=frozenset({EntityType.CARD}),
    examples=(
        Example("Kreditkarte ⟦CARD|4111 1111 1111 1111⟧ gültig bis ⟦CARD|11/27⟧, CVC ⟦CARD|123⟧"),
        Example("my card is ⟦CARD|5500-0000-0000-0004⟧"),
        Example("die Karte endet auf ⟦CARD|4471⟧"),
        Example("card number ⟦CARD|4111 1111 1111 1112⟧ was declined"),
        Example("EAN 4006381333931 passt nicht, bestellt 11/24"),
    ),
)
