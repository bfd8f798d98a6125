"""What a bot behind VIER may have done, what VIER tells, and for which call an address is."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pydantic import SecretStr

import gateway.calls.events as happening
from gateway.calls.links import Links
from gateway.calls.live import Prompt
from gateway.calls.vier.commands import answered, guard, say
from gateway.calls.vier.edge import VierEdge
from gateway.calls.vier.messages import confidence_of, for_bot, is_silence, offer_of, pressed_in, text_of
from gateway.upstream import Upstream

LINKS = Links("https://voice.shop.example/base", "hotline", "http://bot:5005/webhooks/vier-cvg")


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("call/recording/start", "recording"),
        ("recording/r-1/d-1", "recording"),
        ("call/dial", "verb"),
        ("dialog/r-1/d-1/data", "verb"),
        ("call/say/", "verb"),
        ("call/../call/say", "verb"),
        ("", "verb"),
    ],
)
def test_what_is_not_known_to_be_harmless_does_not_go_on(path: str, what: str) -> None:
    guarded = guard(path, {"dialogId": "d-1", "text": "Ja."})
    assert (guarded.body, guarded.stripped, guarded.said) == (None, Counter({what: 1}), "")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("call/say", {"text": "Ja.", "language": "de-DE", "synthesizers": ["GOOGLE"], "bargeIn": True}),
        ("call/prompt", {"text": "Ja?", "timeout": 5, "type": {"name": "Number", "maxDigits": 4}}),
        ("call/play", {"url": "https://x.example/a.wav", "fallbackText": "Musik"}),
        ("call/transcription/switch", {"language": "en-GB"}),
        ("call/recording/stop", {"terminate": True}),
        ("call/drop", {}),
    ],
)
def test_what_is_harmless_goes_on_as_it_is(path: str, body: dict[str, Any]) -> None:
    guarded = guard(path, {"dialogId": "d-1", **body})
    assert (guarded.body, guarded.stripped) == ({"dialogId": "d-1", **body}, Counter())
    assert guarded.said == (body.get("text") or body.get("fallbackText") or "")


def test_what_is_spoken_is_kept_without_its_markup() -> None:
    assert guard("call/say", {"text": "<speak>Meier &amp; Co</speak>"}).said == "Meier & Co"
    assert guard("call/say", {"text": "<b>", "interpretAs": "TEXT"}).said == "<b>"
    assert guard("call/say", {"text": "a <b/>c", "interpretAs": "SSML"}).said == "a  c"


def test_who_brings_a_person_in() -> None:
    assert guard("call/forward", {"destinationNumber": "+49301234"}).brings_in
    assert guard("call/bridge", {"headNumber": "+4930"}).brings_in
    assert not guard("call/say", {"text": "Ja."}).brings_in


def test_a_bot_gets_of_an_answer_what_is_known() -> None:
    assert answered({"status": "Failure", "ringTime": 1, "message": "x"}) == {"status": "Failure", "ringTime": 1}
    assert answered(["x"]) == {}


def test_a_prompt_is_plain_text() -> None:
    assert say("d-1", Prompt("question", "Ja & nein?", "de")) == {
        "dialogId": "d-1", "text": "Ja & nein?", "interpretAs": "TEXT", "language": "de-DE",
    }  # fmt: skip


def test_who_calls_and_in_which_language() -> None:
    offer = offer_of({"dialogId": "d-1", "remote": "", "local": "+49", "transcriberLanguage": "nl-NL", "language": "x"})
    assert (offer.call, offer.caller, offer.line, offer.language) == ("d-1", None, "+49", "nl")
    for message in ({}, {"dialogId": 1}, {"dialogId": ""}):
        with pytest.raises((KeyError, TypeError)):
            offer_of(message)


def test_what_is_said_pressed_and_not_said() -> None:
    assert text_of({"type": "SPEECH", "text": "Ja"}) == "Ja"
    assert text_of({"type": {"name": "MultipleChoice", "id": "y", "synonym": "gerne"}}) == "gerne"
    assert text_of({"type": {"name": "MultipleChoice", "id": "y", "synonym": "DTMF_1"}}) is None
    assert text_of({"type": "DTMF", "text": "1"}) is None
    assert pressed_in({"type": {"name": "MultipleChoice", "synonym": "DTMF_#"}}) == happening.Pressed("#")
    assert pressed_in({"type": "DTMF", "text": "DTMF_4"}) == happening.Pressed("4")
    assert pressed_in({"type": {"name": "Number", "value": "42"}}) == happening.Pressed("42")
    assert pressed_in({"type": {"name": "Timeout"}}) is None
    assert pressed_in({"type": "SPEECH", "text": "1"}) is None
    assert is_silence("answer", {"type": {"name": "Timeout"}})
    assert is_silence("inactivity", {})
    assert not is_silence("message", {"type": "SPEECH"})
    assert (confidence_of({"confidence": 91}), confidence_of({})) == (0.91, None)


def test_the_bot_gets_no_headers_of_the_telephone() -> None:
    message = {"dialogId": "d-1", "callback": "https://v.example/v1", "customSipHeaders": {"From": ["+49151"]}}
    assert for_bot(message, "https://here.example/c") == {"dialogId": "d-1", "callback": "https://here.example/c"}


async def test_an_address_is_for_one_call_and_a_callback_for_one_platform() -> None:
    upstream = Upstream(connect_seconds=1, answer_seconds=1, max_answer_bytes=1)
    api = "https://v.example/v1/"
    edge = VierEdge(SecretStr("token"), LINKS, api, upstream)
    callback = edge.callback("d-1")
    assert callback.startswith("https://voice.shop.example/base/hotline/sordino/callback/")
    mark = callback.rpartition("/")[2]
    assert edge.opens(mark, "d-1")
    assert not edge.opens(mark, "d-2")
    assert not edge.opens("ü", "d-1")
    assert edge.is_api("https://v.example/v1")
    assert not edge.is_api("https://v.example/v1.evil.example")
    assert edge.verifies("Bearer token")
    assert not edge.verifies("Bearer toke")
    with pytest.raises(ValueError, match="token"):
        VierEdge(SecretStr(""), LINKS, api, upstream)
    await upstream.close()
