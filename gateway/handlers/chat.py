"""`/<channel>/...`: a message through the gateway to the channel's bot."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable

from aiohttp import web

from gateway.channels import GATEWAY, ChannelParts
from gateway.errors import RefusedError, UpstreamError
from gateway.exchange import Answer, Head, Incoming
from gateway.handlers.request import address_of, body_of, channel_of, claim_of, language_of, token_headers
from gateway.sessions import Claim
from gateway.upstream import REQUEST_HEADERS


async def converse(request: web.Request) -> web.StreamResponse:
    """Read the request, walk the exchange, write the answer."""
    parts = channel_of(request)
    if parts.channel.kind != "chat":
        raise RefusedError(
            "not_a_chat", 404, "This channel is not a chat; calls are under /calls, tickets under /tickets"
        )
    stream: ResponseSink | None = None

    async def begin(head: Head) -> ResponseSink:
        nonlocal stream
        patience = request.app[GATEWAY].client_seconds
        stream = ResponseSink(request, _response_headers(request, parts, head), head.status, patience)
        await stream.prepare()
        return stream

    claim, client = claim_of(request, parts), address_of(request)
    gateway = request.app[GATEWAY]
    crowd = contextlib.nullcontext() if claim.front_end else gateway.crowds.one_more(client, parts.name)
    with crowd, gateway.metrics.exchanges_in_flight.track_inprogress():
        answer = await parts.conversation.converse(await _incoming(request, claim, client), begin)
    if answer is not None:
        return _plain(request, parts, answer)
    if stream is None:
        raise UpstreamError("empty_answer", 502)
    return stream.response


class ResponseSink:
    """A streamed answer on an aiohttp connection."""

    def __init__(self, request: web.Request, headers: dict[str, str], status: int, client_seconds: float) -> None:
        """Prepare nothing yet; `prepare` sends the head. A client may leave us waiting for so many seconds."""
        self._request = request
        self._client_seconds = client_seconds
        self.response = web.StreamResponse(status=status, headers=headers)

    async def prepare(self) -> None:
        """Send status and headers."""
        await self.response.prepare(self._request)

    async def write(self, data: bytes) -> None:
        """Send bytes; raises ConnectionError when the client has left, RefusedError when it no longer reads."""
        await self._patiently(self.response.write(data))

    async def finish(self) -> None:
        """Send the end mark of the body; raises as `write`."""
        await self._patiently(self.response.write_eof())

    def abort(self) -> None:
        """Cut the connection without the end mark."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _patiently(self, sending: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._client_seconds):
                await sending
        except TimeoutError:
            raise RefusedError("client_stalled", 408, "The client stopped reading the answer") from None


async def _incoming(request: web.Request, claim: Claim, client: str) -> Incoming:
    body = await body_of(request)
    return Incoming(
        method=request.method,
        path=request.match_info["tail"],
        content_type=request.headers.get("Content-Type", ""),
        headers={name: request.headers[name] for name in REQUEST_HEADERS if name in request.headers},
        body=body,
        query=request.query,
        claim=claim,
        idempotency_key=request.headers.get("Idempotency-Key"),
        retried=request.headers.get("X-Stainless-Retry-Count", "0") not in {"", "0"},
        language=language_of(request),
        # A front end's own address says nothing of the customer's.
        connection={} if claim.front_end or not client else {"address": client},
    )


def _plain(request: web.Request, parts: ChannelParts, answer: Answer) -> web.Response:
    return web.Response(
        status=answer.head.status, body=answer.body, headers=_response_headers(request, parts, answer.head)
    )


def _response_headers(request: web.Request, parts: ChannelParts, head: Head) -> dict[str, str]:
    headers = {**head.headers, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return headers | token_headers(request, parts, head.token)
