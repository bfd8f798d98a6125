"""Streets with a house number: German, Austrian, Swiss, Dutch, British and the usual forms of the other languages.

A street name alone is the model's work; here a street word or ending and a number must stand together.
"""

# ruff: noqa: E501, ISC004 - a pattern is read whole

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.recogniser import LIKELY, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_STREET = EntityType.STREET
_ENDING = (
    r"(?:str(?:\.|as+e)?|gas+e|gasse|weg|wegs?le|allee|platz|ring|damm|ufer|steig|pfad|chaussee|gurtel|guertel|kai|stieg|promenade|markt|hof|berg|graben|zeile|"
    r"halde|rain|siedlung|straat|laan|plein|kade|dreef|steenweg|singel|gracht|dijk|hof|pad|baan|lei|kaai|wal|vest|plantsoen|park|burgwal|dwarsstraat)"
)
_NUMBER = (
    r"[0-9]{1,4}(?: ?[a-h]\b)?(?: ?[-/] ?[0-9]{1,4}[a-z]?){0,3}(?:[- ]?(?:hs|huis|bis|[ivx]{1,4}\b))?(?:,? ?(?:stiege|stg\.?|top|tur|tuer|stock|bus|bte|wohnung|whg\.?|apt\.?|"
    r"app\.?|lok\.?|kamer|etage|og|eg|hinterhaus|vorderhaus|hh|vh|no|nr\.?|haus) ?[0-9]{0,4}[a-z]?\b|,? [0-9]\. ?(?:stock|og|etage)){0,3}"
)
_NAME_WORD = r"[a-z][a-z'.-]+"
_GLUED = re2.compile(rf"\b[a-z][a-z-]+{_ENDING},? (?:nr\.? ?|hausnummer |nummer )?{_NUMBER}".encode())
_APART = re2.compile(
    rf"\b(?:(?:am|an|im|in|auf|zum|zur|unter|op|aan|het|de|den|ten|der|van|von|alte[rn]?|neue[rn]?|grosse[rn]?|kleine[rn]?|obere[rn]?|untere[rn]?) ){{0,3}}(?:{_NAME_WORD}[ -]){{1,2}}"
    rf"(?:str(?:\.|as+e)|weg|allee|platz|gasse|ring|damm|ufer|steig|promenade|chaussee|pfad|kai|zeile|graben|siedlung|straat|laan|plein|kade|weg|singel|gracht|dijk|steenweg|dreef|plantsoen|kaai),? (?:nr\.? ?)?{_NUMBER}".encode(),
)
_PREFIX = re2.compile(
    rf"\b(?:strasse|strase|platz|allee|rue|avenue|av\.|boulevard|bd|place|chemin|impasse|quai|via|viale|piazza|corso|vicolo|ul\.|ulica|al\.|os\.|pl\.|calle|c/|avenida|avda\.?|plaza|paseo|rua|"
    rf"travessa|praca|str\.|strada|bulevardul|bd\.|aleea|burg\.|prof\.|dr\.) ?(?:[a-z'.-]+ ){{0,4}}(?:n\.?o?r?\.? ?)?{_NUMBER}".encode(),
)
_LEADING = re2.compile(
    rb"\b(?:(?:flat|apt|apartment|unit|suite|floor|block) ?[0-9a-z]{1,5},? )?[0-9]{1,5}[a-h]?,? (?:[a-z][a-z'.-]+ ){1,3}"
    rb"(?:street|st|road|rd|lane|ln|avenue|ave|drive|dr|close|court|ct|crescent|way|place|terrace|gardens?|grove|hill|mews|row|square|walk|park|view|rise|quay|parade|rue|boulevard|bd|mah\.|cad\.|sok\.)\b\.?",
)
_PACK = re2.compile(
    rb"\b(?:packstation|postfach|po box|p\.o\. box|postbus|paketbox) ?(?:nr\.? ?)?[0-9][0-9 ]{1,7}[0-9]\b|\bpostfach [0-9]{2,6}\b"
)
_POSTCODE = re.compile(r",? (?:[a-z]{1,2}-)?[0-9]{4,5}\b")
"""Behind a box it makes an address of it; a mailbox may be called so as well."""
_LIVES = re2.compile(
    rb"\b(?:wohne?n?t?|wohnhaft|umgezogen|live|living|moved|moving|woon|wonen|woont|verhuisd|verhuizen|habite|habitons|abito|abitiamo|vivo|vivimos|mieszkam|locuiesc|moro)"
    rb"(?: (?:jetzt|nun|now|nu|ab|seit|at|in|to|on|der|die|den|the|op|de|aan|naar|nach|zur|zum|im|am|au|a|en|w|przy|pe)){0,3} $"
)
_LIVES_WINDOW, _AT_HOME = 32, 0.95


def _find(scan: Scan) -> Iterator[Hit]:
    if not scan.figures:  # every form here has a house number
        return
    for pattern, score in ((_GLUED, STRONG), (_APART, LIKELY), (_PREFIX, LIKELY), (_LEADING, LIKELY), (_PACK, STRONG)):
        for match in pattern.finditer(scan.data):
            start, end = _without_lead(scan, match.start(), match.end())
            while end > start and scan.lower[end - 1] in " ,-/":
                end -= 1
            if end > start and scan.bordered(start, end) and not scan.measured(end):
                lives = _LIVES.search(scan.before(start, _LIVES_WINDOW).encode()) is not None
                boxed = pattern is _PACK and _POSTCODE.match(scan.lower, end) is not None
                yield start, end, _STREET, _AT_HOME if lives or boxed else score


_LEADS = (
    "wohnhaft ",
    "Wohnhaft ",
    "Heimadresse ",
    "Objekt ",
    "Adresse ",
    "Anschrift ",
    "an ",
    "au ",
    "der ",
    "die ",
    "das ",
    "de ",
    "het ",
    "in ",
    "von ",
    "van ",
    "op ",
    "ich ",
    "wohne ",
    "wohn ",
    "wohnen ",
    "lebe ",
    "leben ",
    "wir ",
)


def _without_lead(scan: Scan, start: int, end: int) -> tuple[int, int]:
    """Drops articles and prepositions in small letters that an open pattern took in (``in der Ahornstrasse``)."""
    moved = True
    while moved:
        moved = False
        for lead in _LEADS:
            if scan.cased.startswith(lead, start):
                start += len(lead)
                moved = True
    return start, end


RECOGNISER = Recogniser(
    name="street",
    gate=(
        rf"{_ENDING},? (?:nr\.? ?|hausnummer |nummer )?[0-9]",
        r"\b(?:strasse|strase|platz|allee|rue|avenue|av\.|boulevard|bd|place|chemin|impasse|quai|via|viale|piazza|corso|vicolo|ul\.|ulica|"
        r"al\.|os\.|pl\.|calle|c/|avenida|avda|plaza|paseo|rua|travessa|praca|str\.|strada|bulevardul|aleea|burg\.|prof\.|dr\.)",
        r"\b(?:street|st|road|rd|lane|ln|avenue|ave|drive|dr|close|court|ct|crescent|way|place|terrace|gardens?|grove|hill|mews|row|square|"
        r"walk|park|view|rise|quay|parade|boulevard)\b",
        r"packstation|postfach|po box|postbus|paketbox|p\.o\. box",
    ),
    find=_find,
    examples=(
        Example("⟦STREET|postfach 1120⟧, 20402 Hamburg"),
        Example("ich wohne ⟦STREET|Ahornstraße 12b⟧ im Hinterhof"),
        Example("Lieferung: ⟦STREET|Linzer Straße 44/2/17⟧"),
        Example("wir wohnen ⟦STREET|Gubener Promenade 12⟧, Seitenflügel"),
        Example("wij wonen op ⟦STREET|Populierenlaan 46⟧"),
        Example("I live at ⟦STREET|60 Mill Lane⟧ now"),
        Example("⟦STREET|Packstation 147⟧"),
        Example("auf dem Weg 3 Minuten gewartet"),
        Example("der Ring passt nicht"),
    ),
)
