"""Words with offsets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaction.names.words import echoes, fold, last_sentence, split_words, word_ends


@given(st.text(st.characters()))
def test_words_tile_the_text(text: str) -> None:
    words = split_words(text)
    assert "".join(words) == text.rstrip() or not "".join(words).strip()
    assert text.startswith("".join(words))
    assert word_ends(words)[-1:] == ([len("".join(words))] if words else [])


@given(st.text(st.characters()))
def test_no_visible_character_is_lost(text: str) -> None:
    visible = [c for c in text if not c.isspace()]
    assert [c for c in "".join(split_words(text)) if not c.isspace()] == visible


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Frau Müller-Lüdenscheidt", ["Frau", " Müller", "-", "Lüdenscheidt"]),
        ("0172/334", ["0172", "/", "334"]),
        ("a.b@web.de", ["a", ".", "b", "@", "web", ".", "de"]),
        ("warte...  ja", ["warte", "...", "  ja"]),
        ("AB12cd", ["AB12cd"]),
        ("Mu\u0308ller", ["Mu\u0308ller"]),
        ("Mül\u200bler", ["Mül\u200bler"]),
        ("max_m", ["max", "_", "m"]),
        ("\ud800\x00", ["\ud800", "\x00"]),
        ("", []),
    ],
)
def test_splits(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Müller", "muller"),
        ("MULLER", "muller"),
        ("Mu\u0308ller", "muller"),
        ("Mül\u200bler", "muller"),
        ("Straße", "strasse"),
        ("Łukasz", "lukasz"),
        ("Yıldırım", "yildirim"),
        ("０１７２", "0172"),
        ("Иван", "иван"),
    ],
)
def test_folds(word: str, folded: str) -> None:
    assert fold(word) == folded


def test_words_of_the_question_are_echoes() -> None:
    assert echoes(["Wohnen", " Sie", " in", " Dübendorf", "?"], ["dübendorf", " ist", " in", " ordnung"]) == [0]


def test_the_last_sentence_is_what_was_asked() -> None:
    words = split_words("Danke, Frau Abt. Gern. Wie ist die Nummer?")
    assert "".join(words[last_sentence(words) :]) == " Wie ist die Nummer?"
    assert last_sentence(["ja"]) == last_sentence([]) == 0


def test_splitting_takes_time_in_proportion() -> None:
    assert len(split_words("a" * 300_000)) == 1
    assert len(split_words("-" * 300_000)) == 1
    assert len(split_words("a\u0301" * 100_000)) == 1
