"""What attackers, slow bots and idle callers do on one connection; `benchmarks.attacks` measures what others wait."""

from __future__ import annotations

import asyncio
import base64
import gzip
import itertools
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import orjson

SECRET: Final = "the secret of the hotline, for this benchmark"  # noqa: S105 - of a gateway that is made and gone
_POST: Final = b"POST /chatbot/v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
_BOMB: Final = gzip.compress(b'{"messages": [{"role": "user", "content": "' + b"a" * 50_000_000 + b'"}]}')
_PING: Final = 0x89
_PONG: Final = b"\x8a\x80" + bytes(4)
_calls = itertools.count(1)

Arrived = Callable[[], None]
"""Told once a connection is where it stays."""


@dataclass(frozen=True, slots=True)
class Case:
    """Something that others may not suffer from, on so many connections at once."""

    act: Callable[[asyncio.StreamReader, asyncio.StreamWriter, Arrived], Awaitable[None]]
    connections: int


async def slow_heads(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, arrived: Arrived) -> None:
    """Send a head byte by byte."""
    arrived()
    for byte in _POST:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.2)


async def endless_bodies(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, arrived: Arrived) -> None:
    """Send chunks without an end."""
    arrived()
    writer.write(_POST + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"40\r\n" + b" " * 64 + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)


async def unread_streams(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, arrived: Arrived) -> None:
    """Ask for a stream and never read it."""
    writer.write(_asking("bench-4000", stream=True))
    await writer.drain()
    arrived()
    await asyncio.sleep(3600)


async def idle_connections(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, arrived: Arrived) -> None:
    """Ask once and stay."""
    writer.write(b"GET /nobody/x HTTP/1.1\r\nHost: a\r\n\r\n")
    await reader.readuntil(b"}")
    arrived()
    await asyncio.sleep(3600)


async def bombs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, arrived: Arrived) -> None:
    """Send a body that grows a thousand times when it is unpacked, and another when that one was refused."""
    arrived()
    writer.write(_POST + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_BOMB) + _BOMB)
    await reader.readuntil(b"\r\n\r\n")


async def idle_sockets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, arrived: Arrived) -> None:
    """Begin a call, open its WebSocket, answer pings and say nothing. Raises ConnectionError where it is refused."""
    call = f"idle-{next(_calls)}"
    body = orjson.dumps({"call": call})
    head = f"Host: a\r\nX-Sordino-Channel-Secret: {SECRET}\r\n".encode()
    writer.write(
        b"POST /hotline/calls HTTP/1.1\r\n" + head + b"Content-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body) + body
    )
    await _whole(reader)
    writer.write(
        f"GET /hotline/calls/{call}/stream HTTP/1.1\r\n".encode() + head + b"Upgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: " + base64.b64encode(secrets.token_bytes(16)) + b"\r\n\r\n"
    )
    if not (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101"):
        raise ConnectionError
    arrived()
    while True:
        kind, length_and_mask = await reader.readexactly(2)
        size = length_and_mask & 0x7F
        if size == 126:
            size = int.from_bytes(await reader.readexactly(2), "big")
        await reader.readexactly(size)
        if kind == _PING:
            writer.write(_PONG)
            await writer.drain()


async def slow_streams(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, arrived: Arrived) -> None:
    """Listen to a bot that takes ten minutes for an answer, token by token."""
    writer.write(_asking("bench-200-over-600", stream=True))
    await reader.readuntil(b"\r\n\r\n")
    arrived()
    while await reader.read(65_536):
        pass


async def slow_bots(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, arrived: Arrived) -> None:
    """Wait for a bot that answers after half a minute, again and again."""
    arrived()
    while True:
        writer.write(_asking("bench-200-over-30", stream=False))
        await _whole(reader)


async def _whole(reader: asyncio.StreamReader) -> None:
    """Read an answer that tells its length."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    await reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]))


def _asking(model: str, *, stream: bool) -> bytes:
    said = [{"role": "user", "content": "Hallo"}]
    body = orjson.dumps({"model": model, "stream": stream, "messages": said})
    return _POST + b"Content-Length: %d\r\n\r\n" % len(body) + body


CASES: Final = {
    "slow heads": Case(slow_heads, 200),
    "endless bodies": Case(endless_bodies, 200),
    "unread streams": Case(unread_streams, 100),
    "idle connections": Case(idle_connections, 1000),
    "idle WebSockets": Case(idle_sockets, 1000),
    "slow bots, streams": Case(slow_streams, 200),
    "slow bots, answers": Case(slow_bots, 200),
    "bombs": Case(bombs, 4),
}
