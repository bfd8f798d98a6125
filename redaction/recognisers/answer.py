"""Bare answers: a word or two after "Wie heißen Sie?" or "In welcher Stadt?" is a name or a place.

The question says what the answer is (as in slot filling, where a slot's prompt is its strongest
feature); ordinary words of the languages are no answer to it, and a question for a pet's, a maker's
or a shop's name is none for a person's.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType as T
from redaction.languages import ordinary_words
from redaction.recogniser import Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_WORD = re2.compile(rb"'?[a-z][a-z'.-]*")
_PARTICLES = frozenset(("van", "von", "vom", "zu", "zur", "de", "der", "den", "het", "t", "ten", "ter", "del", "della", "di", "da", "dos", "la", "le", "el", "al"))  # fmt: skip
"""What stands within a name, before its last word: that may be any ("van 't veld", "von der heide")."""
_THINGS = re2.compile(
    rb"\b(?:tier\w*|haustier\w*|hund\w*|katze\w*|pferd\w*|pet\w*|dogs?|cats?|horse|hond\w*|kat|poes|paard|netz\w*|wlan|wi-?fi|netwerk|marke|hersteller\w*|brand|"
    rb"manufacturer|make|merk|supplier|insurer|provider|versicherer|anbieter|firma\w*|company|bedrijf|shop|store|branch|filiale|winkel|produkt\w*|product|colou?r|shade|farbe|"
    rb"bank|verein|schule|school|kanal|channel|app|programm|programma|film|serie|buch|boek|book|vendor|fahrzeug|auto|geraets?|gerats?|device|toestel|kauf\w*|gekauft|bought|"
    rb"markt|bahnhof|flughafen|station|airport|autor\w*|author|auteur|titel|title|band|serie|series|roman|novel|boot|boat|modell?|kleur|geschmack|flavour|smaak|chien|chat|"
    rb"cheval|magasin|marque|cane|gatto|negozio|marca|pies|psa|kota|sklep|salon|kopek|kedi\w*|magaza|marka|perro|gato|tienda|cao|loja|verein|hotel|krankenhaus|hospital)\b",
)
_SECRETS = re2.compile(
    rb"madchenname|maedchenname|maiden|meisjesnaam|sicherheitsfrage|security question|beveiligingsvraag|geheim|memorable|kennwort|codewort|passwor"
)
_OTHERS = frozenset(
    (
        *("wieso", "warum", "egal", "passt", "gleiche", "gleich", "selbe", "privat", "moment", "nee", "jo"),
        *("jup", "yep", "yes", "ok", "okay", "same", "none", "nothing", "niemand", "keiner", "keine", "ungern"),
        *("spaeter", "spater", "later", "leider", "keins", "korrekt", "richtig", "stimmt", "genau", "genauso"),
        *("unveraendert", "unverandert", "weg", "paypal", "abholung", "firmenwagen", "why", "private", "skip"),
        *("next", "weiss", "stop", "hilfe", "help", "mensch", "human", "agent", "mitarbeiter", "zuruck"),
        *("back", "hoezo", "waarom", "zelfde", "klopt", "geen", "niks", "medewerker", "pourquoi", "rien"),
        *("perche", "niente", "porque", "nada", "dlaczego", "hayir", "evet"),
    ),
)
_MOST_WORDS, _MOST_REST = 3, 60
_SURE, _LIKELY = 0.92, 0.7


def _find(scan: Scan) -> Iterator[Hit]:
    kind = _wanted(scan)
    if kind is None or not scan.first:
        return
    start, end, words = _words(scan)
    if not 0 < words <= _MOST_WORDS or any(map(str.isdigit, scan.lower[start : end + 2])):
        return
    rest = scan.lower[end:].strip(" .,!?")
    if not rest:
        yield start, end, kind, _SURE
    elif scan.lower[end : end + 1] in {",", "."}:
        yield start, end, kind, _LIKELY


def _words(scan: Scan) -> tuple[int, int, int]:
    """Returns where the words begin and end that the message begins with, up to an ordinary one, and how many they are."""
    start, end, words, within = -1, -1, 0, False
    for match in _WORD.finditer(scan.data[: _MOST_REST + 20]):
        if start >= 0 and scan.lower[end : match.start()] not in {" ", ". "}:
            break
        word = match.group().decode().strip(".'-")
        inside = start >= 0 and (word in _PARTICLES or within)
        if not inside and (word in ordinary_words(scan.language) or word in _OTHERS or words > _MOST_WORDS):
            break
        if start < 0 and match.start() > 1:
            return start, end, 0
        within = inside and word in _PARTICLES
        start, end, words = start if start >= 0 else match.start(), match.end(), words + (not inside)
    return start, end, words


def _wanted(scan: Scan) -> T | None:
    """Returns the kind that a bare word would be; None where the question does not ask for a word."""
    asked = scan.asked.types
    question = scan.asked.words.encode()
    if scan.asked.other or asks_for_things(scan.asked.words):
        return None
    if T.PERSON in asked and not asked & {T.STREET, T.POSTCODE_CITY, T.EMAIL}:
        if _SECRETS.search(question):
            return T.PASSWORD
        return None if T.USERNAME in asked or T.PASSWORD in asked else T.PERSON
    if asked == {T.PASSWORD}:
        return T.PASSWORD
    if T.POSTCODE_CITY in asked:
        return T.POSTCODE_CITY
    return T.STREET if T.STREET in asked and T.EMAIL not in asked else None


def asks_for_things(question: str) -> bool:
    """Tells whether a question (folded, lower case) is for an animal's, a maker's, a shop's name and the like."""
    return bool(question) and _THINGS.search(question.encode()) is not None


RECOGNISER = Recogniser(
    name="answer",
    gate=(),
    find=_find,
    answers=frozenset({T.PERSON, T.POSTCODE_CITY, T.STREET, T.PASSWORD}),
    examples=(
        Example("⟦PERSON|lindqvist⟧", "Wie heißen Sie?"),
        Example("⟦PERSON|Jasper Lindqvist⟧, wie das Licht", "Ihr Name bitte?"),
        Example("⟦PERSON|sanne van 't veld⟧", "Hoe heet u?"),
        Example("⟦POSTCODE_CITY|dresden⟧", "In welcher Stadt wohnen Sie?"),
        Example("⟦PERSON|oyin ogunleye⟧", "What's your full name please?"),
        Example("⟦PASSWORD|nebelhorn⟧", "Wie lautet Ihr Kundenkennwort?"),
        Example("wieso", "Ihr Nachname?"),
        Example("warum wollen Sie das wissen", "Wie heißen Sie?"),
        Example("minka", "Wie heißt die Katze?"),
    ),
)
