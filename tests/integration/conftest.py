"""A whole gateway on loopback: SQLite in a temporary directory, a real key file, a bot that remembers what it saw."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.web_app import _cached_build_middleware

from gateway.access import written_secret
from gateway.bootstrap import internal_token
from gateway.notice.load import load_notice
from gateway.serving import Addresses, running
from gateway.settings import Settings, ensure_home
from gateway.stores import create_root_key
from storage.access import ApiToken, new_secret
from storage.ids import uuid7
from tests.fakes import FakeBot, FakeClock
from tests.new_databases import lay_down

ROOT = Path(__file__).parents[2]

NOTICE = """
notice: shop
version: "2026-11"
language: de
controller: {name: Shop GmbH, address: Köln, email: ds@shop.example}
purposes:
  improve: {legal_basis: A6-1-f, interest: bessere Antworten}
  quality: {legal_basis: A6-1-a, consent: quality}
  prove-consent: {legal_basis: A6-1-c}
deletion_classes:
  days-30: {start: collection, period: P30D}
  years-3: {start: collection, period: P3Y}
consents:
  quality:
    ask: {de: "Dürfen wir den Verlauf für die Qualitätssicherung nutzen?", en: "May we use the chat for quality?"}
    required: false
channels:
  chat:
    kind: chat
    connector: openai
    upstream: http://127.0.0.1:1
    tell: {ai_disclosure: {de: "Hier antwortet ein Chatbot.", en: "A chatbot answers here."}, deliver: prepend}
    asks_for: [DEVICE_ID]
    forward: redacted
    deliver: original
    keep:
      transcript: {improve: days-30, quality: days-30}
      facts: {improve: days-30}
      consent: {prove-consent: years-3}
rights: {contact: ds@shop.example, articles: ["15"]}
"""

PSEUDONYMS = NOTICE.replace("forward: redacted", "forward: pseudonyms").replace(
    "      facts:", "      pseudonyms: {improve: days-30}\n      facts:"
)


@dataclass
class Shop:
    """A running gateway and the handles that a test needs."""

    addresses: Addresses
    bot: FakeBot
    clock: FakeClock
    home: Path
    bootstrap: str
    client: aiohttp.ClientSession

    @property
    def public(self) -> str:
        return f"{self.addresses.public}/chat"

    def chat(
        self,
        *messages: str,
        stream: bool = False,
        headers: dict[str, str] | None = None,
        **more: object,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Post messages (the customer's alternate with the bot's, ending with the customer's)."""
        last = len(messages) - 1
        body = {
            "model": "m",
            "messages": [
                {"role": ("user", "assistant")[(last - i) % 2], "content": text} for i, text in enumerate(messages)
            ],
            "stream": stream,
            **more,
        }
        return self.client.post(f"{self.public}/v1/chat/completions", json=body, headers=headers or {})

    async def say(self, *messages: str, headers: dict[str, str] | None = None) -> tuple[str, dict[str, str]]:
        """Post and return the answer's words and the headers of the session."""
        async with self.chat(*messages, headers=headers) as response:
            document = await response.json()
            assert response.status == 200, document
            given = {k: v for k, v in response.headers.items() if k == "X-Sordino-Session"}
            return document["choices"][0]["message"]["content"], {**(headers or {}), **given}

    async def read(self, session: str, purpose: str = "improve") -> dict[str, Any]:
        """Read a session back over the internal listener."""
        url = f"{self.addresses.internal}/sessions/{session.partition('.')[0]}"
        async with self.client.get(url, params={"purpose": purpose}, headers=self.bearer) as response:
            assert response.status == 200, await response.text()
            document: dict[str, Any] = await response.json()
            return document

    async def sessions(self) -> list[str]:
        """Return the ids of all sessions, newest first."""
        async with self.client.get(f"{self.addresses.internal}/sessions", headers=self.bearer) as response:
            return [one["id"] for one in (await response.json())["sessions"]]

    async def answer(self, answer: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str]]:
        """Answer the question for the consent `quality`; returns the status and the headers of the session."""
        body = {"consent": "quality", "answer": answer}
        async with self.client.post(f"{self.public}/consent", json=body, headers=headers or {}) as response:
            given = {k: v for k, v in response.headers.items() if k == "X-Sordino-Session"}
            return response.status, {**(headers or {}), **given}

    async def texts(self, session: str, purpose: str = "improve") -> list[str]:
        return [f"{turn['speaker']}: {turn['text']}" for turn in (await self.read(session, purpose))["turns"]]

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bootstrap}"}

    async def token(self, *roles: str, name: str = "somebody") -> dict[str, str]:
        """Return the header of a new token with these roles, from nobody who has another."""
        secret, now = new_secret(), self.clock.now()
        made = ApiToken(uuid7(now), name, roles, "command-line", now, now + timedelta(days=90))
        await self.addresses.gateway.store.access.create_token(made, secret)
        return {"Authorization": f"Bearer {written_secret(secret)}"}

    async def swept(self) -> None:
        """Wait until a sweep has ended that began no earlier than now; the gateway is to sweep often."""
        self.clock.move(microseconds=1)  # one that began before has an earlier time
        async with asyncio.timeout(60):
            while await self._last_swept() < self.clock.now().timestamp():  # noqa: ASYNC110 - the gateway does it
                await asyncio.sleep(0.02)

    async def _last_swept(self) -> float:
        return (await self.metrics())["sordino_sweep_last_success_timestamp_seconds"]

    async def metrics(self) -> dict[str, float]:
        async with self.client.get(f"{self.addresses.internal}/metrics") as response:
            lines = (await response.text()).splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


MakeShop = Callable[..., AbstractAsyncContextManager[Shop]]


@pytest.fixture
def make_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_authority: Path) -> MakeShop:
    """Return what starts a gateway: `make_shop(notice=..., bot=..., clock=..., max_body_bytes=...)`."""
    # No test speaks to anybody whom an authority of this machine vouches for, and reading all of them takes a while.
    monkeypatch.setenv("SSL_CERT_FILE", str(one_authority))

    @contextlib.asynccontextmanager
    async def make(
        notice: str = NOTICE,
        bot: FakeBot | None = None,
        clock: FakeClock | None = None,
        upstream: str | None = None,
        bots: Collection[str] = ("chat",),
        **settings: object,
    ) -> AsyncIterator[Shop]:
        bot, clock = bot or FakeBot(), clock or FakeClock()
        home = tmp_path / "home"
        path = tmp_path / "notice.yaml"
        path.write_text(notice, encoding="utf-8")
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(_cached_build_middleware.cache_clear)  # it would keep the stores of a hundred tests
            runner = web.AppRunner(bot.app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            address = upstream or f"http://127.0.0.1:{runner.addresses[0][1]}"
            placed = Settings.model_validate(
                {
                    "home": home,
                    "public_listen": "127.0.0.1:0",
                    "internal_listen": "127.0.0.1:0",
                    "upstreams": dict.fromkeys(bots, address),
                    "drain_seconds": 1,
                    **settings,
                }
            )
            ensure_home(placed)
            create_root_key(placed)
            if not placed.database_url:
                await lay_down(home)
            addresses = await stack.enter_async_context(running(placed, load_notice(path), clock=clock))
            client = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
            yield Shop(addresses, bot, clock, home, internal_token(placed), client)
            await client.close()
            await asyncio.sleep(0)

    return make


@pytest.fixture
async def shop(make_shop: MakeShop) -> AsyncIterator[Shop]:
    """A gateway with the notice above."""
    async with make_shop() as one:
        yield one
