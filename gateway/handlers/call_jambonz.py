"""jambonz's WebSocket on a channel with the connector `jambonz`: the question first, then the bot.

What is said is stored, as the notice says, before the bot gets it; what the bot says before the platform speaks it.
The answers that jambonz waits for (5 s, then it hangs up) are the bot's own: nothing is answered in its place.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import orjson
from aiohttp import ClientWebSocketResponse, WSMsgType, web

import gateway.calls.events as happening
from gateway.calls.jambonz.allowed import command_cleaned
from gateway.calls.jambonz.edge import HEADER, PROTOCOL
from gateway.calls.jambonz.messages import BEGINS, Hook, for_bot, hook_of, is_over, offer_of
from gateway.calls.jambonz.recordings import ask_after
from gateway.calls.jambonz.verbs import (
    ANSWER,
    SPEAKS,
    SURVEY,
    Guarded,
    allowed,
    guard,
    hangs_up,
    question,
    spoken,
    survey_at_end,
)
from gateway.calls.line import Line
from gateway.calls.on_line import OnLine
from gateway.calls.session import waits
from gateway.calls.survey_talk import Reply
from gateway.calls.surveying import into_survey, replied
from gateway.channels import GATEWAY, ChannelParts
from gateway.errors import RefusedError
from gateway.exchange import Incoming
from gateway.handlers.call_sockets import closing_together, platform_socket, until_one_ends
from gateway.handlers.request import channel_of
from gateway.metrics import Metrics

_MOST_BYTES: Final = 262_144
_PAUSE_SECONDS: Final = 6


async def from_jambonz(request: web.Request) -> web.WebSocketResponse:
    """Serve one socket; one that does not show the credentials is 403, and nothing of it is processed."""
    parts, metrics = channel_of(request), request.app[GATEWAY].metrics
    line, edge = parts.line, parts.jambonz
    if line is None or edge is None:
        raise RefusedError("unknown_path", 404, "This channel has no calls")
    if not edge.verifies(request.headers.get(HEADER, "")):
        raise RefusedError("bad_signature", 403, "The request does not show the credentials of this channel's platform")
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise RefusedError("wrong_method", 405, "jambonz speaks over a WebSocket with this channel")
    url = edge.links.at_bot(request.match_info["tail"], socket=True)
    bot = await edge.upstream.connect(url, edge.signed(), protocols=(PROTOCOL,))
    socket = platform_socket(most_bytes=_MOST_BYTES, protocols=(PROTOCOL,))
    async with closing_together(request, parts.name, socket, bot):
        await _Serving(parts, line, socket, bot, metrics).run()
    return socket


class _Serving:
    """The two sockets of one call."""

    def __init__(
        self,
        parts: ChannelParts,
        line: Line,
        socket: web.WebSocketResponse,
        bot: ClientWebSocketResponse,
        metrics: Metrics,
    ) -> None:
        self._parts = parts
        self._line = line
        self._socket = socket
        self._bot = bot
        self._metrics = metrics
        self._call: OnLine | None = None
        self._begun: dict[str, Any] | None = None

    async def run(self) -> None:
        """Pass messages both ways until one side closes."""
        await until_one_ends(self._from_platform(), self._from_bot())
        if self._socket.close_code == 1000:  # noqa: PLR2004 - the platform has hung up; else it may come again
            await self._end()

    # --- from jambonz

    async def _from_platform(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                await self._hear(orjson.loads(message.data))

    async def _hear(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind in BEGINS:
            await self._begin(message)
            return
        if self._call is None:
            raise RefusedError("no_call", 404, "No call has begun on this socket")
        if kind == "verb:hook" and message.get("hook") == ANSWER:
            await self._answered(self._call, message)
            return
        if kind == "verb:hook" and str(message.get("hook", "")).startswith(SURVEY):
            await self._surveyed(self._call, message)
            return
        if self._line.surveyed(self._call.connection.call) and kind != "call:status":
            if kind == "verb:hook":  # of what listens in the background: the survey is nothing for the bot
                await self._ack(message["msgid"], [])
            return
        final = True
        if kind == "verb:hook":
            hook = hook_of(message)
            final = hook.final
            await self._happens(self._call, hook)
        over = kind == "call:status" and is_over(message.get("data") or {}, self._call.connection.call)
        try:
            await self._to_bot(self._call, message, kept=final)
        finally:  # the bot may have gone first
            if over:
                await self._end()

    async def _begin(self, message: dict[str, Any]) -> None:
        """Begin the call; the bot hears of it when the question is answered. One in its survey goes on there."""
        offer = offer_of(message)
        over = self._line.recall(str(offer.call)) if self._line.surveyed(str(offer.call)) else None
        if over is not None:
            self._call = over
            await self._surveyed(over, message)
            return
        self._call = await self._line.begin(offer)
        if self._parts.recordings is not None and not self._call.asked_after:
            await ask_after(self._parts.recordings, message)
            self._call.asked_after = True
        if waits(self._call.live.call):
            self._begun = message
            await self._ask(self._call, message["msgid"])
        else:
            await self._to_bot(self._call, message, kept=False)

    async def _answered(self, call: OnLine, message: dict[str, Any]) -> None:
        """Take the answer to the question; ask again, or go on where the call was."""
        live, hook = call.live, hook_of(message)
        if waits(live.call) and not live.unasked:  # else it is the answer to a question of before
            if hook.keys is not None:
                await live.happen(happening.Pressed(hook.keys))
            elif hook.text is not None:
                await live.happen(happening.Heard(hook.text, hook.confidence))
            else:
                await live.happen(happening.Silent())
        if waits(live.call):
            await self._ask(call, message["msgid"])
        elif self._begun is not None:
            begun, self._begun = self._begun, None
            await self._to_bot(call, begun, kept=False, msgid=message["msgid"])
        else:
            held, call.held = call.held, None
            verbs = orjson.loads(held) if held is not None else []
            await self._ack(message["msgid"], spoken(live.speak()) + verbs)

    async def _surveyed(self, call: OnLine, message: dict[str, Any]) -> None:
        """Ask on where the bot has hung up; what comes again is no answer to the next question."""
        step, hook = await into_survey(self._line, call.connection.call), hook_of(message)
        if step is not None and message.get("hook") == f"{SURVEY}/{step.number}":
            step = await replied(self._line, call.connection.call, Reply(hook.keys, hook.text))
        if step is None or step.over:
            leaving = spoken(step.prompts if step is not None else ())
            await self._ack(message["msgid"], [*leaving, {"verb": "hangup"}])
            return
        then = f"{SURVEY}/{step.number}"
        asking = question(step.prompts, seconds=_PAUSE_SECONDS, hook=then, most_keys=step.most_keys)
        await self._ack(message["msgid"], asking)

    async def _happens(self, call: OnLine, hook: Hook) -> None:
        """Let the call hear what may stop or pause it; to the question none of it is an answer."""
        call.live.seen()
        if waits(call.live.call):
            return
        if hook.keys is not None:
            await call.live.happen(happening.Pressed(hook.keys))
        if hook.text is not None:
            await self._line.hearing.takes(call, hook.text, hook.confidence, final=hook.final)

    async def _ask(self, call: OnLine, msgid: str) -> None:
        prompts = call.live.speak() or call.live.open_question()
        await self._ack(msgid, question(prompts, seconds=_PAUSE_SECONDS))

    async def _ack(self, msgid: str, verbs: list[dict[str, Any]]) -> None:
        await self._say({"type": "ack", "msgid": msgid, "data": verbs})

    async def _say(self, message: dict[str, Any]) -> None:
        await self._socket.send_str(orjson.dumps(message).decode())

    async def _to_bot(self, call: OnLine, message: dict[str, Any], *, kept: bool, msgid: str | None = None) -> None:
        incoming = self._incoming(call, for_bot(message, msgid))
        conversation = self._parts.conversation
        taking = conversation.note if kept and message["type"] == "verb:hook" else conversation.without_keeping
        await self._bot.send_str((await taking(incoming)).decode())

    def _incoming(self, call: OnLine, message: dict[str, Any]) -> Incoming:
        incoming = Incoming(
            method="POST",
            path="socket",
            content_type="application/json",
            headers={},
            body=orjson.dumps(message),
            language=call.live.call.language,
        )
        return self._line.hearing.flagged(call, incoming)

    async def _end(self) -> None:
        if self._call is not None:
            await self._line.hang_up(self._call.connection.call)

    # --- from the bot

    async def _from_bot(self) -> None:
        async for message in self._bot:
            if message.type is WSMsgType.TEXT:
                await self._answers(orjson.loads(message.data))

    async def _answers(self, message: dict[str, Any]) -> None:
        if self._call is None:
            raise RefusedError("no_call", 404, "No call has begun on this socket")
        if self._line.surveyed(self._call.connection.call):
            return  # it has hung up
        stripped = Counter[str]()
        if self._line.talks is not None and self._line.knows(self._call.connection.call) and hangs_up(message):
            message = {**message, "command": "redirect", "data": [{"verb": "hangup"}]}
        may = message["type"] == "ack" or (message["type"] == "command" and allowed(message, stripped))
        verbs = message.get("data")
        speaks = message["type"] == "ack" or message.get("command") in SPEAKS
        if may and verbs and not speaks:
            message = {**message, "data": command_cleaned(str(message["command"]), verbs, stripped)}
        elif may and verbs:
            guarded = guard(verbs)
            stripped += guarded.stripped
            message = {**message, "data": await self._spoken(self._call, guarded)}
        for what, count in stripped.items():
            self._metrics.calls_stripped.labels(self._parts.name, what).inc(count)
        if may:
            await self._say(message)

    async def _spoken(self, call: OnLine, guarded: Guarded) -> list[dict[str, Any]]:
        """Keep what the bot says; returns what jambonz is to do: that, or first the question."""
        for text in guarded.said:
            await self._line.hearing.service_spoke(call, text)
            await self._parts.conversation.note(self._incoming(call, {"type": "say", "said": text}))
        if guarded.dials:
            await call.live.happen(happening.Joined(agent=True))
        asked_after = self._line.talks is not None and self._line.knows(call.connection.call)
        verbs = survey_at_end(guarded.verbs) if asked_after else guarded.verbs
        if waits(call.live.call):
            call.held = orjson.dumps(verbs)
            return question(call.live.speak() or call.live.open_question(), seconds=_PAUSE_SECONDS)
        return spoken(call.live.speak()) + verbs
