"""Things that are called like people and places: products, animals, schools, bots, shops; doubts ask here."""

# ruff: noqa: E501 - patterns read best whole

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.recognisers.answer import asks_for_things

if TYPE_CHECKING:
    from redaction.context import Scan
    from redaction.resolve import Candidate

_NAMED_ODDS, _INSTITUTION_ODDS, _ASKED_ODDS = 2.5, 3.0, 1.5
_WINDOW, _ANSWER = 24, 25
_MARKS = ".,;:!?\"'()/"
_ENDS = (".", ",", ";", "!", "?", ")")
_SHOPS = re2.compile(
    rb"\b(?:filiale?|niederlassung|markt|laden|store|branch|shop|winkel|vestiging|station|bahnhof|haltestelle|airport|flughafen|terminal|magasin|boutique|negozio|"
    rb"sklep|salon|magaza\w*|subesi|tienda|loja)\b(?: (?:in|en|w|a|de|di|von|am|im|at))?[ :]*[\"']?$"
)
_NAMED_THINGS = frozenset(
    (
        *(
            "hund",
            "hundin",
            "huendin",
            "katze",
            "kater",
            "pferd",
            "hamster",
            "staubsauger",
            "saugroboter",
            "dog",
            "cat",
            "horse",
            "pony",
            "puppy",
            "hond",
            "kat",
        ),
        *(
            "poes",
            "paard",
            "chien",
            "cheval",
            "gatto",
            "cane",
            "pies",
            "kot",
            "perro",
            "gato",
            "kedi",
            "kopek",
            "hoover",
        ),
        *(
            "firma",
            "fa",
            "hotel",
            "marke",
            "modell",
            "serie",
            "kollektion",
            "restaurant",
            "bot",
            "roman",
            "sessel",
            "lampe",
            "kommode",
            "regal",
            "kleid",
        ),
        *(
            "rucksack",
            "stuhl",
            "schrank",
            "sofa",
            "bett",
            "jacke",
            "hocker",
            "matratze",
            "gasthof",
            "klinik",
            "schule",
            "weingut",
            "verlag",
            "autohaus",
            "hersteller",
        ),
        *(
            "model",
            "brand",
            "range",
            "armchair",
            "lamp",
            "dress",
            "collection",
            "school",
            "pub",
            "band",
            "novel",
            "sofa",
            "mattress",
            "wardrobe",
            "curtains",
        ),
        *(
            "merk",
            "kast",
            "stoel",
            "jurk",
            "fauteuil",
            "bedrijf",
            "serie",
            "collectie",
            "roman",
            "canape",
            "armoire",
            "modele",
            "marque",
            "divano",
            "poltrona",
        ),
        *(
            "modello",
            "marca",
            "kanapa",
            "fotel",
            "komoda",
            "szafa",
            "firma",
            "koltuk",
            "kanepe",
            "dolap",
            "model",
            "sillon",
            "comoda",
            "tienda",
        ),
    )
)
_INSTITUTION = re.compile(
    r"-(?:schule|gymnasium|strasse|strase|platz|verlag|kirche|haus|stift|klinik|preis|halle|park|museum|school|college)\Z"
)
_GREETS_FROM = re.compile(
    r"(?:gruss?e|greetings|love|groeten|groetjes|saluti|pozdrowienia|saludos) (?:aus|from|uit|da|z|desde) (?:der |dem |the |het )?\Z"
)
_NOBODY_SPEAKS = ("assist", "asist", "asyst", " bot", "chatbot", "virtuel", "wirtualn")
_INTRODUCES = re2.compile(
    rb"(?:ich bin|ich heisse|i'm|i am|ik ben|je suis|sono|soy|jestem|ben|name is|heisse)(?: (?:der|die|de|the))?[ ,\"']*$"
)


def against_thing(candidate: Candidate, scan: Scan, beside: str) -> float:
    """Returns what speaks for the name of a thing, an animal, a school, a town or a bot; ``beside``: the word before."""
    against = 0.0
    if beside.strip(_MARKS) in _NAMED_THINGS and beside[-1:] not in _ENDS:
        against += _NAMED_ODDS
    if (candidate.start < _ANSWER and scan.asked.other and EntityType.PERSON not in scan.asked.types) or about_things(
        candidate, scan
    ):
        against += _ASKED_ODDS
    if _INSTITUTION.search(scan.lower, candidate.start, candidate.end):
        against += _INSTITUTION_ODDS
    if _GREETS_FROM.search(scan.before(candidate.start, _WINDOW)):
        against += _NAMED_ODDS
    if _introduces_a_bot(candidate, scan):
        against += _INSTITUTION_ODDS
    return against


def near_a_shop(candidate: Candidate, scan: Scan) -> bool:
    """Tells whether the words before a place speak of a shop, a branch, a station."""
    return _SHOPS.search(scan.before(candidate.start, _WINDOW).encode()) is not None


def about_things(candidate: Candidate, scan: Scan) -> bool:
    """Tells whether the candidate answers a question for the name of an animal, a maker, a shop."""
    return candidate.start < _ANSWER and scan.first and asks_for_things(scan.asked.words)


def _introduces_a_bot(candidate: Candidate, scan: Scan) -> bool:
    after = scan.after(candidate.end, 5)
    return any(word in after for word in _NOBODY_SPEAKS) and bool(
        _INTRODUCES.search(scan.before(candidate.start, _WINDOW).encode())
    )
