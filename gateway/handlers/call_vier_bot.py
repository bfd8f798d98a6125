"""The commands of a bot behind VIER, at the callback that it was given: guarded, kept, and handed on to VIER."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, Final

import orjson
from aiohttp import web

import gateway.calls.events as happening
from gateway.calls.line import Line
from gateway.calls.live import Prompt
from gateway.calls.on_line import OnLine
from gateway.calls.surveying import into_survey
from gateway.calls.vier.commands import Guarded, answered, guard, say
from gateway.calls.vier.edge import CALLBACK_PATH, VierEdge
from gateway.channels import GATEWAY, ChannelParts
from gateway.errors import BodyUnreadableError, RefusedError, UpstreamError
from gateway.exchange import Incoming
from gateway.handlers.request import body_of

_JSON: Final = "application/json"
_ERROR: Final = 300
_LOOK_SECONDS: Final = 0.2


async def command(request: web.Request, parts: ChannelParts, line: Line, edge: VierEdge) -> web.Response:
    """Take a command. One at another call's address is 403, one that may not go on as well, and counted."""
    mark, _, path = request.match_info["tail"].removeprefix(CALLBACK_PATH + "/").partition("/")
    if request.method != "POST":
        raise RefusedError("wrong_method", 405, "Commands are POST")
    try:
        message = orjson.loads(await body_of(request))
        dialog = str(message["dialogId"])
    except (ValueError, KeyError, TypeError):
        raise BodyUnreadableError("The body is no command of the Call API.") from None
    if not edge.opens(mark, dialog):
        raise RefusedError("bad_signature", 403, "This is not the callback of this call")
    on_line = line.find(dialog)
    on_line.live.seen()
    guarded = guard(path, message)
    for what, count in guarded.stripped.items():
        request.app[GATEWAY].metrics.calls_stripped.labels(parts.name, what).inc(count)
    if guarded.body is None:
        raise RefusedError("command_refused", 403, "This command does not go on to the call platform")
    if path == "call/drop" and line.talks is not None:
        step = await into_survey(line, dialog)
        if step is not None and not step.over:
            await say_prompts(edge, dialog, step.prompts)
            return web.Response(status=204)
    if guarded.speaks:
        await until_answered(edge, on_line)  # else the caller would answer the bot, and us by that
        await _keep(parts, line, on_line, guarded.said)
    if guarded.brings_in:
        await _asked_anew(edge, on_line)
        await say_prompts(edge, dialog, on_line.live.speak())
    return await _hand_on(edge, path, guarded)


async def say_prompts(edge: VierEdge, dialog: str, prompts: Sequence[Prompt]) -> None:
    """Have VIER speak prompts. Raises UpstreamError."""
    for prompt in prompts:
        await _send(edge, "call/say", say(dialog, prompt))


async def put_question(edge: VierEdge, on_line: OnLine, prompts: Sequence[Prompt]) -> None:
    """Have VIER speak the question; one that it does not take has not been put. Raises UpstreamError."""
    try:
        await say_prompts(edge, on_line.connection.call, prompts)
    except BaseException:  # nobody has heard them
        on_line.live.unspoken.extendleft(reversed(prompts))
        raise


async def until_answered(edge: VierEdge, on_line: OnLine) -> None:
    """Speak what becomes due until the question is answered; one that nobody answers ends in a no by itself.

    Raises RefusedError (404) if the call is over by then, or UpstreamError.
    """
    live = on_line.live
    while not live.settled.is_set():
        await put_question(edge, on_line, live.speak())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(live.settled.wait(), _LOOK_SECONDS)
    if live.call.ended:
        raise RefusedError("no_call", 404, "No such call is going on here")


async def _keep(parts: ChannelParts, line: Line, on_line: OnLine, said: str) -> None:
    """Keep what the bot says, before it is spoken; of a sound it may say nothing."""
    if not said:
        return
    body = {"dialogId": on_line.connection.call, "said": said}
    incoming = Incoming(
        method="POST", path="message", content_type=_JSON, headers={}, body=orjson.dumps(body),
        language=on_line.live.call.language,
    )  # fmt: skip
    await line.hearing.service_spoke(on_line, said)
    await parts.conversation.note(line.hearing.flagged(on_line, incoming))


async def _asked_anew(edge: VierEdge, on_line: OnLine) -> None:
    """Ask the caller before a person comes in; the bot waits, as it does until VIER has reached that person."""
    await on_line.live.happen(happening.Joined(agent=True))
    await until_answered(edge, on_line)


async def _hand_on(edge: VierEdge, path: str, guarded: Guarded) -> web.Response:
    status, raw = await _sent(edge, path, guarded.body or {})
    try:
        document = orjson.loads(raw) if raw.strip() else None
    except orjson.JSONDecodeError:
        document = None
    if document is None:
        return web.Response(status=status)
    return web.json_response(answered(document), status=status)


async def _send(edge: VierEdge, path: str, body: dict[str, Any]) -> None:
    status, _ = await _sent(edge, path, body)
    if status >= _ERROR:
        raise UpstreamError("upstream_status", 502)


async def _sent(edge: VierEdge, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
    url = f"{edge.api.rstrip('/')}/{path}"
    with await edge.upstream.send("POST", url, {"Content-Type": _JSON}, orjson.dumps(body)) as reply:
        return reply.status, await reply.body()
