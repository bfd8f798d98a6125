from __future__ import annotations

import pytest

from gateway.engine.json_text import JsonText
from gateway.errors import BodyUnreadableError
from tests.growth import cpu_seconds, grows_within


def values(*pieces: str) -> dict[int, str]:
    decoder = JsonText()
    found: dict[int, str] = {}
    for piece in pieces:
        for run in decoder.feed(piece):
            if run.value is not None:
                found[run.value] = found.get(run.value, "") + run.text
    return found


def test_values_are_read_and_names_are_not() -> None:
    assert values('{"a":"b","c":["d",{"e":"f"}],"g":1,"h":{"i":null}} ["j"]') == {0: "b", 1: "d", 2: "f", 3: "j"}


def test_an_escape_that_is_cut_is_one_character() -> None:
    assert values('{"name":"An', "na M\\u00", "fcll", 'er"}') == {0: "Anna Müller"}
    assert values('["\\', "n\\", '"x', '"]') == {0: '\n"x'}


@pytest.mark.parametrize("cut", range(1, 12))
def test_two_surrogates_that_are_cut_are_one_character(cut: int) -> None:
    escape = "\\ud83d\\ude00"
    assert values('["a', escape[:cut], escape[cut:], 'b"]') == {0: "a😀b"}


def test_all_parts_of_a_cut_escape_belong_to_its_character() -> None:
    decoder = JsonText()
    first = decoder.feed('["ab\\u0')
    second = decoder.feed('0fcc"]')
    parts = [(run.raw, run.start, run.end, run.goes_on, run.literal) for run in first + second if run.value is not None]
    assert parts[0] == ("ab", 0, 2, False, True)
    assert [part[1:3] for part in parts[1:-1]] == [(2, 3)] * 6
    assert [part[3] for part in parts[1:-1]] == [False, True, True, True, True, True]
    assert parts[-1] == ("c", 3, 4, False, True)


def test_the_closing_quote_tells_which_value_ends() -> None:
    runs = JsonText().feed('{"a":"b","c":""}')
    assert [run.ends for run in runs if run.ends is not None] == [0, 1]


@pytest.mark.parametrize(
    "text",
    ["Anna", "{'a': 1}", '{"a": Müller}', '["\\x"]', '["\\u00g0"]', '["\\ud83dx"]', '["\\ud83d"]', '["\\ude00"]',
     '["\\ud83d\\n"]', '["\\ud83d\\u0041"]', '["\\u 123"]', '["\\u+123"]'],
)  # fmt: skip
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(BodyUnreadableError) as refused:
        values(*text)
    assert "Anna" not in str(refused.value)


def test_brackets_take_no_more_time_each_however_many_are_open() -> None:
    def seconds(depth: int) -> float:
        return cpu_seconds(lambda: JsonText().feed("[" * depth + "]" * depth))

    # Eight times the depth: linear is 8, quadratic 64.
    assert grows_within(24, 0.05, seconds, 3_000, 24_000)
