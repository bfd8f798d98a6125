"""`GET /<channel>/calls/{call}/stream`: a WebSocket beside the HTTP API, for audio while it is spoken.

Binary messages are audio in the format of the query. Text messages are JSON, `{"do": "keys", "keys": "1"}`: what the
HTTP paths of the same names take, with `turn` for `turns`; each is answered with where the call stands. What is to be
spoken is pushed as well (`"do": "prompt"`), and so are the pieces of a streamed answer (`"do": "piece"`). When the
socket closes the call goes on; `{"do": "end"}` ends it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from aiohttp import WSMsgType, web
from pydantic import BaseModel, ValidationError

from gateway.calls.line import Line
from gateway.calls.on_line import OnLine
from gateway.channels import GATEWAY
from gateway.errors import GatewayError, RefusedError, UpstreamError
from gateway.exchange import Head
from gateway.handlers.call_api import AudioQuery, SpokenBody, TurnBody
from gateway.handlers.call_request import (
    ACTIONS,
    acted,
    audio_query,
    headers_for_bot,
    line_of,
    on_line_of,
    puts_questions,
    sound_of,
    standing,
    utterance,
    words_of,
)
from gateway.handlers.call_sockets import as_they_come, closing_together, platform_socket
from gateway.handlers.request import channel_of
from gateway.logs import LOGGER, place_of
from gateway.metrics import Metrics
from gateway.refusals import refusal
from redaction.errors import RedactionError
from storage.errors import StorageError

_MOST_AT_ONCE: Final = 32
"""Turns that a bot is asked about at a time; what stops or pauses waits for none of them."""
_MILLISECOND: Final = timedelta(milliseconds=1)


async def stream(request: web.Request) -> web.WebSocketResponse:
    """Serve one call's socket until it closes."""
    line, on_line = line_of(request), on_line_of(request)
    query, channel, metrics = audio_query(request), channel_of(request).name, request.app[GATEWAY].metrics
    socket = platform_socket()
    serving = _Serving(line, on_line, socket, headers_for_bot(request), query, channel, metrics)
    async with closing_together(request, channel, socket), asyncio.TaskGroup() as group:
        prompting = group.create_task(serving.push_prompts())
        try:
            async for message, came in as_they_come(socket, request.app[GATEWAY].clock):
                if message.type is WSMsgType.BINARY:
                    await serving.audio(message.data, came)
                elif message.type is WSMsgType.TEXT:
                    group.create_task(serving.act(message.data))
                    await asyncio.sleep(0)  # what it stops is stopped before the next piece of audio is taken
        finally:
            prompting.cancel()
    return socket


class _Serving:
    """One socket."""

    def __init__(
        self,
        line: Line,
        on_line: OnLine,
        socket: web.WebSocketResponse,
        headers: dict[str, str],
        query: AudioQuery,
        channel: str,
        metrics: Metrics,
    ) -> None:
        self._line = line
        self._on_line = on_line
        self._socket = socket
        self._headers = headers
        self._query = query
        self._channel = channel
        self._metrics = metrics
        self._at_ms = query.offset_ms
        self._at_once = asyncio.Semaphore(_MOST_AT_ONCE)

    async def audio(self, raw: bytes, came: datetime) -> None:
        """Take a piece of audio; one that can't be read is told, and the call goes on.

        One piece follows the other, from where the query says; behind one that can't be read nobody knows where.
        """
        try:
            sound = sound_of(self._query, raw, self._at_ms)
            if self._at_ms is not None:
                self._at_ms += sound.lasting / _MILLISECOND
            await self._line.listen(self._on_line, sound, came)
        except RefusedError as error:
            self._at_ms = None
            await self._send({"do": "audio", **self._problem(error)})

    async def act(self, text: str) -> None:
        """Do what a message says and answer it; an error is told and the socket stays open."""
        do = "unknown"
        try:
            fields = orjson.loads(text)
            if isinstance(fields, dict):
                do = str(fields.pop("do", ""))
            answer = await self._do(do, fields if isinstance(fields, dict) else {})
        except orjson.JSONDecodeError:
            answer = self._problem(RefusedError("bad_body", 400, "The message is not a JSON object"))
        except ValidationError:
            answer = self._problem(RefusedError("bad_body", 400, "The message does not fit"))
        except ConnectionError:  # nobody is there to whom an answer could be told
            self._count_left()
            return
        except Exception as error:  # noqa: BLE001 - one message that fails is no end of the others
            answer = self._problem(error)
        known = do in ACTIONS or do in {"turn", "spoken", "end"}
        await self._send({"do": do if known else "unknown", **answer})

    async def push_prompts(self) -> None:
        """Push what is to be spoken when nobody has asked for it."""
        live = self._on_line.live
        while puts_questions(self._line, "prompt"):
            await live.spoke.wait()
            await asyncio.sleep(0)
            if live.unspoken:
                await self._send({"do": "prompt", **self._standing("prompt")})

    async def _do(self, do: str, fields: dict[str, Any]) -> dict[str, Any]:
        if do == "turn":
            try:
                body = TurnBody.model_validate(fields)
            except ValidationError:
                await self._line.missed(self._on_line.connection.call)
                raise
            async with self._at_once:
                return await self._turn(body)
        if do == "spoken":
            told = SpokenBody.model_validate(fields)
            self._line.hearing.spoke(self._on_line, told.text, words_of(told.words), broken_off=told.broken_off)
            return self._standing(do)
        if do == "end":
            await self._line.end(self._on_line)
            return self._standing(do)
        action = ACTIONS.get(do)
        if action is None:
            raise RefusedError("bad_body", 400, "The message does not say what to do")
        taken: BaseModel | None = action.body.model_validate(fields) if action.body is not None else None
        return await acted(self._line, self._on_line, do, taken)

    async def _turn(self, body: TurnBody) -> dict[str, Any]:
        pieces = _Pieces(self._socket)

        async def begin(head: Head) -> _Pieces:
            del head
            return pieces

        answered = await self._line.hearing.hear(self._on_line, utterance(body), self._headers, begin)
        if pieces.broken:
            raise UpstreamError("cut_off", 502)
        if answered is None:
            return self._standing("turn")
        document = orjson.loads(answered.body) if answered.head.status < 400 else None  # noqa: PLR2004 - an error
        if not isinstance(document, dict):
            raise UpstreamError("upstream_status", 502)
        return {**document, **self._standing("turn")}

    def _standing(self, what: str) -> dict[str, Any]:
        return standing(self._line, self._on_line, what)

    async def _send(self, document: dict[str, Any]) -> None:
        if self._socket.closed:
            return
        try:
            await self._socket.send_str(orjson.dumps(document).decode())
        except ConnectionError:
            self._count_left()

    def _problem(self, error: Exception) -> dict[str, Any]:
        """Count an error and return it as the HTTP API tells it; the sentences hold nothing of the message."""
        reason, status, title = refusal(error)
        self._metrics.refused.labels(self._channel, reason).inc()
        if not isinstance(error, (GatewayError, RedactionError, StorageError)):
            LOGGER.error("request failed", extra={"error": type(error).__name__, "where": place_of(error)})
        return {"status": status, "reason": reason, "title": title}

    def _count_left(self) -> None:
        self._metrics.aborted.labels(self._channel, "client_left").inc()


class _Pieces:
    """A streamed answer on the socket."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self.broken = False

    async def write(self, data: bytes) -> None:
        """Send what may leave."""
        await self._socket.send_str(orjson.dumps({"do": "piece", "data": data.decode()}).decode())

    async def finish(self) -> None:
        """End: the answer to the turn follows."""

    def abort(self) -> None:
        """Break off: no answer to the turn follows but a problem."""
        self.broken = True
