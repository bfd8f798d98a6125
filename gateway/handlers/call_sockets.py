"""The ends of a call's socket, the platform's and the bot's: the same limits for each, and one goes with the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, Final

from aiohttp import ClientWebSocketResponse, web

from gateway.channels import GATEWAY
from gateway.errors import GatewayError, RefusedError
from gateway.logs import LOGGER
from redaction.errors import RedactionError
from storage.errors import StorageError

_HEARTBEAT_SECONDS: Final = 20.0
_MOST_BYTES: Final = 1_048_576
_WELL: Final = 1000
_BROKEN: Final = 1011
_CAUGHT: Final = (
    GatewayError, RedactionError, StorageError, ConnectionError, ValueError, KeyError, TypeError, AttributeError,
    IndexError,
)  # fmt: skip


def platform_socket(*, most_bytes: int = _MOST_BYTES, protocols: Sequence[str] = ()) -> web.WebSocketResponse:
    """Return the platform's end, not yet open; a message may have `most_bytes`."""
    return web.WebSocketResponse(
        heartbeat=_HEARTBEAT_SECONDS, max_msg_size=most_bytes, compress=False, protocols=protocols
    )


@contextlib.asynccontextmanager
async def closing_together(
    request: web.Request, channel: str, socket: web.WebSocketResponse, bot: ClientWebSocketResponse | None = None
) -> AsyncIterator[None]:
    """Open the platform's end, and close both when the block ends, with 1011 where it did not end well.

    What a peer's message breaks is counted and logged, and nothing of the message is told: what was not kept or not
    redacted must not go on.
    """
    code = _BROKEN
    try:
        await socket.prepare(request)
        yield
        code = _WELL
    except _CAUGHT as error:
        reason = error.reason if isinstance(error, RefusedError) else "socket_failed"
        request.app[GATEWAY].metrics.aborted.labels(channel, reason).inc()
        LOGGER.warning("socket closed", extra={"channel": channel, "reason": reason, "error": type(error).__name__})
    finally:
        if bot is not None:
            await bot.close(code=code)
        if socket.prepared:  # a handshake that is none is answered, and opens nothing
            await socket.close(code=code)


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
