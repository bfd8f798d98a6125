"""AudioCodes' Bot API on a channel with the connector `audiocodes`: the question first, then the bot.

A conversation begins at a path of the bot, whose answer names the addresses of all that follows; they lead through
here. The call begins with its first activities, which say who calls; the bot gets them once the question is answered.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import orjson
from aiohttp import web

import gateway.calls.events as happening
from gateway.calls.audiocodes.activities import (
    activities_in,
    asked_by,
    caller_in,
    confidence_of,
    for_bot,
    guard,
    pressed_in,
    reply_in,
    spoken,
    through,
    until_hangup,
)
from gateway.calls.audiocodes.edge import HEADER, AudioCodesEdge
from gateway.calls.line import Line
from gateway.calls.on_line import CallOffer, OnLine
from gateway.calls.session import waits
from gateway.calls.surveying import into_survey, replied
from gateway.channels import GATEWAY
from gateway.errors import BodyUnreadableError, RefusedError, UpstreamError
from gateway.exchange import Head, Incoming, Sink
from gateway.handlers.call_audiocodes_socket import serve_socket
from gateway.handlers.request import body_of, channel_of

_JSON: Final = "application/json"
_ERROR: Final = 400
_WRONG: Final = (ValueError, KeyError, TypeError, AttributeError)
"""What a message that is none of the protocol ends in when it is read."""


async def from_audiocodes(request: web.Request) -> web.StreamResponse:
    """Take a request; one that does not show the token is 403, and nothing of it is processed."""
    parts = channel_of(request)
    line, edge = parts.line, parts.audiocodes
    if line is None or edge is None:
        raise RefusedError("unknown_path", 404, "This channel has no calls")
    if not edge.verifies(request.headers.get(HEADER, "")):
        raise RefusedError("bad_signature", 403, "The request does not show the token of this channel's call platform")
    if request.headers.get("Upgrade", "").lower() == "websocket":
        return await serve_socket(request, parts, line, edge)
    if request.method == "GET":  # the platform looks whether the bot is there
        return web.json_response({"type": "ac-bot-api", "success": True})
    if request.method != "POST":
        raise RefusedError("wrong_method", 405, "Requests of the Bot API are POST")
    raw = await body_of(request)
    try:
        message = orjson.loads(raw)
        call, activities = str(message["conversation"]), activities_in(message)
    except _WRONG:
        raise BodyUnreadableError("The body is no message of the Bot API.") from None
    if activities is None:
        return await _told(request, line, edge, call, message)
    return await _take(request, line, edge, call, activities)


async def _told(
    request: web.Request, line: Line, edge: AudioCodesEdge, call: str, message: dict[str, Any]
) -> web.Response:
    """Tell the bot that a conversation begins, goes on or is over; only its id goes on."""
    path = request.match_info["tail"]
    over = "reason" in message or path.rstrip("/").endswith("disconnect")
    known = {"conversation": call} | ({"reason": "over"} if over else {})
    try:
        headers = {**edge.shown(), "Content-Type": _JSON}
        with await edge.upstream.send("POST", edge.links.at_bot(path), headers, orjson.dumps(known)) as reply:
            raw = await reply.body()
            if reply.status >= _ERROR:
                raise UpstreamError("upstream_status", 502)
    finally:
        if line.knows(call):
            line.find(call).live.seen()
        if over:
            await line.hang_up(call)
    stripped = Counter[str]()
    with _from_bot():
        led = through(orjson.loads(raw or b"{}"), edge.links, path, stripped)
    _count(request, stripped)
    return _json(led)


async def _take(
    request: web.Request, line: Line, edge: AudioCodesEdge, call: str, activities: list[dict[str, Any]]
) -> web.Response:
    if line.surveyed(call):
        return _activities(call, await _surveyed(line, call, activities))
    if line.hung_up(call):
        return _activities(call, [])
    on_line = await line.begin(CallOffer(call, *caller_in(activities)))
    new = [one for one in activities if on_line.first_time(str(one["id"]))]
    held = list(new)
    try:
        for activity in new:
            if not waits(on_line.live.call):
                await _hear(line, on_line, activity)
            elif _may_answer(on_line, activity):
                held.remove(activity)
                await _answer(on_line, activity)
        if waits(on_line.live.call):
            on_line.wait(*held)
            # Where all of it has come before, what was answered to that may have got lost, and the question with it.
            return _activities(call, spoken(on_line.live.speak() or (() if new else on_line.live.open_question())))
        return _activities(call, await _go_on(request, line, edge, on_line, held))
    except BaseException:  # they come again, also where the platform has gone, and the bot may then have them
        for one in held:
            on_line.untake(str(one["id"]))
        raise


async def _go_on(
    request: web.Request, line: Line, edge: AudioCodesEdge, on_line: OnLine, held: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Let the bot have what has waited, and this; returns all that is to be done now. What fails waits on."""
    waiting, on_line.waiting = on_line.waiting, []
    before, on_line.held = on_line.held, None
    try:
        more = await _bot(request, line, edge, on_line, [*waiting, *held]) if waiting or held else []
    except BaseException:
        on_line.waiting, on_line.held = waiting, before
        raise
    then = ([] if before is None else orjson.loads(before)) + more
    # Somebody came in while the bot was asked: first the question.
    if waits(on_line.live.call) and on_line.held is None:
        on_line.held, then = orjson.dumps(then), []
    return spoken(on_line.live.speak()) + then


async def _surveyed(line: Line, call: str, activities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Take an answer to the survey, one at a time: the next question has to be spoken. What comes again is none."""
    known = line.recall(call)
    new = [one for one in activities if known is not None and known.first_time(str(one["id"]))]
    reply = next((reply for one in new if (reply := reply_in(one)) is not None), None)
    return [] if reply is None else asked_by(await replied(line, call, reply))


def _may_answer(on_line: OnLine, activity: dict[str, Any]) -> bool:
    """Tell whether an activity is one that may answer the question.

    None may before the question was spoken, such as in a call that has begun before a restart.
    """
    tells = activity.get("type") == "message" or activity.get("name") == "noUserInput"
    return not on_line.live.unasked and (tells or pressed_in(activity) is not None)


async def _answer(on_line: OnLine, activity: dict[str, Any]) -> None:
    """Let an activity answer the question."""
    if activity.get("type") == "message":
        await on_line.live.happen(happening.Heard(str(activity["text"]), confidence_of(activity)))
    else:
        await on_line.live.happen(pressed_in(activity) or happening.Silent())


async def _hear(line: Line, on_line: OnLine, activity: dict[str, Any]) -> None:
    """Let the call hear what may stop or pause it."""
    if activity.get("type") == "message":
        await line.hearing.takes(on_line, str(activity["text"]), confidence_of(activity), final=True)
    elif (pressed := pressed_in(activity)) is not None:
        await on_line.live.happen(pressed)


async def _bot(
    request: web.Request, line: Line, edge: AudioCodesEdge, on_line: OnLine, activities: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Let the bot have activities; returns its own, or the question if they bring somebody in."""
    known = [for_bot(one) for one in activities]
    body = {"conversation": on_line.connection.call, "activities": known}
    incoming = Incoming(
        method="POST",
        path=request.match_info["tail"],
        content_type=_JSON,
        headers={**edge.shown(), "Content-Type": _JSON},
        body=orjson.dumps(body),
        idempotency_key=str(known[-1]["id"]),
        language=on_line.live.call.language,
    )
    answer = await line.hearing.carry(on_line, incoming, _no_stream)
    if answer is None or answer.head.status >= _ERROR:
        raise UpstreamError("upstream_status", 502)
    with _from_bot():
        guarded = guard(orjson.loads(answer.body).get("activities", []))
    _count(request, guarded.stripped)
    if guarded.dials:
        await on_line.live.happen(happening.Joined(agent=True))
        if waits(on_line.live.call):
            on_line.held = orjson.dumps(guarded.activities)
            return spoken(on_line.live.speak())
    before = until_hangup(guarded.activities) if line.talks is not None else None
    if before is not None:
        return [*before, *asked_by(await into_survey(line, on_line.connection.call))]
    return guarded.activities


@contextlib.contextmanager
def _from_bot() -> Iterator[None]:
    """Turn what a bot has answered wrongly into 502: its platform has sent nothing wrong, and may come again."""
    try:
        yield
    except _WRONG:
        raise UpstreamError("answer_unreadable", 502) from None


async def _no_stream(_head: Head) -> Sink:
    raise UpstreamError("answer_unreadable", 502)


def _count(request: web.Request, stripped: Counter[str]) -> None:
    for what, count in stripped.items():
        request.app[GATEWAY].metrics.calls_stripped.labels(request.match_info["channel"], what).inc(count)


def _activities(call: str, activities: list[dict[str, Any]]) -> web.Response:
    return _json({"conversation": call, "activities": activities})


def _json(document: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(document), content_type=_JSON, headers={"Cache-Control": "no-store"})
