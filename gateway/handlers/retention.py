"""What keeps and ends a session's data, on the internal listener: events, holds, restrictions, objections, erasure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import AwareDatetime, Field

from gateway.channels import GATEWAY
from gateway.errors import RefusedError
from gateway.handlers.internal import actor, answer, authorise, known_session, session_id, uuid_or_none
from gateway.handlers.paging import cursor, limit_of, place_in
from gateway.handlers.request import read_body
from gateway.handlers.schemas import Sent
from storage.errors import UnknownSessionError
from storage.holds import BlockedPart, Ground, Hold, HoldPlace, HoldTerms, Restriction, RestrictionPlace, Verdict
from storage.records import ConsentState, Plan, Receipt, SessionEvent, Write
from storage.requests import Proof
from storage.retaining import RetentionStore
from storage.store import SessionStore

_NOTHING = Plan({})
_EVENTS = {event.value: event for event in SessionEvent if event is not SessionEvent.AI_DISCLOSED}


class EventBody(Sent):
    """Something that happened and starts periods."""

    event: str


class HoldBody(Sent):
    """A legal hold; without parts on the whole session."""

    reason: str
    owner: str
    review_at: AwareDatetime
    parts: Annotated[tuple[UUID, ...], Field(max_length=1000)] = ()


class ReviewBody(Sent):
    """The next review date of a hold."""

    review_at: AwareDatetime


class RestrictionBody(Sent):
    """The ground of a restriction, a point of Art. 18(1)."""

    ground: Ground


class ObjectionBody(Sent):
    """An objection to a purpose, or without one to all that can be objected to."""

    purpose: str | None = None


class DecisionBody(Sent):
    """How an objection is decided."""

    verdict: Verdict


class PurposeBody(Sent):
    """A purpose that has ended for a session."""

    purpose: str


def add_routes(app: web.Application) -> None:
    """Add the routes to the application of the internal listener."""
    session, item = "/sessions/{id}", "/{item}"
    app.router.add_post(f"{session}/events", record_event)
    app.router.add_get(f"{session}/retention", show_retention)
    app.router.add_post(f"{session}/holds", place_hold)
    app.router.add_post(f"{session}/holds{item}", review_hold)
    app.router.add_post(f"{session}/restrictions", restrict)
    app.router.add_post(f"{session}/objections", object_to)
    app.router.add_post(f"{session}/objections{item}", decide)
    app.router.add_post(f"{session}/ended-purposes", end_purpose)
    app.router.add_post(f"{session}/erasure", erase)
    app.router.add_get("/holds", list_holds)
    app.router.add_get("/restrictions", list_restrictions)


async def record_event(request: web.Request) -> web.Response:
    """Record an event: the periods that it starts begin in the same step. Said again, it changes nothing."""
    store, of, now = _begin(request)
    acts, by = request.app[GATEWAY].office.acts, actor(request)
    event = _EVENTS.get((await read_body(request, EventBody)).event)
    if event is None:
        raise RefusedError("bad_body", 400, f"event must be one of {', '.join(_EVENTS)}")
    with known_session():
        states = await store.consent_states(of) if event is SessionEvent.CONSENT_END else {}
        given = [name for name, state in states.items() if state is ConsentState.GIVEN]
        told = [await acts.announce(of, name, by, Proof.DESK) for name in given]
        await store.write(Write(of, _NOTHING, now, events=(event,)))
    receipts: tuple[Receipt, ...] = ()
    for name, its in zip(given, told, strict=True):
        receipts += await acts.withdraw(of, name, by, its)
    return await _outcome(store, of, now, receipts)


async def show_retention(request: web.Request) -> web.Response:
    """Show a session's holds, restrictions, and what of it is blocked; of one that is not there, none."""
    store, of, now = _begin(request)
    try:
        blocked = await store.retention.blocked(of, now)
    except UnknownSessionError:
        blocked = ()  # as of one that has none: nobody learns which it is
    return answer(
        {
            "holds": [hold_document(each) for each in await store.retention.holds(session_id=of)],
            "restrictions": [restriction_document(each) for each in await store.retention.restrictions(session_id=of)],
            "blocked": [_blocked(each) for each in blocked],
        }
    )


async def list_holds(request: web.Request) -> web.Response:
    """List holds of all sessions, those to be reviewed soonest first; `?overdue=true`: whose date has passed.

    `?limit=` (1 to 1000), `?after=` what the last page gave as `next`.
    """
    authorise(request)
    gateway, query = request.app[GATEWAY], request.query
    overdue = gateway.clock.now() if query.get("overdue") == "true" else None
    its = gateway.store.retention
    found, following = await holds_page(its, limit_of(query), query.get("after", ""), overdue_at=overdue)
    return answer({"holds": [hold_document(each) for each in found], "next": following})


async def list_restrictions(request: web.Request) -> web.Response:
    """List restrictions and open objections of all sessions, the oldest first; `?limit=` and `?after=` as of holds."""
    authorise(request)
    its, query = request.app[GATEWAY].store.retention, request.query
    found, following = await restrictions_page(its, limit_of(query), query.get("after", ""))
    return answer({"restrictions": [restriction_document(each) for each in found], "next": following})


async def place_hold(request: web.Request) -> web.Response:
    """Place a hold on a session or some of its parts."""
    store, of, now = _begin(request)
    body = await read_body(request, HoldBody)
    terms = HoldTerms(body.reason, body.owner, body.review_at.astimezone(UTC))
    with known_session():
        return answer(hold_document(await store.retention.place_hold(of, terms, now, body.parts)), 201)


async def review_hold(request: web.Request) -> web.Response:
    """Give a hold its next review date."""
    store, of, now = _begin(request)
    review_at = (await read_body(request, ReviewBody)).review_at.astimezone(UTC)
    with known_session():
        return answer(hold_document(await store.retention.review_hold(of, _item(request), review_at, now)))


async def restrict(request: web.Request) -> web.Response:
    """Restrict a session (Art. 18(1)(a) to (c))."""
    _, of, _ = _begin(request)
    body = await read_body(request, RestrictionBody)
    with known_session():
        acts = request.app[GATEWAY].office.acts
        return answer(restriction_document(await acts.restrict(of, body.ground, actor(request))), 201)


async def object_to(request: web.Request) -> web.Response:
    """Enter an objection (Art. 21)."""
    _, of, _ = _begin(request)
    body = await read_body(request, ObjectionBody)
    with known_session():
        acts = request.app[GATEWAY].office.acts
        return answer(restriction_document(await acts.object(of, body.purpose, actor(request))), 201)


async def decide(request: web.Request) -> web.Response:
    """Decide an objection."""
    store, of, now = _begin(request)
    body = await read_body(request, DecisionBody)
    with known_session():
        acts = request.app[GATEWAY].office.acts
        receipts = await acts.decide(of, _item(request), body.verdict, actor(request))
    return await _outcome(store, of, now, receipts)


async def end_purpose(request: web.Request) -> web.Response:
    """End a purpose for a session."""
    store, of, now = _begin(request)
    body = await read_body(request, PurposeBody)
    with known_session():
        receipts = await request.app[GATEWAY].office.acts.end(of, body.purpose, actor(request))
    return await _outcome(store, of, now, receipts)


async def erase(request: web.Request) -> web.Response:
    """Erase a session as its customer has asked (Art. 17); what may not be erased is blocked, and said."""
    store, of, now = _begin(request)
    with known_session():
        await store.consent_states(of)
    receipts = await request.app[GATEWAY].office.acts.erase(of, actor(request), Proof.DESK)
    return await _outcome(store, of, now, receipts)


async def holds_page(
    its: RetentionStore, limit: int, after: str, *, overdue_at: datetime | None = None
) -> tuple[tuple[Hold, ...], str | None]:
    """Return holds, and the cursor of the next page, None behind the last. Raises RefusedError (400)."""
    place = None
    if after:
        review_at, (of, hold) = place_in(after, 2)
        place = HoldPlace(review_at, of, hold)
    found = await its.holds(overdue_at=overdue_at, limit=limit + 1, after=place)
    last = found[limit - 1].place if len(found) > limit else None
    return found[:limit], None if last is None else cursor(last.review_at, last.session_id, last.id)


async def restrictions_page(its: RetentionStore, limit: int, after: str) -> tuple[tuple[Restriction, ...], str | None]:
    """Do the same for restrictions."""
    place = None
    if after:
        since, (restriction,) = place_in(after, 1)
        place = RestrictionPlace(since, restriction)
    found = await its.restrictions(limit=limit + 1, after=place)
    last = found[limit - 1].place if len(found) > limit else None
    return found[:limit], None if last is None else cursor(last.since, last.id)


def hold_document(hold: Hold) -> dict[str, object]:
    """Return a hold as JSON."""
    return {
        "id": str(hold.id),
        "session": str(hold.session_id),
        "reason": hold.reason,
        "owner": hold.owner,
        "placed_at": hold.placed_at.isoformat(),
        "review_at": hold.review_at.isoformat(),
        "parts": [str(each) for each in hold.parts],
    }


def _begin(request: web.Request) -> tuple[SessionStore, UUID, datetime]:
    authorise(request)
    gateway = request.app[GATEWAY]
    return gateway.store, session_id(request), gateway.clock.now()


def _item(request: web.Request) -> UUID:
    found = uuid_or_none(request.match_info["item"])
    if found is None:
        raise RefusedError("retention_refused", 409, "This session has no such hold, restriction or objection")
    return found


async def _outcome(store: SessionStore, of: UUID, now: datetime, receipts: tuple[Receipt, ...]) -> web.Response:
    """Say what was erased and what could not be."""
    try:
        blocked = await store.retention.blocked(of, now)
    except UnknownSessionError:
        blocked = ()  # nothing is left of it
    erased = [
        {"receipt": str(each.id), "part": str(each.part_id), "kind": each.kind.value, "reason": each.reason.value}
        for each in receipts
    ]
    return answer({"erased": erased, "blocked": [_blocked(each) for each in blocked]})


def restriction_document(restriction: Restriction) -> dict[str, object]:
    """Return a restriction or an open objection as JSON."""
    return {
        "id": str(restriction.id),
        "session": str(restriction.session_id),
        "ground": restriction.ground.value,
        "since": restriction.since.isoformat(),
        "purpose": restriction.purpose,
    }


def _blocked(part: BlockedPart) -> dict[str, object]:
    return {
        "part": str(part.part_id),
        "kind": part.kind.value,
        "held": part.held,
        "statutory": part.statutory,
        "restricted": part.restricted,
    }
