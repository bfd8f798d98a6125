"""Whatever a body looks like: no string gets past, nothing but texts changes, and a refusal is one of ours."""

from __future__ import annotations

import json
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from gateway.connectors.json import connector
from gateway.connectors.openai import CONNECTOR
from gateway.engine import parse_request, parse_response
from gateway.errors import GatewayError
from gateway.notice.channel import JsonPaths

PLACES = {
    "text": ["message", "messages[*].text", "messages[*].content.*"],
    "response": ["[*].text", "reply"],
    "context": ["list[*]", "metadata.name"],
    "speaker": {"at": "role"},
    "history": True,
}
WIDGET = connector(JsonPaths.model_validate(PLACES))
NAMES = st.sampled_from(
    ["message", "messages", "text", "content", "list", "metadata", "name", "type", "arguments", "tool_calls",
     "function", "choices", "delta", "x", "§ Anna", "a§b", ""],
)  # fmt: skip
STRINGS = st.one_of(st.just("§"), st.just('{"a": "§", "§": ["§"]}'), st.text(max_size=5).map(lambda text: text + "§"))
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), STRINGS
)
JSON = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=4), max_leaves=15
)
DOCUMENTS = JSON.filter(lambda document: isinstance(document, dict | list))


def cleaned(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Take the mark out of every string and name, as a redaction of everything would."""
    if isinstance(value, str):
        return value.replace("§", "*")
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if isinstance(value, dict):
        return {cleaned(name): cleaned(below) for name, below in value.items()}
    return value


@given(DOCUMENTS, st.booleans())
def test_no_string_of_any_body_gets_past(document: Any, ascii_only: bool) -> None:  # noqa: ANN401, FBT001 - drawn
    raw = json.dumps(document, ensure_ascii=ascii_only).encode()
    for parsed in (
        parse_request(WIDGET, "application/json", raw, path="/", query={}),
        parse_response(WIDGET, "application/json", raw),
    ):
        written = parsed.rewrite({slot.index: cleaned(slot.text) for slot in parsed.slots})
        assert "§" not in written.decode()
        assert "\\u00a7" not in written.decode()
        assert orjson.loads(written) == cleaned(document)
        assert parsed.rewrite({}) == raw


@given(
    st.one_of(
        st.binary(max_size=60),
        JSON.map(orjson.dumps),
        JSON.map(lambda document: orjson.dumps({"messages": [document]})),
    )
)
def test_a_body_is_read_or_refused(raw: bytes) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded", "application/json; charset=x"):
        for one, path in ((WIDGET, "/"), (CONNECTOR, "/v1/chat/completions")):
            try:
                parsed = parse_request(one, kind, raw, path=path, query={})
            except GatewayError:
                continue
            assert parsed.rewrite({}) == raw
            parsed.rewrite({slot.index: slot.text + "*" for slot in parsed.slots})
            assert parsed.rewrite({}) == raw
