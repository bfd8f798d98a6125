"""Whatever a peer sends on a call's socket: a frame is counted as wrong, anything else closes the socket."""

from __future__ import annotations

import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.calls.audiocodes.streaming import best, confidence_in, said_in
from gateway.calls.audiohook.protocol import AudioHook, utterances_in
from gateway.calls.twilio.media import MediaStream

CAUGHT = (ValueError, KeyError, TypeError)
OF_SOCKETS = (*CAUGHT, AttributeError, IndexError)
MEDIA = {"format": "PCMU", "rate": 8000, "channels": ["external"]}


@pytest.mark.parametrize("message", [
    {"event": "start", "start": "x"},
    {"event": "dtmf", "dtmf": [1]},
])  # fmt: skip
def test_twilio(message: dict[str, Any]) -> None:
    with pytest.raises(CAUGHT):
        MediaStream().from_platform(orjson.dumps(message).decode())


@pytest.mark.parametrize(
    "media", ["x", {"payload": "AAAA", "timestamp": 1e308}, {"payload": "AAAA", "timestamp": "-20"}]
)
def test_a_frame_of_twilio(media: object) -> None:
    assert MediaStream().from_platform(orjson.dumps({"event": "media", "media": media}).decode()).wrong


def test_a_frame_of_a_bot() -> None:
    assert MediaStream().from_bot('{"event": "media", "media": "x"}').wrong


@pytest.mark.parametrize("parameters", [
    {"media": ["x"]},
    {"media": [MEDIA], "participant": "x", "conversationId": "c", "organizationId": "o"},
])  # fmt: skip
def test_audiohook_opened(parameters: dict[str, Any]) -> None:
    with pytest.raises(CAUGHT):
        AudioHook().opened({"parameters": parameters})


def test_a_duration_beyond_any_call() -> None:
    long = {"start": "PT" + "9" * 400 + "S", "discarded": "PT1S"}
    with pytest.raises(CAUGHT):
        AudioHook().hear({"seq": 1, "id": "a", "type": "discarded", "parameters": long})


@pytest.mark.parametrize("number", [-1, 2**63, 1e30, "9" * 30])
def test_a_number_that_no_answer_could_say_back(number: object) -> None:
    hook = AudioHook()
    with pytest.raises(CAUGHT):
        hook.hear({"seq": number, "id": "a", "type": "ping", "parameters": {}})
    assert hook.say("pause")["clientseq"] == 0


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.text(max_size=3), below, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(["start", "dtmf", "media"]), JSON, JSON)
def test_anything_at_all(event: str, inside: Any, timestamp: Any) -> None:  # noqa: ANN401 - any JSON
    for below in (inside, {"payload": "AAAA", "timestamp": timestamp}):
        for read in (MediaStream().from_platform, MediaStream().from_bot):
            with contextlib.suppress(*CAUGHT):
                read(orjson.dumps({"event": event, event: below}).decode())


@given(JSON, JSON, JSON)
def test_any_transcript_at_all(entity: Any, inside: Any, words: Any) -> None:  # noqa: ANN401 - any JSON
    spoken = {"transcript": inside, "tokens": words}
    data = {"id": 1, "channel": "external", "isFinal": True, "alternatives": [{"interpretations": [spoken]}]}
    for one in (entity, {"type": "transcript", "data": inside}, {"type": "transcript", "data": data}):
        with contextlib.suppress(*CAUGHT, IndexError):
            list(utterances_in({"parameters": {"entities": [one]}}))


@given(JSON, JSON)
def test_anything_at_all_of_a_voice_bot(inside: Any, one: Any) -> None:  # noqa: ANN401 - any JSON
    for alternatives in (inside, [one]):
        with contextlib.suppress(*OF_SOCKETS):
            confidence_in(best({"type": "userStream.speech.recognition", "alternatives": alternatives}))
    for message in ({"type": "activities", "activities": [one]}, {"type": "playStream.start", "altText": inside}):
        with contextlib.suppress(*OF_SOCKETS):
            said_in(message)
