"""Every connector, over the exchanges that it has recorded: what is found, and that nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest

from gateway.connector import Example
from gateway.engine import EventStream, Parsed, parse_request, parse_response
from gateway.engine.markup import read_markup
from gateway.errors import BodyUnreadableError, PathNotHandledError, RefusedError
from gateway.notice.load import connector_names
from redaction.findings import EntityType
from redaction.operators import Replacement
from redaction.stream import Decided

FORM = "application/x-www-form-urlencoded"


def examples(*directions: str) -> list[Any]:
    return [
        pytest.param(example, id=f"{name}-{example.about}".replace(" ", "-"))
        for name in connector_names()
        for example in import_module(f"gateway.connectors.{name}").EXAMPLES
        if example.direction in directions
    ]


def read(example: Example, raw: bytes | None = None) -> Parsed:
    raw = example.raw if raw is None else raw
    if example.direction == "response":
        return parse_response(example.connector, example.content_type, raw)
    return parse_request(example.connector, example.content_type, raw, path=example.path, query={})


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, below in value.items():
            yield name
            yield from strings(below)
    elif isinstance(value, list):
        for below in value:
            yield from strings(below)


def content(example: Example, raw: bytes) -> Any:  # noqa: ANN401 - any JSON
    if example.content_type == "text/xml":
        return list(read_markup(raw).itertext())
    return [list(pair) for pair in parse_qsl(raw.decode())] if example.content_type == FORM else orjson.loads(raw)


class Everything:
    """Replaces each text by a star, when it ends."""

    def __init__(self) -> None:
        self.length = 0

    def feed(self, text: str) -> Decided:
        self.length += len(text)
        return Decided(0, ())

    def finish(self) -> Decided:
        star = (Replacement(0, self.length, "*", EntityType.PERSON),) if self.length else ()
        return Decided(self.length, star)


def test_every_connector_has_examples_of_each_direction() -> None:
    for name in connector_names():
        module = import_module(f"gateway.connectors.{name}")
        fixed = getattr(module, "CONNECTOR", None)
        back = set() if fixed and fixed.one_way else {"response"}
        streams = set() if fixed and (fixed.markup or fixed.one_way or not fixed.event.texts) else {"stream"}
        directions = {example.direction for example in module.EXAMPLES}
        assert directions == {"request"} | back | streams, name


@pytest.mark.parametrize("example", examples("request", "response"))
def test_the_texts_are_found_with_their_speakers(example: Example) -> None:
    parsed = read(example)
    assert tuple((slot.speaker, slot.text) for slot in parsed.slots) == example.texts
    assert [slot.index for slot in parsed.slots] == list(range(len(parsed.slots)))
    assert all(slot.kept == (slot.speaker is not None) for slot in parsed.slots)
    assert parsed.conversation == example.conversation


@pytest.mark.parametrize("example", examples("request", "response"))
def test_a_body_in_which_nothing_changes_is_the_same_bytes(example: Example) -> None:
    parsed = read(example)
    assert parsed.rewrite({}) == example.raw
    assert parsed.rewrite({slot.index: slot.text for slot in parsed.slots}) == example.raw


@pytest.mark.parametrize("example", examples("request", "response"))
def test_new_texts_land_in_their_places_and_nowhere_else(example: Example) -> None:
    parsed = read(example)
    new = {slot.index: f'new {slot.index} "ü\n<P_1>\\' for slot in parsed.slots}
    written = parsed.rewrite(new)
    again = read(example, written)
    for slot, text in zip(again.slots, new.values(), strict=True):
        assert slot.text in {text, f"new_{slot.index}_P_1"}  # as it was given, or as an identifier can have it
    assert parsed.rewrite({}) == example.raw
    assert parsed.rewrite(new) == written


@pytest.mark.parametrize("example", examples("request", "response"))
def test_a_text_that_was_replaced_is_nowhere_in_the_body(example: Example) -> None:
    parsed = read(example)
    written = read(example).rewrite({slot.index: "*" for slot in parsed.slots})
    for slot in parsed.slots:
        if slot.text != example.conversation:
            assert slot.text not in set(strings(content(example, written)))


@pytest.mark.parametrize("example", examples("request"))
def test_other_paths_methods_and_kinds_of_body_are_refused(example: Example) -> None:
    one, raw = example.connector, example.raw
    with pytest.raises(PathNotHandledError):
        parse_request(one, example.content_type, raw, path="v1/embeddings/of/all/kinds", query={})
    with pytest.raises(PathNotHandledError):
        parse_request(one, example.content_type, raw, path=example.path.rstrip("/") + "/../x", query={})
    with pytest.raises(RefusedError, match="POST") as refused:
        parse_request(one, example.content_type, raw, path=example.path, query={}, method="DELETE")
    assert refused.value.status == 405
    for kind in ("multipart/form-data; boundary=x", "text/html", "application/json; charset=utf-16"):
        with pytest.raises(BodyUnreadableError):
            parse_request(one, kind, raw, path=example.path, query={})


@pytest.mark.parametrize("example", examples("request"))
@pytest.mark.parametrize("raw", [b"", b"{", b'{"a":1}x', b"\xff", b'{"a":"\\ud800"}', b"[" * 3000, b'{"a":NaN}'])
def test_a_body_that_is_no_json_is_refused(example: Example, raw: bytes) -> None:
    with pytest.raises(BodyUnreadableError) as refused:
        parse_request(example.connector, "application/json", raw, path=example.path, query={})
    assert "\\" not in str(refused.value)


@pytest.mark.parametrize("example", examples("stream"))
def test_a_stream_that_nothing_changes_passes_byte_for_byte(example: Example) -> None:
    for size in (1, 3, 50, len(example.raw)):
        events = EventStream(example.connector, lambda _key: None, prepend=None)
        chunks = [example.raw[at : at + size] for at in range(0, len(example.raw), size)]
        early = b"".join(events.feed(chunk) for chunk in chunks)
        rest, end = events.finish(), events.end()
        assert early + rest + end == example.raw
        assert (
            tuple((who, text) for (who, _), text in zip(example.texts, events.texts().values(), strict=True))
            == example.texts
        )
        assert events.finished is example.ends
        assert bool(end) is example.ends


@pytest.mark.parametrize("example", examples("stream"))
def test_a_stream_of_which_every_text_changes_keeps_its_events(example: Example) -> None:
    events = EventStream(example.connector, lambda _key: Everything(), prepend="> ")
    changed = events.feed(example.raw) + events.finish() + events.end()
    assert changed.count(b"\n") == example.raw.count(b"\n")
    for _, text in example.texts:
        assert text.encode() not in changed
    again = EventStream(example.connector, lambda _key: None)
    again.feed(changed)
    again.finish()
    expected = ["> *" if number == 0 else "*" for number in range(len(example.texts))]
    assert list(again.texts().values()) == expected
    assert events.prepended or not example.texts
