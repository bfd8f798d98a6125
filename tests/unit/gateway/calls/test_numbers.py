"""A number that answers a question, pressed or said."""

from __future__ import annotations

import pytest

from gateway.calls.numbers import number_pressed, number_said


@pytest.mark.parametrize(
    ("said", "language", "number"),
    [
        ("fünf", "de", 5), ("Eine Fünf, bitte.", "de", 5), ("eine eins", "de", 1), ("also eins", "de", 1),
        ("ich würde sagen 4", "de", 4), ("zehn", "de", 10), ("vier oder fünf", "de", None),
        ("sehr zufrieden", "de", None),
        ("four", "en", 4), ("a three", "en", 3), ("vijf", "nl", 5), ("een vier", "nl", 4), ("five", "de", None),
        ("5", "xx", 5), ("", "de", None), ("²", "de", None), ("12345678901234567890", "de", 12345678901234567890),
    ],
)  # fmt: skip
def test_one_number_is_an_answer(said: str, language: str, number: int | None) -> None:
    assert number_said(said, language) == number


@pytest.mark.parametrize(
    ("keys", "number"), [("5", 5), ("10#", 10), ("#", None), ("*5", None), ("", None), ("5#5", None)]
)
def test_keys_make_a_number(keys: str, number: int | None) -> None:
    assert number_pressed(keys) == number
