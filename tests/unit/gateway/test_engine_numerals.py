from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from gateway.connectors.openai import CONNECTOR
from gateway.engine import Parsed, parse_request
from gateway.engine.json_text import JsonText
from gateway.engine.numerals import Numeral, is_long, with_numerals, written


def request(arguments: str) -> Parsed:
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "Hallo"},
        {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": arguments}}]},
    ]
    return parse_request(
        CONNECTOR, "application/json", orjson.dumps({"messages": messages}), path="/v1/chat/completions", query={}
    )


def arguments(body: bytes) -> str:
    return str(orjson.loads(body)["messages"][1]["tool_calls"][0]["function"]["arguments"])


@pytest.mark.parametrize(("number", "long"), [("4711", False), ("47110", True), ("-47.110", True), ("4e99", False)])
def test_five_digits_can_say_something_of_a_person(number: str, long: bool) -> None:  # noqa: FBT001
    assert is_long(number) == long


def test_numbers_are_texts_with_the_names_of_their_fields() -> None:
    parsed = request('{"phone":491715550199,"limit":20,"orders":[4711009,{"id":4711010}],"list":[[4711011]]}')
    found = [(slot.text, slot.field) for slot in parsed.slots if slot.number]
    assert found == [("491715550199", "phone"), ("4711009", "orders"), ("4711010", "id"), ("4711011", "list")]
    assert all(slot.speaker is None for slot in parsed.slots if slot.number), "they are context, never kept"


NESTED = '{"a":[{"b":[47110]},47111,[47112,{"c":{}},47113]],"d":47114,"e":{"f":47115}}'
FIELDS = [("b", "47110"), ("a", "47111"), ("a", "47112"), ("a", "47113"), ("d", "47114"), ("f", "47115")]


def test_a_number_in_a_list_has_the_name_of_the_lists_field_whole_or_streamed() -> None:
    assert [(slot.field, slot.text) for slot in request(NESTED).slots if slot.number] == FIELDS
    assert [(run.field, run.raw) for run in JsonText(numbers=True).feed(NESTED) if run.number] == FIELDS


def test_a_number_becomes_a_string_and_the_others_stay_as_they_were_written() -> None:
    parsed = request('{"phone": 491715550199, "big": 12345678901234567890123, "rate": 1.50e5, "x": 100000.0}')
    index = next(slot.index for slot in parsed.slots if slot.field == "phone")
    written_ = arguments(parsed.rewrite({index: "[PHONE]"}))
    assert written_ == '{"phone":"[PHONE]","big":12345678901234567890123,"rate":1.50e5,"x":100000.0}'


def test_where_no_text_changes_the_document_is_the_bytes_that_came() -> None:
    parsed = request('{"phone": 491715550199,  "x": 1.0e5}')
    same = {slot.index: slot.text for slot in parsed.slots}
    assert parsed.rewrite(same) == parsed.rewrite({})


@pytest.mark.parametrize("document", ["491715550199", "[491715550199]"])
def test_a_document_that_is_a_number_or_a_list_of_them_is_read_too(document: str) -> None:
    parsed = request(document)
    ((index, field),) = [(slot.index, slot.field) for slot in parsed.slots if slot.number]
    assert field == "", "the body's own names say nothing of it"
    body = parsed.rewrite({index: ""})
    assert json.loads(arguments(body)) in ("", [""])
    assert arguments(parsed.rewrite({})) == document


def test_a_string_becomes_a_number() -> None:
    parsed = request('{"phone":"<PHONE_1>"}')
    index = next(slot.index for slot in parsed.slots if slot.field == "phone")
    assert arguments(parsed.rewrite({index: Numeral("491715550199")})) == '{"phone":491715550199}'


def test_a_document_without_long_numbers_is_not_read_anew() -> None:
    root = {"limit": 20}
    assert with_numerals('{"limit":20}', root) is root


def test_only_what_json_has_is_written() -> None:
    assert written([Numeral("1.50"), "a", None]) == b'[1.50,"a",null]'
    with pytest.raises(TypeError):
        written([object()])


def test_a_numeral_is_not_printed() -> None:
    assert "4711009" not in repr(Numeral("4711009"))
