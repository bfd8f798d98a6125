from __future__ import annotations

import pytest

from redaction.errors import RecogniserError
from redaction.patterns import Gate
from redaction.recogniser import Example, Recogniser
from redaction.scanset import ScanSet


def test_says_which_patterns_match() -> None:
    patterns = ScanSet(["ab", "b+", "x"])
    assert sorted(patterns.matching(b"aab")) == [0, 1]
    assert patterns.matching(b"") == []


def test_a_pattern_that_is_not_re2_is_refused() -> None:
    with pytest.raises(RecogniserError):
        ScanSet(["(?=a)"])


class OutOfMemory:
    """RE2's set when its automaton outgrows its memory: it says that nothing matches, not even the empty pattern."""

    def Match(self, data: bytes) -> None:  # noqa: ARG002, N802 - RE2's name
        return None


def test_an_automaton_that_outgrows_its_memory_lets_everything_through() -> None:
    patterns = ScanSet(["ab", "x"])
    patterns._set = OutOfMemory()
    assert patterns.matching(b"nothing") == [0, 1]


def test_two_recognisers_of_one_name_are_refused() -> None:
    one = Recogniser("one", ("a",), lambda _: (), ())
    with pytest.raises(RecogniserError):
        Gate([one, one])


def test_an_example_marks_its_spans() -> None:
    text, ((start, end, kind),) = Example("an ⟦EMAIL|a@b.example⟧!").parse()
    assert (text, text[start:end], kind) == ("an a@b.example!", "a@b.example", "EMAIL")
    with pytest.raises(RecogniserError):
        Example("⟦NOTHING|x⟧").parse()
