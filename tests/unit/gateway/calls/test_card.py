"""When a card number is coming, told as conversations: `s` the service, `c` the caller, `i` the caller, not final."""

from __future__ import annotations

import pytest

from gateway.calls.card import CardWatch, has_figures


def pauses(*said: str) -> list[bool]:
    watch, found = CardWatch(), []
    for one in said:
        who, text = one.split(": ", 1)
        watch = watch.after_service(text) if who == "s" else watch.after_caller(text, final=who == "c")
        found.append(watch.pauses)
    return found


@pytest.mark.parametrize(
    ("said", "paused"),
    [
        (["s: Wie lautet Ihre Kartennummer?", "c: Moment bitte", "c: vier eins eins eins", "c: zwei zwei zwei zwei",
          "c: Danke, das war alles"], [True, True, True, True, False]),
        (["s: May I have your card number?", "c: 4111 1111", "s: And the security code?", "c: one two three",
          "s: Thank you, it is booked."], [True, True, True, True, False]),
        (["s: Wat is uw kaartnummer?", "c: vijf vier drie", "s: Bedankt."], [True, True, False]),
        (["i: meine Kreditkarte ist die vier fünf", "c: meine Kreditkarte ist die vier fünf sechs sieben",
          "s: Danke"], [True, True, False]),
        (["c: Ich möchte mit Kreditkarte zahlen", "s: Gern."], [False, False]),
        (["c: meine Nummer ist 0151 23984712", "s: Ihre Kundennummer?"], [False, False]),
        (["s: Ihre Karte wurde belastet.", "c: gut"], [False, False]),
    ],
)  # fmt: skip
def test_when_recording_and_transcript_pause(said: list[str], paused: list[bool]) -> None:
    assert pauses(*said) == paused


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vier eins", True),
        ("4111", True),
        ("oh seven double four", True),
        ("nul zes", True),
        ("ich habe eine Frage", False),
        ("", False),
        ("danke", False),
    ],
)
def test_figures(text: str, *, expected: bool) -> None:
    assert has_figures(text) is expected
