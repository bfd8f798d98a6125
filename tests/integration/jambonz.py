"""jambonz in front of a gateway, and a bot of its protocol behind it, both as the vendor's code speaks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import ClientWebSocketResponse, encode_basic_auth, web

from tests.integration.call_shop import RECORDED
from tests.integration.conftest import Shop

USER, PASSWORD = "jambonz", "the-password-of-the-application"
NOTICE = RECORDED.replace("connector: calls", "connector: jambonz")
CREDENTIALS = {"chat": f"{USER}:{PASSWORD}"}
CALL = "9fb35c28-9688-4531-943c-e280b04f3adf"
GREETING = {
    "verb": "gather", "input": ["speech"], "actionHook": "/next", "say": {"text": "Was kann ich tun?"},
}  # fmt: skip


@dataclass
class VerbBot:
    """A bot that answers each message with verbs; `says` are its next, the last again and again."""

    says: list[list[dict[str, Any]]] = field(default_factory=lambda: [[GREETING]])
    commands: list[dict[str, Any]] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    hangs: asyncio.Event | None = None
    falls: bool = False
    closed: list[int | None] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/bot", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        self.shown.append(request.headers.get("Authorization", ""))
        socket = web.WebSocketResponse(protocols=("ws.jambonz.org",))
        await socket.prepare(request)
        async for message in socket:
            self.seen.append(orjson.loads(message.data))
            if self.falls and request.transport is not None:
                request.transport.abort()
            if self.seen[-1]["type"] in {"session:new", "session:reconnect", "verb:hook"}:
                if self.hangs is not None:
                    await self.hangs.wait()
                for command in self.commands:
                    await socket.send_str(orjson.dumps({"type": "command", **command}).decode())
                says = self.says.pop(0) if len(self.says) > 1 else self.says[0]
                ack = {"type": "ack", "msgid": self.seen[-1]["msgid"], "data": says}
                await socket.send_str(orjson.dumps(ack).decode())
        self.closed.append(socket.close_code)
        return socket


class Jambonz:
    """One call of jambonz."""

    def __init__(self, shop: Shop, socket: ClientWebSocketResponse) -> None:
        self.shop = shop
        self.socket = socket
        self.sent = 0

    async def say(self, kind: str, data: dict[str, Any], **more: Any) -> str:  # noqa: ANN401 - what the protocol has
        self.sent += 1
        message = {"type": kind, "msgid": f"m-{self.sent}", "call_sid": CALL, "data": data, **more}
        await self.socket.send_str(orjson.dumps(message).decode())
        return f"m-{self.sent}"

    async def hear(self) -> dict[str, Any]:
        message: dict[str, Any] = orjson.loads((await self.socket.receive(60)).data)
        return message

    async def acked(self, msgid: str) -> list[dict[str, Any]]:
        """Return the verbs of the answer to a message."""
        message = await self.hear()
        assert (message["type"], message["msgid"]) == ("ack", msgid)
        verbs: list[dict[str, Any]] = message["data"]
        return verbs

    async def begin(self, kind: str = "session:new") -> list[dict[str, Any]]:
        sip = {"headers": {"from": "<sip:+4915123984712@192.0.2.7>;tag=x"}}
        data = {"from": "+4915123984712", "to": "+49800", "call_sid": CALL, "direction": "inbound", "sip": sip}
        return await self.acked(await self.say(kind, data))

    async def press(self, keys: str, hook: str = "/sordino/answer") -> list[dict[str, Any]]:
        return await self.acked(await self.say("verb:hook", {"digits": keys, "reason": "dtmfDetected"}, hook=hook))

    async def speak(self, text: str, hook: str = "/next", confidence: float = 0.93) -> list[dict[str, Any]]:
        speech = {
            "language_code": "de-DE", "is_final": True, "channel_tag": 1,
            "alternatives": [{"confidence": confidence, "transcript": text}, {"confidence": 0.1, "transcript": text}],
            "vendor": {"name": "google", "evt": {"results": [{"transcript": text}]}},
        }  # fmt: skip
        data = {"speech": speech, "reason": "speechDetected", "call_sid": CALL, "from": "+4915123984712"}
        return await self.acked(await self.say("verb:hook", data, hook=hook))


def connect(shop: Shop, user: str = USER, password: str = PASSWORD) -> Any:  # noqa: ANN401 - aiohttp's own
    """Open a socket as jambonz does."""
    url = f"{shop.public}/bot"
    return shop.client.ws_connect(
        url, headers={"Authorization": encode_basic_auth(user, password)}, protocols=("ws.jambonz.org",)
    )
