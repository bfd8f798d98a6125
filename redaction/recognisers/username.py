"""Logins and handles: @names, and words after "Benutzername", "login", "account" and the like."""

# ruff: noqa: E501, ISC004 - a pattern is read whole

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.languages import ordinary_words
from redaction.recogniser import LIKELY, POSSIBLE, STRONG, Example, Hit, Recogniser
from redaction.states import STATES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_NAME = EntityType.USERNAME
_HANDLE = re2.compile(rb"@[a-z0-9][a-z0-9._-]{2,}")
_NAMED = re2.compile(
    rb"\b(?:[a-z]*benutzer(?:name)?n?|nutzername|user(?:[ -]?(?:name|id))?|log ?in(?:name)?|anmeldename|nick(?:name)?|account(?:name)?|gebruikersnaam|gebruiker|"
    rb"inlognaam|handle|gamer ?tag|profilname|insta(?:gram)?|discord|twitch|steam|identifiant|uzytkownik\w*|kullanici\w*|usuario|utente|utilizador|utilizator)"
    rb"(?: ?(?:ist|lautet|is|war|was|:|=|est|jest|name) ?(?::)? ?| )[\"'(]?(@?[a-z0-9][a-z0-9._@#-]{2,})",
)
_SAID = re2.compile(
    rb"\b(?:benutzername|nutzername|username|user name|anmeldename|login ?name|gebruikersnaam|inlognaam|nom d'utilisateur)"
    rb"(?:'s| (?:ist|lautet|is|est)|:|=) [\"'(]?([a-z][a-z-]{3,})(?:[\s,.;\"')]|$)"
)
_SAID_SCORE = 0.92


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _HANDLE.finditer(scan.data):
        start, end = match.span()
        while scan.lower[end - 1] in ".-":
            end -= 1
        if not scan.character_before(start).isalnum() and end - start > 3:  # noqa: PLR2004
            yield start, end, _NAME, LIKELY
    for match in _NAMED.finditer(scan.data):
        start, end = match.span(1)
        while end > start and scan.lower[end - 1] in ".-":
            end -= 1
        if _made_up(scan.lower[start:end]):
            yield start, end, _NAME, STRONG
    yield from _said(scan)
    if _NAME in scan.asked.types and scan.first:
        text = scan.lower.strip().rstrip(".!")
        if text and " " not in text and "@" not in text[1:]:
            start = scan.lower.find(text)
            yield start, start + len(text), _NAME, STRONG if _made_up(text) else POSSIBLE


def _said(scan: Scan) -> Iterator[Hit]:
    for match in _SAID.finditer(scan.data):
        word = match.group(1).decode()
        if word not in ordinary_words(scan.language) and word not in STATES and not word.endswith(("ed", "ing")):
            yield *match.span(1), _NAME, _SAID_SCORE


def _made_up(text: str) -> bool:
    return any(map(str.isdigit, text)) or "_" in text or ("." in text.strip(".") and not text.startswith("www"))


RECOGNISER = Recogniser(
    name="username",
    gate=(
        r"(?:^|[^a-z0-9.])@[a-z0-9]",
        r"benutzer|nutzername|user|log ?in|anmeldename|nick|account|gebruiker|inlognaam|handle|gamer|profilname|insta|discord|twitch|steam|"
        r"identifiant|uzytkownik|kullanici|usuario|utente|utilizad|utilizat",
    ),
    find=_find,
    answers=frozenset({_NAME}),
    examples=(
        Example("Login ⟦USERNAME|luckybird89⟧ gesperrt"),
        Example("mein Benutzername ist ⟦USERNAME|ole.wasch⟧."),
        Example("Login funktioniert, Passwort nicht, my user name and password don't work"),
        Example("insta: ⟦USERNAME|@bex.bakes_bread⟧"),
        Example("⟦USERNAME|sjaak0612⟧", previous="Wat is uw gebruikersnaam?"),
        Example("my username is ⟦USERNAME|mossyboots⟧, it won't let me in"),
        Example("Login geht nicht, account gesperrt"),
        Example("mein Benutzername ist falsch, my username is locked"),
    ),
)
