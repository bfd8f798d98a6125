"""The list of requests of data subjects, a page at a time.

Those that wait come first: the proven ones, then those that the desk is to look at, then those that wait for their
senders, each with what is due first, so that nobody hides a request behind others that prove nothing. Those that are
over follow, the newest first. A page ends with a cursor: a place in that order, which stays one whatever becomes of
the request that stood there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.desk.state import Desk
from gateway.desk.views import Shown, request_document
from gateway.errors import RefusedError
from gateway.handlers.internal import uuid_or_none
from storage.requests import RUNNING, UNANSWERED, Place, Request, RequestState

LISTED: Final = 100
_GROUPS: Final = (
    RUNNING,
    frozenset({RequestState.RECEIVED}),
    frozenset({RequestState.IDENTITY_PENDING}),
    frozenset(RequestState) - UNANSWERED,
)
_OVER: Final = len(_GROUPS) - 1
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP: Final = timedelta(microseconds=1)
_LONGEST: Final = 80


async def listed(desk: Desk, limit: int = LISTED, after: str = "") -> tuple[list[Shown], str | None]:
    """Return requests without what they say, and the cursor of the next page, None behind the last.

    Raises RefusedError (400) for what is no cursor.
    """
    its, now = desk.gateway.store.requests, desk.gateway.clock.now()
    group, place = _read(after) if after else (0, None)
    found: list[tuple[int, Request]] = []
    for at in range(group, len(_GROUPS)):
        wanted = limit + 1 - len(found)
        some = await its.requests(_GROUPS[at], limit=wanted, due_first=at != _OVER, after=place)
        found += [(at, each) for each in some]
        if len(found) > limit:
            return [request_document(each, now) for _, each in found[:limit]], _cursor(*found[limit - 1])
        place = None
    return [request_document(each, now) for _, each in found], None


def _cursor(group: int, request: Request) -> str:
    return f"{group}.{(request.due_at - _START) // _STEP}.{request.id}"


def _read(cursor: str) -> tuple[int, Place]:
    group, _, rest = cursor.partition(".")
    due, _, said = rest.partition(".")
    of = uuid_or_none(said)
    numbers = group.isascii() and group.isdigit() and due.isascii() and due.isdigit()
    if not numbers or of is None or len(cursor) > _LONGEST or int(group) > _OVER:
        raise no_cursor()
    try:
        return int(group), Place(_START + int(due) * _STEP, of)
    except OverflowError:
        raise no_cursor() from None


def no_cursor() -> RefusedError:
    """Return the error for what no page has given as the next one."""
    return RefusedError("bad_query", 400, "after must be what the page before gave as next")
