"""What a bot of AudioCodes' Bot API may have done, and where its addresses lead."""

from __future__ import annotations

from collections import Counter

import pytest

from gateway.calls.audiocodes.activities import confidence_of, for_bot, guard, through
from gateway.calls.links import Links

LINKS = Links("https://voice.shop.example", "chat", "http://bot:5005/webhooks/audiocodes")


@pytest.mark.parametrize("name", ["startCallRecording", "resumeCallRecording", "StartCallRecording", "record"])
def test_what_starts_a_recording_is_taken_out(name: str) -> None:
    guarded = guard([{"type": "event", "name": name}, {"type": "message", "text": "Ja."}])
    assert (guarded.activities, guarded.stripped) == ([{"type": "message", "text": "Ja."}], Counter(recording=1))


def test_what_is_harmless_goes_on_as_it_is() -> None:
    activities = [
        {"type": "event", "name": "pauseCallRecording"},
        {"type": "event", "name": "playUrl", "activityParams": {"playUrlUrl": "https://x.example/a.wav"}},
        {"type": "event", "name": "transfer", "activityParams": {"transferTarget": "tel:+49301234"}},
    ]
    guarded = guard(activities)
    assert (guarded.activities, guarded.stripped, guarded.dials) == (activities, Counter(), True)


@pytest.mark.parametrize(
    ("parameters", "what"),
    [
        ({"azureEnableAudioLogging": True}, "recording"),
        ({"sttOverrideConfig": {"url": "wss://elsewhere.example"}}, "verb"),
        ({"speakerVerificationType": "text-independent"}, "verb"),
        ({"agentAssistUrl": "https://elsewhere.example"}, "verb"),
        ({"somethingNew": 1}, "verb"),
        ({"siprecMode": "x"}, "recording"),
        ({"playUrlUrl": "http://169.254.169.254/"}, "address"),
        ({"userNoInputUrl": "file:///etc/passwd"}, "address"),
        ({"transferReferredByURL": "https://elsewhere.example"}, "address"),
    ],
)
@pytest.mark.parametrize("place", ["activityParams", "sessionParams", "parameters"])
def test_parameters_that_are_not_known_are_taken_out(place: str, parameters: dict[str, object], what: str) -> None:
    kept = {"voiceName": "de-DE-KatjaNeural", "bargeIn": True}
    guarded = guard([{"type": "event", "name": "config", place: {**kept, **parameters}}])
    assert guarded.activities == [{"type": "event", "name": "config", place: kept}]
    assert guarded.stripped == Counter({what: 1})


@pytest.mark.parametrize(
    "activity",
    [
        {"type": "event", "name": "speakerVerificationEnroll"},
        {"type": "event", "name": "connectToAgentAssist"},
        {"type": "event"},
        {"type": "invoke", "name": "hangup"},
        {"name": "hangup"},
    ],
)
def test_activities_that_are_not_known_are_taken_out(activity: dict[str, object]) -> None:
    assert guard([activity]).stripped == Counter(verb=1)


@pytest.mark.parametrize(
    ("parameters", "what"),
    [
        ({"azureEnableAudioLogging": False}, None),  # it ends what an administrator may have begun
        ({"azureEnableAudioLogging": "false"}, "recording"),
        ({"alternativeLanguages": [{"language": "nl-NL", "voiceName": "x"}], "languageDetectionActivate": True}, None),
        ({"alternativeLanguages": [{"language": "nl-NL", "sttOverrideConfig": {}}]}, "verb"),
        ({"alternativeLanguages": "x"}, "verb"),
    ],
)
def test_a_parameter_goes_on_by_what_it_says(parameters: dict[str, object], what: str | None) -> None:
    guarded = guard([{"type": "event", "name": "config", "sessionParams": parameters}])
    assert guarded.activities[0]["sessionParams"] == (parameters if what is None else {})
    assert guarded.stripped == (Counter() if what is None else Counter({what: 1}))


@pytest.mark.parametrize("more", [{"channelData": {"x": 1}}, {"sessionParams": ["x"]}])
def test_an_activity_has_no_fields_but_those_that_are_known(more: dict[str, object]) -> None:
    guarded = guard([{"type": "message", "text": "Ja.", **more}])
    assert (guarded.activities, guarded.stripped) == ([{"type": "message", "text": "Ja."}], Counter(verb=1))


@pytest.mark.parametrize("name", ["transfer", "Transfer", "handover"])
def test_who_is_brought_in_is_seen_however_it_is_written(name: str) -> None:
    assert guard([{"type": "event", "name": name}]).dials


@pytest.mark.parametrize("activities", [None, {}, "x"])
def test_activities_that_are_none_are_refused(activities: object) -> None:
    with pytest.raises(TypeError):
        guard(activities)


def test_addresses_lead_through_the_gateway_or_nowhere() -> None:
    stripped = Counter[str]()
    answer = {
        "activitiesURL": "conversation/c/activities", "refreshURL": "http://bot:5005/webhooks/audiocodes/keepalive",
        "disconnectURL": "https://elsewhere.example/bye", "websocketURL": "conversation/c/websocket",
        "expiresSeconds": 60,
    }  # fmt: skip
    assert through(answer, LINKS, "webhook", stripped) == {
        "activitiesURL": "https://voice.shop.example/chat/conversation/c/activities",
        "refreshURL": "https://voice.shop.example/chat/keepalive",
        "expiresSeconds": 60,
    }
    assert stripped == Counter(address=2)


def test_the_recognisers_copies_do_not_go_on() -> None:
    activity = {"type": "message", "text": "Ja", "parameters": {"confidence": 0.8, "recognitionOutput": {"t": "Ja"}}}
    assert for_bot(activity) == {"type": "message", "text": "Ja", "parameters": {"confidence": 0.8}}
    assert (confidence_of(activity), confidence_of({"type": "message"})) == (0.8, None)
