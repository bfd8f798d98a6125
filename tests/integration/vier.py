"""VIER in front of a gateway, and a bot of its protocol behind it, both as the vendor's channel for Rasa speaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from tests.fakes import FakeClock
from tests.integration.call_shop import RECORDED
from tests.integration.conftest import MakeShop, Shop

TOKEN = "the-token-of-the-bot"
PUBLIC = "https://voice.shop.example"
NOTICE = RECORDED.replace("connector: calls", "connector: vier")
CALL = "09e59647-5c77-4c02-a1c5-7fb2b47060f1"
QUESTION = "Dürfen wir aufzeichnen? Ja oder die Eins."
GREETING = "Was kann ich tun?"
Commands = list[tuple[str, dict[str, Any]]]


@dataclass
class Vier:
    """VIER: what it is told to do, and what it tells."""

    done: Commands = field(default_factory=list)
    api: str = ""
    at: int = 1_535_546_718_115
    recordings: set[str] = field(default_factory=set)
    keeps: bool = False
    away: bool = False
    flac: bytes = b""
    lossless: str = "/v1/file/recording.flac"
    data: list[dict[str, Any]] | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    spoke: asyncio.Event = field(default_factory=asyncio.Event)
    dropped: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/{path:.*}", self._command)
        app.router.add_route("*", "/v1/recording/r-1/" + CALL, self._recording)
        app.router.add_get("/v1/dialog/r-1/" + CALL, self._dialog)
        app.router.add_get("/v1/file/recording.flac", self._file)
        return app

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        runner = web.AppRunner(self.app())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.api = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield
        await runner.cleanup()

    async def _command(self, request: web.Request) -> web.Response:
        if self.away:
            return web.Response(status=503)
        path, body = request.match_info["path"], orjson.loads(await request.read())
        self.done.append((path, body))
        if path == "call/drop":
            self.dropped.set()
        if path == "call/say":
            self.spoke.set()
        if path in {"call/forward", "call/bridge"}:
            return web.json_response({"status": "Success", "ringTime": 900, "dialogId": CALL, "note": "x"})
        return web.Response(status=204)

    async def _recording(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, "recording"))
        found = request.query["id"] in self.recordings
        if request.method == "DELETE" and not self.keeps:
            self.recordings.discard(request.query["id"])
            return web.Response(status=204 if found else 404)
        place = self.lossless if "://" in self.lossless else f"http://{request.host}{self.lossless}"
        told = {"phase": "BOT", "recordingId": request.query["id"], "lossless": place}
        return web.json_response(told) if found else web.Response(status=404)

    async def _dialog(self, _request: web.Request) -> web.Response:
        self.asked.append(("GET", "dialog"))
        if self.data is None:
            return web.Response(status=404)
        return web.json_response({"dialogId": CALL, "data": self.data})

    async def _file(self, request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers
        self.asked.append(("GET", "file"))
        return web.Response(body=self.flac, content_type="audio/flac")

    def said(self) -> list[str]:
        return [body["text"] for path, body in self.done if path == "call/say"]


@dataclass
class CvgBot:
    """A bot that gives its commands while it answers, as Rasa does; `does` are its next."""

    does: Commands = field(default_factory=lambda: [("call/say", {"text": GREETING})])
    status: int = 200
    action: str = "ACCEPT"
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    told: list[tuple[int, Any]] = field(default_factory=list)
    unshown: int = 0
    hangs: asyncio.Event | None = None
    vier: Vier = field(default_factory=Vier)
    shop: Shop | None = None

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/{name}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        self.unshown += request.headers.get("Authorization") != f"Bearer {TOKEN}"
        message = orjson.loads(await request.read())
        self.seen.append((request.match_info["name"], message))
        if self.hangs is not None:
            await self.hangs.wait()
        if self.status < 300 and request.path in {"/session", "/message"}:
            for path, body in self.does:
                await self.command(message["callback"], path, {"dialogId": message["dialogId"], **body})
        if request.path == "/session":
            return web.json_response({"action": self.action}, status=self.status)
        return web.Response(status=self.status if self.status >= 300 else 204)

    async def command(self, callback: str, path: str, body: dict[str, Any]) -> int:
        """Give a command at the callback, which leads to the gateway."""
        assert self.shop is not None
        assert callback.startswith(f"{PUBLIC}/chat/")
        url = self.shop.public + callback.removeprefix(f"{PUBLIC}/chat")
        async with self.shop.client.post(f"{url}/{path}", json=body) as response:
            raw = await response.read()
            self.told.append((response.status, orjson.loads(raw) if raw else None))
            return response.status


@dataclass
class Dialog:
    """One call of VIER."""

    shop: Shop
    bot: CvgBot
    vier: Vier

    async def tell(self, name: str, *, status: int | None = None, token: str = TOKEN, **more: Any) -> Any:  # noqa: ANN401 - JSON
        self.vier.at += 1000
        body = {
            "dialogId": CALL, "projectContext": {"projectToken": "p-1", "resellerToken": "r-1"},
            "timestamp": self.vier.at, "callback": self.vier.api, **more,
        }  # fmt: skip
        async with self.shop.client.post(
            f"{self.shop.public}/{name}", json=body, headers={"Authorization": f"Bearer {token}"}
        ) as response:
            raw = await response.read()
            assert response.status == (status or (200 if name == "session" else 204)), raw
            return orjson.loads(raw) if raw else None

    async def begin(self) -> Any:  # noqa: ANN401 - JSON
        return await self.tell(
            "session", remote="+4915123984712", local="+49800", language="de-DE", transcriberLanguage="de-DE",
            callType="INBOUND", customSipHeaders={"P-Asserted-Identity": ["<sip:+4915123984712@x>"]},
            configuration={"greeting": "Katharina Brandhorst"},
        )  # fmt: skip

    async def speak(self, text: str, *, confidence: int = 93, **more: Any) -> None:  # noqa: ANN401 - JSON
        await self.tell("message", type="SPEECH", text=text, confidence=confidence, language="de-DE", **more)

    async def press(self, key: str) -> None:
        await self.tell("message", type="DTMF", text=key, confidence=100, language="de-DE")


@asynccontextmanager
async def dialog(
    make_shop: MakeShop, bot: CvgBot | None = None, clock: FakeClock | None = None, notice: str = NOTICE, **more: object
) -> AsyncIterator[Dialog]:
    """Start VIER, a gateway and a bot."""
    bot = bot or CvgBot()
    async with bot.vier.serving():
        settings = {
            "platform_secrets": {"chat": TOKEN}, "public_url": PUBLIC, "platform_apis": {"chat": bot.vier.api}, **more,
        }  # fmt: skip
        async with make_shop(notice, bot, clock, **settings) as shop:
            bot.shop = shop
            yield Dialog(shop, bot, bot.vier)
