"""A gateway with a call bot and a hotline in front of it, and a platform that speaks the API of calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from aiohttp import web

from storage.surveys import SurveyTerms
from tests.integration.conftest import MakeShop, Shop

SECRET = "a secret of the platform"
NOTICE = """
notice: hotline
version: "2026-11"
language: de
controller: {name: Shop GmbH, address: Köln, email: ds@shop.example}
purposes:
  improve: {legal_basis: A6-1-f, interest: bessere Antworten}
  quality: {legal_basis: A6-1-a, consent: recording}
  prove-consent: {legal_basis: A6-1-c}
deletion_classes:
  days-30: {start: collection, period: P30D}
  months-6: {start: collection, period: P6M}
  years-3: {start: collection, period: P3Y}
consents:
  recording:
    ask: {de: "Dürfen wir aufzeichnen? Ja oder die Eins.", en: "May we record? Yes or one."}
    answers:
      dtmf: {"1": given, "2": refused}
      words: {de: {given: [ja], refused: [nein]}, en: {given: [yes], refused: [no]}}
  agent:
    ask: {de: "Ich bin mit der Aufzeichnung einverstanden."}
channels:
  chat:
    kind: call
    connector: calls
    upstream: http://127.0.0.1:1
    forward: redacted
    call:
      agent: agent
      unclear: {de: "Das habe ich nicht verstanden."}
      not_recorded: {de: "Es wird nichts aufgezeichnet."}
      stop: {keys: "*9", words: {de: [Aufnahme beenden]}}
      pause: {keys: "*1", resume_keys: "*2"}
      survey:
        name: satisfaction
        invite: {de: "Dürfen wir noch etwas fragen?"}
        answers: {dtmf: {"1": given, "2": refused}, words: {de: {given: [ja, gern], refused: [nein]}}}
        thanks: {de: "Danke!"}
        questions: {happy: {ask: {de: "Wie zufrieden, eins bis fünf?"}}}
        at_least: 2
    keep:
      transcript: {improve: days-30, quality: months-6}
      facts: {improve: days-30}
      connection: {prove-consent: years-3}
      consent: {prove-consent: years-3}
rights: {contact: ds@shop.example, articles: ["15"]}
"""
RECORDED = NOTICE.replace(
    "    keep:\n", "    hear_original: [quality]\n    keep:\n      recording: {quality: months-6}\n"
)
BY_CONSENT = NOTICE.replace("transcript: {improve: days-30, quality: months-6}", "transcript: {quality: months-6}")
HEADERS = {"X-Sordino-Channel-Secret": SECRET}


@dataclass
class CallBot:
    """A bot of the connector `calls`; `says` is its next answer, which it may break off in the middle."""

    says: str = "Gern geschehen."
    streams: bool = False
    breaks: bool = False
    hangs: asyncio.Event | None = None
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/{path}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.match_info["path"], orjson.loads(await request.read())))
        if self.hangs is not None:
            await self.hangs.wait()
        if not self.streams:
            return web.json_response({"text": self.says, "transfer": "desk-2"})
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        for piece in self.says:
            await response.write(orjson.dumps({"text": piece}) + b"\n")
            if self.breaks and piece == " ":
                await asyncio.sleep(0.2)
                assert request.transport is not None
                request.transport.abort()
                return response
        await response.write(b'{"done":true}\n')
        await response.write_eof()
        return response


@dataclass
class Platform:
    """A call platform."""

    shop: Shop
    call: str = "call-1"

    async def post(self, path: str, body: object = None, *, status: int = 200) -> dict[str, Any]:
        url = f"{self.shop.public}/calls{path}"
        async with self.shop.client.post(url, json=body or {}, headers=HEADERS) as response:
            raw = await response.read()
            assert response.status == status, raw
            return orjson.loads(raw) if raw else {}

    async def start(self, **more: object) -> dict[str, Any]:
        return await self.post(
            "", {"call": self.call, "caller": "+49 151 23984712", "line": "0800", **more}, status=201
        )

    async def say(self, text: str, **more: object) -> dict[str, Any]:
        return await self.post(f"/{self.call}/turns", {"text": text, **more})

    async def do(self, what: str, body: object = None, *, status: int = 200) -> dict[str, Any]:
        return await self.post(f"/{self.call}/{what}", body, status=status)

    async def sound(self, raw: bytes, **query: object) -> dict[str, Any]:
        url = f"{self.shop.public}/calls/{self.call}/audio"
        params = {name: str(value) for name, value in query.items()}
        async with self.shop.client.post(url, data=raw, params=params, headers=HEADERS) as response:
            document: dict[str, Any] = await response.json(content_type=None)
            assert response.status == 200, document
            return document

    async def heard(self) -> list[list[tuple[int, int, bytes]]]:
        """Return what is kept of the call's sound: for each recording its runs (channel, position, bytes)."""
        (session,) = await self.shop.sessions()
        gateway = self.shop.addresses.gateway
        found = await gateway.store.recordings.read(UUID(session), "quality", gateway.clock.now())
        return [
            [(run.channel, run.position, run.audio) async for _, runs in one.segments() for run in runs]
            for one in found
        ]

    async def stored(self, purpose: str) -> dict[str, Any]:
        (session,) = await self.shop.sessions()
        return await self.shop.read(session, purpose)

    async def texts(self, purpose: str = "improve") -> list[str]:
        return [f"{turn['speaker']}: {turn['text']}" for turn in (await self.stored(purpose))["turns"]]


MakePlatform = Callable[..., AbstractAsyncContextManager[tuple[Platform, CallBot]]]


def platforms(make_shop: MakeShop) -> MakePlatform:
    """Return what starts a gateway with a call bot, and a platform before it."""

    @asynccontextmanager
    async def make(notice: str = NOTICE, **more: Any) -> AsyncIterator[tuple[Platform, CallBot]]:  # noqa: ANN401
        bot = CallBot()
        async with make_shop(notice, bot, channel_secrets={"chat": SECRET}, **more) as shop:
            yield Platform(shop), bot

    return make


async def surveyed(shop: Shop) -> list[int]:
    """Answer the survey once more, with a one, and return the answers that are released a week later."""
    surveys, now = shop.addresses.gateway.store.surveys, shop.addresses.gateway.clock.now()
    await surveys.answer(SurveyTerms("satisfaction", at_least=2), {"happy": 1}, now)
    later = now + timedelta(days=8)
    await surveys.release(later)
    return sorted(one.answers["happy"] for one in await surveys.results(later))
