from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaction import clues
from redaction.errors import RecogniserError
from redaction.findings import EntityType
from redaction.normalise import fold
from redaction.patterns import Gate, of_controller
from redaction.recogniser import Example, Recogniser
from redaction.recognisers import all_recognisers
from redaction.scanset import BuiltSet, ScanSet, built_set
from tests.unit.redaction.lines import written_lines

if TYPE_CHECKING:
    from collections.abc import Iterable


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


_ASCII = st.characters(max_codepoint=127)


@pytest.fixture(scope="module")
def pairs() -> list[tuple[ScanSet, BuiltSet]]:
    """The program's own sets, searched by RE2 and by Hyperscan."""
    gate = Gate(all_recognisers())
    sets = [patterns for patterns, _ in gate._built] + [matcher._set for matcher in (clues._beside(), clues._asking())]
    for patterns in sets:
        patterns.build()
    return [(ScanSet([pattern.decode() for pattern in patterns._patterns]), patterns) for patterns in sets]


def differing(pairs: list[tuple[ScanSet, BuiltSet]], texts: Iterable[str]) -> list[bytes]:
    datas = [fold(text).lower.encode() for text in texts]
    return [
        data for re2, built in pairs for data in datas if sorted(re2.matching(data)) != sorted(built.matching(data))
    ]


def test_what_is_built_finds_what_re2_finds(pairs: list[tuple[ScanSet, BuiltSet]]) -> None:
    texts = written_lines(1_500)
    assert differing(pairs, texts) == []
    # The test could fail: most of the patterns match somewhere in these lines.
    places = {(id(built), place) for _, built in pairs for text in texts for place in built.matching(text.encode())}
    assert len(places) > 0.8 * sum(len(built._patterns) for _, built in pairs)


@given(st.lists(st.sampled_from([*"  .,-/:@+*#()'0123456789\n\0\u00e9\u4e2d\u200d\U0001f600"]) | st.text(max_size=8)))
def test_what_is_built_finds_what_re2_finds_in_any_text(
    pairs: list[tuple[ScanSet, BuiltSet]], pieces: list[str]
) -> None:
    assert differing(pairs, ["".join(pieces), "tel".join(pieces), "iban 0".join(pieces)]) == []


@given(st.data())
def test_no_gate_for_figures_matches_a_text_without_one(data: st.DataObject) -> None:
    (_, _), (figures, _) = Gate(all_recognisers())._built
    pattern = data.draw(st.sampled_from(figures._patterns))
    assert any(map(str.isdigit, data.draw(st.from_regex(pattern.decode(), fullmatch=True, alphabet=_ASCII))))


def test_a_set_is_built_when_many_texts_are_searched() -> None:
    patterns = BuiltSet(["ab", "b+", "x"])
    patterns._left = 2
    assert [sorted(patterns.matching(b"aab")) for _ in range(2)] == [[0, 1], [0, 1]]
    for thread in threading.enumerate():
        if thread.name == "patterns":
            thread.join()
    assert patterns._first is None
    assert sorted(patterns.matching(b"aab")) == [0, 1]


def test_threads_may_search_one_built_set_at_once() -> None:
    patterns = BuiltSet([f"w{number}\\b" for number in range(200)])
    wrong: list[list[int]] = []
    patterns.build()

    def search(number: int) -> None:
        data = f"w{number} " * 2_000
        wrong.extend(found for _ in range(50) if (found := patterns.matching(data.encode())) != [number])

    threads = [threading.Thread(target=search, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_redactors_share_what_is_built() -> None:
    assert [id(patterns) for patterns, _ in Gate(all_recognisers())._built] == [
        id(patterns) for patterns, _ in Gate([*all_recognisers(), of_controller({"x": EntityType.PERSON})])._built
    ]
    assert built_set(("a",)) is built_set(("a",))
