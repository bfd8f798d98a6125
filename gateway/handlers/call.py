"""`/<channel>/calls...`: what a call platform says of its calls. `docs/calls.md` and the OpenAPI document tell how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from gateway.calls.line import Line
from gateway.calls.on_line import CallOffer, OnLine
from gateway.calls.survey import Survey, SurveyPage
from gateway.calls.survey_talk import Reply, Step
from gateway.channels import GATEWAY, Gateway
from gateway.errors import RefusedError
from gateway.exchange import Answer, Head
from gateway.handlers.call_api import OPERATIONS, SpokenBody, StartBody, SurveyBody, TurnBody, openapi
from gateway.handlers.call_audiocodes import from_audiocodes
from gateway.handlers.call_audiohook import from_genesys
from gateway.handlers.call_jambonz import from_jambonz
from gateway.handlers.call_request import (
    ACTIONS,
    Action,
    acted,
    audio_query,
    headers_for_bot,
    line_of,
    on_line_of,
    sound_of,
    standing,
    utterance,
    words_of,
)
from gateway.handlers.call_stream import stream
from gateway.handlers.call_twilio import from_twilio
from gateway.handlers.call_vier import from_vier
from gateway.handlers.chat import ResponseSink
from gateway.handlers.request import body_of, came_at, channel_of, language_of, read_body

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_TAIL = "/{tail:(?!(?:consent|consents|ratings)$).*}"
STATE_HEADER = "X-Sordino-Call-State"
_PLATFORMS: dict[str, Handler] = {
    "audiocodes": from_audiocodes,
    "jambonz": from_jambonz,
    "twilio": from_twilio,
    "vier": from_vier,
}


def add_calls(app: web.Application, gateway: Gateway) -> None:
    """Add the routes of every channel of calls; they go before the catch-all of the bots' own paths."""
    names = [name for name, parts in gateway.channels.items() if parts.line is not None]
    if not names:
        return
    channel = "/{channel:(?:" + "|".join(names) + ")}"
    app.router.add_get(channel + "/calls/openapi.json", show_api)
    for operation in OPERATIONS:
        app.router.add_route(operation.method, channel + operation.path, HANDLERS[operation.name])
    hooked = [name for name, parts in gateway.channels.items() if parts.audiohook is not None]
    if hooked:
        app.router.add_get("/{channel:(?:" + "|".join(hooked) + ")}/audiohook", from_genesys)
    for connector, handler in _PLATFORMS.items():
        spoken = [name for name in names if gateway.channels[name].channel.connector == connector]
        if spoken:
            app.router.add_route("*", "/{channel:(?:" + "|".join(spoken) + ")}" + _TAIL, handler)


async def show_api(request: web.Request) -> web.Response:
    """Show the OpenAPI document; it holds nothing of any call."""
    parts = channel_of(request)
    return web.json_response(openapi(parts.name, request.app[GATEWAY].loaded.notice.version))


async def start(request: web.Request) -> web.Response:
    """Begin a call."""
    line = line_of(request)
    body = await read_body(request, StartBody)
    offer = CallOffer(body.call, body.caller, body.line, body.language or language_of(request), agent=body.agent)
    return _document(line, await line.begin(offer), "start", status=201)


async def show(request: web.Request) -> web.Response:
    """Say where a call stands."""
    return _document(line_of(request), on_line_of(request), "show")


async def turn(request: web.Request) -> web.StreamResponse:
    """Take what was said and give the bot's answer back, whole or as it comes."""
    line, call = line_of(request), request.match_info["call"]
    try:
        on_line = line.find(call)
        said = utterance(await read_body(request, TurnBody))
    except BaseException:  # also where its sender has left
        await line.missed(call)
        raise
    sink: ResponseSink | None = None

    async def begin(head: Head) -> ResponseSink:
        nonlocal sink
        told = {**head.headers, "Cache-Control": "no-store", STATE_HEADER: on_line.live.call.state.value}
        sink = ResponseSink(request, told, head.status, request.app[GATEWAY].client_seconds)
        await sink.prepare()
        return sink

    answered = await line.hearing.hear(on_line, said, headers_for_bot(request), begin)
    if sink is not None:
        return sink.response
    return _document(line, on_line, "turn") if answered is None else _answered(line, on_line, answered)


async def spoken(request: web.Request) -> web.Response:
    """Take when the bot's answer was spoken."""
    line, on_line = line_of(request), on_line_of(request)
    body = await read_body(request, SpokenBody)
    line.hearing.spoke(on_line, body.text, words_of(body.words), broken_off=body.broken_off)
    return _document(line, on_line, "spoken")


async def audio(request: web.Request) -> web.Response:
    """Take a piece of audio."""
    line, on_line = line_of(request), on_line_of(request)
    query, came = audio_query(request), came_at(request)
    sound = sound_of(query, await body_of(request), query.offset_ms)
    await line.listen(on_line, sound, on_line.backlog.came(came, sound.lasting))
    return _document(line, on_line, "audio")


async def end(request: web.Request) -> web.Response:
    """End a call."""
    line, on_line = line_of(request), on_line_of(request)
    await line.end(on_line)
    return _document(line, on_line, "end")


async def withdraw(request: web.Request) -> web.Response:
    """Take the caller's consent back."""
    await line_of(request).withdraw(request.match_info["call"])
    return web.Response(status=204)


async def show_survey(request: web.Request) -> web.Response:
    """Say what is to be asked after the call."""
    page = _survey_of(request).show(request.match_info["call"])
    talks = line_of(request).talks
    return _survey_page(page, None if talks is None else talks.step(request.match_info["call"]))


async def survey(request: web.Request) -> web.Response:
    """Take what the caller did, or whether they agree, or the answers."""
    asked, call = _survey_of(request), request.match_info["call"]
    body = await read_body(request, SurveyBody)
    given = [body.keys, body.words, body.silence, body.agreed, body.answers]
    if given.count(None) != len(given) - 1:
        raise RefusedError("bad_body", 400, "Send one of keys, words, silence, agreed and answers")
    if body.agreed is None and body.answers is None:
        talks = line_of(request).talks
        if talks is None:
            raise RefusedError("bad_body", 400, "The notice does not say how the invitation is answered")
        step = await talks.hear(call, Reply(body.keys, body.words))
        return _survey_page(asked.show(call), step)
    if body.answers is None:
        return _survey_page(asked.agree(call, agreed=bool(body.agreed)))
    return _survey_page(await asked.answer(call, body.answers))


def _survey_of(request: web.Request) -> Survey:
    found = line_of(request).survey
    if found is None:
        raise RefusedError("unknown_path", 404, "This channel's notice has no survey")
    return found


def _survey_page(page: SurveyPage, step: Step | None = None) -> web.Response:
    questions = [
        {"id": name, "text": text, "lowest": lowest, "highest": highest}
        for name, text, lowest, highest in page.questions
    ]
    said = step.prompts if step is not None else ()
    prompts = [{"kind": one.kind, "text": one.text, "language": one.language} for one in said]
    document = {"state": page.state.value, "invite": page.invite, "questions": questions, "prompts": prompts}
    return web.json_response(document, headers={"Cache-Control": "no-store"})


def _awaited(handler: Handler) -> Handler:
    """Let the call know how long a request was answered: its platform may have held sound back for it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        line, came = line_of(request), came_at(request)
        try:
            return await handler(request)
        finally:
            line.answered(request.match_info["call"], came)

    return handle


def _acting(name: str, action: Action) -> Handler:
    async def act(request: web.Request) -> web.Response:
        line = line_of(request)
        if action.interrupts:
            await line.interrupt(request.match_info["call"])
        on_line = on_line_of(request)
        body = await read_body(request, action.body) if action.body is not None else None
        return _json(await acted(line, on_line, name, body), 200)

    return act


HANDLERS: dict[str, Handler] = {
    "start": start,
    "show": show,
    "turn": _awaited(turn),
    "spoken": spoken,
    "audio": _awaited(audio),
    "stream": stream,
    "end": end,
    "withdraw": withdraw,
    "show_survey": show_survey,
    "survey": survey,
    **{name: _awaited(_acting(name, action)) for name, action in ACTIONS.items()},
}


def _document(line: Line, on_line: OnLine, what: str, *, status: int = 200) -> web.Response:
    return _json(standing(line, on_line, what), status)


def _answered(line: Line, on_line: OnLine, answered: Answer) -> web.Response:
    """Return the bot's answer with where the call stands; a bot's error goes on as it is."""
    try:
        document = orjson.loads(answered.body)
    except orjson.JSONDecodeError:
        document = None
    if answered.head.status >= 400 or not isinstance(document, dict):  # noqa: PLR2004 - an error
        return web.Response(status=answered.head.status, body=answered.body, headers=dict(answered.head.headers))
    return _json({**document, **standing(line, on_line, "turn")}, answered.head.status)


def _json(document: dict[str, object], status: int) -> web.Response:
    headers = {"Cache-Control": "no-store", STATE_HEADER: str(document["state"])}
    return web.Response(status=status, body=orjson.dumps(document), content_type="application/json", headers=headers)
