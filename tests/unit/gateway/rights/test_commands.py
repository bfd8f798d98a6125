from __future__ import annotations

import pytest

from gateway.rights.commands import Command, command_in
from gateway.rights.words import rights_words
from storage.requests import Right


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Delete my data", Command(Right.ERASURE, "en")),
        ("  lösche meine   Daten! ", Command(Right.ERASURE, "de")),
        ("LOESCHE MEINE DATEN", Command(Right.ERASURE, "de")),
        ("Lo\u0308sche meine Daten.", Command(Right.ERASURE, "de")),
        ("Verwijder mijn gegevens", Command(Right.ERASURE, "nl")),
        ("delete my data now", Command(Right.ERASURE, "en", confirmed=True)),
        ("Einwilligung widerrufen", Command(Right.WITHDRAWAL, "de")),
        ("Toon mijn gegevens", Command(Right.ACCESS, "nl")),
        ("Bitte löschen Sie alle meine Daten", Command(Right.ERASURE, "de")),
        ("Please, delete all my data!", Command(Right.ERASURE, "en")),
        ("verwijder alstublieft al mijn gegevens", Command(Right.ERASURE, "nl")),
        ("Lösch bitte meine Daten", Command(Right.ERASURE, "de")),
    ],
)
def test_what_is_a_request(text: str, command: Command) -> None:
    assert command_in(text) == command


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Can you delete my data plan?",
        "Bitte lösche meine Daten nicht",
        "lösche meine Datei",
        "How do I delete my data from the TV?",
        "Wie lösche ich meine Daten auf dem Gerät?",
        "delete my data" + " " * 90,
        "please all",
        "bitte alle meine Daten",
        "verwijder mijn gegevens van de televisie",
    ],
)
def test_what_is_an_ordinary_sentence(text: str) -> None:
    assert command_in(text) is None


def test_no_phrase_means_two_things() -> None:
    seen: dict[str, Command] = {}
    for language, words in rights_words().items():
        for right, phrases in words.commands.phrases.items():
            for phrase in phrases:
                found = command_in(phrase)
                assert found == Command(right, language), phrase
                assert seen.setdefault(phrase, found) == found
        for phrase in words.commands.confirmations:
            assert command_in(phrase) == Command(Right.ERASURE, language, confirmed=True)
            assert phrase.casefold() in words.commands.confirm.casefold() or phrase != words.commands.confirmations[0]
