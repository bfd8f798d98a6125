"""What comes for a channel of calls that another worker has is handed over to it, and its answer passed on.

A request goes on as it came, with the address of its sender, for the other worker's connections have none, and with
the time at which it began to come: it goes on when its body is whole. A request
that changes to another protocol becomes a pair of streams of bytes, so that a WebSocket's frames, its refusal and its
end are between the platform and the worker that has the call.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict
from yarl import URL

from gateway.channels import GATEWAY
from gateway.errors import RefusedError, TunnelEndedError
from gateway.handlers.chat import ResponseSink
from gateway.handlers.request import CAME_HEADER, PEER_HEADER, body_of

_HOPS: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"}
)
_OWN: Final = frozenset({"content-length", CAME_HEADER.lower(), PEER_HEADER.lower()})
_MOST_WAITING_BYTES: Final = 262_144
_MOST_AT_ONCE: Final = 65_536
_SWITCHED: Final = b"HTTP/1.1 101 "
_AWAY: Final = "The process that has this channel's calls is being started"


@contextlib.asynccontextmanager
async def handing_over(elsewhere: Mapping[str, Path]) -> AsyncIterator[Middleware]:
    """Yield a middleware that hands over what comes for these channels to whoever listens on their sockets."""
    async with contextlib.AsyncExitStack() as stack:
        clients = {path: await stack.enter_async_context(_client(path)) for path in set(elsewhere.values())}

        @web.middleware
        async def hand_over(request: web.Request, handler: Handler) -> web.StreamResponse:
            path = elsewhere.get(request.match_info.get("channel", ""))
            if path is None:
                return await handler(request)
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await _tunnel(request, path)
            return await _ask(request, clients[path])

        yield hand_over


def _client(path: Path) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.UnixConnector(str(path), limit=0, force_close=True),  # one that is kept may just be closing
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    )


async def _ask(request: web.Request, client: aiohttp.ClientSession) -> web.StreamResponse:
    came = request.app[GATEWAY].clock.now()
    body = await body_of(request)
    headers = CIMultiDict((name, value) for name, value in request.headers.items() if name.lower() not in _HOPS | _OWN)
    headers[PEER_HEADER], headers[CAME_HEADER] = request.remote or "", came.isoformat()
    url = URL(f"http://worker{request.rel_url.raw_path_qs}", encoded=True)
    try:
        async with client.request(
            request.method, url, headers=headers, data=body or None, allow_redirects=False
        ) as answer:
            return await _pass_on(request, answer)
    except aiohttp.ClientError:
        raise RefusedError("worker_away", 503, _AWAY) from None


async def _pass_on(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    headers = CIMultiDict((name, value) for name, value in answer.headers.items() if name.lower() not in _HOPS)
    if "Transfer-Encoding" not in answer.headers:
        headers.pop("Content-Length", None)
        return web.Response(status=answer.status, headers=headers, body=await answer.read())
    sink = ResponseSink(request, dict(headers), answer.status, request.app[GATEWAY].client_seconds)
    await sink.prepare()
    try:
        async for piece in answer.content.iter_any():
            await sink.write(piece)
        await sink.finish()
    except (aiohttp.ClientError, RefusedError):
        sink.abort()  # what has begun ends without its end mark, as it did there
    return sink.response


async def _tunnel(request: web.Request, path: Path) -> web.StreamResponse:
    """Pass bytes both ways until a side ends. It always ends in TunnelEndedError: nothing may be written after it."""
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError:
        raise RefusedError("worker_away", 503, _AWAY) from None
    near = request.transport
    if near is None:
        writer.close()
        raise TunnelEndedError
    try:
        writer.write(_head(request))
        first = await reader.read(_MOST_AT_ONCE)
        near.write(first)
        if first.startswith(_SWITCHED):  # until then a client has nothing to say but what nobody is to read
            request.protocol.set_parser(_Onward(near, writer))  # type: ignore[arg-type] # it has all that is called
        while data := await reader.read(_MOST_AT_ONCE):
            near.write(data)
            await request.protocol._drain_helper()  # noqa: SLF001 - as aiohttp's own writer waits
    except ConnectionError as error:
        raise TunnelEndedError from error
    finally:
        writer.close()
        near.close()
    raise TunnelEndedError


def _head(request: web.Request) -> bytes:
    lines = [f"{request.method} {request.raw_path} HTTP/1.1".encode()]
    lines += [name + b": " + value for name, value in request.raw_headers if name.decode().lower() not in _OWN]
    lines.append(f"{PEER_HEADER}: {request.remote or ''}".encode())
    return b"\r\n".join(lines) + b"\r\n\r\n"


class _Onward:
    """Takes what comes from the client in place of aiohttp's parser of WebSockets."""

    def __init__(self, near: asyncio.Transport, writer: asyncio.StreamWriter) -> None:
        self._near = near
        self._writer = writer
        self._waiting: asyncio.Future[None] | None = None

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Pass bytes on; while the other side has enough of them, nothing more is read."""
        if self._writer.is_closing():
            return True, b""
        self._writer.write(data)
        if self._waiting is None and self._writer.transport.get_write_buffer_size() > _MOST_WAITING_BYTES:
            self._near.pause_reading()
            self._waiting = asyncio.ensure_future(self._drained())
        return False, b""

    def feed_eof(self) -> None:
        """End the way on."""
        self._writer.close()

    async def _drained(self) -> None:
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()
        self._waiting = None
        if not self._near.is_closing():
            self._near.resume_reading()
