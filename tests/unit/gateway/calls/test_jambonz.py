"""What a jambonz bot may have jambonz do, and what jambonz tells the gateway."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from gateway.calls.jambonz.allowed import command_cleaned
from gateway.calls.jambonz.messages import for_bot, hook_of
from gateway.calls.jambonz.verbs import allowed, guard, question
from gateway.calls.live import Prompt


@pytest.mark.parametrize(
    ("verb", "left", "what"),
    [
        ({"verb": "listen", "url": "/audio"}, None, "recording"),
        ({"verb": "transcribe", "transcriptionHook": "/t"}, None, "recording"),
        ({"verb": "rasa", "url": "https://x.example"}, None, "verb"),
        ({"verb": "config", "record": {"action": "startCallRecording"}}, {"verb": "config"}, "recording"),
        ({"verb": "config", "record": {"action": "resumeCallRecording"}}, {"verb": "config"}, "recording"),
        ({"verb": "dial", "target": [], "listen": {"url": "wss://x"}}, {"verb": "dial", "target": []}, "recording"),
        ({"verb": "dial", "target": [{"confirmHook": "http://x/y"}]}, {"verb": "dial", "target": [{}]}, "address"),
        ({"verb": "gather", "actionHook": {"url": "//x/y"}}, {"verb": "gather"}, "address"),
        ({"verb": "gather", "recognizer": {"azureServiceEndpoint": "https://x"}}, {"verb": "gather", "recognizer": {}},
         "address"),
        ({"verb": "gather", "recognizer": {"customOptions": {"uri": "ws://x"}}}, {"verb": "gather", "recognizer": {}},
         "verb"),
        ({"verb": "gather", "recognizer": {"deepgramOptions": {"tier": "nova", "deepgramSttUri": "x.example"}}},
         {"verb": "gather", "recognizer": {"deepgramOptions": {"tier": "nova"}}}, "address"),
        ({"verb": "gather", "recognizer": {"deepgramOptions": {"apiKey": "theirs"}}},
         {"verb": "gather", "recognizer": {"deepgramOptions": {}}}, "verb"),
        ({"verb": "gather", "recognizer": {"deepgramOptions": {"mipOptOut": False}}},
         {"verb": "gather", "recognizer": {"deepgramOptions": {}}}, "recording"),
        ({"verb": "gather", "recognizer": {"elevenlabsOptions": {"enableLogging": True}}},
         {"verb": "gather", "recognizer": {"elevenlabsOptions": {}}}, "recording"),
        ({"verb": "gather", "recognizer": ["google"]}, {"verb": "gather"}, "verb"),
        ({"verb": "dial", "target": [{"number": "+49"}], "proxy": "sip:x.example"},
         {"verb": "dial", "target": [{"number": "+49"}]}, "address"),
        ({"verb": "dial", "dub": [{"action": "addTrack", "play": "http://x"}]}, {"verb": "dial"}, "recording"),
        ({"verb": "say", "text": "Hallo", "synthesizer": {"options": {"a": [{"b": "wss://x.example"}]}}},
         {"verb": "say", "text": "Hallo", "synthesizer": {}}, "address"),
        ({"verb": "gather", "actionHookDelayAction": {"actions": [{"verb": "listen", "url": "https://x"}]}},
         {"verb": "gather", "actionHookDelayAction": {}}, "verb"),
        ({"verb": "gather", "actionHookDelayAction": {"actions": [{"verb": "play", "url": "wss://x"}]}},
         {"verb": "gather", "actionHookDelayAction": {}}, "address"),
        ({"verb": "config", "unheardOf": {"to": "x"}}, {"verb": "config"}, "verb"),
        ({"verb": "conference", "record": {"path": "/x"}}, {"verb": "conference"}, "recording"),
        ({"verb": "llm", "vendor": "x"}, None, "verb"),
        ({"verb": "pause", "length": {"url": "https://x"}}, {"verb": "pause"}, "verb"),
        ({"verb": "gather", "recognizer": {"audioLogging": True}}, {"verb": "gather", "recognizer": {}}, "recording"),
        ({"verb": "play", "url": "http://x/y.wav"}, {"verb": "play"}, "address"),
    ],
)  # fmt: skip
def test_what_records_or_leads_away_is_taken_out(verb: dict[str, Any], left: dict[str, Any] | None, what: str) -> None:
    guarded = guard([verb])
    assert (guarded.verbs, guarded.stripped) == ([left] if left else [], Counter({what: 1}))


@pytest.mark.parametrize(
    "verb",
    [
        {"verb": "say", "text": "Guten Tag."},
        {"verb": "play", "url": ["https://x.example/a.wav"]},
        {"verb": "gather", "actionHook": "/next", "say": {"text": "Ja?"}, "partialResultHook": {"url": "part"}},
        {"verb": "config", "record": {"action": "pauseCallRecording"}, "listen": {"enable": False}},
        {"verb": "dial", "target": [{"type": "sip", "sipUri": "sip:anna@example.com", "headers": {"X-Case": "7"}}]},
        {
            "verb": "gather",
            "input": ["speech"],
            "recognizer": {
                "vendor": "google",
                "hints": ["Paket", {"phrase": "x"}],
                "azureOptions": {"audioLogging": False},
                "vad": {"enable": True, "mode": 2},
            },
        },
        {
            "verb": "config",
            "actionHookDelayAction": {
                "enabled": True,
                "noResponseTimeout": 2,
                "retries": 1,
                "actions": [{"verb": "say", "text": "Einen Moment."}],
                "giveUpActions": [{"verb": "hangup"}],
            },
        },
        {"verb": "say", "text": "Hallo", "synthesizer": {"voice": {"name": "x"}, "options": {"speed": 1.2}}},
        {"verb": "enqueue", "name": "q", "waitHook": "/wait", "_": {"any": 1}},
        {"verb": "tag", "data": {"order": {"number": 7}}},
        {"verb": "play", "id": "p1", "url": "https://x.example/a.wav", "loop": 2},
    ],
)
def test_what_is_harmless_goes_on_as_it_is(verb: dict[str, Any]) -> None:
    guarded = guard([verb])
    assert (guarded.verbs, guarded.stripped) == ([verb], Counter())
    assert guarded.dials is (verb["verb"] in {"dial", "enqueue"})


def test_what_is_spoken_is_found() -> None:
    verbs = [{"verb": "say", "text": ["Eins.", "Zwei."]}, {"verb": "gather", "say": {"text": "Drei?"}}]
    assert guard(verbs).said == ["Eins.", "Zwei.", "Drei?"]


@pytest.mark.parametrize("verbs", ["say", [1], [{}], None])
def test_verbs_that_are_none_are_refused(verbs: object) -> None:
    with pytest.raises((TypeError, KeyError)):
        guard(verbs)


def test_a_question_is_asked_after_what_is_told() -> None:
    told, asked = question([Prompt("question", "Ja?", "nl"), Prompt("notice", "Nichts.", "nl")], seconds=6)
    assert (told["verb"], told["text"]) == ("say", "Nichts.")
    assert (asked["verb"], asked["say"]["text"], asked["recognizer"]["language"]) == ("gather", "Ja?", "nl-NL")


def test_commands_that_start_a_recording_are_counted() -> None:
    stripped = Counter[str]()
    assert allowed({"command": "record", "data": {"action": "stopCallRecording"}}, stripped)
    assert not allowed({"command": "record", "data": {"action": "startCallRecording"}}, stripped)
    assert not allowed({"command": "listen:status", "data": {}}, stripped)
    assert not allowed({"command": "llm:update", "data": {}}, stripped)
    assert stripped == Counter({"recording": 2, "verb": 1})


@pytest.mark.parametrize(
    ("kind", "told", "kept"),
    [
        ("conf:hold-status", {"conf_hold_status": "hold", "wait_hook": "//x.example"}, {"conf_hold_status": "hold"}),
        ("conf:hold-status", {"conf_hold_status": "hold", "wait_hook": "/wait"}, None),
        ("call:status", {"call_status": "completed", "recordUrl": "https://x.example"}, {"call_status": "completed"}),
        ("dtmf", {"digit": "1", "duration": 250}, None),
        ("tag", {"order": {"number": 7}}, None),
    ],
)  # fmt: skip
def test_what_a_command_says_leads_nowhere_else(kind: str, told: dict[str, Any], kept: dict[str, Any] | None) -> None:
    stripped = Counter[str]()
    assert allowed({"command": kind, "data": told}, stripped)
    assert command_cleaned(kind, told, stripped) == (told if kept is None else kept)
    assert stripped == (Counter() if kept is None else Counter(address=1))


def test_a_hook_with_transcripts_as_older_versions_send_them_is_read() -> None:
    part = {"alternatives": [{"transcript": "Nein", "confidence": 0.8}]}
    message = {"type": "verb:hook", "data": {"speech": {"is_final": True, "transcripts": [part]}}}
    assert (hook_of(message).text, hook_of(message).confidence, hook_of(message).final) == ("Nein", 0.8, True)
    assert for_bot(message)["data"]["speech"]["alternatives"] == part["alternatives"]


def test_what_is_pressed_in_a_dialled_call_is_read() -> None:
    assert hook_of({"type": "verb:hook", "data": {"dtmf": "*"}}).keys == "*"
