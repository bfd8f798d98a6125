"""AudioCodes' Bot API over a WebSocket, on a channel with the connector `audiocodes`: the question first, then the bot.

The bot accepts the session at once, since it chooses the form of the sound; what it says, and what the caller says,
waits until the question is answered. Sound passes in memory, and not before that.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any, Final

import orjson
from aiohttp import ClientWebSocketResponse, WSMsgType, web

import gateway.calls.events as happening
from gateway.calls.audiocodes.activities import (
    asked_by,
    confidence_of,
    for_bot,
    guard,
    pressed_in,
    reply_in,
    spoken,
    until_hangup,
)
from gateway.calls.audiocodes.edge import AudioCodesEdge
from gateway.calls.audiocodes.streaming import (
    BEGINS,
    FROM_BOT,
    FROM_PLATFORM,
    HEARD,
    SPEAKS,
    best,
    confidence_in,
    is_callers,
    is_final,
    offer_of,
    said_in,
)
from gateway.calls.line import Line
from gateway.calls.on_line import CallOffer, OnLine
from gateway.calls.session import waits
from gateway.calls.survey_talk import Step
from gateway.calls.surveying import into_survey, replied
from gateway.channels import GATEWAY, ChannelParts
from gateway.errors import RefusedError
from gateway.exchange import Incoming
from gateway.handlers.call_sockets import closing_together, platform_socket, until_one_ends
from gateway.metrics import Metrics
from storage.errors import StorageError

_MOST_HELD: Final = 2_000
_LOOK_SECONDS: Final = 0.2


async def serve_socket(
    request: web.Request, parts: ChannelParts, line: Line, edge: AudioCodesEdge
) -> web.WebSocketResponse:
    """Serve one conversation; the handshake has shown the token. What fails closes both sides."""
    if parts.channel.forward == "pseudonyms" or parts.channel.deliver == "redacted":
        raise RefusedError("texts_changed", 409, "The notice has the bot's texts changed; over a WebSocket nothing is")
    metrics = request.app[GATEWAY].metrics
    bot = await edge.upstream.connect(edge.links.at_bot(request.match_info["tail"], socket=True), edge.shown())
    socket = platform_socket()
    async with closing_together(request, parts.name, socket, bot):
        await _Serving(parts, line, socket, bot, metrics).run()
    return socket


class _Serving:
    """The two sockets of one conversation."""

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
        self._accepted = False
        self._asked_anew = False
        self._held: list[dict[str, Any]] = []

    async def run(self) -> None:
        """Pass messages both ways until one side closes."""
        await until_one_ends(self._from_platform(), self._from_bot(), self._look())

    async def _look(self) -> None:
        """Speak what has become due, and go on where the answer came on another way."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if self._call is not None and self._accepted:
                await self._go_on(self._call)

    async def _go_on(self, call: OnLine) -> None:
        """Speak what is to be spoken; once the question is answered, both sides get what has waited."""
        async with call.in_turn:
            prompts = spoken(call.live.speak())
            if prompts:
                await self._say({"type": "activities", "activities": prompts})
            while call.waiting and not waits(call.live.call):
                await self._first(call, call.waiting.pop(0))
            while self._held and not waits(call.live.call):
                await self._speak(call, self._held.pop(0))

    async def _first(self, call: OnLine, activity: dict[str, Any]) -> None:
        """Let the bot have what has waited; where store or bot are away, it waits for the socket that comes next."""
        try:
            await self._to_bot(call, {"type": "activities", "activities": [activity]}, kept=True)
        except (StorageError, ConnectionError, asyncio.CancelledError):
            call.waiting.insert(0, activity)
            raise

    # --- from AudioCodes

    async def _from_platform(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                await self._hear(orjson.loads(message.data))

    async def _hear(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind not in FROM_PLATFORM:
            raise ValueError("a message of this type is not known")
        if kind == "connection.validate":
            await self._bot.send_str(orjson.dumps({"type": kind}).decode())
            return
        if kind in BEGINS:
            self._accepted = False
            self._call = await self._begun(offer_of(message))
        if self._call is None:
            raise RefusedError("no_call", 404, "No call has begun on this socket")
        self._call.live.seen()
        if kind == "activities":
            await self._do(self._call, message["activities"])
        elif kind == "userStream.chunk":
            if not waits(self._call.live.call) and not self._call.live.call.ended:
                await self._bot.send_str(orjson.dumps(message).decode())
        else:
            try:
                await self._to_bot(self._call, message, kept=False)
            finally:  # the bot may have gone first
                if kind == "session.end":
                    await self._line.hang_up(self._call.connection.call)

    async def _begun(self, offer: CallOffer) -> OnLine:
        """Return the call; one that is in its survey goes on there when its socket comes again."""
        over = self._line.recall(str(offer.call)) if self._line.surveyed(str(offer.call)) else None
        return over or await self._line.begin(offer)

    async def _do(self, call: OnLine, activities: list[dict[str, Any]]) -> None:
        if self._line.surveyed(call.connection.call):
            await self._surveyed(call, activities)
            return
        for activity in activities:
            await self._act(call, activity)
        await self._go_on(call)

    async def _surveyed(self, call: OnLine, activities: list[dict[str, Any]]) -> None:
        """Take an answer to the survey, and ask on, one at a time: the next question has to be spoken first."""
        new = [one for one in activities if _is_new(call, one)]
        reply = next((reply for one in new if (reply := reply_in(one)) is not None), None)
        if reply is not None:
            await self._ask(await replied(self._line, call.connection.call, reply))

    async def _ask(self, step: Step | None) -> None:
        await self._say({"type": "activities", "activities": asked_by(step)})

    async def _act(self, call: OnLine, activity: dict[str, Any]) -> None:
        """Let the call hear an activity: an answer to the question, or something that the bot gets in its turn."""
        live = call.live
        if not _is_new(call, activity):
            return
        waiting, pressed = waits(live.call), pressed_in(activity)
        if activity.get("type") == "message":
            answers = await self._line.hearing.takes(call, str(activity["text"]), confidence_of(activity), final=True)
        elif pressed is not None:
            asked = not live.unasked
            await live.happen(replace(pressed, answers=asked))
            answers = waiting and asked
        elif activity.get("name") == "noUserInput" and waiting and not live.unasked:
            await live.happen(happening.Silent())
            answers = True
        else:
            answers = False
        if not answers:
            try:
                call.wait(activity)
            except RefusedError:  # it may come again
                call.untake(str(activity.get("id")))
                raise

    async def _to_bot(self, call: OnLine, message: dict[str, Any], *, kept: bool) -> None:
        if message["type"] == "activities":
            message = {**message, "activities": [for_bot(one) for one in message["activities"]]}
        message = {**message, "conversationId": call.connection.call}
        await self._bot.send_str((await self._read(call, message, kept=kept)).decode())

    async def _read(self, call: OnLine, message: dict[str, Any], *, kept: bool) -> bytes:
        """Keep what was said, as the notice says; returns the message as it may go on."""
        conversation = self._parts.conversation
        incoming = Incoming(
            method="POST",
            path="socket",
            content_type="application/json",
            headers={},
            body=orjson.dumps(message),
            idempotency_key=_id_of(message),
            language=call.live.call.language,
        )
        taking = conversation.note if kept else conversation.without_keeping
        return await taking(self._line.hearing.flagged(call, incoming))

    async def _say(self, message: dict[str, Any]) -> None:
        call = {} if self._call is None else {"conversationId": self._call.connection.call}
        await self._socket.send_str(orjson.dumps({**message, **call}).decode())

    # --- from the bot

    async def _from_bot(self) -> None:
        async for message in self._bot:
            if message.type is WSMsgType.TEXT:
                await self._answers(orjson.loads(message.data))

    async def _answers(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind not in FROM_BOT:
            self._count(Counter(verb=1))
        elif kind == "connection.validated" or self._call is None:
            await self._say(message)
        elif self._call.live.call.ended and kind in HEARD | SPEAKS:
            pass  # the bot has hung up
        elif kind in HEARD:
            await self._recognised(self._call, best(message))
        elif kind in SPEAKS:
            self._held.append(message)
            if len(self._held) > _MOST_HELD:
                raise ValueError("the bot says more than can wait")
            await self._go_on(self._call)
        else:
            await self._say(message)
            if kind == "session.accepted":
                self._accepted = True
                if not self._call.live.unspoken:  # it came again: the question may have got lost
                    self._call.live.unspoken.extend(self._call.live.open_question())
                await self._go_on(self._call)

    async def _recognised(self, call: OnLine, message: dict[str, Any]) -> None:
        """Hear what the bot has recognised: it may answer or stop, and is a turn once final; it goes on redacted."""
        text, final = message["alternatives"][0]["text"], is_final(message)
        answers = False
        if is_callers(message):
            answers = await self._line.hearing.takes(call, text, confidence_in(message), final=final)
        else:
            await self._line.hearing.person_spoke(call)
            if final:
                await self._line.hearing.service_spoke(call, text)
        read = await self._read(call, {**message, "conversationId": call.connection.call}, kept=final and not answers)
        await self._socket.send_str(read.decode())

    async def _speak(self, call: OnLine, message: dict[str, Any]) -> None:
        """Keep what the bot says, and have it spoken; a person who comes in waits for the caller's answer."""
        if message["type"] == "activities":
            guarded = guard(message["activities"])
            self._count(guarded.stripped)
            message = {**message, "activities": guarded.activities}
            if guarded.dials and not self._asked_anew:
                self._asked_anew = True
                await call.live.happen(happening.Joined(agent=True))
                if waits(call.live.call):
                    self._held.insert(0, message)
                    await self._say({"type": "activities", "activities": spoken(call.live.speak())})
                    return
            self._asked_anew = False
            before = until_hangup(message["activities"]) if self._line.talks is not None else None
            if before is not None:
                await self._leave(call, {**message, "activities": before})
                return
        await self._keep(call, message)
        await self._say(message)

    async def _leave(self, call: OnLine, message: dict[str, Any]) -> None:
        """Speak what the bot says before it hangs up, and ask the survey instead."""
        await self._keep(call, message)
        if message["activities"]:
            await self._say(message)
        self._held.clear()
        await self._ask(await into_survey(self._line, call.connection.call))

    async def _keep(self, call: OnLine, message: dict[str, Any]) -> None:
        for text in said_in(message):
            await self._line.hearing.service_spoke(call, text)
            await self._read(call, {"type": message["type"], "said": text}, kept=True)

    def _count(self, stripped: Counter[str]) -> None:
        for what, count in stripped.items():
            self._metrics.calls_stripped.labels(self._parts.name, what).inc(count)


def _is_new(call: OnLine, activity: dict[str, Any]) -> bool:
    """Tell whether an activity comes for the first time; one without an id does."""
    return "id" not in activity or call.first_time(str(activity["id"]))


def _id_of(message: dict[str, Any]) -> str | None:
    """Return what an activity has again when the bot is let have it once more."""
    activities = message.get("activities")
    return str(activities[-1]["id"]) if activities and "id" in activities[-1] else None
