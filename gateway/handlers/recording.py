"""`/sessions/{id}/recording` on the internal listener: a recording as WAV for a purpose, and what is silent in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Self

from aiohttp import web
from pydantic import Field, ValidationError, model_validator

from gateway.audio import wav, wav_bytes
from gateway.channels import GATEWAY
from gateway.errors import RefusedError
from gateway.handlers.internal import authorise, known_session, number_or_none, session_id
from gateway.handlers.request import body_of
from gateway.handlers.schemas import Sent
from storage.audio import LONGEST_SECONDS, MILLISECONDS, Stretch
from storage.recordings import Recording

_MOST_RECORDINGS = 999_999
_Moment = Annotated[int, Field(ge=0, le=LONGEST_SECONDS * MILLISECONDS)]


class Silences(Sent):
    """What is silent in a recording, in milliseconds from its start."""

    stretches: Annotated[tuple[tuple[_Moment, _Moment], ...], Field(max_length=10_000)]

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if any(end <= start for start, end in self.stretches):
            raise ValueError("a stretch ends after it starts")
        return self


async def read_recording(request: web.Request) -> web.StreamResponse:
    """Stream a recording, `?number=` 1 for the first of the session, as far as the purpose may hear it."""
    purpose, gateway = _purpose(request), request.app[GATEWAY]
    with known_session():
        found = await gateway.store.recordings.read(session_id(request), purpose, gateway.clock.now())
    number = _number(request)
    if number > len(found):
        raise RefusedError("bad_query", 400, f"number must be one from 1 to {len(found)}, the session's recordings")
    return await _streamed(request, found[number - 1], len(found))


async def silence_recording(request: web.Request) -> web.Response:
    """Set what is silent in an ended recording: `{"stretches": [[start_ms, end_ms], ...]}`, none for nothing."""
    purpose, gateway = _purpose(request), request.app[GATEWAY]
    try:
        body = Silences.model_validate_json(await body_of(request))
    except ValidationError:
        raise RefusedError("bad_body", 400, 'Send {"stretches": [[start_ms, end_ms], ...]} in order') from None
    stretches = [Stretch(start, end) for start, end in body.stretches]
    now = gateway.clock.now()
    with known_session():
        await gateway.store.recordings.silence(session_id(request), _number(request), purpose, stretches, now)
    return web.Response(status=204)


def _purpose(request: web.Request) -> str:
    authorise(request)
    purpose = request.query.get("purpose")
    if not purpose:
        raise RefusedError("purpose_missing", 400, "Name the purpose of this read: ?purpose=...")
    return purpose


def _number(request: web.Request) -> int:
    number = number_or_none(request.query.get("number", "1"), _MOST_RECORDINGS)
    if number is None:
        raise RefusedError("bad_query", 400, "number must be one from 1 to the number of the session's recordings")
    return number


async def _streamed(request: web.Request, recording: Recording, count: int) -> web.StreamResponse:
    pieces = wav(recording)
    # The first sound is opened before the answer begins: what can't be read at all is a problem document.
    first = [piece async for piece in _first(pieces)]
    response = web.StreamResponse(
        headers={
            "Content-Type": "audio/wav",
            "Cache-Control": "no-store",
            "X-Sordino-Recordings": str(count),
            "X-Sordino-Complete": "yes" if recording.manifest.complete else "no",
        }
    )
    response.content_length = wav_bytes(recording.manifest)
    await response.prepare(request)
    for piece in first:
        await response.write(piece)
    async for piece in pieces:
        await response.write(piece)
    await response.write_eof()
    return response


async def _first(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for _ in range(2):
        try:
            yield await anext(pieces)
        except StopAsyncIteration:
            return
