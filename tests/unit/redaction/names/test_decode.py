"""From scores to spans of words."""

from __future__ import annotations

import numpy as np

from redaction.names.decode import decode
from redaction.names.network import Floats

NOTHING, BEGIN_A, INSIDE_A, BEGIN_B, INSIDE_B = range(5)


def scores(*likeliest: int, margin: float = 6.0) -> Floats:
    made = np.zeros((len(likeliest), 5), np.float32)
    for word, tag in enumerate(likeliest):
        made[word, tag] = margin
    return made


def spans(made: Floats, words: list[str] | None = None, caution: float = 0.0) -> list[tuple[int, int, int]]:
    words = words or ["w"] * len(made)
    return [(s.first, s.last, s.kind) for s in decode(made, words, caution)]


def test_nothing_is_nothing() -> None:
    assert spans(scores(NOTHING, NOTHING)) == []


def test_neighbours_are_one_span_until_a_value_begins() -> None:
    assert spans(scores(BEGIN_A, INSIDE_A, BEGIN_A, INSIDE_A)) == [(0, 1, 0), (2, 3, 0)]
    assert spans(scores(BEGIN_A, INSIDE_A, BEGIN_B)) == [(0, 1, 0), (2, 2, 1)]


def test_a_gap_ends_a_span() -> None:
    assert spans(scores(BEGIN_A, NOTHING, INSIDE_A)) == [(0, 0, 0), (2, 2, 0)]


def test_the_words_of_a_span_agree_on_its_type() -> None:
    assert spans(scores(BEGIN_A, INSIDE_B, INSIDE_A, INSIDE_A)) == [(0, 3, 0)]


def test_a_doubtful_word_counts_beside_a_sure_one_only() -> None:
    doubtful = scores(BEGIN_A, INSIDE_A)
    doubtful[1] = 0.0
    doubtful[1, NOTHING] = np.log(4) + 0.3
    assert spans(doubtful) == [(0, 1, 0)]
    assert spans(doubtful[1:]) == []


def test_spans_do_not_begin_or_end_with_a_comma() -> None:
    made = scores(BEGIN_A, INSIDE_A, INSIDE_A)
    assert spans(made, [",", " Meier", ","]) == [(1, 1, 0)]
    assert spans(made, [",", " -", " ;"]) == []


def test_probability_is_that_of_the_surest_word() -> None:
    made = scores(BEGIN_A, INSIDE_A, margin=8.0)
    made[1] /= 2
    (span,) = decode(made, ["a", " b"], 0.0)
    assert 0.99 < span.probability < 1.0


def test_a_comma_parts_a_name_from_what_is_none() -> None:
    made = scores(BEGIN_A, INSIDE_B, INSIDE_B, INSIDE_B)
    assert spans(made, ["Korb", ",", " Ahornweg", " 3"]) == [(0, 0, 0), (2, 3, 1)]
    assert spans(made, ["Korb", " am", " Ahornweg", " 3"]) == [(0, 3, 1)]
    assert spans(scores(BEGIN_B, INSIDE_B, INSIDE_B), ["Haus", ",", " Weg"]) == [(0, 2, 1)]
