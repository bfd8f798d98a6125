"""`GET /sessions/{id}/recording?purpose=...` on the internal listener: a recording as a WAV file, for a purpose."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from gateway.audio import wav, wav_bytes
from gateway.channels import GATEWAY
from gateway.errors import RefusedError
from gateway.handlers.internal import authorise, session_id
from storage.errors import PurposeRefusedError, UnknownSessionError
from storage.recordings import Recording


async def read_recording(request: web.Request) -> web.StreamResponse:
    """Stream a recording, `?number=` 1 for the first of the session, as far as the purpose may hear it."""
    authorise(request)
    gateway = request.app[GATEWAY]
    purpose = request.query.get("purpose")
    if not purpose:
        raise RefusedError("purpose_missing", 400, "Name the purpose of this read: ?purpose=...")
    try:
        found = await gateway.store.recordings.read(session_id(request), purpose, gateway.clock.now())
    except UnknownSessionError:
        raise RefusedError("unknown_session", 404, "There is no such session") from None
    except PurposeRefusedError:
        raise RefusedError("purpose_refused", 403, "This purpose does not allow it, not yet, or no longer") from None
    number = request.query.get("number", "1")
    if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= len(found):
        raise RefusedError("bad_query", 400, f"number must be one from 1 to {len(found)}, the session's recordings")
    return await _streamed(request, found[int(number) - 1], len(found))


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
