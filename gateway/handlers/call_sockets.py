"""The ends of a call's socket, the platform's and the bot's: the same limits for each, and one goes with the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Sequence
from datetime import datetime
from typing import Any, Final

from aiohttp import ClientWebSocketResponse, WSMessage, WSMsgType, web

from gateway.channels import GATEWAY
from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.logs import LOGGER, place_of
from gateway.refusals import refusal
from redaction.errors import RedactionError
from storage.errors import StorageError

_HEARTBEAT_SECONDS: Final = 20.0
_MOST_BYTES: Final = 1_048_576
_WELL: Final = 1000
_BROKEN: Final = 1011
_NO_CODE: Final = 0
_ENDED: Final = frozenset({None, _NO_CODE, _WELL, 1001, 1005})
"""How a side closes that has ended, or has not closed: any other code is that of one that may come again."""
_CLOSED: Final = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED})
_BEHIND_SECONDS: Final = 0.1
"""How late messages may be read: it is less than audio may have been on its way."""
_OUTSIDE_SECONDS: Final = 1.0
"""How much sound aiohttp holds of one socket, at least; then it lies with the system, and a second brings all of it."""
_OURS: Final = (GatewayError, RedactionError, StorageError)
_UNREADABLE: Final = (ConnectionError, ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What a message that is none of the protocol ends in when it is read, and a bot that has left."""


def platform_socket(*, most_bytes: int = _MOST_BYTES, protocols: Sequence[str] = ()) -> web.WebSocketResponse:
    """Return the platform's end, not yet open; a message may have `most_bytes`."""
    return web.WebSocketResponse(
        heartbeat=_HEARTBEAT_SECONDS, max_msg_size=most_bytes, compress=False, protocols=protocols
    )


@contextlib.asynccontextmanager
async def closing_together(
    request: web.Request, channel: str, socket: web.WebSocketResponse, bot: ClientWebSocketResponse | None = None
) -> AsyncIterator[None]:
    """Open the platform's end, and close both when the block ends, with 1011 where it or a side did not end well.

    What breaks it is counted and logged, and nothing of a message is told: what was not kept or not redacted must not
    go on. A platform that has left while it was spoken to is counted alone.
    """
    code = _BROKEN
    try:
        await socket.prepare(request)
        yield
        first = bot.close_code if bot is not None and socket.close_code is None else socket.close_code
        code = _WELL if first in _ENDED else _BROKEN
    except asyncio.CancelledError:  # the platform has closed its connection, perhaps after it has said so
        code = _WELL if socket.close_code in _ENDED - {None} else _BROKEN
        raise
    except web.HTTPException:
        raise  # a handshake that is none
    except Exception as error:  # noqa: BLE001 - whatever it is, no platform is to wait for what will not come
        if isinstance(error, ConnectionError) and has_left(request):
            request.app[GATEWAY].metrics.aborted.labels(channel, "client_left").inc()
        else:
            broken_off(request, channel, error)
    finally:
        if bot is not None:
            await bot.close(code=code)
        if socket.prepared:  # a handshake that is none is answered, and opens nothing
            await socket.close(code=code)


def has_left(request: web.Request) -> bool:
    """Tell whether a platform has left, so that what it was told could not reach it."""
    return request.transport is None or request.transport.is_closing()


def broken_off(request: web.Request, channel: str, error: Exception) -> None:
    """Count and log what has gone wrong on a call's socket."""
    reason = "failed"
    if isinstance(error, _OURS):
        reason = refusal(error)[0]
    elif isinstance(error, _UNREADABLE):
        reason = "socket_failed"
    request.app[GATEWAY].metrics.aborted.labels(channel, reason).inc()
    told = {"channel": channel, "reason": reason, "error": type(error).__name__, "where": place_of(error)}
    LOGGER.warning("socket closed", extra=told)


async def as_they_come(
    socket: web.WebSocketResponse | ClientWebSocketResponse, clock: Clock
) -> AsyncIterator[tuple[WSMessage, datetime]]:
    """Yield the messages of a socket until it closes, each with the moment at which it came, at the earliest.

    That is now, or a moment ago. But what is read without a pause behind something that took long may have waited as
    long as that; and where that was very long, more lies outside of this process than it sees at once, and is given as
    long to come.
    """
    loop, first, waited = asyncio.get_running_loop(), clock.now(), False
    began, settled = loop.time(), 0.0

    def note() -> None:
        nonlocal waited
        waited = True

    while True:
        waited, asked = False, loop.time()
        noting = loop.call_soon(note)  # not called before a message is read that is there already
        message = await socket.receive()
        noting.cancel()
        if message.type in _CLOSED:
            return
        now = loop.time()
        if waited:
            if asked - began > _OUTSIDE_SECONDS:
                settled = asked + _OUTSIDE_SECONDS
            began = now
            if now >= settled:
                first = clock.now()
        yield message, first if now - began > _BEHIND_SECONDS or now < settled else clock.now()


async def until_one_ends(*ways: Coroutine[Any, Any, None]) -> None:
    """Run what passes messages until one of it ends; the others end with it. Raises what that one raises."""
    running = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for way in done:
            way.result()
    finally:
        for way in running:
            way.cancel()
        await asyncio.gather(*running, return_exceptions=True)
