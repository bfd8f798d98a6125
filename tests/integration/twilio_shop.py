"""Twilio in front of a gateway, a TwiML bot behind it: Twilio's own RequestValidator on both sides."""

from __future__ import annotations

import asyncio
import contextlib
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from xml.etree import ElementTree as ET

import orjson
from aiohttp import web
from twilio.request_validator import RequestValidator

from gateway.engine.markup import read_markup
from gateway.errors import UpstreamError
from tests.fakes import FakeClock
from tests.integration.call_shop import RECORDED
from tests.integration.conftest import MakeShop, Shop

TOKEN = "0123456789abcdef0123456789abcdef"
PUBLIC = "https://voice.shop.example"
TWILIO = RequestValidator(TOKEN)
SURVEYED = RECORDED.replace("connector: calls", "connector: twilio")
NOTICE = re.sub(r"        answers: .*\n(?=        thanks)", "", SURVEYED)
"""Without how the survey's invitation is answered: then the gateway does not ask it."""
RECORDING = "RE" + "0" * 32
ACCOUNT = "AC" + "1" * 32
SAY = '<Response><Gather input="speech" action="/next?step=2"><Say>Was kann ich tun?</Say></Gather></Response>'


@dataclass
class TwimlBot:
    """A bot that answers TwiML and speaks both WebSockets; it checks each signature as Twilio's SDK does."""

    says: str = SAY
    kind: str = "text/xml"
    status: int = 200
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    unsigned: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    recordings: dict[str, bytes] = field(default_factory=dict)
    keeps: int = 0
    away: bool = False
    breaks: bool = False
    together: bool = False
    state: str = "completed"
    hangs: asyncio.Event | None = None
    besides: list[dict[str, Any]] = field(default_factory=list)
    relayed: list[web.WebSocketResponse] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/media", self._media)
        app.router.add_get("/relay", self._relay)
        app.router.add_route("*", "/2010-04-01/Accounts/{account}/Recordings/{name}", self._api)
        app.router.add_get("/2010-04-01/Accounts/{account}/Calls/{call}/Recordings.json", self._of_a_call)
        app.router.add_post("/{path:.*}", self._webhook)
        return app

    def _check(self, request: web.Request, fields: dict[str, str]) -> None:
        url = str(request.url).replace("http:", "ws:") if request.method == "GET" else str(request.url)
        self.unsigned += not TWILIO.validate(url, fields, request.headers.get("X-Twilio-Signature", ""))

    async def _webhook(self, request: web.Request) -> web.Response:
        fields = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        self._check(request, fields)
        self.seen.append((request.path_qs, fields))
        if self.hangs is not None:
            await self.hangs.wait()
        return web.Response(text=self.says, content_type=self.kind, status=self.status)

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
        self.relayed.append(socket)
        async for message in socket:
            self.messages.append(orjson.loads(message.data))
            if self.messages[-1]["type"] == "prompt" and self.messages[-1]["last"]:
                for message_of_its_own in self.besides:
                    await socket.send_str(orjson.dumps(message_of_its_own).decode())
                for token, last in (("Ihr Paket ", False), ("ist unterwegs.", True)):
                    await socket.send_str(orjson.dumps({"type": "text", "token": token, "last": last}).decode())
        return socket

    async def _api(self, request: web.Request) -> web.StreamResponse:
        assert request.headers["Authorization"] == "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        name = request.match_info["name"].partition(".")[0]
        self.asked.append((request.method, request.match_info["name"]))
        if self.away:
            return web.Response(status=503)
        if request.method == "DELETE":
            if self.keeps:
                self.keeps -= 1
                return web.Response(status=500)
            self.recordings.pop(name, None)
            return web.Response(status=204)
        return await self._shown(request, self.recordings.get(name))

    async def _of_a_call(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, request.match_info["call"]))
        if self.away:
            return web.Response(status=503)
        assert request.match_info["account"] == ACCOUNT
        began = "Thu, 26 Nov 2026 12:00:05 +0000"
        known = [{"sid": one, "status": self.state, "start_time": began} for one in self.recordings]
        return web.json_response({"recordings": known, "next_page_uri": None})

    async def _shown(self, request: web.Request, found: bytes | None) -> web.StreamResponse:
        if found is not None and request.match_info["name"].endswith(".json"):
            return web.json_response({"status": self.state, "start_time": "Thu, 26 Nov 2026 12:00:05 +0000"})
        if self.together and "RequestedChannels" in request.query:
            return web.json_response({"code": 16113, "status": 400}, status=400)
        if found is not None and self.breaks:
            broken = web.StreamResponse(headers={"Content-Length": str(len(found))})
            await broken.prepare(request)
            await broken.write(found[: len(found) * 2 // 3])
            await asyncio.sleep(0.05)
            assert request.transport is not None
            request.transport.abort()
            return broken
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
        recordings = self.shop.addresses.gateway.channels["chat"].recordings
        assert recordings is not None
        with contextlib.suppress(UpstreamError):  # it is logged, and tried again
            await recordings.tick()


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


def start(twilio: Twilio) -> str:
    document = {"event": "start", "streamSid": "MZ1", "start": {"streamSid": "MZ1", "callSid": twilio.call}}
    return orjson.dumps(document).decode()


def frame(number: int, sound: bytes, track: str = "inbound") -> str:
    media = {
        "track": track, "chunk": str(number), "timestamp": str(number * 20), "payload": b64encode(sound * 160).decode(),
    }  # fmt: skip
    return orjson.dumps({"event": "media", "sequenceNumber": str(number), "media": media}).decode()


@asynccontextmanager
async def twilio_at(
    make_shop: MakeShop, notice: str = NOTICE, clock: FakeClock | None = None, **more: object
) -> AsyncIterator[Twilio]:
    """Have a gateway between Twilio and a bot, whose every request has to be signed."""
    bot = TwimlBot()
    runner = web.AppRunner(bot.app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here = f"http://127.0.0.1:{runner.addresses[0][1]}"
    settings = {"platform_secrets": {"chat": TOKEN}, "public_url": PUBLIC, "platform_apis": {"chat": here}, **more}
    async with make_shop(notice, bot, clock, channel_secrets={"chat": "another"}, **settings) as shop:
        yield Twilio(shop, bot)
    assert bot.unsigned == 0
    await runner.cleanup()
