"""What the handlers of the internal listener share: who asks, ids and numbers, answers that nobody keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

import orjson
from aiohttp import web

from gateway.access import PERSON
from gateway.errors import RefusedError
from storage.errors import PurposeRefusedError, UnknownSessionError

NO_SESSION: Final = "There is no such session, or nothing of it is shown for this purpose"
"""The one answer to a session that is not there, has gone, or keeps nothing for the purpose."""


def authorise(request: web.Request) -> None:
    """Raise RefusedError (401) unless the guard of the listener has let somebody in."""
    if PERSON not in request:
        raise RefusedError("unauthorised", 401, "Send a token: Authorization: Bearer ...")


def actor(request: web.Request) -> str:
    """Return the reference of who asks, for receipts and the ledger."""
    return request[PERSON].reference


def session_id(request: web.Request) -> UUID:
    """Return the session that the path names. Raises RefusedError (404) if it can be none."""
    return id_of(request.match_info["id"])


def id_of(value: str) -> UUID:
    """Return a session's id. Raises RefusedError (404) for what is none."""
    found = uuid_or_none(value)
    if found is None:
        raise _unknown()
    return found


def uuid_or_none(value: str) -> UUID | None:
    """Return an id, None for what is none."""
    try:
        return UUID(value)
    except ValueError:
        return None


def number_or_none(value: str, most: int) -> int | None:
    """Return a number from 1 to `most`, written in figures; None for anything else, however long."""
    if not value.isascii() or not value.isdigit() or len(value) > len(str(most)):
        return None
    return int(value) if 1 <= int(value) <= most else None


@contextmanager
def known_session() -> Iterator[None]:
    """Turn a session that is not there, or shows nothing for a purpose, into 404: nobody learns which it is."""
    try:
        yield
    except (UnknownSessionError, PurposeRefusedError):
        raise _unknown() from None


def answer(document: object, status: int = 200) -> web.Response:
    """Return a document as JSON that nobody keeps."""
    return web.Response(
        body=orjson.dumps(document),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _unknown() -> RefusedError:
    return RefusedError("unknown_session", 404, NO_SESSION)
