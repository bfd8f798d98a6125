from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from gateway.connectors.calls import CONNECTOR as CALLS
from gateway.connectors.json import connector
from gateway.connectors.openai import CONNECTOR
from gateway.engine import EventStream
from gateway.errors import BodyUnreadableError, PartNotTextError
from gateway.notice.channel import JsonPaths
from redaction.findings import EntityType
from redaction.operators import Replacement
from redaction.pseudonyms import Pseudonyms
from redaction.stream import Decided, StreamRestorer, TextStream


class Shouting:
    """Replaces `aaa` by `A`; decides a character once the two behind it are known, like a redactor that looks ahead."""

    def __init__(self) -> None:
        self.text = ""
        self.upto = 0

    def feed(self, text: str) -> Decided:
        self.text += text
        return self._decided(len(self.text) - 2)

    def finish(self) -> Decided:
        return self._decided(len(self.text))

    def _decided(self, upto: int) -> Decided:
        found = []
        while self.upto < upto:
            if self.text.startswith("aaa", self.upto):
                found.append(Replacement(self.upto, self.upto + 3, "A", EntityType.PERSON))
                self.upto += 3
            else:
                self.upto += 1
        return Decided(self.upto, tuple(found))


def event(delta: dict[str, Any], *, index: int = 0, finish: str | None = None, **fields: object) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": finish, **fields}
    return b"data: " + orjson.dumps({"id": "x", "choices": [choice]}) + b"\n\n"


def contents(raw: bytes) -> list[str | None]:
    bodies = [orjson.loads(line[6:]) for line in raw.splitlines() if line.startswith(b"data: {")]
    return [choice["delta"].get("content") for body in bodies for choice in body["choices"]]


def stream(open_stream: Callable[[str], TextStream | None] = lambda _key: Shouting(), **options: Any) -> EventStream:  # noqa: ANN401
    return EventStream(CONNECTOR, open_stream, **options)


def test_an_event_leaves_once_its_characters_are_decided() -> None:
    events = stream()
    assert events.feed(event({"content": "xy"})) == b""
    assert contents(events.feed(event({"content": "z"}))) == []
    assert contents(events.feed(event({"content": "1"}))) == ["xy"]
    assert contents(events.finish()) == ["z", "1"]


def test_a_replacement_lands_where_it_starts_and_the_rest_becomes_shorter() -> None:
    events = stream()
    raw = b"".join(event({"content": piece}) for piece in ["xa", "a", "ay", "aaab", ""])
    assert contents(events.feed(raw) + events.finish()) == ["xA", "", "y", "Ab", ""]
    assert events.texts() == {"content:0": "xaaayaaab"}


def test_events_that_nothing_changed_are_the_bytes_that_came() -> None:
    raw = b'event: m\r\ndata: { "choices": [ {"index": 0, "delta": {"content": "\\u0078y"}} ] }\r\nid: 3\r\n\r\n'
    events = stream()
    assert events.feed(raw) + events.finish() == raw


def test_an_event_behind_one_that_is_held_waits_its_turn() -> None:
    events = stream()
    assert events.feed(event({"content": "a"})) == b""
    assert events.feed(b": ping\n\n") == b""
    assert events.feed(event({"content": "left"}, index=1)) == b""
    assert events.finish().count(b"\n\n") == 3


def test_two_texts_side_by_side_are_decided_each_by_itself() -> None:
    events = stream()
    raw = b"".join(
        event({"content": piece}, index=index) for index, piece in [(0, "a"), (1, "aa"), (0, "aa"), (1, "a")]
    )
    assert contents(events.feed(raw) + events.finish()) == ["A", "A", "", ""]
    assert events.texts() == {"content:0": "aaa", "content:1": "aaa"}


def test_refusals_are_kept_and_reasoning_is_not() -> None:
    events = stream(lambda _key: None)
    events.feed(event({"content": "a"}) + event({"refusal": "b"}) + event({"reasoning_content": "c", "new": "d"}))
    assert events.texts() == {"content:0": "a", "refusal:0": "b"}


def test_reasoning_and_fields_that_nobody_thought_of_are_redacted_too() -> None:
    events = stream()
    raw = (
        event({"reasoning_content": "xa"}) + event({"reasoning_content": "aa"}) + event({"new": "aaa", "deep": ["aaa"]})
    )
    changed = events.feed(raw) + events.finish()
    assert b"aa" not in changed
    assert changed.count(b'"A"') == 2


def test_nothing_is_held_for_a_text_that_may_not_change() -> None:
    events = stream(lambda _key: None)
    raw = event({"content": "aaa"})
    assert events.feed(raw) == raw


def test_each_key_is_opened_once_and_named() -> None:
    opened: list[str] = []

    def open_stream(key: str) -> TextStream | None:
        opened.append(key)
        return Shouting()

    events = stream(open_stream)
    call = {"tool_calls": [{"index": 2, "function": {"arguments": '{"a":"b","c":["d"]}'}}]}
    events.feed(event({"content": "a"}) + event({"content": "b"}) + event(call, index=1))
    assert opened == ["content:0", "arguments:1:2", "arguments:1:2/0", "arguments:1:2/1"]


def test_a_finish_reason_decides_the_texts_of_its_choice() -> None:
    events = stream()
    assert contents(events.feed(event({"content": "aa"}) + event({}, finish="stop"))) == ["aa"]
    assert events.finished
    assert events.finish() == b""
    assert events.end() == event({}, finish="stop")


def test_all_of_a_choice_behind_its_finish_reason_is_held_in_order() -> None:
    events = stream()
    last = event({}, finish="stop") + event({"content": "xaa"}) + event({"content": "a"}, finish="stop")
    assert events.feed(event({"content": "ok"}) + last + b"data: [DONE]\n\n").count(b"data") == 1
    assert events.finish() == b""
    end = events.end()
    assert contents(end) == [None, "xA", ""]
    assert end.endswith(b"data: [DONE]\n\n")


def test_a_choice_flows_on_when_another_has_ended() -> None:
    events = stream()
    assert contents(events.feed(event({"content": "ok"}) + event({}, finish="stop"))) == ["ok"]
    assert contents(events.feed(event({"role": "assistant"}, index=1) + event({"content": "xaa"}, index=1))) == [None]
    assert contents(events.feed(event({"content": "ayy"}, index=1))) == ["xA"]
    last = event({"content": "z"}, index=1, finish="stop") + b": ping\n\ndata: [DONE]\n\n"
    assert contents(events.feed(last)) == ["yy"]
    assert events.finish() == b""
    assert contents(events.end()) == [None, "z"]


def test_what_belongs_to_no_choice_or_to_two_lets_nothing_overtake_it() -> None:
    one, other = ({"index": index, "delta": {"content": "b"}, "finish_reason": None} for index in (0, 1))
    for choices in ([], [one, other], [{"index": 1, "delta": {"x": "b"}}]):
        events = stream(lambda _key: None)
        late = b"data: " + orjson.dumps({"choices": choices}) + b"\n\n" + event({"content": "c"}, index=1)
        assert events.feed(event({}, finish="stop") + late) == b""
        assert events.end() == event({}, finish="stop") + late


def test_a_text_that_goes_on_behind_its_end_is_still_redacted() -> None:
    events = stream()
    early = events.feed(event({"content": "aaa"}) + event({}, finish="stop") + event({"content": "aaa"}))
    early += events.finish()
    assert contents(early + events.end()) == ["A", None, "A"]
    assert list(events.texts().values()) == ["aaa", "aaa"]


def test_text_in_the_event_that_ends_it_is_redacted() -> None:
    events = stream()
    events.feed(event({"content": "aa"}) + event({"content": "a!"}, finish="stop"))
    assert contents(events.finish()) == []
    events = stream()
    early = events.feed(event({"content": "aa"}) + event({"content": "a!"}, finish="stop")) + events.finish()
    assert contents(early + events.end()) == ["A", "!"]


def test_a_stream_that_breaks_off_is_not_finished() -> None:
    events = stream()
    early = events.feed(event({"content": "xaa"})) + events.finish()
    assert contents(early) == ["xaa"]
    assert events.end() == b""
    assert not events.finished


def test_the_prefix_goes_before_the_first_text_that_is_not_empty() -> None:
    events = stream(prepend="> ")
    raw = event({"role": "assistant", "content": ""}) + event({"reasoning": "hm"}) + event({"content": "aaa"})
    assert not events.prepended
    assert contents(events.feed(raw) + events.finish()) == ["", None, "> A"]
    assert events.prepended
    assert events.texts() == {"content:0": "aaa"}


def test_a_prefix_without_a_text_finds_no_place() -> None:
    events = stream(prepend="> ")
    events.feed(event({}, finish="stop"))
    assert not events.prepended
    assert stream().prepended


def test_what_repeats_a_text_is_dropped_from_the_events_that_changed() -> None:
    logprobs = {"content": [{"token": "aaa"}]}
    events = stream()
    raw = event({"content": "aaa"}, logprobs=logprobs) + event({"content": "b"}, logprobs=logprobs)
    first, second, _ = (events.feed(raw) + events.finish()).split(b"\n\n")
    assert b"logprobs" not in first
    assert b"logprobs" in second


def test_values_in_the_arguments_of_a_call_are_replaced_as_json() -> None:
    class Quoting(Shouting):
        def finish(self) -> Decided:
            return Decided(len(self.text), (Replacement(0, len(self.text), '"\n\\', EntityType.PERSON),))

    pieces = ['{"na', 'me":"\\u00', "e4", "b", '","x":"', '\\"', '"}']
    deltas = [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces]
    events = stream(lambda _key: Quoting())
    changed = events.feed(b"".join(event(delta) for delta in deltas)) + events.finish()
    bodies = [orjson.loads(line[6:]) for line in changed.splitlines() if line]
    written = [body["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"] for body in bodies]
    assert orjson.loads("".join(written)) == {"name": '"\n\\', "x": '"\n\\'}
    assert written[2] == ""
    assert len(written) == len(pieces)


def test_a_value_in_the_arguments_is_decided_when_it_ends() -> None:
    events = stream()
    first, last = ({"tool_calls": [{"index": 0, "function": {"arguments": text}}]} for text in ('{"a":"bc', '"'))
    assert events.feed(event(first)) == b""
    assert events.feed(event(last)) == event(first) + event(last)


def test_arguments_that_are_no_json_pass_only_where_nothing_may_change() -> None:
    raw = event({"tool_calls": [{"index": 0, "function": {"arguments": "Anna!"}}]})
    assert stream(lambda _key: None).feed(raw) == raw
    with pytest.raises(BodyUnreadableError):
        stream().feed(raw)


@pytest.mark.parametrize(
    "raw", [b"data: {\n\n", b"data: Anna\n\n", b'data: "Anna"\n\n', b'data: {"a":"\xff"}\n\n', b"<html>\n\ndata: x\n\n"]
)
def test_an_event_that_can_not_be_read_ends_it_all(raw: bytes) -> None:
    events = stream()
    with pytest.raises(BodyUnreadableError) as refused:
        events.feed(event({"content": "held"}) + raw)
    assert "Anna" not in str(refused.value)


def test_audio_in_a_stream_is_refused() -> None:
    raw = event({"audio": {"data": "AAAA"}})
    with pytest.raises(PartNotTextError, match="audio"):
        stream().feed(raw)


def test_an_error_in_a_stream_is_context() -> None:
    events = stream()
    assert (
        events.feed(b'data: {"error":{"message":"no aaa here"}}\n\n') == b'data: {"error":{"message":"no A here"}}\n\n'
    )
    assert events.texts() == {}


def test_texts_are_told_apart_by_the_key_that_the_notice_names() -> None:
    places = {"text": "t", "response": "t", "stream": "t", "stream_key": "node", "stream_end": {"done": "true"}}
    events = EventStream(connector(JsonPaths.model_validate(places)), lambda _key: Shouting())
    rows = [
        {"node": "p", "t": "a"},
        {"node": "q", "t": "aa"},
        {"node": "p", "t": "aa"},
        {"done": False},
        {"done": True},
    ]
    raw = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    early = events.feed(raw) + events.finish()
    assert [orjson.loads(line).get("t") for line in early.splitlines()] == ["A", "aa", "", None]
    assert events.end() == b'{"done":true}\n'
    assert events.texts() == {"t:p": "aaa", "t:q": "aa"}


def test_each_event_is_a_message_where_the_notice_says_so() -> None:
    places = {"text": "t", "response": "t", "stream": "t", "stream_mode": "messages"}
    events = EventStream(connector(JsonPaths.model_validate(places)), lambda _key: Shouting())
    assert events.feed(b'{"t":"aa"}\n{"t":"aaa"}\n') == b'{"t":"aa"}\n{"t":"A"}\n'
    assert list(events.texts().values()) == ["aa", "aaa"]


@dataclass(frozen=True)
class Numbers:
    """Makes every number a string, or `<A>` a number."""

    redacts: bool = False
    restores: bool = False

    def string_for(self, number: str, name: str) -> str | None:
        return f"[{name} {number}]"

    def number_for(self, text: str, name: str) -> str | None:
        return "4711009" if (text, name) == ("<A>", "n") else None


def arguments(events: EventStream, *pieces: str) -> list[list[str]]:
    """Return for each piece of arguments which pieces leave with it."""
    left = []
    for piece in pieces:
        data = events.feed(event({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}))
        bodies = [orjson.loads(line[6:]) for line in data.splitlines() if line]
        left.append([body["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"] for body in bodies])
    return left


def test_a_number_in_the_arguments_waits_until_it_has_ended() -> None:
    events = stream(numbers=Numbers(redacts=True))
    assert arguments(events, '{"n":', "47110", "09", ',"m":1}') == [
        ['{"n":'], [], [], ['"[n 4711009]"', "", ',"m":1}'],
    ]  # fmt: skip


def test_a_number_at_the_end_of_a_stream_is_read_too() -> None:
    events = stream(numbers=Numbers(redacts=True))
    assert arguments(events, "47110") == [[]]
    assert b"[ 47110]" in events.finish()


def test_numbers_wait_for_nothing_where_they_may_not_change() -> None:
    for numbers in (None, Numbers(), Numbers(restores=True)):
        assert arguments(stream(numbers=numbers), '{"n":47110', "09") == [['{"n":47110'], ["09"]]


def test_a_string_waits_with_its_quotes_while_it_may_be_a_number() -> None:
    events = stream(lambda _key: StreamRestorer(Pseudonyms()), numbers=Numbers(restores=True))
    assert arguments(events, '{"n":"', "<", "A>", '"', ',"m":"', "A", 'nna"}') == [
        [], [], [], ['{"n":', "4711009", "", ""], [], [',"m":"', "A"], ['nna"}'],
    ]  # fmt: skip


def test_the_name_of_a_field_waits_until_it_is_whole_and_is_replaced() -> None:
    assert arguments(stream(), '{"a a', "aa\\u00", 'e4":1,"aaa', '":2}') == [
        [], [], ['{"a Aä', ""], ['":1,"aaa', '":2}'],
    ]  # fmt: skip
    broken = stream()
    assert arguments(broken, '{"c', " aaa") == [[], []]
    assert b"aa" not in broken.finish()


def test_names_that_become_the_same_are_told_apart_within_their_object() -> None:
    written = '{" aaa":1," A":2," aaa ":{" aaa":3}," aa\\u0061":4,"b":5,"b":6}'
    [whole] = arguments(stream(), written)
    assert whole == ['{" A":1," A_":2," A ":{" A":3}," A_2":4,"b":5,"b":6}']


def test_a_string_that_is_too_long_for_a_stand_in_waits_no_longer() -> None:
    events = stream(lambda _key: StreamRestorer(Pseudonyms()), numbers=Numbers(restores=True))
    assert arguments(events, '["<b>', "fett</b> und noch vieles mehr dahinter") != [[], []]


@pytest.mark.parametrize("unfinished", ["", None, False])
def test_an_end_that_is_not_filled_ends_nothing(unfinished: object) -> None:
    events = stream()
    said = [event({"content": piece}, finish_reason=unfinished) for piece in ("xa", "a", "ay")]
    assert contents(b"".join(map(events.feed, said)) + events.finish()) == ["xA", "", "y"]
    assert not events.finished
    assert events.messages() == ["xaaay"]


def test_a_call_bot_may_say_of_each_piece_that_it_is_not_done() -> None:
    events = EventStream(CALLS, lambda _key: Shouting())
    leaving = events.feed(b'{"text":"xa","done":false}\n{"text":"aay","done":false}\n{"text":"...","done":false}\n')
    assert leaving.splitlines()[0] == b'{"text":"xA","done":false}'
    events.feed(b'{"done":true}\n')
    assert events.messages() == ["xaaay..."]


@pytest.mark.parametrize("mark", [b"data: [DONE] \n\n", b"data:[DONE]\r\n\r\n", b"data: [DONE]"])
def test_blanks_around_the_end_mark_change_nothing(mark: bytes) -> None:
    events = stream()
    assert contents(events.feed(event({"content": "Hallo"}) + mark) + events.finish()) == ["Hallo"]
    assert events.finished
    assert events.end() == mark


def test_a_number_too_long_for_a_machine_stays_as_it_was_written() -> None:
    raw = b'data: {"seed":123456789012345678901234,"choices":[{"index":0,"delta":{"content":"aaa"}}]}\n\n'
    events = stream()
    assert events.feed(raw) + events.finish() == raw.replace(b"aaa", b"A")
