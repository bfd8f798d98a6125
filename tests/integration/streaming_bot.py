"""A bot that speaks AudioCodes' WebSocket as the vendor's SDK does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from tests.integration.test_audiocodes import GREETING


@dataclass
class StreamingBot:
    """A bot that accepts each session and answers each message with `says`; of sound it `hears` words."""

    says: list[dict[str, Any]] = field(default_factory=lambda: [{"type": "activities", "activities": [GREETING]}])
    hears: list[dict[str, Any]] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/bot", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        self.shown.append(request.headers.get("Authorization", ""))
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for raw in socket:
            message = orjson.loads(raw.data)
            self.seen.append(message)
            answers: list[dict[str, Any]] = []
            match message["type"]:
                case "session.initiate" | "session.resume":
                    answers = [{"type": "session.accepted", "mediaFormat": "raw/lpcm16"}]
                case "connection.validate":
                    answers = [{"type": "connection.validated", "success": True}]
                case "userStream.start":
                    answers = [{"type": "userStream.started"}]
                case "userStream.chunk":
                    answers = self.hears
                case "activities":
                    answers = self.says
                case _:
                    pass
            for answer in answers:
                await socket.send_str(orjson.dumps(answer).decode())
        return socket

    @property
    def activities(self) -> list[dict[str, Any]]:
        return [one for message in self.seen for one in message.get("activities", [])]
