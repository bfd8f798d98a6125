"""Secrets: passwords, PIN, TAN, PUK, one-time and door codes, Wi-Fi keys, where a word or the question says so.

A password has no form; what follows "Passwort:", "PIN ist" and the like is one, unless it is an
ordinary word of the sentence ("Passwort vergessen").
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.languages import all_languages, any_of, ordinary_words
from redaction.recogniser import LIKELY, POSSIBLE, STRONG, Example, Hit, Recogniser
from redaction.states import STATES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_SECRET = EntityType.PASSWORD
_NAMED = re2.compile(
    rb"\b(?:[a-z]*pass(?:wor[td]|code|phrase|key)?|[a-z]*kennwor[td]|pw|pwd|[a-z-]*pin(?:-?code)?[12]?|tan|puk[12]?|[a-z]*wachtwoord|ww|"
    rb"[a-z-]*code|codewort|codewoord|[a-z-]*schlusse?l|[a-z-]*schluessel|[a-z-]*sleutel|(?:wi-?fi|wlan|network|security|access|door|gate)[ -]key|mot de passe|haslo|sifre\w*|contrasena|clave|senha|parola)"
    rb"(?: ?(?:(?:ist|lautet|is|war|was|est|to|jest|e|es|este|neu|neue|now|nu)\b|:|=|->) ?(?:jetzt |nun |now |nu )?(?::|=)? ?| ?\(| \"|-)[\"'(]?([^\s\"',;()]{3,})",
)
_SAID = re2.compile(
    rb"\b(?:[a-z]*passwor[td]|[a-z]*kennwor[td]|codewor[td]|codewoord|pw|wachtwoord|passphrase|haslo|contrasena|mot de passe|senha|parola|sifrem?)"
    rb" ?(?:(?:ist|lautet|war|is|was|heisst|est|jest|es|e|era)\b|:|=) ?:? ?(?:jetzt |nun |now |noch |immer noch |still |altijd |eigentlich |ubrigens |uebrigens |glaub ich )*[\"']?([a-z][a-z'-]{2,})",
)
_IS = rb"( (?:ist|lautet|is|est|es|e|este|to|war|was)\b| ?[:=])?[ :=]{1,3}"
_YEAR = re2.compile(rb"(?:19|20)[0-9]{2}")
_FIGURE = re2.compile(rb"[0-3]?[0-9][./-][01]?[0-9](?:[./-][0-9]{0,4})?|[0-9]+[.,][0-9]{2}|[0-9]{1,2}-?[a-z]+")
"""A date, a price, a count ("12-stellig")."""
_FIRST = re2.compile(
    rb"\b([0-9]{3,8}) (?:ist|war|is|was|est|e|es) (?:ja |doch |still |nog )?(?:die|meine?|das|unsere?|the|my|our|de|het|mijn|onze|ons|le|la|mon|il|mi|el) "
    rb"(?:[a-z]+[ -])?(?:[a-z]*pin(?:-?code)?|puk|tan|passcode|[a-z]*passwor[td]|[a-z]*kennwort|[a-z]*wachtwoord|"
    rb"(?:access|alarm|door|entry|gate|security|sms|verification|bestatigungs|freischalt|tur|zugangs|deur|toegangs|verificatie)[ -]?code)\b"
)
_OF_WHAT = re2.compile(
    rb"\b(?:[a-z-]*pin(?:-?code)?|puk[12]?|passcode|[a-z]*passwor[td]|[a-z]*kennwort|[a-z]*wachtwoord|(?:access|alarm|door|gate|tur|deur|poort)-?code) "
    rb"(?:der|des|meine[rs]|vom|von|zu[mr]|fur|fuer|van|voor|bij|of|for|on|to|du|de la|del|della|per) (?:[a-z-]+ ){0,2}[a-z-]+ "
    rb"(?:ist|war|lautet|is|was|est|etait|e|era|es)(?: jetzt| nun| now| nu)?:? ?[\"']?([^\s\"',;()]{4,})"
)
"""A secret that is said to be one of something, with a digit in it: "the PIN for my card was 4826"."""
_BARE = re2.compile(rb"\s*([0-9]{4,8}|[0-9]{2,4}[ -][0-9]{2,4})\s*[.!]?\s*")
_OTHER_NUMBERS = frozenset({EntityType.CUSTOMER_NO, EntityType.DATE_OF_BIRTH, EntityType.CARD, EntityType.NATIONAL_ID, EntityType.DEVICE_ID})  # fmt: skip
_FEWEST, _BESIDE = 3, 24
_SPOKEN = 0.92


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _NAMED.finditer(scan.data):
        start, end = _without_stop(scan, *match.span(1))
        if end - start >= _FEWEST and _secret(scan.cased[start:end]) and not scan.measured(end):
            yield start, end, _SECRET, STRONG
    for match in _SAID.finditer(scan.data):
        word = match.group(1).decode().strip("'-")
        if word not in STATES and word not in ordinary_words(scan.language):
            yield match.start(1), match.start(1) + len(word), _SECRET, _SPOKEN
    for match in _FIRST.finditer(scan.data):
        yield *match.span(1), _SECRET, _SPOKEN
    yield from _of_what(scan)
    yield from _called_so(scan)
    for code, score in scan.told(_SECRET, _FEWEST):
        clue = scan.clue(code.start)
        if _SECRET in scan.asked.types or (clue is not None and -clue.end <= _BESIDE):
            yield code.start, code.end, _SECRET, score
    if _SECRET in scan.asked.types and scan.first:
        yield from _answers(scan)


def _without_stop(scan: Scan, start: int, end: int) -> tuple[int, int]:
    """Returns a span without what ends the sentence that it stands in."""
    while end > start and scan.lower[end - 1] in ".,:;?":
        end -= 1
    return start, end


def _of_what(scan: Scan) -> Iterator[Hit]:
    for match in _OF_WHAT.finditer(scan.data):
        start, end = _without_stop(scan, *match.span(1))
        if any(map(str.isdigit, scan.lower[start:end])) and not _FIGURE.fullmatch(scan.data[start:end]):
            yield start, end, _SECRET, _SPOKEN


@cache
def _called() -> re2._Regexp:
    """Matches what stands right behind the name of a secret, of any language."""
    names = any_of([part for data in all_languages().values() for part in data.secrets])
    return re2.compile(names.encode() + rb"\b" + _IS + rb"[\"'(]?([0-9]{3} [0-9]{3}\b|[^\s\"',;()]{4,})")


def _called_so(scan: Scan) -> Iterator[Hit]:
    """Yields what has a digit in it and stands right behind the name of a secret: "kod do drzwi 4826"."""
    for match in _called().finditer(scan.data):
        start, end = _without_stop(scan, *match.span(2))
        text = scan.data[start:end]
        other = _FIGURE.fullmatch(text) or (not match.group(1) and _YEAR.fullmatch(text)) or scan.measured(end)
        if any(map(str.isdigit, scan.lower[start:end])) and not other:
            yield start, end, _SECRET, _SPOKEN


def _answers(scan: Scan) -> Iterator[Hit]:
    """Yields what the whole message is after a question for a secret."""
    if not scan.asked.other and not scan.asked.types & _OTHER_NUMBERS and (bare := _BARE.fullmatch(scan.data)):
        yield *bare.span(1), _SECRET, _SPOKEN
    text = scan.cased.strip()
    if text and " " not in text and _secret(text):
        start = scan.cased.find(text)
        yield start, start + len(text), _SECRET, LIKELY if len(text) > _FEWEST else POSSIBLE


def _secret(text: str) -> bool:
    """Tells whether a word looks made up: a digit, a sign inside, or capitals amid small letters."""
    return (
        any(map(str.isdigit, text))
        or not text.replace("-", "").isalnum()
        or not (text.islower() or text.istitle() or text.isupper())
    )


RECOGNISER = Recogniser(
    name="password",
    gate=(
        r"pass|kennwor|\bpw|pin|\btan\b|puk|cod[eiu]|cod\b|\bkod|mdp|otp|schlusse|schluesse|wachtw|\bww\b|sleutel|key|haslo|sifre|clave|contrase|senha|parol|mot de",
    ),
    find=_find,
    answers=frozenset({_SECRET}),
    examples=(
        Example("Mein Passwort ist ⟦PASSWORD|Zitrone!19⟧"),
        Example("pw: ⟦PASSWORD|qp4-Rund-Zelt⟧"),
        Example("PIN ⟦PASSWORD|4826⟧ geht nicht"),
        Example("die PIN meiner Karte war ⟦PASSWORD|4826⟧."),
        Example("pincode van het hek is ⟦PASSWORD|0385⟧"),
        Example("wachtwoord is ⟦PASSWORD|Kaas_plank9⟧"),
        Example("⟦PASSWORD|604771⟧", previous="Bitte geben Sie den SMS-Code ein."),
        Example(
            "⟦PASSWORD|604 771⟧", previous="Wir haben einen Code an Ihre E-Mail-Adresse geschickt, bitte eingeben."
        ),
        Example("das kennwort war ⟦PASSWORD|nebelhorn⟧ oder so"),
        Example("⟦PASSWORD|4826⟧ ist die PIN"),
        Example("kod do drzwi ⟦PASSWORD|4826⟧ proszę"),
        Example("mon mdp ⟦PASSWORD|Prune!50⟧ ne marche plus"),
        Example("Ich habe mein Passwort vergessen"),
        Example("code erreur 4021"),
        Example("das Passwort ist falsch"),
        Example("the PIN for the card is 4-digit"),
        Example("404 is the error code"),
        Example("Rabattcode SOMMER24 geht nicht"),
    ),
)
