"""What the network is told about a word."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from redaction.names.features import FeatureRows, features_of

KINDS = ("given", "surname")
GAZETTEER = {"muller": 0b10, "frank": 0b11}


@pytest.mark.parametrize(
    ("word", "feature"),
    [
        (" Müller", "w=muller"),
        (" Müller", "case=title"),
        (" Müller", "gaz=surname"),
        (" Müller", "s3=ler"),
        (" Müller", "class=accented"),
        ("Müller", "space=none"),
        ("\nMüller", "space=line"),
        (" frank", "gaz=given"),
        (" xyz", "gaz=none"),
        (" M", "case=single"),
        (" 31134", "n=00000"),
        (" 31134", "d2=31"),
        (" 14", "w=14"),
        (" KD448", "runs=a0"),
        ("@", "class=mark"),
    ],
)
def test_features(word: str, feature: str) -> None:
    assert feature in features_of(word, GAZETTEER, KINDS)


def test_accents_and_case_change_only_the_form() -> None:
    def lexical(word: str) -> set[str]:
        return {f for f in features_of(word, GAZETTEER, KINDS) if f.partition("=")[0] not in ("case", "class")}

    assert lexical(" Müller") == lexical(" MULLER") == lexical(" muller")


@given(st.text(st.characters(), min_size=1))
def test_any_word_has_features_and_few(word: str) -> None:
    assert 0 < len(features_of(word, GAZETTEER, KINDS)) < 24


@given(st.one_of(st.text(st.characters(), min_size=1, max_size=50), st.from_regex(r"\s?[A-Za-zäöüß0-9.-]{1,20}")))
@example(" 1234567890123456a")
@example("ﷺ" * 40)
@example("²")
def test_rows_are_those_of_the_features(word: str) -> None:
    names = ["other", *features_of(word, GAZETTEER, KINDS)[::2], "w=muller", "gaz=given", "s3=ler", "length=3", "e1=4"]
    rows = {name: row for row, name in enumerate(names)}
    expected = [rows[name] for name in features_of(word, GAZETTEER, KINDS) if name in rows]
    assert FeatureRows(names, GAZETTEER, KINDS).of(word) == expected
