from __future__ import annotations

import pytest

from gateway.notice.source import MAX_NOTICE_BYTES, named, read_source


def test_scalars_stay_as_they_are_written() -> None:
    source = read_source(b"version: 2025-07-01\nno: no\n1: 0800\nempty:\ntilde: ~\nyes: 'null'\n")
    assert source.problems == ()
    assert source.values == {
        "version": "2025-07-01",
        "no": "no",
        "1": "0800",
        "empty": None,
        "tilde": None,
        "yes": "null",
    }


def test_every_field_and_item_has_its_line() -> None:
    source = read_source(b"a:\n  b: x\n  c:\n    - one\n    - d: two\n")
    assert source.line(("a",)) == 1
    assert source.line(("a", "c")) == 3
    assert source.line(("a", "c", 1, "d")) == 5
    assert source.line(("a", "missing")) == 1
    assert source.value(("a", "c", 1, "d")) == "two"


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        (b"", 1, "is empty or no block of fields"),
        (b"- a\n", 1, "is empty or no block of fields"),
        (b"a: 1\nb: [\n", 3, "is not readable as YAML here"),
        (b"a: 1\n\tb: 2\n", 2, "is not readable as YAML here"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        (b"a: &x 1\nb: *x\n", 2, "an alias"),
        (b"a: \x01\n", 1, "not readable as YAML"),
        (b"a: " + b"[" * 700 + b"]" * 700, 1, "nested too deeply"),
        (b"a: " + b"[" * 3000, 1, "maximum nesting depth"),
        (b"a: 1\nb: [", 2, "is not readable as YAML here"),
        (b"#" * (MAX_NOTICE_BYTES + 1), 1, "is larger than"),
        (b"a: 1\n--- \nb: 2\n", 2, "is not readable as YAML here"),
    ],
)
def test_what_is_no_notice_is_told(raw: bytes, line: int, words: str) -> None:
    (problem,) = read_source(raw).problems
    assert problem.line == line
    assert words in problem.message


def test_a_key_that_stands_twice_is_refused_wherever_it_is() -> None:
    source = read_source(b"a:\n  b: 1\n  c: 2\n  b: 3\na: 4\n")
    assert [(p.line, p.field, p.message) for p in source.problems] == [
        (4, "a.b", "stands twice; the first is on line 2"),
        (5, "a", "stands twice; the first is on line 1"),
    ]


def test_a_key_that_is_no_word_is_refused() -> None:
    (problem,) = read_source(b"a:\n  ? [b]\n  : 1\n").problems
    assert problem.field == "a"
    assert "not a plain word" in problem.message


def test_fields_are_named_as_they_are_written() -> None:
    assert named(("channels", "chat", "asks_for", 0)) == "channels.chat.asks_for[0]"
    assert named(()) == "file"
