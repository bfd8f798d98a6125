"""Requests of data subjects in the desk's JSON API: every step answers the request as it is afterwards."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from gateway.access import PERSON, Person
from gateway.desk import cases, listing
from gateway.desk.bodies import AnswerBody, ExtensionBody, InclusionBody, RefusalBody
from gateway.desk.state import DESK, Desk
from gateway.handlers.internal import answer, uuid_or_none
from gateway.handlers.paging import limit_of
from gateway.handlers.request import read_body


def add_case_api(app: web.Application) -> None:
    """Add the routes to the application of the internal listener."""
    app.router.add_get("/requests", list_requests)
    app.router.add_get("/requests/{id}", show)
    app.router.add_post("/requests/{id}/attestations", attest)
    app.router.add_post("/requests/{id}/sessions", include)
    app.router.add_post("/requests/{id}/answer", answer_request)
    app.router.add_post("/requests/{id}/extension", extend)
    app.router.add_post("/requests/{id}/refusal", refuse)
    app.router.add_post("/requests/{id}/messages/{item}", acknowledge)


async def list_requests(request: web.Request) -> web.Response:
    """List requests, those that wait first: `?limit=` (1 to 1000), `?after=` what the last page gave as `next`."""
    query = request.query
    found, following = await listing.listed(request.app[DESK], limit_of(query), query.get("after", ""))
    return answer({"requests": found, "next": following})


async def show(request: web.Request) -> web.Response:
    """Show a request."""
    desk, person, of = _of(request)
    return answer(await cases.shown(desk, person, of))


async def attest(request: web.Request) -> web.Response:
    """Say that the identity is proven."""
    desk, person, of = _of(request)
    await cases.attest(desk, person, of)
    return await show(request)


async def include(request: web.Request) -> web.Response:
    """Decide the linked sessions."""
    desk, person, of = _of(request)
    await cases.include(desk, person, of, (await read_body(request, InclusionBody)).sessions)
    return await show(request)


async def answer_request(request: web.Request) -> web.Response:
    """Answer a request."""
    desk, person, of = _of(request)
    body = await read_body(request, AnswerBody)
    await cases.answer(desk, person, of, body.text, body.verdict)
    return await show(request)


async def extend(request: web.Request) -> web.Response:
    """Extend the time of a request."""
    desk, person, of = _of(request)
    await cases.extend(desk, person, of, (await read_body(request, ExtensionBody)).reason)
    return await show(request)


async def refuse(request: web.Request) -> web.Response:
    """Refuse a request."""
    desk, person, of = _of(request)
    await cases.refuse(desk, person, of, (await read_body(request, RefusalBody)).reason)
    return await show(request)


async def acknowledge(request: web.Request) -> web.Response:
    """Note that a recipient has confirmed a message."""
    desk, _, of = _of(request)
    await cases.acknowledge(desk, of, uuid_or_none(request.match_info["item"]) or UUID(int=0))
    return await show(request)


def _of(request: web.Request) -> tuple[Desk, Person, UUID]:
    return request.app[DESK], request[PERSON], _id(request)


def _id(request: web.Request) -> UUID:
    return uuid_or_none(request.match_info["id"]) or UUID(int=0)
