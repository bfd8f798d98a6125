"""What a tool call's arguments hold becomes the same, whole and however cut: texts, numbers and names of fields."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from gateway.connectors.openai import CONNECTOR
from gateway.engine import EventStream, Numeral, parse_response
from gateway.engine.json_text import JsonText
from redaction.pseudonyms import Pseudonyms
from redaction.stream import StreamRestorer

STAND_IN = "<PHONE_1>"
FIELDS = st.sampled_from(["phone", "a", 'b"', "ü", "", STAND_IN, f"ü {STAND_IN}", f'"{STAND_IN}\\', "<PHONE_2>"])
NUMBERS = st.sampled_from(
    [
        "4711009",
        "-4711009",
        "491715550199",
        "4.7110e9",
        "12345.50",
        "12345678901234567890123",
        "4711",
        "0",
        "-1.5",
        "7e2",
    ]
)
LEAVES = st.one_of(
    NUMBERS.map(Numeral),
    st.sampled_from(
        [STAND_IN, f"{STAND_IN} ", "<PHONE_2>", "<", "<P", "", "4711009", "Anna", "ü\n", None, True, False]
    ),
)
DOCUMENTS = st.dictionaries(
    FIELDS,
    st.recursive(
        LEAVES,
        lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(FIELDS, below, max_size=3)),
        max_leaves=8,
    ),
    max_size=4,
)


@dataclass(frozen=True)
class Both:
    """Numbers that hold a 4 become strings, unless the field is `a`; a stand-in in `phone` becomes a number."""

    redacts: bool
    restores: bool

    def string_for(self, number: str, name: str) -> str | None:
        return f'["{name}" {len(number)}]' if self.redacts and "4" in number and name != "a" else None

    def number_for(self, text: str, name: str) -> str | None:
        return "4711009.00" if self.restores and (text, name) == (STAND_IN, "phone") else None


def lexemes(text: str) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(text, parse_int=Numeral, parse_float=Numeral)


def dumped(value: Any, *, spaced: bool) -> str:  # noqa: ANN401 - any JSON
    comma, colon = (" ,\n", " : ") if spaced else (",", ":")
    if isinstance(value, Numeral):
        return value.raw
    if isinstance(value, list):
        return f"[{comma.join(dumped(one, spaced=spaced) for one in value)}]"
    if isinstance(value, dict):
        return f"{{{comma.join(f'{json.dumps(k)}{colon}{dumped(v, spaced=spaced)}' for k, v in value.items())}}}"
    return json.dumps(value)


def table() -> Pseudonyms:
    return Pseudonyms.from_json(b'{"format":1,"version":1,"entries":[["PHONE","+49 171 5550199",[]]]}')


def in_pieces(written: str, cuts: list[int], numbers: Both) -> str:
    events = EventStream(CONNECTOR, lambda _key: StreamRestorer(table()), numbers=numbers)
    raw = b""
    for a, b in pairwise([0, *sorted(cuts), len(written)]):
        call = {"index": 0, "function": {"arguments": written[a:b]}}
        event = orjson.dumps({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})
        raw += events.feed(b"data: " + event + b"\n\n")
    raw += events.finish()
    bodies = [orjson.loads(line[6:]) for line in raw.splitlines() if line]
    calls = [body["choices"][0]["delta"]["tool_calls"][0] for body in bodies]
    assert len(calls) == len(cuts) + 1
    return "".join(call["function"]["arguments"] for call in calls)


def at_once(written: str, numbers: Both) -> str:
    call = {"function": {"arguments": written}}
    raw = orjson.dumps({"choices": [{"index": 0, "message": {"tool_calls": [call]}}]})
    parsed = parse_response(CONNECTOR, "application/json", raw)
    new: dict[int, str | Numeral] = {}
    for slot in parsed.slots:
        field = slot.field
        if field is None:  # the name of a field that is no plain word
            new[slot.index] = table().restore(slot.text)
            continue
        if slot.number:
            said = numbers.string_for(slot.text, field)
            new[slot.index] = slot.text if said is None else said
        else:
            number = numbers.number_for(slot.text, field)
            new[slot.index] = table().restore(slot.text) if number is None else Numeral(number)
    body = orjson.loads(parsed.rewrite(new))
    assert parsed.rewrite({}) == raw
    return str(body["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"])


def expected(value: Any, numbers: Both, name: str = "") -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Numeral):
        long = sum(map(str.isdigit, value.raw)) >= 5
        new = numbers.string_for(value.raw, name) if long else None
        return value if new is None else new
    if isinstance(value, str):
        number = numbers.number_for(value, name)
        return restored(value) if number is None else Numeral(number)
    if isinstance(value, list):
        return [expected(one, numbers, name) for one in value]
    if isinstance(value, dict):
        return {restored(key): expected(below, numbers, key) for key, below in value.items()}
    return value


def restored(text: str) -> str:
    return text.replace(STAND_IN, "+49 171 5550199")


@given(DOCUMENTS, st.tuples(st.booleans(), st.booleans(), st.booleans()), st.data())
def test_whole_and_cut_anywhere_are_the_same(
    document: dict[str, Any], both: tuple[bool, bool, bool], data: st.DataObject
) -> None:
    spaced, redacts, restores = both
    numbers = Both(redacts, restores)
    written = dumped(document, spaced=spaced)
    wanted = expected(document, numbers)
    cuts = data.draw(st.lists(st.integers(0, len(written)), max_size=10))
    for pieces in ([], cuts, list(range(1, len(written)))):
        streamed = in_pieces(written, pieces, numbers)
        assert lexemes(streamed) == wanted
        assert streamed == written or wanted != document
    assert lexemes(at_once(written, numbers)) == wanted


@given(DOCUMENTS, st.data())
def test_numbers_are_read_with_their_field_in_any_pieces(document: dict[str, Any], data: st.DataObject) -> None:
    written = dumped(document, spaced=data.draw(st.booleans()))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(written)), max_size=10)))
    decoder = JsonText(numbers=True)
    runs = [run for a, b in pairwise([0, *cuts, len(written)]) for run in decoder.feed(written[a:b])]
    assert "".join(run.raw for run in runs) == written
    found: dict[int, tuple[str, str]] = {}
    for run in runs:
        if run.number and run.value is not None:
            assert run.goes_on == (run.value in found)
            found[run.value] = (run.field, found.get(run.value, ("", ""))[1] + run.text)
    assert list(found.values()) == list(_numbers(document, ""))


def _numbers(value: Any, name: str) -> list[tuple[str, str]]:  # noqa: ANN401 - any JSON
    if isinstance(value, Numeral):
        return [(name, value.raw)]
    if isinstance(value, list):
        return [one for below in value for one in _numbers(below, name)]
    if isinstance(value, dict):
        return [one for key, below in value.items() for one in _numbers(below, key)]
    return []
