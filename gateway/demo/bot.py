"""A small shop bot that speaks the OpenAI chat protocol, for the demo and the tests; deterministic in what it says.

    POST /v1/chat/completions   JSON, or server-sent events with `stream: true`; tool calls where `tools` are given
    GET  /v1/models             the one model there is

What it says stands in `answers`. What it saw is kept in `app[SEEN]`, so that the demo can show that no
personal data reached it.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from aiohttp import web

from gateway.demo.answers import Message, ToolCall, answer, tool_call

MODEL = "demo-shop-bot"
SEEN: web.AppKey[deque[dict[str, Any]]] = web.AppKey("SEEN", deque)
"""The latest requests as the bot received them, oldest first."""

_TOKEN_SECONDS: web.AppKey[float] = web.AppKey("_TOKEN_SECONDS", float)
_MAX_BODY_BYTES = 4 * 1024 * 1024
_TOKEN = re.compile(r"\s?[^\W_]{1,5}|\s?.", re.DOTALL)


def build_bot(*, keep: int = 100, token_seconds: float = 0.0) -> web.Application:
    """Return the bot.

    Args:
        keep: how many requests `app[SEEN]` holds.
        token_seconds: pause before each token of a stream, so that a person sees it being written.
    """
    app = web.Application(client_max_size=_MAX_BODY_BYTES)
    app[SEEN] = deque(maxlen=keep)
    app[_TOKEN_SECONDS] = token_seconds
    app.router.add_get("/v1/models", _models)
    app.router.add_post("/v1/chat/completions", _complete)
    return app


async def _models(_request: web.Request) -> web.Response:
    model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "sordino-demo"}
    return _json({"object": "list", "data": [model]})


async def _complete(request: web.Request) -> web.StreamResponse:
    try:
        body = orjson.loads(await request.read())
        history = tuple(Message(str(message["role"]), _text(message.get("content"))) for message in body["messages"])
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        error = {"message": "The body must be a JSON object with `messages`.", "type": "invalid_request_error"}
        return _json({"error": error}, status=400)
    request.app[SEEN].append(body)
    call = None if body.get("tool_choice") == "none" else tool_call(history, body.get("tools") or ())
    text = None if call else answer(history)
    head = {"id": f"chatcmpl-{secrets.token_hex(8)}", "created": int(time.time()), "model": body.get("model", MODEL)}
    usage = _usage(history, text, call)
    if body.get("stream"):
        return await _stream(request, body, head | {"object": "chat.completion.chunk"}, _deltas(text, call), usage)
    message = {"role": "assistant", "content": text} | ({"tool_calls": [_tool_call(call)]} if call else {})
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish_reason(call)}
    return _json(head | {"object": "chat.completion", "choices": [choice], "usage": usage})


async def _stream(
    request: web.Request,
    body: Mapping[str, Any],
    head: dict[str, Any],
    deltas: Iterator[dict[str, Any]],
    usage: dict[str, int],
) -> web.StreamResponse:
    """Send the deltas as server-sent events, the finish reason with the last, then usage if it was asked for."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    reason = None
    for delta in deltas:
        await asyncio.sleep(request.app[_TOKEN_SECONDS])
        reason = "tool_calls" if "tool_calls" in delta else reason
        choice = {"index": 0, "delta": delta, "finish_reason": None if delta else reason or "stop"}
        await response.write(_event(head | {"choices": [choice]}))
    if (body.get("stream_options") or {}).get("include_usage"):
        await response.write(_event(head | {"choices": [], "usage": usage}))
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def _deltas(text: str | None, call: ToolCall | None) -> Iterator[dict[str, Any]]:
    """Yield the answer in the pieces of a stream; the empty one at the end carries the finish reason."""
    yield {"role": "assistant", "content": None if call else ""}
    if call:
        first = _tool_call(call)
        arguments = first["function"]["arguments"]
        yield {"tool_calls": [{"index": 0, **first, "function": {"name": call.name, "arguments": ""}}]}
        for piece in tokens(arguments):
            yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}
    for piece in tokens(text or ""):
        yield {"content": piece}
    yield {}


def tokens(text: str) -> list[str]:
    """Cut a text into pieces of the size of a language model's tokens; joined they are the text."""
    return _TOKEN.findall(text)


def _tool_call(call: ToolCall) -> dict[str, Any]:
    arguments = orjson.dumps(call.arguments).decode()
    return {
        "id": f"call_{secrets.token_hex(8)}",
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }


def _finish_reason(call: ToolCall | None) -> str:
    return "tool_calls" if call else "stop"


def _usage(history: tuple[Message, ...], text: str | None, call: ToolCall | None) -> dict[str, int]:
    prompt = sum(len(tokens(message.text)) for message in history)
    completion = len(tokens(text or (orjson.dumps(call.arguments).decode() if call else "")))
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _text(content: object) -> str:
    """Return the text of a message's content: a string, or the text parts of a list."""
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _event(chunk: object) -> bytes:
    return b"data: " + orjson.dumps(chunk) + b"\n\n"


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
