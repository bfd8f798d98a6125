from __future__ import annotations

from redaction.normalise import fold
from redaction.segments import LONGEST, SHORTEST, see_more, sentence_cut

SENTENCE = "Das ist ein Satz, der nichts weiter sagt als das. "


def test_a_short_text_is_not_cut() -> None:
    assert sentence_cut(fold(SENTENCE * 3)) is None


def test_a_long_text_is_cut_at_the_end_of_a_sentence() -> None:
    text = SENTENCE * 10
    cut = sentence_cut(fold(text))
    assert cut is not None
    assert SHORTEST <= cut <= LONGEST
    assert text[:cut].endswith("das. ")
    assert sentence_cut(fold(text[:cut])) is None
    assert sentence_cut(fold(text[: cut + 1])) == cut


def test_no_cut_inside_a_dictated_value_or_after_an_abbreviation() -> None:
    lead = "x" * 195 + " sagte "
    assert sentence_cut(fold(lead + "null eins sieben. Drei vier fünf")) is None
    assert sentence_cut(fold(lead + "Hauptstr. Fünf")) is None
    assert sentence_cut(fold(lead + "Frau Prof. Lindqvist")) is None


def test_more_is_looked_at_where_little_is_seen_and_never_without_end() -> None:
    assert not see_more("a" * LONGEST)
    assert see_more("\u200b" * LONGEST)
    assert see_more("<b></b>" * LONGEST)
    assert not see_more("\u200b" * 100 * LONGEST)
