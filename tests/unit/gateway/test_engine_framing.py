from __future__ import annotations

import pytest

from gateway.engine.framing import MAX_EVENT_BYTES, Event, Framing
from gateway.errors import BodyUnreadableError


def frames(raw: bytes, size: int) -> list[Event]:
    framing = Framing()
    events = [event for at in range(0, len(raw), size) for event in framing.feed(raw[at : at + size])]
    return [*events, *framing.finish()]


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_events_end_with_a_blank_line_however_lines_end(size: int, end: bytes) -> None:
    raw = end.join([b": hi", b"", b"event: a", b"data: 1", b"id: 7", b"", b"data:2", b"data:  3", b"data", b"", b""])
    events = frames(raw, size)
    assert [event.data for event in events] == [None, b"1", b"2\n 3\n"]
    assert b"".join(event.raw for event in events) == raw


@pytest.mark.parametrize("size", [1, 1000])
def test_a_byte_order_mark_and_blank_lines_before_the_first_event_are_no_event_data(size: int) -> None:
    raw = b"\xef\xbb\xbf\n\ndata: 1\n\n"
    events = frames(raw, size)
    assert [event.data for event in events if event.data is not None] == [b"1"]
    assert b"".join(event.raw for event in events) == raw


def test_a_byte_order_mark_right_before_data_is_not_part_of_the_name() -> None:
    assert [event.data for event in frames(b"\xef\xbb\xbfdata: 1\n\n", 1000)] == [b"1"]


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_of_json_are_events(size: int, end: bytes) -> None:
    raw = end.join([b'{"a":1}', b"", b' {"b":2} ', b'{"c":3}'])
    events = frames(raw, size)
    assert [event.data for event in events] == [b'{"a":1}', None, b'{"b":2}', b'{"c":3}']
    assert b"".join(event.raw for event in events) == raw


def test_what_is_left_at_the_end_is_an_event() -> None:
    assert [event.data for event in frames(b"data: 1\n\ndata: 2\n", 3)] == [b"1", b"2"]
    assert [event.data for event in frames(b"data: 1\n\ndata: 2", 3)] == [b"1", b"2"]
    assert frames(b"", 1) == []
    assert frames(b"\n \n", 1)[0].data is None


def test_an_event_leaves_with_its_blank_line() -> None:
    framing = Framing()
    assert list(framing.feed(b"data: 1\n")) == []
    assert [event.raw for event in framing.feed(b"\n")] == [b"data: 1\n\n"]
    assert list(framing.feed(b"data: 1\r\n\r")) == []  # its line feed may still come
    assert [event.raw for event in framing.feed(b"\n")] == [b"data: 1\r\n\r\n"]


def test_other_data_takes_the_place_of_the_first_line_and_keeps_the_rest() -> None:
    (event,) = frames(b"event: a\r\ndata: {\r\ndata: }\r\nid: 7\r\n\r\n", 1000)
    assert event.with_data(b"{}") == b"event: a\r\ndata: {}\r\nid: 7\r\n\r\n"
    line, *_ = frames(b' {"a": 1} \r\n{}\n', 1000)
    assert line.with_data(b'{"a":2}') == b'{"a":2}\r\n'


@pytest.mark.parametrize("begin", [b"data: ", b"{"])
def test_an_event_that_does_not_end_is_refused(begin: bytes) -> None:
    framing = Framing()
    list(framing.feed(begin))
    for _ in range(3):
        list(framing.feed(b"x" * (MAX_EVENT_BYTES // 4)))
    with pytest.raises(BodyUnreadableError, match="too large"):
        list(framing.feed(b"x" * (MAX_EVENT_BYTES // 4)))


def test_a_heartbeat_without_data_has_none() -> None:
    assert [event.data for event in frames(b"data:\n\nevent: ping\n\nretry: 3\n\n", 4)] == [None, None, None]


@pytest.mark.parametrize("raw", [b"<html>Anna</html>\n\n", b"data: 1\nAnna: 2\n\n", b"Anna\n\n"])
def test_a_line_that_no_event_has_is_refused(raw: bytes) -> None:
    with pytest.raises(BodyUnreadableError) as refused:
        frames(raw, 3)
    assert "Anna" not in str(refused.value)
