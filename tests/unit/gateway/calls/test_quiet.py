"""What is silent in a recording: by the words' times, and unknown as soon as one finding has none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.calls.quiet import MARGIN_MS, Quiet, Word, aligned
from redaction.findings import EntityType, Finding
from storage.audio import Stretch

TEXT = "Ich bin Katharina Brandhorst, guten Tag."
WORDS = tuple(
    Word(text, 1000 + 500 * at, 1400 + 500 * at)
    for at, text in enumerate(["Ich", "bin", "Katharina", "Brandhorst,", "guten", "Tag"])
)
NAME = Finding(8, 28, EntityType.PERSON, 0.9, "test")
OTHERS = (WORDS[:-1], (*WORDS[1:], WORDS[0]), (Word("kein Wort davon", 1000, 3900),))


def told(text: str, findings: list[Finding], words: tuple[Word, ...] = WORDS, *, recorded: bool = True) -> Quiet:
    quiet = Quiet()
    with quiet.turn(words, recorded=recorded) as spoken:
        spoken.found(text, findings, text)
    return quiet


def test_the_words_of_a_finding_are_silent_where_the_recording_has_them() -> None:
    assert told(TEXT, [NAME]).stretches(500.0) == (Stretch(1500 - MARGIN_MS, 2400 + MARGIN_MS),)
    assert told(TEXT, []).stretches(500.0) == ()


def test_what_was_spoken_before_the_recording_has_no_stretch_in_it() -> None:
    assert told(TEXT, [NAME]).stretches(2900.0 + MARGIN_MS) == ()
    assert told(TEXT, [NAME]).stretches(2500.4) == (Stretch(0, 400 + MARGIN_MS),)


@pytest.mark.parametrize("words", OTHERS)
def test_a_finding_in_a_turn_whose_words_do_not_fit_silences_all_of_it(words: tuple[Word, ...]) -> None:
    assert aligned(TEXT, words) is None
    start, end = min(word.start_ms for word in words), max(word.end_ms for word in words)
    assert told(TEXT, [NAME], words).stretches(0.0) == (Stretch(start - MARGIN_MS, end + MARGIN_MS),)


def test_without_times_nothing_is_known() -> None:
    assert told(TEXT, []).stretches(None) == ()
    assert told(TEXT, [NAME]).stretches(None) is None
    assert told(TEXT, [], ()).stretches(0.0) is None
    quiet = told(TEXT, [NAME])
    with quiet.turn((), recorded=True) as spoken:
        spoken.found(TEXT, [], TEXT)
    assert quiet.stretches(0.0) is not None
    with quiet.turn((), recorded=False) as spoken:
        spoken.found(TEXT, [NAME], TEXT)
    assert quiet.stretches(0.0) is not None
    with quiet.turn((), recorded=True) as spoken:
        spoken.found(TEXT, [NAME], TEXT)
    assert quiet.stretches(0.0) is None


def test_a_turn_that_was_not_read_leaves_all_unknown() -> None:
    quiet = told(TEXT, [NAME])
    with quiet.turn(WORDS, recorded=True):
        assert quiet.stretches(0.0) is None  # it is being read
    assert quiet.stretches(0.0) is None
    quiet = told(TEXT, [NAME])
    quiet.missed()
    assert quiet.stretches(0.0) is None


def answered(findings: list[Finding], *, recorded: bool = True) -> Quiet:
    quiet = Quiet()
    with quiet.turn((Word("Hallo", 0, 100),), recorded=recorded) as spoken:
        spoken.found("Hallo", [], "Hallo")
        spoken.answered(TEXT, findings)
    return quiet


def test_a_bots_answer_with_a_finding_has_no_time_until_the_platform_says_it() -> None:
    assert answered([]).stretches(0.0) == ()
    assert answered([NAME], recorded=False).stretches(0.0) == ()
    quiet = answered([NAME])
    assert quiet.stretches(0.0) is None
    for text, words in (("Ich bin", WORDS), (TEXT, WORDS[:3]), (TEXT, (*WORDS, WORDS[0]))):
        quiet.spoken(text, words, broken_off=False)
        assert quiet.stretches(0.0) is None
    quiet.spoken(f" {TEXT}", WORDS, broken_off=False)
    assert quiet.stretches(0.0) == (Stretch(2000 - MARGIN_MS, 2900 + MARGIN_MS),)


def test_of_an_answer_that_was_not_spoken_to_its_end_only_what_was_spoken_is_silent() -> None:
    for count, expected in ((2, ()), (3, (Stretch(2000 - MARGIN_MS, 2400 + MARGIN_MS),))):
        quiet = answered([NAME])
        quiet.spoken(TEXT, WORDS[:count], broken_off=True)
        assert quiet.stretches(0.0) == expected


def test_an_answer_that_is_lost_has_no_time() -> None:
    quiet = Quiet()
    with quiet.turn(WORDS, recorded=True) as spoken:
        spoken.found(TEXT, [], TEXT)
        spoken.lost()
    quiet.spoken(TEXT, WORDS, broken_off=False)
    assert quiet.stretches(0.0) is None


@given(st.lists(st.text(st.characters(categories=["L", "Nd"]), min_size=1), min_size=1), st.sampled_from(" -,. "))
def test_every_letter_of_an_aligned_text_has_a_word(parts: list[str], between: str) -> None:
    text = between.join(parts)
    words = tuple(Word(part, at, at + 1) for at, part in enumerate(parts))
    spans = aligned(text, words)
    assert spans is not None
    covered = {at for _, start, end in spans for at in range(start, end)}
    assert {at for at, letter in enumerate(text) if letter.isalnum()} <= covered
