"""What requests about calls have in common: who sends it, which call, what happens, and where it then stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel, ValidationError

import gateway.calls.events as happening
from gateway.calls.line import Line
from gateway.calls.on_line import OnLine, Utterance
from gateway.calls.quiet import Word
from gateway.calls.sound import Sound, taken_apart
from gateway.errors import RefusedError
from gateway.handlers.call_api import AudioQuery, ConsentBody, KeysBody, TransferBody, TurnBody, WordBody
from gateway.handlers.request import channel_of, claim_of
from gateway.upstream import REQUEST_HEADERS
from storage.audio import AudioFormat


@dataclass(frozen=True, slots=True)
class Action:
    """Something that happens in a call: its body, the event that it is, and whether it breaks what was agreed to.

    An event is told whether the question has been put, where it waits: before that, nothing is an answer to it.
    """

    body: type[BaseModel] | None
    event: Callable[[Any, bool], happening.Event]
    interrupts: bool = False


def line_of(request: web.Request) -> Line:
    """Return the channel's calls to a platform that shows the channel's secret. Raises RefusedError (403, 404)."""
    parts = channel_of(request)
    if not claim_of(request, parts).front_end:
        raise RefusedError("wrong_secret", 403, "A call platform shows the channel's secret")
    if parts.line is None:
        raise RefusedError("unknown_path", 404, "This channel has no calls")
    return parts.line


def on_line_of(request: web.Request) -> OnLine:
    """Return the call of the path. Raises RefusedError."""
    return line_of(request).find(request.match_info["call"])


def _answer(body: ConsentBody, asked: bool) -> happening.Event:  # noqa: FBT001 - as of every action
    if [body.words, body.silence, body.caller, body.agent].count(None) != 3:  # noqa: PLR2004 - one of four
        raise RefusedError("bad_body", 400, "Send one of words, silence, caller and agent")
    if body.words is not None:
        return happening.Heard(body.words, body.confidence, asked)
    if body.silence is not None:
        return happening.Silent()
    of = happening.Party.AGENT if body.caller is None else happening.Party.CALLER
    return happening.Desk(given="given" in {body.caller, body.agent}, reference=body.reference or "", of=of)


_ASKING: Final[Mapping[str, frozenset[str]]] = {
    "audiohook": frozenset({"consent", "keys", "show", "start"}),
    "calls": frozenset({"consent", "keys", "prompt", "show", "start", "transfer", "turn"}),
}
"""Connectors whose question is put by who speaks the API, and the operations of whoever puts it."""


ACTIONS: Final[Mapping[str, Action]] = {
    "keys": Action(KeysBody, lambda body, asked: happening.Pressed(body.keys, asked)),
    "consent": Action(ConsentBody, _answer),
    "stop": Action(None, lambda *_: happening.Stop(), interrupts=True),
    "pause": Action(None, lambda *_: happening.Pause(), interrupts=True),
    "resume": Action(None, lambda *_: happening.Resume()),
    "transfer": Action(TransferBody, lambda body, _: happening.Joined(agent=body.agent), interrupts=True),
}


def utterance(body: TurnBody) -> Utterance:
    """Return what was said."""
    words = words_of(body.words or ())
    return Utterance(body.text, body.speaker, final=body.final, confidence=body.confidence, id=body.id, words=words)


def words_of(words: Iterable[WordBody]) -> tuple[Word, ...]:
    """Return words with their times."""
    return tuple(Word(word.text, word.start_ms, word.end_ms) for word in words)


def headers_for_bot(request: web.Request) -> dict[str, str]:
    """Return the headers that may reach the bot."""
    return {name: request.headers[name] for name in REQUEST_HEADERS if name in request.headers}


def audio_query(request: web.Request) -> AudioQuery:
    """Read what kind of audio comes. Raises RefusedError (400)."""
    try:
        return AudioQuery.model_validate(dict(request.query))
    except ValidationError as error:
        wrong = {str(e["loc"][0]) for e in error.errors(include_input=False) if e["loc"]}
        known = [name for name in AudioQuery.model_fields if name in wrong]
        told = ", ".join(known) or f"it takes {', '.join(AudioQuery.model_fields)}"
        raise RefusedError("bad_query", 400, f"The query does not fit: {told}") from None


def sound_of(query: AudioQuery, raw: bytes, offset_ms: float | None) -> Sound:
    """Return a piece of audio. Raises RefusedError (400)."""
    try:
        return taken_apart(AudioFormat(query.codec, query.rate, query.channels), raw, offset_ms)
    except ValueError as error:
        raise RefusedError("bad_audio", 400, str(error)) from None


async def acted(line: Line, on_line: OnLine, name: str, body: BaseModel | None) -> dict[str, object]:
    """Let an action happen; returns where the call then stands."""
    live = on_line.live
    event = ACTIONS[name].event(body, not live.unasked)
    await live.happen(event)
    return standing(line, on_line, "desk" if isinstance(event, happening.Desk) else name)


def puts_questions(line: Line, what: str) -> bool:
    """Tell whether who sends this operation has the question put: else it would count as put, and nobody had heard it.

    A platform with a protocol of its own puts it by that; an agent's desk and what sends sound put none.
    """
    return what in _ASKING.get(line.connector, ())


def standing(line: Line, on_line: OnLine, what: str) -> dict[str, object]:
    """Return where a call stands and what who sends this operation is to have spoken now, each prompt once."""
    live = on_line.live
    said = live.speak(asks=puts_questions(line, what)) if line.connector in _ASKING else ()
    prompts = [{"kind": one.kind, "text": one.text, "language": one.language} for one in said]
    return {
        "call": on_line.connection.call,
        "state": live.call.state.value,
        "recording": live.call.armed,
        "prompts": prompts,
    }
