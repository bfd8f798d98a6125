"""`/<channel>/...`: a message through the gateway to the channel's bot."""

from __future__ import annotations

import asyncio

from aiohttp import web

from gateway.channels import ChannelParts
from gateway.errors import RefusedError
from gateway.exchange import Answer, Head, Incoming
from gateway.handlers.request import channel_of, claim_of, language_of, token_headers
from gateway.upstream import REQUEST_HEADERS


async def converse(request: web.Request) -> web.StreamResponse:
    """Read the request, walk the exchange, write the answer."""
    parts = channel_of(request)
    if parts.channel.kind != "chat":
        raise RefusedError("not_a_chat", 404, "This channel is not a chat")
    stream: ResponseSink | None = None

    async def begin(head: Head) -> ResponseSink:
        nonlocal stream
        stream = ResponseSink(request, _response_headers(request, parts, head), head.status)
        await stream.prepare()
        return stream

    answer = await parts.conversation.converse(await _incoming(request, parts), begin)
    if answer is not None:
        return _plain(request, parts, answer)
    if stream is None:
        raise RefusedError("empty_answer", 502, "The bot's answer was empty")
    return stream.response


class ResponseSink:
    """A streamed answer on an aiohttp connection."""

    def __init__(self, request: web.Request, headers: dict[str, str], status: int) -> None:
        """Prepare nothing yet; `prepare` sends the head."""
        self._request = request
        self.response = web.StreamResponse(status=status, headers=headers)

    async def prepare(self) -> None:
        """Send status and headers."""
        await self.response.prepare(self._request)

    async def write(self, data: bytes) -> None:
        """Send bytes; raises ConnectionError when the client has left."""
        await self.response.write(data)

    async def finish(self) -> None:
        """Send the end mark of the body."""
        await self.response.write_eof()

    def abort(self) -> None:
        """Cut the connection without the end mark."""
        if self._request.transport is not None:
            self._request.transport.abort()


async def _incoming(request: web.Request, parts: ChannelParts) -> Incoming:
    claim = claim_of(request, parts)
    try:
        body = await request.read()
    except asyncio.IncompleteReadError:
        raise RefusedError("body_cut_off", 400, "The request's body is not whole") from None
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
        connection={"address": request.remote or ""},
    )


def _plain(request: web.Request, parts: ChannelParts, answer: Answer) -> web.Response:
    return web.Response(
        status=answer.head.status, body=answer.body, headers=_response_headers(request, parts, answer.head)
    )


def _response_headers(request: web.Request, parts: ChannelParts, head: Head) -> dict[str, str]:
    headers = {**head.headers, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return headers | token_headers(request, parts, head.token)
