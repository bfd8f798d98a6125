"""Twilio's webhooks on a channel with the connector `twilio`: verified, the question first, then the bot.

`/<channel>/sordino/answer` takes the answers to the question; every other path is the bot's. What is heard beside the
call, in a queue or on the leg of a person who is called, ends no call with its last word, and such a leg is no call.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

import gateway.calls.events as happening
from gateway.calls.fetching import PlatformRecordings
from gateway.calls.line import Line
from gateway.calls.on_line import CallOffer, OnLine
from gateway.calls.session import waits
from gateway.calls.twilio.edge import TwilioEdge
from gateway.calls.twilio.recordings import ask_after, note
from gateway.calls.twilio.signature import HEADER
from gateway.calls.twilio.twiml import (
    ANSWER_PATH,
    ASIDE_PATH,
    SURVEY_PATH,
    Guarded,
    go_on,
    guard,
    question,
    spoken_first,
    survey_at_end,
)
from gateway.channels import GATEWAY, ChannelParts
from gateway.errors import BodyUnreadableError, RefusedError, UpstreamError
from gateway.exchange import Head, Incoming, Sink
from gateway.handlers.call_request import headers_for_bot
from gateway.handlers.call_twilio_socket import serve_socket
from gateway.handlers.call_twilio_survey import ask_survey
from gateway.handlers.request import body_of, channel_of

_OVER: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
_PAUSE_SECONDS: Final = 6
_REPEAT: Final = "I-Twilio-Idempotency-Token"
_FORM: Final = "application/x-www-form-urlencoded"
_XML: Final = "text/xml"


async def from_twilio(request: web.Request) -> web.StreamResponse:
    """Take a request of Twilio; one without its signature is 403, and nothing of it is processed."""
    parts, line, edge = _edge_of(request)
    socket = request.headers.get("Upgrade", "").lower() == "websocket"
    if request.method != "POST" and not socket:
        raise RefusedError("wrong_method", 405, "Twilio's webhooks of this channel are POST")
    raw = b"" if socket else await body_of(request)
    try:
        fields = parse_qsl(raw.decode(), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=1000)
    except ValueError:
        fields = []
    if not edge.verifies(request.raw_path, fields, request.headers.get(HEADER, ""), socket=socket):
        raise RefusedError("bad_signature", 403, "The request is not signed by this channel's call platform")
    if socket:
        return await serve_socket(request, parts, line, edge)
    return await _webhook(request, line, edge, raw, dict(fields))


def _edge_of(request: web.Request) -> tuple[ChannelParts, Line, TwilioEdge]:
    parts = channel_of(request)
    if parts.line is None or parts.edge is None:
        raise RefusedError("unknown_path", 404, "This channel has no calls")
    return parts, parts.line, parts.edge


async def _webhook(
    request: web.Request, line: Line, edge: TwilioEdge, raw: bytes, fields: dict[str, str]
) -> web.StreamResponse:
    call, path, aside = fields.get("CallSid", ""), *_path_of(request)
    if not call:
        raise BodyUnreadableError("A webhook of a call holds CallSid.")
    if "RecordingSid" in fields:
        raw = await _noted(channel_of(request).recordings, call, fields)
    if path == SURVEY_PATH:
        return await ask_survey(request, line, edge, fields)
    over = fields.get("CallStatus") in _OVER
    if _only_tells(fields, over=over) or line.surveyed(call) or (aside and not line.knows(call)):
        return await _told(request, line, edge, raw)
    if await _is_late(line, call, over=over):
        return web.Response(status=204)
    on_line = await line.begin(CallOffer(call, fields.get("From"), fields.get("To")))
    recordings = channel_of(request).recordings
    if recordings is not None and not on_line.asked_after:
        await ask_after(recordings, call, fields)
        on_line.asked_after = True
    if path == ANSWER_PATH:
        return await _answered(request, on_line, edge, fields)
    await _hear(line, on_line, fields)
    if waits(on_line.live.call) and not over:
        return _ask(on_line, edge, path, request.query_string)
    try:
        return await _bot(request, line, on_line, edge, raw)
    finally:
        if over:
            await line.hang_up(call)


async def _is_late(line: Line, call: str, *, over: bool) -> bool:
    """Tell whether a webhook is of a call that has ended: it begins none."""
    if over and not line.knows(call):
        await line.hang_up(call)
    return line.hung_up(call)


async def _answered(
    request: web.Request, on_line: OnLine, edge: TwilioEdge, fields: dict[str, str]
) -> web.StreamResponse:
    """Take the answer to the question; ask again, or go on where the call was."""
    live = on_line.live
    if waits(live.call) and not live.unasked:  # else it is the answer to a question of before
        if fields.get("Digits"):
            await live.happen(happening.Pressed(fields["Digits"]))
        elif fields.get("SpeechResult"):
            await live.happen(happening.Heard(fields["SpeechResult"], _confidence(fields)))
        else:
            await live.happen(happening.Silent())
    then = request.query.get("then", "")
    path, _, query = then.partition("?")
    if waits(live.call):
        return _ask(on_line, edge, path, query)
    if on_line.held is not None:  # the bot's answer, which waited for this one
        held, on_line.held = on_line.held, None
        return _twiml(spoken_first(held, live.speak()))
    return _twiml(go_on(live.speak(), edge.links.to(path, query)))


def _ask(on_line: OnLine, edge: TwilioEdge, path: str, query: str) -> web.Response:
    prompts = on_line.live.speak() or on_line.live.open_question()
    then = edge.links.to(ANSWER_PATH, urlencode({"then": f"{path}?{query}" if query else path}))
    return _twiml(question(prompts, then, seconds=_PAUSE_SECONDS))


async def _hear(line: Line, on_line: OnLine, fields: dict[str, str]) -> None:
    """Let the call hear what may stop or pause it; to the question none of it is an answer."""
    if waits(on_line.live.call):
        return
    if fields.get("Digits"):
        await on_line.live.happen(happening.Pressed(fields["Digits"]))
    if fields.get("SpeechResult"):
        await line.hearing.takes(on_line, fields["SpeechResult"], _confidence(fields), final=True)


async def _bot(request: web.Request, line: Line, on_line: OnLine, edge: TwilioEdge, raw: bytes) -> web.StreamResponse:
    (path, aside), live = _path_of(request), on_line.live
    incoming = Incoming(
        method="POST",
        path=path,
        content_type=_FORM,
        headers={**({} if edge.bot is not None else headers_for_bot(request)), "Content-Type": _FORM},
        body=raw,
        query=request.query,
        idempotency_key=request.headers.get(_REPEAT),
        language=live.call.language,
    )
    try:
        answer = await line.hearing.carry(on_line, incoming, _no_stream)
    except UpstreamError as error:
        if error.reason == "empty_answer":
            return web.Response(status=204)
        raise
    if answer is None or answer.head.status >= 400:  # noqa: PLR2004 - Twilio falls back on what it was told to
        raise UpstreamError("upstream_status", 502)
    listens = line.records and live.call.answered is True and not on_line.listening
    guarded = _guarded(answer.body, edge, path, listen=listens and not aside, aside=aside)
    on_line.listening |= guarded.listens
    _count(request, guarded)
    asks = line.talks is not None and not aside
    body = survey_at_end(guarded.body, edge.links.to(SURVEY_PATH)) if asks else guarded.body
    if guarded.dials:
        await live.happen(happening.Joined(agent=True))
        if waits(live.call):
            on_line.held = body
            return _ask(on_line, edge, path, "")
    return _twiml(body)


async def _noted(recordings: PlatformRecordings | None, call: str, fields: dict[str, str]) -> bytes:
    """Note a recording of Twilio's own; returns what the bot may have of the request: not where the sound lies."""
    if recordings is None or not await note(recordings, call, fields):
        raise BodyUnreadableError("RecordingSid and AccountSid are ids of Twilio.")
    return urlencode([one for one in fields.items() if one[0] not in {"RecordingUrl", "TranscriptionUrl"}]).encode()


def _only_tells(fields: dict[str, str], *, over: bool) -> bool:
    """Tell whether a callback says something of a call that is no part of it: it begins none, and asks nothing."""
    return "RecordingStatus" in fields or (fields.get("CallbackSource") == "call-progress-events" and not over)


async def _told(request: web.Request, line: Line, edge: TwilioEdge, raw: bytes) -> web.Response:
    """Let the bot hear of a call what answers no question; nothing of it is kept. Beside a call it may answer."""
    parts = channel_of(request)
    path, aside = _path_of(request)
    incoming = Incoming(method="POST", path=path, content_type=_FORM, headers={}, body=raw)
    body = await parts.conversation.without_keeping(
        line.hearing.beside(incoming, dict(parse_qsl(raw.decode()))["CallSid"])
    )
    url = edge.links.at_bot(path) + (f"?{request.query_string}" if request.query_string else "")
    with await edge.upstream.send("POST", url, {"Content-Type": _FORM}, body, own=edge.signed(url, body)) as reply:
        said = await reply.body() if aside else b""
    if not said:
        return web.Response(status=204)
    guarded = _guarded(said, edge, path, listen=False, aside=True)
    _count(request, guarded)
    return _twiml(guarded.body)


def _guarded(raw: bytes, edge: TwilioEdge, path: str, *, listen: bool, aside: bool) -> Guarded:
    """Make a bot's answer safe; one that is no TwiML is 502: its platform has sent nothing wrong, and falls back."""
    try:
        return guard(raw, edge.links, path, listen=listen, aside=aside)
    except BodyUnreadableError:
        raise UpstreamError("answer_unreadable", 502) from None


def _path_of(request: web.Request) -> tuple[str, bool]:
    """Return the path at the bot, and whether it is heard beside the call."""
    tail = request.match_info["tail"]
    return tail.removeprefix(ASIDE_PATH), tail.startswith(ASIDE_PATH)


def _count(request: web.Request, guarded: Guarded) -> None:
    for what, count in guarded.stripped.items():
        request.app[GATEWAY].metrics.calls_stripped.labels(request.match_info["channel"], what).inc(count)


async def _no_stream(_head: Head) -> Sink:
    raise UpstreamError("answer_unreadable", 502)


def _confidence(fields: dict[str, str]) -> float | None:
    try:
        return float(fields["Confidence"])
    except (KeyError, ValueError):
        return None


def _twiml(body: bytes) -> web.Response:
    return web.Response(body=body, content_type=_XML, headers={"Cache-Control": "no-store"})
