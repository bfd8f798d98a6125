"""Twilio in front, a TwiML bot behind: Twilio's own RequestValidator on both sides."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from xml.etree import ElementTree as ET

import orjson
import pytest
from aiohttp import WSMsgType, WSServerHandshakeError, web
from twilio.request_validator import RequestValidator

from gateway.app import build_prover
from gateway.engine.markup import read_markup
from storage.errors import PurposeRefusedError
from tests.fakes import FakeClock
from tests.integration.call_shop import RECORDED
from tests.integration.conftest import MakeShop, Shop

TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC = "https://voice.shop.example"
TWILIO = RequestValidator(TOKEN)
NOTICE = RECORDED.replace("connector: calls", "connector: twilio")
RECORDING = "RE" + "0" * 32
ACCOUNT = "AC" + "1" * 32
SAY = '<Response><Gather input="speech" action="/next?step=2"><Say>Was kann ich tun?</Say></Gather></Response>'


@dataclass
class TwimlBot:
    """A bot that answers TwiML and speaks both WebSockets; it checks each signature as Twilio's SDK does."""

    says: str = SAY
    status: int = 200
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    unsigned: int = 0
    recordings: dict[str, bytes] = field(default_factory=dict)
    keeps: int = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/media", self._media)
        app.router.add_get("/relay", self._relay)
        app.router.add_route("*", "/2010-04-01/Accounts/{account}/Recordings/{name}", self._api)
        app.router.add_post("/{path:.*}", self._webhook)
        return app

    def _check(self, request: web.Request, fields: dict[str, str]) -> None:
        url = str(request.url).replace("http:", "ws:") if request.method == "GET" else str(request.url)
        self.unsigned += not TWILIO.validate(url, fields, request.headers.get("X-Twilio-Signature", ""))

    async def _webhook(self, request: web.Request) -> web.Response:
        fields = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        self._check(request, fields)
        self.seen.append((request.path_qs, fields))
        return web.Response(text=self.says, content_type="text/xml", status=self.status)

    async def _media(self, request: web.Request) -> web.WebSocketResponse:
        self._check(request, {})
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            self.messages.append(orjson.loads(message.data))
            if self.messages[-1]["event"] == "media":
                media = {"event": "media", "streamSid": "MZ1", "media": {"payload": b64encode(b"\x09" * 160).decode()}}
                await socket.send_str(orjson.dumps(media).decode())
        return socket

    async def _relay(self, request: web.Request) -> web.WebSocketResponse:
        self._check(request, {})
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            self.messages.append(orjson.loads(message.data))
            if self.messages[-1]["type"] == "prompt" and self.messages[-1]["last"]:
                for token, last in (("Ihr Paket ", False), ("ist unterwegs.", True)):
                    await socket.send_str(orjson.dumps({"type": "text", "token": token, "last": last}).decode())
        return socket

    async def _api(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        name = request.match_info["name"].partition(".")[0]
        if request.method == "DELETE":
            if self.keeps:
                self.keeps -= 1
                return web.Response(status=500)
            self.recordings.pop(name, None)
            return web.Response(status=204)
        found = self.recordings.get(name)
        return web.Response(status=404) if found is None else web.Response(body=found, content_type="audio/x-wav")


@dataclass
class Twilio:
    """Twilio, as the gateway sees it."""

    shop: Shop
    bot: TwimlBot
    call: str = "CA" + "2" * 32

    async def post(self, path: str, *, status: int = 200, signature: str | None = None, **more: str) -> ET.Element:
        fields = {"CallSid": self.call, "AccountSid": ACCOUNT, "From": "+4915123984712", "To": "+49800", **more}
        signed = TWILIO.compute_signature(f"{PUBLIC}/chat/{path}", fields) if signature is None else signature
        async with self.shop.client.post(
            f"{self.shop.public}/{path}",
            data=urlencode(fields),
            headers={"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signed},
        ) as response:
            text = await response.text()
            assert response.status == status, text
            return read_markup(text.encode()) if status < 300 and text else ET.Element("none")

    async def follow(self, url: str, **fields: str) -> ET.Element:
        assert url.startswith(f"{PUBLIC}/chat/")
        return await self.post(url.removeprefix(f"{PUBLIC}/chat/"), status=200, signature=None, **fields)

    def socket(self, path: str) -> Any:  # noqa: ANN401 - aiohttp's own context manager
        signed = TWILIO.compute_signature(f"{PUBLIC.replace('https', 'wss')}/chat/{path}", {})
        return self.shop.client.ws_connect(f"{self.shop.public}/{path}", headers={"X-Twilio-Signature": signed})

    async def agree(self) -> ET.Element:
        """Call, say yes, and return what the bot says."""
        asked = await self.post("voice", CallStatus="ringing")
        going_on = await self.follow(attribute(asked, "Gather", "action"), Digits="1")
        return await self.follow(text(going_on, "Redirect"))

    async def heard(self) -> list[list[tuple[int, int, bytes]]]:
        (session,) = await self.shop.sessions()
        gateway = self.shop.addresses.gateway
        found = await gateway.store.recordings.read(UUID(session), "quality", gateway.clock.now())
        return [
            [(run.channel, run.position, run.audio) async for _, runs in one.segments() for run in runs]
            for one in found
        ]

    async def tick(self) -> None:
        edge = self.shop.addresses.gateway.channels["chat"].edge
        assert edge is not None
        await edge.recordings.tick()


def text(root: ET.Element, tag: str) -> str:
    return "".join(next(root.iter(tag)).itertext())


def attribute(root: ET.Element, tag: str, name: str) -> str:
    return next(root.iter(tag)).attrib[name]


def joined(runs: list[tuple[int, int, bytes]]) -> dict[int, tuple[int, bytes]]:
    """Return for each channel where its sound begins and the sound, which must be without a gap."""
    found: dict[int, tuple[int, bytes]] = {}
    for channel, position, sound in sorted(runs):
        begins, before = found.get(channel, (position, b""))
        assert position == begins + len(before)
        found[channel] = begins, before + sound
    return found


MakeTwilio = Callable[..., AbstractAsyncContextManager[Twilio]]


@pytest.fixture
def make_twilio(make_shop: MakeShop) -> MakeTwilio:
    @asynccontextmanager
    async def make(notice: str = NOTICE, clock: FakeClock | None = None) -> AsyncIterator[Twilio]:
        bot = TwimlBot()
        runner = web.AppRunner(bot.app())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        here = f"http://127.0.0.1:{runner.addresses[0][1]}"
        settings = {"platform_secrets": {"chat": TOKEN}, "public_url": PUBLIC, "platform_apis": {"chat": here}}
        async with make_shop(notice, bot, clock, channel_secrets={"chat": "another"}, **settings) as shop:
            yield Twilio(shop, bot)
        assert bot.unsigned == 0
        await runner.cleanup()

    return make


async def test_the_question_comes_before_the_bot_and_the_bot_after_it(make_twilio: MakeTwilio) -> None:
    async with make_twilio() as twilio:
        asked = await twilio.post("voice", CallStatus="ringing")
        assert text(asked, "Say") == "Dürfen wir aufzeichnen? Ja oder die Eins."
        assert attribute(asked, "Gather", "language") == "de-DE"
        assert twilio.bot.seen == []
        going_on = await twilio.follow(attribute(asked, "Gather", "action"), SpeechResult="Ja bitte", Confidence="0.9")
        said = await twilio.follow(text(going_on, "Redirect"), CallStatus="in-progress")
        assert text(said, "Say") == "Was kann ich tun?"
        assert attribute(said, "Stream", "url") == "wss://voice.shop.example/chat/sordino/media"
        action = attribute(said, "Gather", "action")
        assert action == f"{PUBLIC}/chat/next?step=2"
        await twilio.follow(action, SpeechResult="Ich bin Katharina Brandhorst, wo ist mein Paket?", Confidence="0.9")
        path, fields = twilio.bot.seen[-1]
        assert (path, fields["SpeechResult"]) == ("/next?step=2", "Ich bin [PERSON], wo ist mein Paket?")
        assert (fields["From"], fields["CallSid"]) == ("[PHONE]", twilio.call)
        (session,) = await twilio.shop.sessions()
        assert await twilio.shop.texts(session) == [
            "bot: Was kann ich tun?",
            "subject: Ich bin [PERSON], wo ist mein Paket?",
            "bot: Was kann ich tun?",
        ]


@pytest.mark.parametrize("answers", [[{"Digits": "2"}], [{}, {}], [{"SpeechResult": "also mein Paket"}] * 2])
async def test_without_a_yes_the_call_goes_on_unheard(make_twilio: MakeTwilio, answers: list[dict[str, str]]) -> None:
    async with make_twilio() as twilio:
        asked = await twilio.post("voice", CallStatus="ringing")
        for answer in answers:
            asked = await twilio.follow(attribute(asked, "Gather", "action"), **answer)
        said = await twilio.follow(text(asked, "Redirect"))
        assert (text(said, "Say"), list(said.iter("Stream"))) == ("Was kann ich tun?", [])


async def test_what_is_not_signed_is_403_and_nothing_of_it_is_processed(make_twilio: MakeTwilio) -> None:
    async with make_twilio() as twilio:
        for signature in ("", "x", TWILIO.compute_signature(f"{PUBLIC}/chat/other", {})):
            await twilio.post("voice", status=403, signature=signature, CallStatus="ringing")
        signed = TWILIO.compute_signature(f"{PUBLIC}/chat/voice", {"CallSid": twilio.call})
        await twilio.post("voice", status=403, signature=signed, SpeechResult="added later")
        for headers in ({}, {"X-Twilio-Signature": "x"}):
            with pytest.raises(WSServerHandshakeError, match="403"):
                await twilio.shop.client.ws_connect(f"{twilio.shop.public}/sordino/media", headers=headers)
        assert (twilio.bot.seen, await twilio.shop.sessions()) == ([], [])
        assert (await twilio.shop.metrics())[
            'sordino_requests_refused_total{channel="chat",reason="bad_signature"}'
        ] == 6


async def test_a_recording_that_the_bot_starts_is_taken_out_and_counted(make_twilio: MakeTwilio) -> None:
    async with make_twilio() as twilio:
        twilio.bot.says = (
            '<Response><Start><Recording recordingStatusCallback="/r"/></Start><Say>Hallo</Say><Record action="/x"/>'
            "<Say>Ende</Say><Redirect>https://elsewhere.example/voice</Redirect></Response>"
        )
        said = await twilio.agree()
        assert [one.tag for one in said] == ["Start", "Say", "Say"]
        assert [one.tag for one in said[0]] == ["Stream"]
        found = await twilio.shop.metrics()
        assert found['sordino_calls_stripped_total{channel="chat",what="recording"}'] == 2
        assert found['sordino_calls_stripped_total{channel="chat",what="address"}'] == 1


async def test_a_transfer_waits_for_an_answer_and_records_no_agent_who_has_not_agreed(
    make_twilio: MakeTwilio,
) -> None:
    clock = FakeClock()
    async with make_twilio(clock=clock) as twilio:
        await twilio.agree()
        twilio.bot.says = '<Response><Dial record="record-from-answer"><Number>+49800123</Number></Dial></Response>'
        asked = await twilio.post("next", SpeechResult="Bitte einen Menschen")
        assert text(asked, "Say").startswith("Dürfen wir aufzeichnen?")
        dialled = await twilio.follow(attribute(asked, "Gather", "action"), Digits="1")
        assert (text(dialled, "Number"), next(dialled.iter("Dial")).attrib) == ("+49800123", {})
        clock.move(seconds=1)
        async with twilio.socket("sordino/media") as socket:
            await socket.send_str(start(twilio))
            for number in range(3):
                await socket.send_str(frame(number, b"\x01"))
        line = twilio.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        assert line.find(twilio.call).live.call.state == "given"
        with pytest.raises(PurposeRefusedError):
            await twilio.heard()


def start(twilio: Twilio) -> str:
    document = {"event": "start", "streamSid": "MZ1", "start": {"streamSid": "MZ1", "callSid": twilio.call}}
    return orjson.dumps(document).decode()


def frame(number: int, sound: bytes, track: str = "inbound") -> str:
    media = {
        "track": track, "chunk": str(number), "timestamp": str(number * 20), "payload": b64encode(sound * 160).decode(),
    }  # fmt: skip
    return orjson.dumps({"event": "media", "sequenceNumber": str(number), "media": media}).decode()


async def test_the_sound_of_both_sides_comes_over_a_stream_of_our_own(make_twilio: MakeTwilio) -> None:
    clock = FakeClock()
    async with make_twilio(clock=clock) as twilio:
        await twilio.agree()
        async with twilio.socket("sordino/media") as socket:
            await socket.send_str('{"event":"connected","protocol":"Call","version":"1.0.0"}')
            await socket.send_str(start(twilio))
            clock.move(seconds=1)
            for number in (0, 1, 1, 3, 2):  # twice, and out of order
                await socket.send_str(frame(number, b"\x01"))
                await socket.send_str(frame(number, b"\x02", "outbound"))
            await socket.send_str(orjson.dumps({"event": "dtmf", "dtmf": {"digit": "*"}}).decode())
            await socket.send_str(orjson.dumps({"event": "dtmf", "dtmf": {"digit": "9"}}).decode())
            await socket.send_str(frame(4, b"\x03"))
            await socket.send_str('{"event":"stop"}')
            await socket.close()
        await twilio.post("status", CallStatus="completed")
        (runs,) = await twilio.heard()
        assert joined(runs) == {0: (0, b"\x01" * 640), 1: (0, b"\x02" * 640)}


async def test_a_bots_media_stream_passes_and_is_kept_while_everybody_has_agreed(make_twilio: MakeTwilio) -> None:
    clock = FakeClock()
    async with make_twilio(clock=clock) as twilio:
        twilio.bot.says = '<Response><Connect><Stream url="wss://127.0.0.1:1/x"/></Connect></Response>'
        assert [one.tag for one in await twilio.agree()] == ["Start"]  # the bot's leads elsewhere
        async with twilio.socket("media") as socket:
            await socket.send_str(start(twilio))
            clock.move(seconds=1)
            for number in range(2):
                await socket.send_str(frame(number, b"\x01"))
                assert orjson.loads((await socket.receive(5)).data)["event"] == "media"
            await socket.close()
        assert [message["event"] for message in twilio.bot.messages] == ["start", "media", "media"]
        await twilio.post("status", CallStatus="completed")
        (runs,) = await twilio.heard()
        assert joined(runs) == {0: (0, b"\x01" * 320), 1: (160, b"\x09" * 320)}


async def test_conversation_relay_passes_redacted_text_and_keeps_the_turns(make_twilio: MakeTwilio) -> None:
    async with make_twilio() as twilio:
        twilio.bot.says = '<Response><Connect><ConversationRelay url="/relay"/></Connect></Response>'
        said = await twilio.agree()
        assert attribute(said, "ConversationRelay", "url") == f"{PUBLIC}/chat/relay"
        async with twilio.socket("relay") as socket:
            setup = {"type": "setup", "sessionId": "VX1", "callSid": twilio.call, "from": "+4915123984712"}
            await socket.send_str(orjson.dumps(setup).decode())
            for words, last in (("Ich bin Katharina", False), ("Ich bin Katharina Brandhorst", True)):
                prompt = {"type": "prompt", "voicePrompt": words, "lang": "de-DE", "last": last}
                await socket.send_str(orjson.dumps(prompt).decode())
            tokens = [orjson.loads((await socket.receive(5)).data)["token"] for _ in range(2)]
        assert tokens == ["Ihr Paket ", "ist unterwegs."]
        assert (twilio.bot.messages[0]["from"], twilio.bot.messages[0]["callSid"]) == ("[PHONE]", twilio.call)
        assert twilio.bot.messages[-1]["voicePrompt"] == "Ich bin [PERSON]"
        (session,) = await twilio.shop.sessions()
        assert (await twilio.shop.texts(session)) == ["subject: Ich bin [PERSON]", "bot: Ihr Paket ist unterwegs."]


async def test_a_socket_of_a_call_that_is_not_known_is_closed(make_twilio: MakeTwilio) -> None:
    async with make_twilio() as twilio, twilio.socket("sordino/media") as socket:
        await socket.send_str(start(twilio))
        message = await socket.receive(5)
        assert (message.type, message.data) == (WSMsgType.CLOSE, 1011)


def wav(seconds: int) -> bytes:
    sound = b"\x07\x00" * 8000 * seconds
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(sound), b"WAVE", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16,
                       b"data", len(sound))  # fmt: skip
    return head + sound


@pytest.mark.parametrize(
    ("began", "kept"), [("Thu, 26 Nov 2026 12:00:05 +0000", True), ("Thu, 26 Nov 2026 11:59:00 +0000", False)]
)
async def test_what_twilio_has_recorded_by_itself_is_sealed_or_not_and_deleted(
    make_twilio: MakeTwilio, began: str, *, kept: bool
) -> None:
    async with make_twilio() as twilio:
        await twilio.agree()
        twilio.bot.recordings[RECORDING] = wav(3)
        twilio.bot.keeps = 10_000
        fields = {"RecordingSid": RECORDING, "RecordingStatus": "completed", "RecordingStartTime": began,
                  "RecordingUrl": "http://169.254.169.254/latest"}  # fmt: skip
        await twilio.post("recorded", status=200, signature=None, **fields)
        assert "RecordingUrl" not in twilio.bot.seen[-1][1]
        gauge = 'sordino_platform_recordings{channel="chat"}'
        assert (await twilio.shop.metrics())[gauge] == 1
        await twilio.tick()
        assert (await twilio.shop.metrics())[gauge] == 1  # Twilio has failed to delete it
        twilio.bot.keeps = 0
        await twilio.tick()
        assert (twilio.bot.recordings, (await twilio.shop.metrics())[gauge]) == ({}, 0)
        if kept:
            assert await twilio.heard() == [[(0, 0, b"\x07\x00" * 24000)]]
        else:
            with pytest.raises(PurposeRefusedError):
                await twilio.heard()


async def test_what_was_still_to_be_deleted_outlives_the_gateway(make_twilio: MakeTwilio) -> None:
    gauge, clock = 'sordino_platform_recordings{channel="chat"}', FakeClock()
    fields = {"RecordingSid": RECORDING, "RecordingStatus": "completed",
              "RecordingStartTime": "Thu, 26 Nov 2026 12:00:05 +0000"}  # fmt: skip
    async with make_twilio(clock=clock) as twilio:
        await twilio.agree()
        twilio.bot.keeps = 10_000
        await twilio.post("recorded", status=200, signature=None, **fields)
        await twilio.post("recorded", status=200, signature=None, **fields)
        assert await twilio.shop.addresses.gateway.store.errands.count() == 1
    async with make_twilio(clock=clock) as twilio:
        twilio.bot.recordings[RECORDING] = wav(3)
        gateway = twilio.shop.addresses.gateway
        await twilio.tick()
        assert ((await twilio.shop.metrics())[gauge], len(twilio.bot.recordings)) == (1, 1)  # its process may live
        proof = await build_prover(gateway.loaded, gateway.store).prove(clock.now(), 0)
        broken = next(one for one in proof.outcomes if one.promise.value == "recorded-with-consent")
        assert broken.of_what == {"still at the call platform": 1}
        clock.move(minutes=6)
        await twilio.tick()
        assert ((await twilio.shop.metrics())[gauge], twilio.bot.recordings) == (0, {})
        assert await gateway.store.errands.count() == 0
        proof = await build_prover(gateway.loaded, gateway.store).prove(clock.now(), 0)
        assert proof.kept


async def test_a_bot_that_fails_leaves_twilio_to_its_own_fallback(make_twilio: MakeTwilio) -> None:
    async with make_twilio() as twilio:
        await twilio.agree()
        twilio.bot.status = 500
        await twilio.post("next", status=502, SpeechResult="Hallo")
        twilio.bot.status, twilio.bot.says = 200, "<Response><Say>offen"
        await twilio.post("next", status=502, SpeechResult="Hallo nochmal")


async def test_a_channel_without_the_token_does_not_start(make_shop: MakeShop) -> None:
    with pytest.raises(Exception, match="SORDINO_PLATFORM_SECRETS"):
        async with make_shop(NOTICE):
            pass
