"""What leads around the gateway, or records by itself, does not pass; Twilio's own signatures verify ours."""

from __future__ import annotations

import pytest
from twilio.request_validator import RequestValidator

from gateway.calls.links import Links
from gateway.calls.twilio.media import Heard, MediaStream
from gateway.calls.twilio.signature import sign, verifies
from gateway.calls.twilio.twiml import guard
from gateway.errors import BodyUnreadableError

LINKS = Links("https://voice.shop.example/sordino", "bot", "http://bot:9000/app", ("https://bot.shop.example",))
THROUGH = "https://voice.shop.example/sordino/bot"
TOKEN = "secret"
FIELDS = [("CallSid", "CA1"), ("From", "+4915123984712"), ("SpeechResult", "Grüße"), ("Digits", "")]


@pytest.mark.parametrize(
    ("url", "through"),
    [
        ("/next", None),  # not below the bot's own path
        ("next?step=2", f"{THROUGH}/voice/next?step=2"),
        ("../start", f"{THROUGH}/start"),
        ("../../../start", None),
        ("http://bot:9000/app/x", f"{THROUGH}/x"),
        ("https://bot.shop.example/media", f"{THROUGH}/media"),
        ("https://bot.shop.example:443/media", f"{THROUGH}/media"),
        ("wss://bot.shop.example/media", "wss://voice.shop.example/sordino/bot/media"),
        ("https://bot.shop.example.evil.example/x", None),
        ("https://bot.shop.example@evil.example/x", None),
        ("https://user:pass@bot.shop.example/x", None),
        ("https://bot.shop.example:444/x", None),
        ("http://bot:9000/application", None),
        ("http://bot:9000/app/../x", None),
        ("//evil.example/x", None),
        ("javascript:alert(1)", None),
        ("http://[", None),
        ("http://bot:99999/app/x", None),
    ],
)
def test_addresses_of_the_bot_lead_through_the_gateway_and_no_others(url: str, through: str | None) -> None:
    assert LINKS.through(url, "voice/begin") == through


@pytest.mark.parametrize("url", ["https://voice.shop.example/bot/x?a=b", "https://voice.shop.example:8443/bot/x"])
def test_twilios_validator_and_ours_agree(url: str) -> None:
    theirs = RequestValidator(TOKEN)
    assert theirs.validate(url, dict(FIELDS), sign(TOKEN, url, FIELDS))
    assert verifies(TOKEN, url, FIELDS, theirs.compute_signature(url, dict(FIELDS)))
    assert not verifies(TOKEN, url, [*FIELDS, ("More", "1")], theirs.compute_signature(url, dict(FIELDS)))
    assert not verifies("other", url, FIELDS, theirs.compute_signature(url, dict(FIELDS)))
    assert not verifies(TOKEN, url, FIELDS, "é")


def made(twiml: str, *, listen: bool = False) -> tuple[str, dict[str, int]]:
    guarded = guard(f"<Response>{twiml}</Response>".encode(), LINKS, "voice", listen=listen)
    text = guarded.body.decode().partition("?>\n")[2]
    return text.removeprefix("<Response>").removesuffix("</Response>"), dict(guarded.stripped)


@pytest.mark.parametrize(
    ("twiml", "safe", "stripped"),
    [
        ("<Say>Hallo</Say>", "<Say>Hallo</Say>", {}),
        ("<Record />", "<Response />", {"recording": 1}),
        ("<Say>a</Say><Record />b<Say>c</Say>", "<Say>a</Say>b<Say>c</Say>", {"recording": 1}),
        ("<Start><Siprec connectorName='x' /></Start>", "<Response />", {"recording": 1}),
        ("<Start><Transcription /></Start>", "<Response />", {"recording": 1}),
        ("<Stop><Siprec name='x' /></Stop>", '<Stop><Siprec name="x" /></Stop>', {}),
        ("<Stop><Transcription name='x' /></Stop>", '<Stop><Transcription name="x" /></Stop>', {}),
        ("<Stop><Record /></Stop>", "<Response />", {"recording": 1}),
        ("<Dial><WhatsApp>+1</WhatsApp></Dial><Echo />", "<Dial><WhatsApp>+1</WhatsApp></Dial><Echo />", {}),
        ("<Dial><Sip><Uri>sip:a@b</Uri><Headers><Header name='x' value='y' /></Headers></Sip></Dial>",
         '<Dial><Sip><Uri>sip:a@b</Uri><Headers><Header name="x" value="y" /></Headers></Sip></Dial>', {}),
        ("<Dial><Application><ApplicationSid>AP1</ApplicationSid></Application></Dial>", "<Dial />", {"verb": 1}),
        ("<Enqueue waitUrl='w'>q</Enqueue>", f'<Enqueue waitUrl="{THROUGH}/sordino/aside/w">q</Enqueue>', {}),
        ("<Dial><Number url='w'>1</Number></Dial>",
         f'<Dial><Number url="{THROUGH}/sordino/aside/w">1</Number></Dial>', {}),
        ("<Dial record='true'>1</Dial>", "<Dial>1</Dial>", {"recording": 1}),
        ("<Dial><Conference record='record-from-start' recordingStatusCallback='x'>r</Conference></Dial>",
         "<Dial><Conference>r</Conference></Dial>", {"recording": 1}),
        ("<Dial record='do-not-record'>1</Dial>", "<Dial>1</Dial>", {}),
        ("<Redirect>next</Redirect>", f"<Redirect>{THROUGH}/next</Redirect>", {}),
        ("<Redirect>https://evil.example</Redirect>", "<Response />", {"address": 1}),
        ("<Gather action='https://evil.example/x' />", "<Gather />", {"address": 1}),
        ("<Gather action='x' partialResultCallback='y' />",
         f'<Gather action="{THROUGH}/x" partialResultCallback="{THROUGH}/y" />', {}),
        ("<Connect><Stream url='wss://evil.example/' /></Connect>", "<Response />", {"address": 1}),
        ("<Connect><VirtualAgent connectorName='x' /></Connect>", "<Response />", {"verb": 1}),
        ("<Connect><Assistant id='x' /></Connect>", "<Response />", {"verb": 1}),
        ("<record /><Say>a</Say>", "<Say>a</Say>", {"verb": 1}),
        ("<x:Record xmlns:x='y' /><Say>a</Say>", "<Say>a</Say>", {"verb": 1}),
        ("<Record xmlns='y' /><Say>a</Say>", "<Say>a</Say>", {"verb": 1}),
        ("<Say>a <emphasis>b</emphasis></Say>", "<Say>a <emphasis>b</emphasis></Say>", {}),
        ("<Play>https://cdn.example/a.mp3</Play>", "<Play>https://cdn.example/a.mp3</Play>", {}),
        ("<Play>http://10.0.0.1/a.mp3</Play>", "<Response />", {"address": 1}),
    ],
)  # fmt: skip
def test_a_bots_answer_is_made_safe(twiml: str, safe: str, stripped: dict[str, int]) -> None:
    assert made(twiml) == (safe, stripped)


def test_the_gateway_listens_by_a_stream_of_its_own_unless_there_is_one() -> None:
    url = f"{THROUGH.replace('https', 'wss')}/sordino/media"
    ours = f'<Start><Stream name="sordino" url="{url}" track="both_tracks" />'
    assert made("<Say>a</Say>", listen=True)[0] == ours + "</Start><Say>a</Say>"
    assert "sordino/media" not in made("<Connect><Stream url='x' /></Connect>", listen=True)[0]


@pytest.mark.parametrize(
    "raw",
    [b"", b"hello", b"<Response>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><Response>&a;</Response>",
     "<Response/>".encode("utf-16")],
)  # fmt: skip
def test_what_is_no_safe_xml_is_refused(raw: bytes) -> None:
    with pytest.raises(BodyUnreadableError):
        guard(raw, LINKS, "voice", listen=False)


@pytest.mark.parametrize(
    "text",
    ['{"event":"media"}', '{"event":"media","media":{"timestamp":"0"}}', '{"event":"media","media":{"payload":"#"}}',
     '{"event":"media","media":{"payload":"","timestamp":"0"}}', '{"event":"media","media":[]}',
     '{"event":"media","media":{"payload":"AA==","timestamp":null}}',
     '{"event":"media","media":{"payload":"AA==","timestamp":"x"}}'],
)  # fmt: skip
def test_frames_that_can_not_be_read_are_wrong_and_no_more(text: str) -> None:
    assert MediaStream().from_platform(text) == Heard(wrong=True)


@pytest.mark.parametrize("text", ["[]", "{", '{"event":"start","start":{}}'])
def test_messages_that_are_none_raise(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        MediaStream().from_platform(text)
