"""VIER's Bot API on a channel with the connector `vier`: the question first, then the bot; its commands come this way.

VIER tells what happens (`/session`, `/message`, ...); the bot answers by commands at the callback that it was given,
which leads here (`gateway.handlers.call_vier_bot`). What happens before the question is answered waits.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, Final

import orjson
from aiohttp import web

import gateway.calls.events as happening
from gateway.calls.line import Line
from gateway.calls.on_line import OnLine
from gateway.calls.session import waits
from gateway.calls.survey_talk import Reply
from gateway.calls.surveying import into_survey, replied
from gateway.calls.vier.edge import CALLBACK_PATH, HEADER, VierEdge
from gateway.calls.vier.messages import (
    SPOKEN,
    TOLD,
    confidence_of,
    for_bot,
    is_silence,
    offer_of,
    pressed_in,
    text_of,
)
from gateway.calls.vier.recordings import ask_after, note
from gateway.channels import GATEWAY, ChannelParts
from gateway.errors import BodyUnreadableError, PathNotHandledError, RefusedError, UpstreamError
from gateway.exchange import Incoming
from gateway.handlers.call_vier_bot import command, put_question, say_prompts, until_answered
from gateway.handlers.request import body_of, channel_of
from gateway.logs import LOGGER, place_of
from gateway.metrics import Metrics
from gateway.refusals import refusal

_JSON: Final = "application/json"
_ERROR: Final = 300
_LATER_SECONDS: Final = 0.5
"""How long what VIER tells of an answer may take until its bot has it."""
_SPOKEN_A_SECOND: Final = 12
"""Letters of a sentence that are spoken in a second, at least."""
_BROUGHT_ON: Final = frozenset({"callBridged", "callForwarded"})


async def from_vier(request: web.Request) -> web.Response:
    """Take a request of VIER or of the bot; one that does not show what it has to is 403, and not processed."""
    parts, tail = channel_of(request), request.match_info["tail"]
    line, edge = parts.line, parts.vier
    if line is None or edge is None:
        raise RefusedError("unknown_path", 404, "This channel has no calls")
    if tail.startswith(CALLBACK_PATH + "/"):
        return await command(request, parts, line, edge)
    if not edge.verifies(request.headers.get(HEADER, "")):
        raise RefusedError("bad_signature", 403, "The request does not show the token of this channel's call platform")
    if request.method != "POST":
        raise RefusedError("wrong_method", 405, "Requests of the Bot API are POST")
    if tail not in TOLD:
        raise PathNotHandledError("The connector vier does not handle this path")
    try:
        message = orjson.loads(await body_of(request))
        elsewhere = not edge.is_api(str(message["callback"]))
        taking = _Taking(parts, line, edge, tail, message, request.app[GATEWAY].metrics)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BodyUnreadableError("The body is no message of the Bot API.") from None
    if elsewhere:
        request.app[GATEWAY].metrics.calls_stripped.labels(parts.name, "address").inc()
        raise RefusedError("callback_elsewhere", 400, "The callback is not the address that the settings name")
    return await taking.take()


class _Taking:
    """One message of VIER."""

    def __init__(
        self, parts: ChannelParts, line: Line, edge: VierEdge, name: str, message: dict[str, Any], metrics: Metrics
    ) -> None:
        self._channel = parts.name
        self._metrics = metrics
        self._conversation = parts.conversation
        self._line = line
        self._recordings = parts.recordings
        self._edge = edge
        self._name = name
        self._message = message
        self._offer = offer_of(message)
        self._dialog = str(self._offer.call)
        self._says = text_of(message)
        self._sure = confidence_of(message)
        self._pressed = pressed_in(message)

    async def take(self) -> web.Response:
        """Take it; returns what VIER gets."""
        if await self._beside():
            return web.Response(status=204)
        if await self._is_late():
            return web.json_response({"action": "REJECT"}) if self._name == "session" else web.Response(status=204)
        on_line = await self._line.begin(self._offer)
        on_line.live.seen()
        if self._recordings is not None and not on_line.asked_after:
            await ask_after(self._recordings, self._message)
            on_line.asked_after = True
        if self._name == "terminated":
            return await self._over(on_line)
        taken = True
        if await self._answers(on_line):
            await self._go_on(on_line)
        elif waits(on_line.live.call):
            if not (self._name == "session" and _has_session(on_line)):  # it may come again
                on_line.wait(self._held())
            await self._ask(on_line)
            if on_line.looking is None or on_line.looking.done():
                on_line.looking = asyncio.ensure_future(self._look(on_line))
        else:
            taken = await self._go_on(on_line, self._held())
        if self._name != "session":
            return web.Response(status=204)
        return web.json_response({"action": "ACCEPT" if taken else "REJECT"})

    async def _is_late(self) -> bool:
        """Tell whether it is of a call that is over, or of before a restart, and begins none."""
        if self._name == "terminated" and not self._goes_on and not self._line.knows(self._dialog):
            await self._line.hang_up(self._dialog)
        begins = self._name == "session" or self._name in SPOKEN
        return self._line.hung_up(self._dialog) or not (begins or self._line.knows(self._dialog))

    async def _beside(self) -> bool:
        """Take what is no part of a call that goes on; tells whether it is that."""
        if self._name == "recording":  # the bot has made none, and does not get it
            if self._recordings is None or not await note(self._recordings, self._message):
                raise BodyUnreadableError("A recording is told with its ids.")
            return True
        if not self._line.surveyed(self._dialog):
            return False
        await self._surveyed()
        return True

    async def _surveyed(self) -> None:
        """Take an answer to the survey, and ask on; the bot hears of nothing but the end of the call."""
        on_line = self._line.recall(self._dialog)
        step = await into_survey(self._line, self._dialog)
        if on_line is None:
            return  # of so long ago that it is forgotten
        if self._name == "terminated":
            await self._to_bot(on_line, self._held())
        reply = self._reply() if self._is_new(on_line) else None
        if step is None or step.over or reply is None or (reply.keys and step.most_keys > 1):
            return  # a number of several keys has to be said: each key comes by itself
        step = await replied(self._line, self._dialog, reply)
        prompts = step.prompts if step is not None else ()
        await say_prompts(self._edge, self._dialog, prompts)
        if step is None or step.over:
            seconds = sum(len(prompt.text) for prompt in prompts) / _SPOKEN_A_SECOND
            on_line.looking = asyncio.ensure_future(self._drop_after(seconds))

    def _is_new(self, on_line: OnLine) -> bool:
        """Tell whether it comes for the first time; one without its time does."""
        at = self._message.get("timestamp")
        return at is None or on_line.first_time(f"{self._name} {at}")

    def _reply(self) -> Reply | None:
        if self._says is not None:
            return Reply(words=self._says)
        if self._pressed is not None:
            return Reply(keys=self._pressed.keys)
        return Reply() if is_silence(self._name, self._message) else None

    async def _drop_after(self, seconds: float) -> None:
        """Leave the line when what was said last has been heard."""
        await asyncio.sleep(seconds)
        try:
            await self._drop()
        except Exception as error:  # noqa: BLE001 - nobody waits for this, so nobody else would see it
            self._tell("call not dropped", error)

    async def _answers(self, on_line: OnLine) -> bool:
        """Let the call hear what was said or pressed; tells whether the bot is not to get it."""
        live = on_line.live
        waiting, before = waits(live.call), live.call.stopped
        if self._name == "session":
            return False
        if self._says is not None:
            return await self._line.hearing.takes(on_line, self._says, self._sure, final=True)
        if self._pressed is not None:
            asked = not live.unasked
            await live.happen(replace(self._pressed, answers=asked))
            return (waiting and asked) or (live.call.stopped and not before)
        if is_silence(self._name, self._message) and waiting and not live.unasked:
            await live.happen(happening.Silent())
            return True
        return False

    async def _look(self, on_line: OnLine) -> None:
        """Go on where nothing more is heard of VIER: the time for an answer is over, or it came on another way."""
        try:
            await until_answered(self._edge, on_line)
            await asyncio.sleep(_LATER_SECONDS)
            await self._go_on(on_line)
        except RefusedError:
            return  # the call is over
        except Exception as error:  # noqa: BLE001 - nobody waits for this, so nobody else would see it
            self._tell("call not gone on with", error)

    def _tell(self, event: str, error: Exception) -> None:
        """Count and log what has failed when nobody was there to be told."""
        reason, _, _ = refusal(error)
        self._metrics.aborted.labels(self._channel, reason).inc()
        told = {"channel": self._channel, "reason": reason, "error": type(error).__name__, "where": place_of(error)}
        LOGGER.warning(event, extra=told)

    async def _ask(self, on_line: OnLine) -> None:
        await put_question(self._edge, on_line, on_line.live.speak() or on_line.live.open_question())

    async def _go_on(self, on_line: OnLine, then: dict[str, Any] | None = None) -> bool:
        """Speak what is to be spoken, and let the bot have what has waited, then this; nothing while it waits.

        Tells whether the bot takes the call, where that is what it was let have.
        """
        if waits(on_line.live.call):
            await self._ask(on_line)
            return True
        await say_prompts(self._edge, self._dialog, on_line.live.speak())
        async with on_line.in_turn:
            while on_line.waiting:
                await self._first(on_line, on_line.waiting[0])
                del on_line.waiting[:1]
        return then is None or await self._to_bot(on_line, then)

    async def _first(self, on_line: OnLine, held: dict[str, Any]) -> None:
        """Let the bot have what has waited; a call that it does not take is ended, as VIER would have done.

        Another message that it does not take waits on.
        """
        taken = False
        try:
            taken = await self._to_bot(on_line, held)
        finally:
            if held["name"] == "session" and not taken:
                on_line.waiting.clear()
                await self._drop()

    async def _to_bot(self, on_line: OnLine, held: dict[str, Any]) -> bool:
        """Keep what was said and let the bot have it; tells whether the bot takes a call. Raises UpstreamError."""
        name, message = held["name"], held["message"]
        incoming = Incoming(
            method="POST",
            path=name,
            content_type=_JSON,
            headers={},
            body=orjson.dumps(for_bot(message, self._edge.callback(self._dialog))),
            idempotency_key=f"{name} {message['timestamp']}" if message.get("timestamp") else None,
            language=on_line.live.call.language,
        )
        taking = self._conversation.note if name in SPOKEN else self._conversation.without_keeping
        body = await taking(self._line.hearing.flagged(on_line, incoming))
        url, headers = self._edge.links.at_bot(name), {"Content-Type": _JSON}
        with await self._edge.upstream.send("POST", url, headers, body, own=self._edge.shown()) as reply:
            raw = await reply.body()
            if reply.status >= _ERROR:
                raise UpstreamError("upstream_status", 502)
        return _accepts(raw)

    async def _drop(self) -> None:
        url = f"{self._edge.api.rstrip('/')}/call/drop"
        body = orjson.dumps({"dialogId": self._dialog})
        with await self._edge.upstream.send("POST", url, {"Content-Type": _JSON}, body):
            pass

    async def _over(self, on_line: OnLine) -> web.Response:
        """End the call, unless people go on with it and its sound may come; the bot is told."""
        try:
            if not _has_session(on_line):
                await self._to_bot(on_line, self._held())
        finally:
            if not self._goes_on:
                await self._line.hang_up(self._dialog)
        return web.Response(status=204)

    @property
    def _goes_on(self) -> bool:
        """Whether people go on with the call, and its sound may come, though VIER's part in it is over."""
        return self._message.get("reason") in _BROUGHT_ON and self._line.records

    def _held(self) -> dict[str, Any]:
        return {"name": self._name, "message": self._message}


def _has_session(on_line: OnLine) -> bool:
    """Tell whether the bot does not know of the call yet."""
    return any(held["name"] == "session" for held in on_line.waiting)


def _accepts(raw: bytes) -> bool:
    """Tell whether an answer takes a call: an empty one does, and so does one that names no other action."""
    try:
        answer = orjson.loads(raw) if raw.strip() else {}
    except orjson.JSONDecodeError:
        return True
    return not isinstance(answer, dict) or answer.get("action", "ACCEPT") == "ACCEPT"
