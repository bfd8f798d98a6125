"""`GET /<channel>/audiohook`: Genesys sends the audio of a call. Nothing is kept or asked for before a yes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
from aiohttp import WSMsgType, web

import gateway.calls.events as happening
from gateway.calls.audiohook.protocol import AudioHook, transcript, utterances_in
from gateway.calls.line import Line
from gateway.calls.on_line import OnLine, Utterance
from gateway.calls.sound import taken_apart
from gateway.channels import GATEWAY
from gateway.clock import Clock
from gateway.errors import RefusedError
from gateway.handlers.call_sockets import as_they_come, closing_together, platform_socket, until_one_ends
from gateway.handlers.request import channel_of

_MOST_BYTES: Final = 262_144
_LOOK_SECONDS: Final = 0.2


async def from_genesys(request: web.Request) -> web.WebSocketResponse:
    """Serve one session; a request that is not signed is 403, and nothing of it is processed."""
    parts, gateway = channel_of(request), request.app[GATEWAY]
    if parts.line is None or parts.audiohook is None:
        raise RefusedError("unknown_path", 404, "This channel has no AudioHook")
    public = urlsplit(parts.audiohook.public)
    headers = {name.lower(): value for name, value in request.headers.items()}
    target = public.path.rstrip("/") + request.raw_path
    if not parts.audiohook.verifier.verifies(headers, target=target, authority=public.netloc, now=gateway.clock.now()):
        raise RefusedError("bad_signature", 403, "The request is not signed by this channel's call platform")
    socket = platform_socket(most_bytes=_MOST_BYTES)
    async with closing_together(request, parts.name, socket):
        await _Serving(parts.line, socket, headers.get("audiohook-organization-id", ""), gateway.clock).run()
    return socket


class _Serving:
    """One session."""

    def __init__(self, line: Line, socket: web.WebSocketResponse, organization: str, clock: Clock) -> None:
        self._line = line
        self._socket = socket
        self._organization = organization
        self._clock = clock
        self._hook = AudioHook()
        self._call: OnLine | None = None
        self._paused = False

    async def run(self) -> None:
        """Serve until the socket closes."""
        try:
            await until_one_ends(self._from_platform(), self._look())
        finally:
            if self._call is not None and self._call.transcripts == self._transcribed:  # it may have come anew
                self._call.transcripts = None

    async def _from_platform(self) -> None:
        async for message, came in as_they_come(self._socket, self._clock):
            if message.type is WSMsgType.BINARY:
                await self._listen(message.data, came)
            elif message.type is WSMsgType.TEXT:
                await self._hear(orjson.loads(message.data))

    async def _listen(self, raw: bytes, came: datetime) -> None:
        at = self._hook.audio.milliseconds(self._hook.position)
        try:
            sound = taken_apart(self._hook.audio, raw, at, self._hook.session)
        except ValueError:
            self._hook.position += len(raw) // (self._hook.audio.sample_bytes * self._hook.audio.channels)
            self._line.wrong()
            return
        self._hook.position += sound.samples
        if self._call is not None:
            await self._line.listen(self._call, sound, came)

    async def _hear(self, message: dict[str, Any]) -> None:
        self._hook.hear(message)
        match message["type"]:
            case "open":
                await self._open(message)
            case "ping":
                await self._say("pong")
            case "update":
                await self._say("updated")
            case "dtmf" if self._call is not None:
                live, digit = self._call.live, str(message["parameters"]["digit"])
                await live.happen(happening.Pressed(digit, answers=not live.unasked))
            case "event" if self._call is not None:
                with self._missing(self._call):
                    for said in utterances_in(message):
                        await self._line.hearing.hear(self._call, said, {}, None)
            case "close":
                if self._call is not None and message["parameters"].get("reason") == "end":
                    await self._line.end(self._call)
                await self._say("closed")
            case _:
                pass  # paused, resumed, discarded, error: where the audio is has been noted

    @staticmethod
    @contextlib.contextmanager
    def _missing(call: OnLine) -> Iterator[None]:
        """Note that something said is not known where it could not be taken."""
        try:
            yield
        except BaseException:
            call.quiet.missed()
            raise

    async def _open(self, message: dict[str, Any]) -> None:
        opened = self._hook.opened(message)
        if opened.organization != self._organization:
            await self._say("disconnect", {"reason": "unauthorized"})
            return
        self._call = await self._line.begin(opened.offer)
        self._call.transcripts = self._transcribed
        self._paused = not self._call.live.call.armed
        await self._say("opened", {"media": [opened.media], "startPaused": self._paused})

    async def _transcribed(self, said: Utterance, kept: str) -> None:
        """Let Genesys have what was said, as it is kept."""
        if not self._socket.closed:
            await self._say("event", transcript(said, kept, str(uuid4())))

    async def _look(self) -> None:
        """Have Genesys send audio while it may be kept, and no longer; what comes all the same is dropped."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            call = self._call.live.call if self._call is not None else None
            if call is not None and not call.ended and call.armed is self._paused:
                self._paused = not self._paused
                await self._say("pause" if self._paused else "resume")

    async def _say(self, kind: str, parameters: dict[str, Any] | None = None) -> None:
        await self._socket.send_str(orjson.dumps(self._hook.say(kind, parameters)).decode())
