"""The list of requests of data subjects, a page at a time.

Those that wait come first: the proven ones, then those that the desk is to look at, then those that wait for their
senders, each with what is due first, so that nobody hides a request behind others that prove nothing. Those that are
over follow, the newest first. A page ends with a cursor: a place in that order, which stays one whatever becomes of
the request that stood there.
"""

from __future__ import annotations

from typing import Final

from gateway.desk.state import Desk
from gateway.desk.views import Shown, request_document
from gateway.handlers.paging import cursor, no_cursor, place_in
from storage.requests import RUNNING, UNANSWERED, Place, Request, RequestState

LISTED: Final = 100
_GROUPS: Final = (
    RUNNING,
    frozenset({RequestState.RECEIVED}),
    frozenset({RequestState.IDENTITY_PENDING}),
    frozenset(RequestState) - UNANSWERED,
)
_OVER: Final = len(_GROUPS) - 1


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
            group, last = found[limit - 1]
            following = f"{group}.{cursor(last.due_at, last.id)}"
            return [request_document(each, now) for _, each in found[:limit]], following
        place = None
    return [request_document(each, now) for _, each in found], None


def _read(said: str) -> tuple[int, Place]:
    group, _, rest = said.partition(".")
    if not (group.isascii() and group.isdigit() and len(group) == 1) or int(group) > _OVER:
        raise no_cursor()
    due_at, (of,) = place_in(rest, 1)
    return int(group), Place(due_at, of)
