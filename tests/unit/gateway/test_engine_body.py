from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from gateway.connectors.json import connector
from gateway.connectors.openai import CONNECTOR
from gateway.connectors.twilio import CONNECTOR as TWILIO
from gateway.engine import Parsed, parse_request, parse_response
from gateway.errors import BodyUnreadableError, PartNotTextError, PathNotHandledError, RefusedError
from gateway.notice.channel import JsonPaths
from tests.growth import cpu_seconds, grows_within


def chat(*messages: dict[str, Any], allowed: tuple[str, ...] = (), **fields: object) -> Parsed:
    raw = orjson.dumps({"model": "m", "messages": messages, **fields})
    return parse_request(CONNECTOR, "application/json", raw, path="v1/chat/completions", query={}, allowed=allowed)


def widget(
    raw: bytes, *, content_type: str = "application/json", passes: tuple[str, ...] = (), **paths: object
) -> Parsed:
    made = connector(JsonPaths.model_validate({"text": "message", "response": "reply", "pass": passes, **paths}))
    return parse_request(made, content_type, raw, path="/", query={})


def texts(parsed: Parsed) -> list[tuple[str | None, str]]:
    return [(slot.speaker, slot.text) for slot in parsed.slots]


def upper(parsed: Parsed) -> Any:  # noqa: ANN401 - any JSON
    return orjson.loads(parsed.rewrite({slot.index: slot.text.upper() for slot in parsed.slots}))


@pytest.mark.parametrize(
    ("role", "speaker"),
    [("user", "subject"), ("assistant", "bot"), ("system", None), ("developer", None), ("tool", None), ("x", None)],
)
def test_the_role_of_a_message_says_who_speaks(role: str, speaker: str | None) -> None:
    assert texts(chat({"role": role, "content": "Hallo"})) == [(speaker, "Hallo")]


def test_a_field_that_nobody_thought_of_is_context() -> None:
    parsed = chat({"role": "user", "content": "a", "extra": {"deep": ["b"]}}, new_field="c", stop=["d"])
    assert texts(parsed) == [("subject", "a"), (None, "b"), (None, "c"), (None, "d")]
    assert upper(parsed)["stop"] == ["D"]


def test_what_the_tools_are_goes_on_as_it_is() -> None:
    tools = [{"type": "function", "function": {"name": "f", "description": "Finds Anna", "parameters": {"x": "y"}}}]
    parsed = chat({"role": "user", "content": "a"}, tools=tools, response_format={"type": "json_object"})
    assert texts(parsed) == [("subject", "a")]
    assert upper(parsed)["tools"] == tools


def test_a_part_that_is_a_bare_string_is_said_by_who_speaks() -> None:
    said = [("user", "subject"), ("assistant", "bot"), ("tool", None), ("system", None)]
    for role, speaker in said:
        assert texts(chat({"role": role, "content": ["Hallo", {"type": "text", "text": "du"}]})) == [
            (speaker, "Hallo"),
            (speaker, "du"),
        ]
    assert [slot.result for slot in chat({"role": "tool", "content": ["Hallo"]}).slots] == [True]


def test_the_parts_of_one_message_belong_together() -> None:
    part = [{"type": "text", "text": "b"}, {"type": "text", "text": "c"}]
    parsed = chat({"role": "user", "content": "a"}, {"role": "user", "content": part})
    assert [(slot.message, slot.text) for slot in parsed.slots] == [(0, "a"), (1, "b"), (1, "c")]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}, "image"),
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}, "audio"),
        ({"type": "file", "file": {"file_data": "AAAA"}}, "file"),
    ],
)
def test_a_part_that_is_not_text_is_refused_unless_it_is_allowed(part: dict[str, Any], kind: str) -> None:
    message = {"role": "user", "content": [{"type": "text", "text": "Schau:"}, part]}
    with pytest.raises(PartNotTextError, match=kind):
        chat(message)
    parsed = chat(message, allowed=(kind,))
    assert texts(parsed) == [("subject", "Schau:")]
    assert upper(parsed)["messages"][0]["content"][1] == part


@pytest.mark.parametrize("part", [{"type": "Anna Müller"}, {"text": "Anna"}, {"type": 1}, {"type": None}])
def test_a_part_of_an_unknown_type_is_refused_without_naming_it(part: dict[str, Any]) -> None:
    with pytest.raises(PartNotTextError) as refused:
        chat({"role": "user", "content": [part]}, allowed=("image", "audio", "file"))
    assert "Anna" not in str(refused.value)


def test_each_string_in_the_arguments_of_a_call_is_a_text() -> None:
    arguments = '{"to": "anna", "list": ["b", {"c": "d\\n"}], "n": 3, "Frau Müller": true}'
    call = {"id": "x", "type": "function", "function": {"name": "f", "arguments": arguments}}
    parsed = chat({"role": "assistant", "content": None, "tool_calls": [call]})
    assert texts(parsed) == [(None, "anna"), (None, "b"), (None, "d\n"), (None, "Frau Müller")]
    new = orjson.loads(upper(parsed)["messages"][0]["tool_calls"][0]["function"]["arguments"])
    assert new == {"to": "ANNA", "list": ["B", {"c": "D\n"}], "n": 3, "FRAU MÜLLER": True}
    assert list(new) == ["to", "list", "n", "FRAU MÜLLER"]


def test_arguments_in_which_nothing_changed_are_as_they_came() -> None:
    call = {"function": {"name": "f", "arguments": '{ "to":  "anna" }'}}
    parsed = chat({"role": "assistant", "tool_calls": [call]}, {"role": "user", "content": "a"})
    body = orjson.loads(parsed.rewrite({1: "b"}))
    assert body["messages"] == [{"role": "assistant", "tool_calls": [call]}, {"role": "user", "content": "b"}]


@pytest.mark.parametrize("arguments", ["", "{}", "[]", "3", "null"])
def test_arguments_without_a_string_have_no_text(arguments: str) -> None:
    call = {"function": {"name": "f", "arguments": arguments}}
    assert texts(chat({"role": "assistant", "tool_calls": [call]})) == []


@pytest.mark.parametrize("arguments", ["{'to': 'anna'}", '{"to": "an', '"anna"', "anna"])
def test_arguments_that_are_no_document_are_one_text(arguments: str) -> None:
    call = {"function": {"name": "f", "arguments": arguments}}
    assert texts(chat({"role": "assistant", "tool_calls": [call]})) == [(None, arguments)]


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        (r'{"path": "C:\Users", "to": "M\u00fcller"}', r'{"path": "C:\Users", "to": "Müller"}'),
        (r'{"to": "M\u00fcl', '{"to": "Mül'),
        (r'{"a": "\u0041", "a": "x"}', '{"a": "A", "a": "x"}'),
        (r'{"a": "\ud83d\uDE00 \ud83d \/ \"\n', '{"a": "😀 \\ud83d / "\n'),
        (r"{'to': 'M\xfcller d\'Or', 'x': '\x4'}", r"{'to': 'Müller d'Or', 'x': '\x4'}"),
        (r"C:\\xfc", r"C:\xfc"),
        ("{\\", "{\\"),
        (r'"M\u00fcller"', "Müller"),
    ],
)
def test_arguments_that_are_no_document_are_read_with_what_their_escapes_stand_for(arguments: str, read: str) -> None:
    call = {"function": {"name": "f", "arguments": arguments}}
    parsed = chat({"role": "assistant", "tool_calls": [call]}, {"role": "user", "content": "a"})
    assert texts(parsed)[0][1] == read
    kept, changed = (orjson.loads(parsed.rewrite(new)) for new in ({1: "b"}, {0: read.replace("Müller", "***")}))
    assert kept["messages"][0]["tool_calls"][0]["function"]["arguments"] == arguments
    assert "ller" not in changed["messages"][0]["tool_calls"][0]["function"]["arguments"]


def test_a_name_stays_one_that_the_protocol_allows() -> None:
    parsed = chat({"role": "user", "content": "a", "name": "Anna"}, {"role": "user", "content": "b", "name": "Bert"})
    body = orjson.loads(parsed.rewrite({1: "<PERSON_1>", 3: "***"}))
    assert body["messages"] == [{"role": "user", "content": "a", "name": "PERSON_1"}, {"role": "user", "content": "b"}]


def test_a_field_name_that_is_no_plain_word_is_a_text_too() -> None:
    parsed = chat({"role": "user", "content": "a"}, notes={"anna@example.com": "b", "plain_name": "c", "+49 841 1": 1})
    assert texts(parsed)[1:] == [(None, "anna@example.com"), (None, "b"), (None, "c"), (None, "+49 841 1")]
    body = orjson.loads(parsed.rewrite({1: "[X]", 2: "B", 4: "[X]"}))
    assert body["notes"] == {"[X]": "B", "plain_name": "c", "[X]_": 1}
    assert list(body["notes"]) == ["[X]", "plain_name", "[X]_"]


def test_no_field_is_lost_however_many_get_the_same_name() -> None:
    parsed = chat({"role": "user", "content": "a"}, notes={"a@b.de": 1, "x": 2, "c@d.de": 3, "[X]_2": 4, "e@f.de": 5})
    body = orjson.loads(parsed.rewrite({slot.index: "[X]" for slot in parsed.slots[1:] if "@" in slot.text}))
    assert body["notes"] == {"[X]": 1, "x": 2, "[X]_": 3, "[X]_2": 4, "[X]_3": 5}


@pytest.mark.parametrize("notes", [lambda n: {f"a{i}@b.de": 1 for i in range(n)}, lambda n: ["47110"] * n])
def test_many_new_texts_in_one_place_take_no_more_time_each(notes: Callable[[int], Any]) -> None:
    def seconds(fields: int) -> float:
        parsed = chat({"role": "user", "content": "a"}, notes=notes(fields))
        new = {slot.index: "[X]" for slot in parsed.slots[1:]}
        return cpu_seconds(lambda: parsed.rewrite(new))

    # Eight times the fields: linear is 8, quadratic 64.
    assert grows_within(24, 0.05, seconds, 1_000, 8_000)


@pytest.mark.parametrize(
    ("fields", "conversation"),
    [
        ({"user": "u"}, None),
        ({"user": "u", "metadata": {"conversation_id": "c"}}, "c"),
        ({"metadata": {"conversation_id": 17}}, "17"),
        ({"metadata": {"conversation_id": 0.25}}, "0.25"),
        ({"metadata": {"conversation_id": True}}, None),
        ({"metadata": {"conversation_id": ""}}, None),
        ({"metadata": "x"}, None),
        ({}, None),
    ],
)
def test_the_conversation_is_found_where_the_protocol_has_it(fields: dict[str, Any], conversation: str | None) -> None:
    assert chat({"role": "user", "content": "a"}, **fields).conversation == conversation


@pytest.mark.parametrize(("value", "streams"), [(True, True), (False, False), ("true", False), (1, False)])
def test_a_stream_is_asked_for_by_true_only(value: object, streams: bool) -> None:  # noqa: FBT001 - expected
    assert chat({"role": "user", "content": "a"}, stream=value).streams is streams


@pytest.mark.parametrize("raw", [b"{}", b"[]", b'{"messages":null}'])
def test_a_body_without_messages_is_refused(raw: bytes) -> None:
    with pytest.raises(BodyUnreadableError, match="messages"):
        parse_request(CONNECTOR, "application/json", raw, path="v1/chat/completions", query={})


@pytest.mark.parametrize(
    "raw",
    [
        b'{"messages":[{"role":"user","content":"Anna","content":"x"}]}',
        b'{"messages":[],"messages":[{"role":"user","content":"x"}]}',
        b'{"messages": [{"role": "user", "cont\\u0065nt": "Anna", "content": "x"}]}',
    ],
)
def test_a_field_that_stands_twice_is_refused_since_the_bot_could_read_the_other(raw: bytes) -> None:
    with pytest.raises(BodyUnreadableError, match="twice"):
        parse_request(CONNECTOR, "application/json", raw, path="v1/chat/completions", query={})


@pytest.mark.parametrize("depth", [99, 101, 900])
def test_a_body_may_be_nested_but_not_endlessly(depth: int) -> None:
    raw = b'{"messages":[],"x":' + b"[" * depth + b'"a"' + b"]" * depth + b"}"
    if depth < 100:
        assert len(parse_request(CONNECTOR, "", raw, path="chat/completions", query={}).slots) == 1
    else:
        with pytest.raises(BodyUnreadableError, match="deeply"):
            parse_request(CONNECTOR, "", raw, path="chat/completions", query={})


@pytest.mark.parametrize(
    "path",
    ["v1/chat/completions", "/v1/chat/completions/", "chat/completions",
     "openai/deployments/gpt-4.1/chat/completions"],
)  # fmt: skip
def test_the_paths_of_the_protocol_are_handled(path: str) -> None:
    raw = b'{"messages":[]}'
    assert parse_request(CONNECTOR, "application/json", raw, path=path, query={}).slots == ()


@pytest.mark.parametrize(
    "path",
    ["", "/", "v1/embeddings", "v1/responses", "v1/chat/completions/x", "x/v1/chat/completions", "v1/models/../files",
     "openai/deployments/../chat/completions", "v1/chat%2fcompletions", "v1/chat/completions\n"],
)  # fmt: skip
def test_any_other_path_is_refused(path: str) -> None:
    for method in ("GET", "POST"):
        with pytest.raises(PathNotHandledError):
            parse_request(CONNECTOR, "application/json", b'{"messages":[]}', path=path, query={}, method=method)


def test_the_models_pass_without_a_body_only() -> None:
    def read(raw: bytes) -> Parsed:
        return parse_request(CONNECTOR, "", raw, path="v1/models", query={}, method="GET")

    assert read(b"").slots == ()
    with pytest.raises(BodyUnreadableError):
        read(b"Anna")
    with pytest.raises(RefusedError, match="GET"):
        parse_request(CONNECTOR, "", b"", path="v1/models", query={}, method="POST")


def test_only_the_listed_query_parameters_reach_the_bot() -> None:
    made = connector(JsonPaths.model_validate({"text": "message", "response": "r", "query": ["stream", "lang"]}))
    parsed = parse_request(made, "", b'{"message":"a"}', path="", query={"stream": "true", "name": "Anna"})
    assert parsed.query == {"stream": "true"}


# --- places given by the notice


def test_a_number_is_a_text_where_its_place_is_named() -> None:
    parsed = widget(b'{"message":"a","phone":49841123456,"other":49841123456,"lat":48.7}', context=["phone", "lat"])
    assert texts(parsed) == [("subject", "a"), (None, "49841123456"), (None, "48.7")]
    assert parsed.rewrite({1: "49841123456"}) == b'{"message":"a","phone":49841123456,"other":49841123456,"lat":48.7}'
    assert parsed.rewrite({1: "[PHONE]"}) == b'{"message":"a","phone":"[PHONE]","other":49841123456,"lat":48.7}'


def test_a_number_too_long_for_a_machine_is_read_and_written_figure_by_figure() -> None:
    raw = b'{"message":"anna","sender":123456789012345678901234,"at":[98765432109876543210.5,340282366920938463463374]}'
    parsed = widget(raw, conversation="sender")
    assert parsed.conversation == "123456789012345678901234"
    assert parsed.rewrite({0: "[PERSON]"}).startswith(b'{"message":"[PERSON]","sender":123456789012345678901234,')
    assert parsed.rewrite({0: "[PERSON]"}).endswith(b",340282366920938463463374]}")
    assert texts(widget(b'{"message":44500105175407324931}')) == [("subject", "44500105175407324931")]
    assert texts(widget(b'{"message":-4450010517540732493155}')) == [("subject", "-4450010517540732493155")]


def test_a_field_that_stands_twice_is_refused_beside_a_long_number() -> None:
    with pytest.raises(BodyUnreadableError, match="twice"):
        widget(b'{"message":"a","x":123456789012345678901234,"message":"b"}')


def test_ids_and_what_is_listed_pass() -> None:
    raw = b'{"message":"a","sender":"anna","meta":{"id":"m","x":["y"]},"z":"z"}'
    parsed = widget(raw, conversation="sender", message_id="meta.id", passes=("meta.x",))
    assert texts(parsed) == [("subject", "a"), (None, "z")]
    assert (parsed.conversation, parsed.message_id) == ("anna", "m")


def test_attached_files_are_refused() -> None:
    with pytest.raises(PartNotTextError, match="file"):
        widget(b'{"message":"a","files":[{"src":"data:AAAA"}]}', files="files")
    for nothing in (b"null", b"[]", b"{}", b'""'):
        assert texts(widget(b'{"message":"a","files":' + nothing + b"}", files="files")) == [("subject", "a")]


def test_a_place_may_hold_something_else_than_text() -> None:
    assert texts(widget(b'{"message":{"a":["b"]}}')) == [(None, "b")]
    assert texts(widget(b'{"message":null}')) == []
    assert texts(widget(b'{"message":true}')) == []
    assert texts(widget(b'[{"message":"a"}]')) == [(None, "a")]


# --- answers


def test_what_repeats_a_text_is_dropped_when_the_text_changes() -> None:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "Anna"},
        "logprobs": {"content": [{"token": "Anna"}]},
    }
    raw = orjson.dumps({"choices": [choice]})
    parsed = parse_response(CONNECTOR, "application/json", raw)
    assert parsed.rewrite({0: "Anna"}) == raw
    assert b"Anna" not in parsed.rewrite({0: "[PERSON]"})
    assert b"logprobs" not in parsed.rewrite({0: "[PERSON]"})
    assert parsed.rewrite({}) == raw
    assert b"logprobs" not in parsed.rewrite({0: "[PERSON]"})


def test_an_audio_answer_is_refused() -> None:
    raw = b'{"choices":[{"message":{"content":null,"audio":{"id":"a","data":"AAAA","transcript":"Anna"}}}]}'
    with pytest.raises(PartNotTextError, match="audio"):
        parse_response(CONNECTOR, "application/json", raw)


def test_an_error_is_read_as_context() -> None:
    raw = b'{"error":{"message":"No Anna here","type":"invalid_request_error","code":null,"param":null}}'
    assert texts(parse_response(CONNECTOR, "application/json", raw)) == [(None, "No Anna here")]


@pytest.mark.parametrize(
    ("content_type", "raw"), [("text/html", b"<p>"), ("application/json", b"{"), ("text/plain", b"Anna")]
)
def test_an_answer_that_is_no_json_is_refused(content_type: str, raw: bytes) -> None:
    with pytest.raises(BodyUnreadableError):
        parse_response(CONNECTOR, content_type, raw)


@pytest.mark.parametrize("raw", [b'"Anna"', b"3", b"null", b"true"])
def test_a_body_is_an_object_or_a_list(raw: bytes) -> None:
    with pytest.raises(BodyUnreadableError, match="an object or a list"):
        parse_response(CONNECTOR, "application/json", raw)
    with pytest.raises(BodyUnreadableError, match="an object or a list"):
        widget(raw)


def test_an_empty_answer_has_no_text() -> None:
    parsed = parse_response(CONNECTOR, "", b"")
    assert parsed.slots == ()
    assert parsed.rewrite({}) == b""


def test_nothing_written_is_in_the_representation_of_what_was_read() -> None:
    parsed = chat({"role": "user", "content": "geheim"}, user="secret-user")
    assert "geheim" not in repr(parsed)
    assert "secret-user" not in repr(parsed)


def test_an_answer_that_could_not_be_written_again_is_refused_before_anything_is_done_with_it() -> None:
    raw = b'{"id":' + b"[" * 300 + b"]" * 300 + b',"choices":[{"message":{"content":"Hallo"}}]}'
    with pytest.raises(BodyUnreadableError, match="deeply"):
        parse_response(CONNECTOR, "application/json", raw)


def test_an_answer_with_many_lists_beside_each_other_is_none_that_is_nested() -> None:
    raw = b'{"id":[' + b",".join([b"[]"] * 1000) + b'],"choices":[{"message":{"content":"Hallo"}}]}'
    assert parse_response(CONNECTOR, "application/json", raw).rewrite({0: "Guten Tag"}) == raw.replace(
        b"Hallo", b"Guten Tag"
    )


@pytest.mark.parametrize("depth", [99, 100, 3000])
def test_an_answer_in_xml_may_be_nested_but_not_endlessly(depth: int) -> None:
    raw = b"<Response>" * depth + b"<Say>Hallo</Say>" + b"</Response>" * depth
    if depth < 100:
        assert texts(parse_response(TWILIO, "text/xml", raw)) == [("bot", "Hallo")]
    else:
        with pytest.raises(BodyUnreadableError, match="deeply"):
            parse_response(TWILIO, "text/xml", raw)
