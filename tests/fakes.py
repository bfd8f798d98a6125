"""Real fakes: a clock that stands still until moved, and a bot that says what it is told and remembers what it saw."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from storage.blobs import BlobStore
from storage.errors import StoreUnavailableError


@dataclass
class FakeClock:
    """Tells the time that it was set to."""

    moment: datetime = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)


Answering = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


@dataclass
class FakeBot:
    """Speaks the OpenAI protocol; `says` is its next answer, `answering` replaces it altogether."""

    says: str = "Gern geschehen."
    answering: Answering | None = None
    seen: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    cancelled: int = 0

    def app(self) -> web.Application:
        app = web.Application(client_max_size=16 * 2**20)
        app.router.add_route("*", "/{tail:.*}", self._answer)
        return app

    @property
    def last(self) -> str:
        """The last words that the bot saw."""
        return str(self.seen[-1]["messages"][-1]["content"])

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        body = orjson.loads(raw) if raw else {}
        self.seen.append(body)
        self.headers.append(dict(request.headers))
        try:
            if self.answering is not None:
                return await self.answering(request, body)
            if body.get("stream"):
                return await stream(request, [*self.says])
            return web.json_response(completion(self.says))
        except (asyncio.CancelledError, ConnectionError):
            self.cancelled += 1
            raise


def completion(text: str) -> dict[str, Any]:
    """Return a whole answer."""
    message = {"role": "assistant", "content": text}
    return {"id": "c1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}  # fmt: skip


def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    """Return one event of a streamed answer."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    document = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return b"data: " + orjson.dumps(document) + b"\n\n"


async def stream(
    request: web.Request, pieces: list[str], *, end: bool = True, pause: float = 0.0
) -> web.StreamResponse:
    """Stream an answer in these pieces."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(chunk({"role": "assistant", "content": ""}))
    for piece in pieces:
        await response.write(chunk({"content": piece}))
        await asyncio.sleep(pause)
    if end:
        await response.write(chunk({}, "stop"))
        await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


@dataclass
class FlakyBlobs:
    """Blobs that fail as often as it is told to, and do something of the test's just before or after one is put."""

    below: BlobStore
    fail: int = 0
    before_put: Callable[[], Awaitable[None]] | None = None
    after_put: Callable[[], Awaitable[None]] | None = None

    async def start(self) -> None:
        await self.below.start()

    async def check(self) -> None:
        self._fail()
        await self.below.check()

    async def put(self, name: str, content: AsyncIterator[bytes]) -> None:
        if self.before_put is not None:
            await self.before_put()
        self._fail()
        await self.below.put(name, content)
        if self.after_put is not None:
            await self.after_put()

    def get(self, name: str) -> AsyncIterator[bytes]:
        return self.below.get(name)

    async def delete(self, names: Collection[str]) -> None:
        if names:
            self._fail()
        await self.below.delete(names)

    def names(self, folder: str) -> AsyncIterator[str]:
        return self.below.names(folder)

    async def close(self) -> None:
        await self.below.close()

    def _fail(self) -> None:
        if self.fail:
            self.fail -= 1
            raise StoreUnavailableError("the blobs are away")


class Names(AbstractResolver):
    """Knows these addresses of every name."""

    def __init__(self, *hosts: str) -> None:
        self._hosts = hosts

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=one, port=port, family=int(family), proto=0, flags=0)
            for one in self._hosts
        ]

    async def close(self) -> None:
        pass
