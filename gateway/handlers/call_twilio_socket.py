"""Twilio's WebSockets: Media Streams and ConversationRelay, between Twilio and the bot.

Audio passes in memory; it is kept only while everybody has agreed. Text is redacted on its way and kept as any turn;
what the bot says while a question is open waits for the answer.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, Final

import orjson
from aiohttp import ClientWebSocketResponse, WSMsgType, web

import gateway.calls.events as happening
from gateway.calls.line import Line
from gateway.calls.on_line import CallOffer, OnLine
from gateway.calls.session import waits
from gateway.calls.twilio.edge import TwilioEdge
from gateway.calls.twilio.media import Heard, MediaStream
from gateway.calls.twilio.relay import RELAY, refused
from gateway.calls.twilio.twiml import MEDIA_PATH
from gateway.channels import GATEWAY, ChannelParts, Gateway
from gateway.errors import RefusedError
from gateway.exchange import Incoming
from gateway.handlers.call_sockets import as_they_come, closing_together, platform_socket, until_one_ends

_MOST_HELD: Final = 2_000
_LOOK_SECONDS: Final = 0.2


async def serve_socket(
    request: web.Request, parts: ChannelParts, line: Line, edge: TwilioEdge
) -> web.WebSocketResponse:
    """Serve one socket until a side closes it; what fails closes both."""
    path = request.match_info["tail"]
    bot = None
    if path != MEDIA_PATH:
        url = edge.links.at_bot(path, socket=True)
        bot = await edge.upstream.connect(url, edge.signed(url, b""))
    socket = platform_socket()
    async with closing_together(request, parts.name, socket, bot):
        await _Serving(parts, line, socket, bot, request.app[GATEWAY]).run()
    return socket


class _Serving:
    """One socket of Twilio, with that of the bot where there is one."""

    def __init__(
        self,
        parts: ChannelParts,
        line: Line,
        socket: web.WebSocketResponse,
        bot: ClientWebSocketResponse | None,
        gateway: Gateway,
    ) -> None:
        self._parts = parts
        self._line = line
        self._socket = socket
        self._bot = bot
        self._media = MediaStream()
        self._call: OnLine | None = None
        self._said: list[str] = []
        self._metrics = gateway.metrics
        self._clock = gateway.clock
        self._relays = False
        self._held: list[str] = []
        self._in_turn = asyncio.Lock()

    async def run(self) -> None:
        """Pass messages both ways until one side closes."""
        ways = [self._from_platform()]
        if self._bot is not None:
            ways += [self._from_bot(self._bot), self._look()]
        try:
            await until_one_ends(*ways)
        finally:
            if self._call is not None and self._bot is None:  # nothing is heard here any more
                self._call.listening = False

    # --- from Twilio

    async def _from_platform(self) -> None:
        async for message, came in as_they_come(self._socket, self._clock):
            if message.type is not WSMsgType.TEXT:
                continue
            if message.data.startswith('{"event"') or '"event"' in message.data[:200]:
                await self._heard(self._media.from_platform(message.data), came)
                if not (self._call is not None and self._call.live.call.ended) or '"stop"' in message.data[:200]:
                    await self._to_bot(message.data)  # the survey is nothing for the bot
            else:
                await self._relayed(orjson.loads(message.data))

    async def _heard(self, heard: Heard, came: datetime) -> None:
        if heard.call is not None:
            self._call = self._line.find(heard.call)
        if self._call is None:
            return
        if heard.key is not None:
            live = self._call.live
            await live.happen(happening.Pressed(heard.key, answers=not waits(live.call)))  # `<Gather>` has the answer
        if heard.wrong:
            self._line.wrong()
        if heard.sound is not None:
            await self._line.listen(self._call, heard.sound, came)

    async def _relayed(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "setup":
            if self._parts.channel.forward == "pseudonyms" or self._parts.channel.deliver == "redacted":
                # Tokens are spoken as they come: nothing can be put back into them, or masked, that is not whole yet.
                raise RefusedError("socket_refused", 501, "This notice does not go with ConversationRelay")
            offer = CallOffer(str(message["callSid"]), message.get("from"), message.get("to"))
            self._call, self._relays = await self._line.begin(offer), True
        if self._call is None:
            raise RefusedError("no_call", 404, "No call has been set up on this socket")
        live = self._call.live
        if kind == "dtmf":
            await live.happen(happening.Pressed(str(message["digit"]), answers=not live.unasked))
        elif kind == "prompt":
            text, last = str(message["voicePrompt"]), bool(message.get("last", True))
            if await self._line.hearing.takes(self._call, text, None, final=last):
                if last:  # the rest of a sentence that has begun answers no question
                    await self._go_on(self._call)
                return
            if last:
                incoming = self._incoming(self._call, message)
                await self._to_bot((await self._parts.conversation.note(incoming, RELAY)).decode())
                await self._go_on(self._call)
                return
        elif kind == "interrupt":
            self._said.clear()  # what was broken off is no part of the next answer
        incoming = self._incoming(self._call, message)
        await self._to_bot((await self._parts.conversation.without_keeping(incoming, RELAY)).decode())
        await self._go_on(self._call)

    async def _look(self) -> None:
        """Speak what has become due, and go on where the answer came on another way."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if self._relays and self._call is not None:
                await self._go_on(self._call)

    async def _go_on(self, call: OnLine) -> None:
        """Have Twilio speak the question and what else is to be told, and what the bot says while none is open."""
        async with self._in_turn:
            for prompt in call.live.speak():
                spoken = {"type": "text", "token": prompt.text, "lang": prompt.language, "last": True}
                await self._socket.send_str(orjson.dumps(spoken).decode())
            while self._held and not waits(call.live.call):
                said = self._held.pop(0)
                if await self._tokens(orjson.loads(said)):
                    await self._socket.send_str(said)

    async def _to_bot(self, text: str) -> None:
        if self._bot is not None:
            await self._bot.send_str(text)

    def _incoming(self, on_line: OnLine, message: dict[str, Any]) -> Incoming:
        return self._line.hearing.flagged(
            on_line,
            Incoming(
                method="POST",
                path="relay",
                content_type="application/json",
                headers={},
                body=orjson.dumps(message),
                language=on_line.live.call.language,
            ),
        )

    # --- from the bot

    async def _from_bot(self, bot: ClientWebSocketResponse) -> None:
        async for message, came in as_they_come(bot, self._clock):
            if message.type is not WSMsgType.TEXT:
                continue
            if self._call is None:
                continue  # there is nobody yet to whom it could be said
            if not self._relays:
                await self._heard(self._media.from_bot(message.data), came)
                await self._socket.send_str(message.data)
                continue
            self._held.append(message.data)
            if len(self._held) > _MOST_HELD:
                raise ValueError("the bot says more than can wait")
            await self._go_on(self._call)

    async def _tokens(self, message: dict[str, Any]) -> bool:
        """Put the bot's words together, and keep them once they are whole, before the last of them is spoken.

        Tells whether the message may go on.
        """
        what = refused(message)
        if what is not None:
            self._metrics.calls_stripped.labels(self._parts.name, what).inc()
        if message.get("type") != "text" or self._call is None:
            return what is None
        self._said.append(str(message.get("token", "")))
        if message.get("last", False):
            whole, self._said = "".join(self._said), []
            if whole.strip():
                await self._line.hearing.service_spoke(self._call, whole)
                said = self._incoming(self._call, {"type": "text", "token": whole})
                await self._parts.conversation.note(said, RELAY)
        return True
