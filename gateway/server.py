"""aiohttp's server, with the answers that it gives before any of our code sees a request made into ours.

A request line, a header or a chunk that can't be parsed is answered by aiohttp itself, with a text that quotes
the bytes and a header that tells its version. Here such an answer is a problem document with a fixed sentence,
counted like any other refusal. And a connection on which no request comes is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from gateway.errors import TunnelEndedError
from gateway.logs import LOGGER, place_of
from gateway.problem import problem

OnRefusal = Callable[[str], None]


class Runner(web.AppRunner):
    """Runs an application behind our request handler.

    `on_refusal` is told the reason of each such answer; the first request of a connection has `head_seconds` to come.
    """

    __slots__ = ("_head_seconds", "_on_refusal")

    def __init__(self, app: web.Application, on_refusal: OnRefusal, head_seconds: float, **options: Any) -> None:  # noqa: ANN401
        """Take aiohttp's options as they are."""
        super().__init__(app, **options)
        self._on_refusal = on_refusal
        self._head_seconds = head_seconds

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made, self._on_refusal, self._head_seconds)


class _Server(web.Server):
    """A server like the one that aiohttp has made for an application."""

    def __init__(self, made: web.Server, on_refusal: OnRefusal, head_seconds: float) -> None:
        super().__init__(
            self._handle,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=made._loop,  # noqa: SLF001 - aiohttp has no other way to replace its request handler
            **made._kwargs,  # noqa: SLF001
        )
        self._application = made.request_handler
        self._on_refusal = on_refusal
        self.head_seconds = head_seconds

    def __call__(self) -> web.RequestHandler:
        return _RequestHandler(self, loop=self._loop, **self._kwargs)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Refuse what aiohttp would refuse by quoting it: a client that expects something that we don't know."""
        if request.headers.get("Expect", "100-continue").lower() != "100-continue":
            return self.refuse("expectation_unknown", 417, "Only 100-continue can be expected")
        if request.headers.get("Transfer-Encoding", "chunked").lower() != "chunked":
            # The parser reads `gzip, chunked` as chunks; what stands in front may read something else.
            refused = self.refuse("bad_request", 400, "A body can only be sent whole or in chunks")
            refused.force_close()
            return refused
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            # Unpacking costs far more than sending: four clients could hold everybody up.
            refused = self.refuse("bad_request", 400, "A body can't be sent packed")
            refused.force_close()
            return refused
        answer = await self._application(request)
        if "Upgrade" in request.headers and not isinstance(answer, web.WebSocketResponse):
            answer.force_close()  # what follows is not read as HTTP any more
        return answer

    def refuse(self, reason: str, status: int, title: str) -> web.Response:
        """Return the answer, counted."""
        self._on_refusal(reason)
        return problem(reason, status, title)


class _RequestHandler(web.RequestHandler):
    """One connection."""

    __slots__ = ("_first", "_server")

    def __init__(self, server: _Server, *, loop: asyncio.AbstractEventLoop, **options: Any) -> None:  # noqa: ANN401
        super().__init__(server, loop=loop, **options)
        self._server = server
        self._first: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request; between requests aiohttp's own patience ends."""
        super().connection_made(transport)
        self._first = self._loop.call_later(self._server.head_seconds, self._leave_silent)

    def connection_lost(self, exc: BaseException | None) -> None:
        """End."""
        if self._first is not None:
            self._first.cancel()
        super().connection_lost(exc)

    async def shutdown(self, timeout: float | None = 15.0) -> None:  # noqa: ASYNC109 - aiohttp's own
        """Let what goes on end by itself for `timeout` seconds, then cut it off, and wait until it is kept.

        aiohttp would let it go on for twice as long, for ever with 0, and leave it alone with the closing store.
        """
        handling = self._task_handler
        cutting = None if timeout is None or handling is None else self._loop.call_later(timeout, handling.cancel)
        try:
            await super().shutdown(timeout)
        finally:
            if cutting is not None:
                cutting.cancel()

    def _leave_silent(self) -> None:
        if self._request_count == 0:
            self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be parsed (400) or went past our own middleware (500), with nothing of it in it."""
        del message
        if isinstance(exc, TunnelEndedError):
            raise exc
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            LOGGER.error("request failed", extra={"error": type(exc).__name__, "where": place_of(exc)})
        if request.writer.output_size > 0:
            raise ConnectionError  # an answer has begun: the connection is cut
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            answer = self._server.refuse("failed", status, "The gateway failed; nothing was acknowledged")
        else:
            answer = self._server.refuse("bad_request", status, "This is not a request that can be read")
        answer.force_close()
        return answer
