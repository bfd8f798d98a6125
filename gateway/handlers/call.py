"""`/<channel>/calls...`: what a call platform says of its calls. `docs/calls.md` and the OpenAPI document tell how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

import gateway.calls.events as happening
from gateway.calls.line import CallOffer, Line, OnLine, Utterance
from gateway.channels import GATEWAY, ChannelParts, Gateway
from gateway.errors import RefusedError
from gateway.exchange import Answer, Head
from gateway.handlers.call_api import OPERATIONS, ConsentBody, KeysBody, StartBody, TransferBody, TurnBody, openapi
from gateway.handlers.chat import ResponseSink
from gateway.handlers.request import channel_of, claim_of, language_of, read_body
from gateway.upstream import REQUEST_HEADERS

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
STATE_HEADER = "X-Sordino-Call-State"


def add_calls(app: web.Application, gateway: Gateway) -> None:
    """Add the routes of every channel of calls; they go before the catch-all of the bots' own paths."""
    names = [name for name, parts in gateway.channels.items() if parts.line is not None]
    if not names:
        return
    channel = "/{channel:(?:" + "|".join(names) + ")}"
    app.router.add_get(channel + "/calls/openapi.json", show_api)
    for operation in OPERATIONS:
        app.router.add_route(operation.method, channel + operation.path, HANDLERS[operation.name])


async def show_api(request: web.Request) -> web.Response:
    """Show the OpenAPI document; it holds nothing of any call."""
    parts = channel_of(request)
    return web.json_response(openapi(parts.name, request.app[GATEWAY].loaded.notice.version))


async def start(request: web.Request) -> web.Response:
    """Begin a call."""
    _, line = _line(request)
    body = await read_body(request, StartBody)
    offer = CallOffer(body.call, body.caller, body.line, body.language or language_of(request), agent=body.agent)
    return _document(await line.begin(offer), status=201)


async def show(request: web.Request) -> web.Response:
    """Say where a call stands."""
    _, line = _line(request)
    return _document(line.find(request.match_info["call"]))


async def press(request: web.Request) -> web.Response:
    """Take keys of the telephone."""
    on_line = _on_line(request)
    return await _happen(on_line, happening.Pressed((await read_body(request, KeysBody)).keys))


async def answer(request: web.Request) -> web.Response:
    """Take an answer in words, silence, or the agent's own consent."""
    on_line = _on_line(request)
    body = await read_body(request, ConsentBody)
    if [body.words, body.silence, body.agent].count(None) != 2:  # noqa: PLR2004 - one of three
        raise RefusedError("bad_body", 400, "Send one of words, silence and agent")
    event: happening.Event
    if body.words is not None:
        event = happening.Heard(body.words, body.confidence)
    elif body.silence is not None:
        event = happening.Silent()
    else:
        event = happening.Desk(given=body.agent == "given", reference=body.reference or "")
    return await _happen(on_line, event)


async def stop(request: web.Request) -> web.Response:
    """Stop the recording."""
    return await _happen(_on_line(request), happening.Stop())


async def pause(request: web.Request) -> web.Response:
    """Pause recording and transcript."""
    return await _happen(_on_line(request), happening.Pause())


async def resume(request: web.Request) -> web.Response:
    """Go on after a pause."""
    return await _happen(_on_line(request), happening.Resume())


async def transfer(request: web.Request) -> web.Response:
    """Take it that somebody comes into the call."""
    on_line = _on_line(request)
    body = await read_body(request, TransferBody)
    return await _happen(on_line, happening.Joined(agent=body.agent))


async def turn(request: web.Request) -> web.StreamResponse:
    """Take what was said and give the bot's answer back, whole or as it comes."""
    _, line = _line(request)
    on_line = line.find(request.match_info["call"])
    body = await read_body(request, TurnBody)
    said = Utterance(body.text, body.speaker, final=body.final, confidence=body.confidence, id=body.id)
    headers = {name: request.headers[name] for name in REQUEST_HEADERS if name in request.headers}
    stream: ResponseSink | None = None

    async def begin(head: Head) -> ResponseSink:
        nonlocal stream
        told = {**head.headers, "Cache-Control": "no-store", STATE_HEADER: on_line.live.call.state.value}
        stream = ResponseSink(request, told, head.status, request.app[GATEWAY].client_seconds)
        await stream.prepare()
        return stream

    answered = await line.hear(on_line, said, headers, begin)
    if stream is not None:
        return stream.response
    return _document(on_line) if answered is None else _answered(on_line, answered)


async def end(request: web.Request) -> web.Response:
    """End a call."""
    _, line = _line(request)
    on_line = line.find(request.match_info["call"])
    await line.end(on_line)
    return _document(on_line)


async def withdraw(request: web.Request) -> web.Response:
    """Take the caller's consent back."""
    _, line = _line(request)
    await line.withdraw(request.match_info["call"])
    return web.Response(status=204)


HANDLERS: dict[str, Handler] = {
    "start": start,
    "show": show,
    "press": press,
    "answer": answer,
    "turn": turn,
    "stop": stop,
    "pause": pause,
    "resume": resume,
    "transfer": transfer,
    "end": end,
    "withdraw": withdraw,
}


def _line(request: web.Request) -> tuple[ChannelParts, Line]:
    """Return the channel's calls to a platform that shows the channel's secret. Raises RefusedError (403, 404)."""
    parts = channel_of(request)
    if not claim_of(request, parts).front_end:
        raise RefusedError("wrong_secret", 403, "A call platform shows the channel's secret")
    if parts.line is None:
        raise RefusedError("unknown_path", 404, "This channel has no calls")
    return parts, parts.line


def _on_line(request: web.Request) -> OnLine:
    _, line = _line(request)
    return line.find(request.match_info["call"])


async def _happen(on_line: OnLine, event: happening.Event) -> web.Response:
    await on_line.live.happen(event)
    return _document(on_line)


def _document(on_line: OnLine, *, status: int = 200) -> web.Response:
    return _json(_standing(on_line), status)


def _answered(on_line: OnLine, answered: Answer) -> web.Response:
    """Return the bot's answer with where the call stands; a bot's error goes on as it is."""
    try:
        document = orjson.loads(answered.body)
    except orjson.JSONDecodeError:
        document = None
    if answered.head.status >= 400 or not isinstance(document, dict):  # noqa: PLR2004 - an error
        return web.Response(status=answered.head.status, body=answered.body, headers=dict(answered.head.headers))
    return _json({**document, **_standing(on_line)}, answered.head.status)


def _standing(on_line: OnLine) -> dict[str, object]:
    live = on_line.live
    prompts = [{"kind": one.kind, "text": one.text, "language": one.language} for one in live.speak()]
    return {
        "call": on_line.connection.call,
        "state": live.call.state.value,
        "recording": live.call.armed,
        "prompts": prompts,
    }


def _json(document: dict[str, object], status: int) -> web.Response:
    headers = {"Cache-Control": "no-store", STATE_HEADER: str(document["state"])}
    return web.Response(
        status=status, body=orjson.dumps(document), content_type="application/json", headers=headers
    )  # fmt: skip
