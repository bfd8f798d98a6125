"""Which requests restrict a session on a ground, so that the end of one leaves what another still asks for.

A request to restrict asks until its restriction is ended, also once it is answered; an objection or a correction until
it is decided. One whose letter is still on its way asks until that has gone (Art. 18(3)). No column leads from a
session to its requests, so all that may ask are looked through: what was decided and told before is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from storage.holds import Ground, Restriction
from storage.requests import RUNNING, Matter, Request, RequestState, RequestStore, Right
from storage.store import SessionStore

GROUNDS: Final = {ground.value: ground for ground in (Ground.ACCURACY, Ground.UNLAWFUL, Ground.CLAIMS)}
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that asks for a restriction. `ends`: that is decided, and its sender is being told."""

    request: Request
    matter: Matter
    ends: bool


def ground_of(right: Right, scope: str) -> Ground | None:
    """Return the ground on which a request of a right restricts, None if it does not."""
    match right:
        case Right.OBJECTION:
            return Ground.OBJECTION
        case Right.RECTIFICATION:
            return Ground.ACCURACY
        case Right.RESTRICTION:
            return GROUNDS.get(scope, Ground.UNLAWFUL)
        case _:
            return None


def purpose_of(right: Right, scope: str) -> str | None:
    """Return the one purpose that a request of a right objects to, None if it is no objection or one to all."""
    return (scope or None) if right is Right.OBJECTION else None


async def asking_for(requests: RequestStore, restriction: Restriction) -> list[Asking]:
    """Return the requests that ask for a restriction, the newest first."""
    return [
        Asking(request, matter, restriction.session_id in matter.lifts)
        for request, matter in await _restricting(requests, restriction.since)
        if _asks(request, matter, restriction)
    ]


async def no_longer_asked(
    store: SessionStore, request: Request, matter: Matter, sessions: Iterable[UUID], *, all_told: bool = False
) -> tuple[UUID, ...]:
    """Return in which sessions a restriction is in force for which no other request asks than this one.

    `all_told`: as it will be when the letters that are on their way have gone.
    """
    mine = (ground_of(request.right, matter.scope), purpose_of(request.right, matter.scope))
    of_sessions = [each for session in sessions for each in await store.retention.restrictions(session_id=session)]
    in_force = [each for each in of_sessions if (each.ground, each.purpose) == mine]
    if not in_force:
        return ()
    since = min(each.since for each in in_force)
    others = [each for each in await _restricting(store.requests, since) if each[0].id != request.id]

    def asked(restriction: Restriction) -> bool:
        return any(
            _asks(other, its, restriction) and not (all_told and restriction.session_id in its.lifts)
            for other, its in others
        )

    return tuple(each.session_id for each in in_force if not asked(each))


def _asks(request: Request, matter: Matter, restriction: Restriction) -> bool:
    ground, purpose = ground_of(request.right, matter.scope), purpose_of(request.right, matter.scope)
    session = restriction.session_id
    if (ground, purpose) != (restriction.ground, restriction.purpose) or session not in matter.sessions:
        return False
    if session in matter.lifts or session in matter.lifted:
        return session in matter.lifts
    # One that began after the answer is another: what the request has brought was ended before.
    granted = request.right is Right.RESTRICTION and request.state is RequestState.ANSWERED
    stands = granted and request.answered_at is not None and restriction.since <= request.answered_at
    return request.state in RUNNING or stands


async def _restricting(requests: RequestStore, since: datetime) -> list[tuple[Request, Matter]]:
    """Return the requests that may ask for a restriction that began at a moment, the newest first."""
    found, after = list[tuple[Request, Matter]](), None
    while some := await requests.restricting(since, limit=_PAGE, after=after):
        after = some[-1].id
        found += [(each, await requests.matter(each.id)) for each in some]
    return found
