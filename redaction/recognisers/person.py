"""Names where words give them away: after titles, salutations, "my name is" and its like, before a message's end.

The statistical model finds names without such words. Titles stay outside the span.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.languages import all_languages, any_of, folded_set, fragment, ordinary_words
from redaction.recogniser import LIKELY, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_PERSON = EntityType.PERSON
_LANGUAGES = tuple(all_languages().values())
_TITLES = "|".join(
    sorted({word for data in _LANGUAGES for word in folded_set(data.titles)}, key=lambda word: (-len(word), word))
)
_TITLE = re2.compile(rf"\b(?:{_TITLES})\b\.? ".encode())
_FOLLOW_BODY = "|".join(fragment(part) for data in _LANGUAGES for part in data.names_follow)
_FOLLOW = re2.compile(
    rf"(?:{_FOLLOW_BODY})(?: ?[:=-] ?| (?:ist|is|lautet|war|der|die|herr|frau|mr|mrs|ms|de) | )".encode()
)
_FAREWELL_BODY = "|".join(fragment(part) for data in _LANGUAGES for part in data.farewells)
_FAREWELL = re2.compile(
    rf"(?:^|[\n.!?,;)] ?|^ ?)(?:{_FAREWELL_BODY})(?: (?:aus|from|uit) [a-z]+)?[ ,.!:;-]{{0,3}}(?:\n| )\s*(?:(?:ihre?|eure?|deine?|your|uw) )?".encode()
)
_TITLE_WORDS = frozenset(word for data in _LANGUAGES for word in folded_set(data.titles))
_PARTICLES = frozenset(
    [
        "von",
        "van",
        "de",
        "der",
        "den",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "el",
        "al",
        "ter",
        "ten",
        "zu",
        "zum",
        "zur",
        "le",
        "la",
        "bin",
        "ibn",
        "mc",
        "o'",
        "y",
        "e",
        "und",
    ]
)
_NAME = re2.compile(rb"^[A-Z][a-zA-Z'.]*(?:-[A-Za-z][a-zA-Z'.]*)*$")
_CHAIN = (
    "dr",
    "prof",
    "med",
    "mag",
    "ing",
    "dipl-ing",
    "herr",
    "frau",
    "herrn",
    "mr",
    "mrs",
    "ms",
    "mevrouw",
    "meneer",
)
_VAN_DER = re2.compile(rb"\bvan d(?:er|en) [a-z]{3,}\b")
"""Modern Dutch has these cases of the article in surnames alone."""
_TOLD = re2.compile(
    rb"\b(?:(?:mein|der|unser) (?:nach|vor|familien|geburts)?name (?:ist|lautet|war)|ich heiss?e|auf den (?:nach)?namen|(?:nach|familien)name(?: ist| lautet)?|hier spricht|"
    rb"my (?:last |first |full |sur)?name(?:'s| is)|(?:sur|last )name(?:'s| is)?|(?:in|under) the name of|"
    rb"mijn (?:achter|voor)?naam is|achternaam(?: is)?|u spreekt met|op naam van|"
    rb"je m'appelle|mi chiamo|intestat[oa] a|me llamo|nazywam sie|chamo-me|ma numesc|soyadim|ismim)(?: (?:ah|ahm|eh|ehm|er|erm|uh|um|ja|so|also))? "
    rb"((?:(?:von|van|de|der|den|zu|zur|el|al|di|da|la|le|ter|ten|mc|o') ){0,3})([a-z]{2}[a-z'-]*)"
)
_NOT_TOLD = re2.compile(
    rb"(?:kompliziert|einfach|simpel|schwierig|gewoon|simpele?|moeilijk|simply|just|quite|digitale?|virtuel(?:le|e)?|automati\w+|"
    rb"falsch|richtig|korrekt|uberall|ueberall|noch|anders|doppelt|unbekannt|ge[a-z]+(?:t|en)|ver[a-z]+(?:t|en)|"
    rb"wrong|correct|right|missing|different|still|listed|spel[lt]\w*|misspel\w*|already|both|actually|[a-z]+(?:ed|ing)|"
    rb"fout|verkeerd|onjuist|juist|goed|anders|bekend|(?:ge|ver|aan)[a-z]+[dt])"
)
"""What is said of a name and is none; where a surname looks like it the model decides."""
_SURNAME = 0.92
_ADDRESSED = frozenset(
    ("herr", "herrn", "frau", "mrs", "mevrouw", "mevr", "meneer", "dhr", "mme", "madame", "monsieur", "signor", "signora", "senor", "senora", "sayin"),
)  # fmt: skip
"""Titles that stand before nothing but a name; not those that begin a product's ("Dr. Oetker", "Mr Muscle", "MS Office")."""
_WIFE = re2.compile(rb"(?:meine|deine|seine|ihre|eure|unsere|eine|keine|jede|mon|ma|mi|su|la|mia|sua) $")
"""Before a title that is no title then: "meine Frau Probleme hat"."""
_MOST_WORDS = 4
_SHORTEST_CAPITALS = 3


@cache
def _not_names(code: str | None) -> frozenset[str]:
    """Returns words that are no names where this language is spoken; of all languages where it is not known."""
    spoken = _LANGUAGES if code is None else (all_languages()[code],)
    return _TITLE_WORDS | {word for data in spoken for word in folded_set(data.not_names)}


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _TITLE.finditer(scan.data):
        sure = match.group().decode().strip(" .") in _ADDRESSED and not _WIFE.search(
            scan.before(match.start(), 8).encode()
        )
        yield from _name(scan, match.end(), _SURNAME if sure else STRONG, 3)
    for match in _FOLLOW.finditer(scan.data):
        yield from _name(scan, match.end(), LIKELY, _MOST_WORDS)
    for match in _FAREWELL.finditer(scan.data):
        yield from _name(scan, match.end(), LIKELY, _MOST_WORDS)
    for match in _TOLD.finditer(scan.data):
        word = match.group(2).decode()
        ordinary = word in _TITLE_WORDS or word in ordinary_words(scan.language)
        if not ordinary and not _NOT_TOLD.fullmatch(match.group(2)):
            yield match.start(1), match.end(2), _PERSON, _SURNAME
    if scan.language == "nl":
        for match in _VAN_DER.finditer(scan.data):
            yield *match.span(), _PERSON, _SURNAME


def _name(scan: Scan, place: int, score: float, most: int) -> Iterator[Hit]:
    """Yields the run of capitalised words at ``place``, with particles inside, without titles before."""
    start, end, words = -1, -1, 0
    for _ in range(most + 4):
        stop = _word_end(scan.cased, place)
        word = scan.cased[place:stop]
        bare = word.rstrip('.,;:!?)"')
        low = bare.lower()
        if start < 0 and low.strip(".") in _CHAIN:
            place = stop + 1
            continue
        if low in _PARTICLES and scan.cased[stop : stop + 1] == " " and word == bare:
            if start < 0 and not _capital(scan.cased, stop + 1):
                break
            if start >= 0 and (low in {"und", "e", "y"} or not _capital(scan.cased, stop + 1)):
                break
            start = place if start < 0 else start
            place = stop + 1
            continue
        if (
            low in _not_names(scan.language)
            or words == most
            or not _NAME.match(bare.removesuffix("'s").encode())
            or (bare.isupper() and words and len(bare) < _SHORTEST_CAPITALS)
        ):
            break
        start = place if start < 0 else start
        end = place + len(bare.removesuffix("'s"))
        words += 1
        initial = len(bare) == 1 and word[1:] == "."
        if (word != bare and not initial) or scan.cased[stop : stop + 1] != " ":
            break
        place = stop + 1
    if end > start >= 0:
        yield start, end, _PERSON, score


def _word_end(text: str, place: int) -> int:
    stop = place
    while stop < len(text) and not text[stop].isspace():
        stop += 1
    return stop


def _capital(text: str, place: int) -> bool:
    return text[place : place + 1].isupper() or text[place : _word_end(text, place)] in {"der", "den", "de", "la"}


RECOGNISER = Recogniser(
    name="person",
    gate=(
        rf"\b(?:{'|'.join(sorted(_TITLES.split('|')))})\b\.? ",
        any_of([part for data in _LANGUAGES for part in data.names_follow]) + " ?[ :=-]",
        r"\bvan d(?:er|en) [a-z]",
        any_of([part for data in _LANGUAGES for part in data.farewells]) + r"[ ,.!:;-]{0,3}[\n ]",
    ),
    find=_find,
    examples=(
        Example("Sehr geehrte Frau ⟦PERSON|Dr. Lindqvist⟧".replace("⟦PERSON|Dr. ", "Dr. ⟦PERSON|") + ", danke"),
        Example("mein Name ist ⟦PERSON|Jasper van der Molen⟧ und"),
        Example("this is ⟦PERSON|Oyin Ogunleye-Clarke⟧ calling"),
        Example("Met vriendelijke groet,\n⟦PERSON|Sanne Kuipers⟧"),
        Example("mr ⟦PERSON|Hallworth⟧'s order"),
        Example("Frau ⟦PERSON|Siemens⟧ ruft an"),
        Example("ja mein name ist ⟦PERSON|klein⟧ ich rufe an"),
        Example("surname is ⟦PERSON|brown⟧"),
        Example("la targa è intestata a ⟦PERSON|de luca⟧ volevo sapere"),
        Example("mein name ist falsch geschrieben"),
        Example("my name is not on the list"),
        Example("Guten Tag Herr Doktor, Ihr Kundenservice"),
        Example("Herr ⟦PERSON|Blum⟧ von Ihrem Team"),
        Example("Frau oder Herr?"),
    ),
)
