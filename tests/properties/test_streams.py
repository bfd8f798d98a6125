"""However a streamed answer is cut, the same bytes come out, no event is invented, and no value slips through."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.connectors.json import connector
from gateway.connectors.openai import CONNECTOR
from gateway.engine import EventStream
from gateway.engine.json_text import JsonText
from gateway.notice.channel import JsonPaths
from redaction.findings import EntityType
from redaction.operators import Replacement
from redaction.stream import Decided

WORD = "Anna Müller"
STAND_IN = '<P"1>'
ROUGH = st.text(alphabet='AnaMülerx "\\/\n😀,{}[]:é', max_size=12)
TEXTS = st.lists(st.one_of(st.just(WORD), ROUGH), max_size=6).map("".join)
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@dataclass
class Words:
    """Replaces one word; holds back what may be its beginning."""

    text: str = ""
    upto: int = 0

    def feed(self, text: str) -> Decided:
        self.text += text
        return self._decided(ended=False)

    def finish(self) -> Decided:
        return self._decided(ended=True)

    def _decided(self, *, ended: bool) -> Decided:
        found = []
        while (at := self.text.find(WORD, self.upto)) >= 0:
            self.upto = at + len(WORD)
            found.append(Replacement(at, self.upto, STAND_IN, EntityType.PERSON))
        rest = self.text[self.upto :]
        held = max((n for n in range(len(WORD)) if rest.endswith(WORD[:n])), default=0)
        self.upto = len(self.text) - (0 if ended else held)
        return Decided(self.upto, tuple(found))


@dataclass
class Reply:
    """A streamed answer as a bot would send it, and what it says."""

    raw: bytes
    texts: dict[int, str] = field(default_factory=dict)
    arguments: list[Any] = field(default_factory=list)


@st.composite
def pieces_of(draw: st.DrawFn, text: str) -> list[str]:
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8))) if len(text) < 40 else list(range(len(text)))
    return [text[a:b] for a, b in pairwise([0, *cuts, len(text)])]


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    """Two choices and a tool call, their deltas in any order, between comments and events without text."""
    end = draw(LINE_ENDS)
    texts = {choice: draw(TEXTS) for choice in (0, 1)}
    values = draw(st.lists(st.one_of(TEXTS, st.integers(), st.lists(TEXTS, max_size=2), st.none()), max_size=3))
    document = {f"field{i}": value for i, value in enumerate(values)}
    written = json.dumps(document, ensure_ascii=draw(st.booleans()))
    queues = [
        [{"index": choice, "delta": {"content": piece}} for piece in draw(pieces_of(text))]
        for choice, text in texts.items()
    ]
    call = [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in draw(pieces_of(written))]
    queues.append([{"index": 0, "delta": delta} for delta in call])
    blocks = []
    while any(queues):
        waiting = [queue for queue in queues if queue]
        queue = waiting[draw(st.integers(0, len(waiting) - 1))]
        blocks.append(_block({"id": "c", "choices": [queue.pop(0) | {"finish_reason": None}]}, draw, end))
        if draw(st.booleans()):
            blocks.append(draw(st.sampled_from([f": still here{end}{end}", f"event: ping{end}{end}", end])))
    last = [{"index": choice, "delta": {}, "finish_reason": "stop"} for choice in texts]
    blocks.append(_block({"id": "c", "choices": last}, draw, end))
    blocks.append(f"data: [DONE]{end}{end}")
    return Reply("".join(blocks).encode(), texts, values)


def _block(body: dict[str, Any], draw: st.DrawFn, end: str) -> str:
    if draw(st.booleans()):
        lines = json.dumps(body, indent=1).splitlines()
        return "".join(f"data:{line}{end}" for line in lines) + end
    return f"id: 7{end}data: {orjson.dumps(body).decode()}{end}{end}"


def run(raw: bytes, cuts: list[int], *, prepend: str | None = None) -> tuple[bytes, bytes, EventStream]:
    events = EventStream(CONNECTOR, lambda _key: Words(), prepend=prepend)
    early = b"".join(events.feed(raw[a:b]) for a, b in pairwise([0, *sorted(cuts), len(raw)]))
    early += events.finish()
    return early, events.end(), events


def bodies(raw: bytes) -> Iterator[dict[str, Any]]:
    for block in re.split(rb"(?>\r\n|\r|\n)(?>\r\n|\r|\n)", raw):
        values = [line[5:] for line in re.split(rb"\r\n|\r|\n", block) if line.startswith(b"data:")]
        if values and values != [b" [DONE]"]:
            yield orjson.loads(b"\n".join(values))


def said(raw: bytes) -> tuple[dict[int, str], str]:
    texts, arguments = {0: "", 1: ""}, ""
    for body in bodies(raw):
        for choice in body["choices"]:
            texts[choice["index"]] += choice["delta"].get("content", "")
            for call in choice["delta"].get("tool_calls", ()):
                arguments += call["function"]["arguments"]
    return texts, arguments


def replaced(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return [replaced(item) for item in value]
    return value.replace(WORD, STAND_IN) if isinstance(value, str) else value


@settings(max_examples=40)
@given(replies(), st.data())
def test_how_the_bytes_are_cut_changes_nothing(reply: Reply, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(reply.raw)), max_size=20))
    whole, end, _ = run(reply.raw, [])
    assert run(reply.raw, cuts)[:2] == (whole, end)
    assert run(reply.raw, list(range(len(reply.raw))))[:2] == (whole, end)


@given(replies())
def test_a_reply_is_redacted_and_otherwise_as_it_was(reply: Reply) -> None:
    """All that holds for each reply: to make one up takes longer than to check it."""
    early, end, events = run(reply.raw, [])
    each_text_is_replaced_as_if_it_had_come_at_once(reply, early + end, events)
    no_event_is_invented_and_none_is_lost(reply, early + end)
    the_end_is_held_until_it_is_asked_for(early, end, events)
    what_was_prepended_stands_before_the_first_text_of_each_choice_once(reply, early + end)


def each_text_is_replaced_as_if_it_had_come_at_once(reply: Reply, written: bytes, events: EventStream) -> None:
    texts, arguments = said(written)
    assert texts == {choice: replaced(text) for choice, text in reply.texts.items()}
    assert list(json.loads(arguments).values()) == [replaced(value) for value in reply.arguments]
    heard = events.texts()
    assert all(heard[f"content:{choice}"] == text for choice, text in reply.texts.items())


def no_event_is_invented_and_none_is_lost(reply: Reply, written: bytes) -> None:
    before, after = list(bodies(reply.raw)), list(bodies(written))
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        for choice in (*one["choices"], *other["choices"]):
            choice["delta"] = dict.fromkeys(choice["delta"])
        assert one == other


def the_end_is_held_until_it_is_asked_for(early: bytes, end: bytes, events: EventStream) -> None:
    assert events.finished
    assert b'"stop"' not in early
    assert b"[DONE]" not in early
    assert end.rstrip(b"\r\n").endswith(b"data: [DONE]")
    assert events.end() == b""


def what_was_prepended_stands_before_the_first_text_of_each_choice_once(reply: Reply, plain: bytes) -> None:
    early, end, events = run(reply.raw, [], prepend="Ein Bot. ")
    texts, _ = said(early + end)
    before, _ = said(plain)
    assert events.prepended == any(reply.texts.values())
    told = sum(bool(text) for text in reply.texts.values())
    assert sorted("".join(texts.values())) == sorted("".join(before.values()) + "Ein Bot. " * told)
    assert sum(text.startswith("Ein Bot. ") for text in texts.values()) == told


@given(st.lists(st.tuples(st.integers(0, 2), TEXTS, st.booleans(), st.booleans()), max_size=12))
def test_each_choice_flows_by_itself_and_in_its_order(said: list[tuple[int, str, bool, bool]]) -> None:
    events = EventStream(CONNECTOR, lambda _key: Words())
    before: dict[int, list[bytes]] = {}
    early, over = [], set[int]()
    for number, (index, text, null, ends) in enumerate(said):
        choice: dict[str, Any] = {"index": index, "delta": {"content": text}}
        if null or ends:
            choice["finish_reason"] = "stop" if ends else None
        body = orjson.dumps({"id": number, "choices": [choice]})
        before.setdefault(index, []).append(orjson.dumps(number))
        early.append(events.feed(b"data: " + body + b"\n\n"))
        over |= {index} if ends else set()
    early.append(events.finish())
    first, rest = list(bodies(b"".join(early))), list(bodies(events.end()))
    after: dict[int, list[bytes]] = {}
    for one in (*first, *rest):
        after.setdefault(one["choices"][0]["index"], []).append(orjson.dumps(one["id"]))
    assert after == before
    assert not any(one["choices"][0].get("finish_reason") for one in first)
    assert {one["choices"][0]["index"] for one in rest} == over


@given(st.lists(st.text(alphabet="bcdfg .", min_size=1), min_size=1))
def test_nothing_waits_where_nothing_is_suspicious(texts: list[str]) -> None:
    events = EventStream(CONNECTOR, lambda _key: Words())
    for text in texts:
        block = b"data: " + orjson.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}) + b"\n\n"
        assert events.feed(block) == block


def test_a_word_in_single_characters_is_replaced_on_the_event_where_it_starts() -> None:
    blocks = [
        b"data: " + orjson.dumps({"choices": [{"index": 0, "delta": {"content": c}}]}) + b"\n\n" for c in f"({WORD})"
    ]
    events = EventStream(CONNECTOR, lambda _key: Words())
    left = [events.feed(block) for block in blocks]
    assert [bool(data) for data in left] == [True, *[False] * 10, True, True]
    contents = [body["choices"][0]["delta"]["content"] for body in bodies(b"".join(left))]
    assert contents == ["(", STAND_IN, *[""] * 10, ")"]


@given(TEXTS, st.data())
def test_lines_of_json_are_cut_anywhere_too(text: str, data: st.DataObject) -> None:
    places = JsonPaths.model_validate({"text": "t", "response": "t", "stream": "t", "stream_end": {"done": "true"}})
    pieces = data.draw(pieces_of(text))
    raw = b"".join(orjson.dumps({"t": piece}) + b"\n" for piece in pieces) + b'{"done":true}\n'
    cuts = data.draw(st.lists(st.integers(0, len(raw)), max_size=20))
    events = EventStream(connector(places), lambda _key: Words())
    early = b"".join(events.feed(raw[a:b]) for a, b in pairwise([0, *sorted(cuts), len(raw)])) + events.finish()
    assert "".join(orjson.loads(line)["t"] for line in early.splitlines()) == replaced(text)
    assert events.end() == b'{"done":true}\n'


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=4), below, max_size=3),
    max_leaves=10,
)


@given(JSON, st.data())
def test_the_string_values_of_any_document_are_read_in_any_pieces(document: object, data: st.DataObject) -> None:
    indent = data.draw(st.sampled_from([None, 1]))
    written = json.dumps(document, ensure_ascii=data.draw(st.booleans()), indent=indent)
    decoder = JsonText()
    runs = [run for piece in data.draw(pieces_of(written)) for run in decoder.feed(piece)]
    assert "".join(run.raw for run in runs) == written
    values: dict[int, str] = {}
    for run_ in runs:
        if run_.value is not None:
            values[run_.value] = values.get(run_.value, "") + run_.text
    expected = [text for text in _values(document) if text]
    assert [text for text in values.values() if text] == expected


def _values(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for below in document.values():
            yield from _values(below)
    elif isinstance(document, list):
        for below in document:
            yield from _values(below)
