"""The desk as a JSON API, beside the endpoints of `gateway.handlers`."""

from __future__ import annotations

from uuid import UUID

import orjson
from aiohttp import web

from gateway.access import PERSON, Person
from gateway.desk import acting, doing, views
from gateway.desk.bodies import (
    ApprovalBody,
    DestructionBody,
    ExportBody,
    NoticeBody,
    ReasonBody,
    ShorteningBody,
    TokenBody,
)
from gateway.desk.openapi import document
from gateway.desk.state import DESK, Desk
from gateway.errors import RefusedError
from gateway.handlers.internal import answer, known_session, session_id, uuid_or_none
from gateway.handlers.paging import limit_of
from gateway.handlers.request import language_of, read_body
from gateway.handlers.sessions import transcript_document
from storage.access import Approval
from storage.errors import AccessRefusedError, RetentionRefusedError
from storage.planning import Count


def add_api(app: web.Application) -> None:
    """Add the routes to the application of the internal listener."""
    app.router.add_get("/openapi.json", show_document)
    app.router.add_get("/overview", show_overview)
    app.router.add_post("/sessions/{id}/holds/{item}/releases", release_hold)
    app.router.add_post("/sessions/{id}/restrictions/{item}/liftings", lift_restriction)
    app.router.add_post("/sessions/{id}/exports", export)
    app.router.add_get("/notice", show_notice)
    app.router.add_post("/notice/plan", plan_notice)
    app.router.add_get("/notice/plans/{plan}", show_plan)
    app.router.add_post("/notice/shortenings", shorten)
    app.router.add_get("/keys", show_keys)
    app.router.add_post("/keys/destructions", destroy_key)
    app.router.add_get("/ledger", show_ledger)
    app.router.add_get("/receipts", list_receipts)
    app.router.add_get("/receipts/{part}", show_receipt)
    app.router.add_get("/tokens", list_tokens)
    app.router.add_post("/tokens", create_token)
    app.router.add_delete("/tokens/{item}", revoke_token)
    app.router.add_get("/approvals", list_approvals)
    app.router.add_post("/approvals/{item}", decide)
    app.router.add_get("/approvals/{item}/export", fetch_export)


async def show_document(_request: web.Request) -> web.Response:
    """Show the API as an OpenAPI document."""
    return web.Response(body=orjson.dumps(document()), content_type="application/json")


async def show_overview(request: web.Request) -> web.Response:
    """Show the figures."""
    return answer(await views.overview(request.app[DESK]))


async def release_hold(request: web.Request) -> web.Response:
    """Ask for the release of a hold."""
    desk, person = _of(request)
    body = await read_body(request, ReasonBody)
    return _waits(await doing.ask_release(desk, person, session_id(request), _retained(request), body.reason))


async def lift_restriction(request: web.Request) -> web.Response:
    """Ask for the end of a restriction."""
    desk, person = _of(request)
    body = await read_body(request, ReasonBody)
    return _waits(await doing.ask_lift(desk, person, session_id(request), _retained(request), body.reason))


async def export(request: web.Request) -> web.Response:
    """Ask for an export outside a request."""
    desk, person = _of(request)
    body = await read_body(request, ExportBody)
    return _waits(await doing.ask_export(desk, person, session_id(request), body.purpose, body.reason))


async def show_notice(request: web.Request) -> web.Response:
    """Show which notice is in force."""
    return answer(views.notice(request.app[DESK]))


async def plan_notice(request: web.Request) -> web.Response:
    """Show what a new notice changes; say where what it would shorten is shown once that is counted."""
    body = await read_body(request, NoticeBody)
    begun = await doing.plan(request.app[DESK], body.notice)
    response = await _plan(request, begun, 202)
    response.headers["Location"] = f"/notice/plans/{begun.plan}"
    return response


async def show_plan(request: web.Request) -> web.Response:
    """Show what a new notice changes, and what it would shorten as far as that is counted."""
    return await _plan(request, await doing.look_at_plan(request.app[DESK], request.match_info["plan"]))


async def shorten(request: web.Request) -> web.Response:
    """Ask for periods to be shortened by a plan."""
    desk, person = _of(request)
    body = await read_body(request, ShorteningBody)
    return _waits(await doing.ask_shortening(desk, person, body.notice, body.plan, body.reason))


async def show_keys(request: web.Request) -> web.Response:
    """Show versions of the root key and epoch keys."""
    return answer(await views.keys(request.app[DESK]))


async def destroy_key(request: web.Request) -> web.Response:
    """Ask for a version of the root key to be destroyed."""
    desk, person = _of(request)
    body = await read_body(request, DestructionBody)
    return _waits(await doing.ask_destruction(desk, person, body.version, body.reason))


async def show_ledger(request: web.Request) -> web.Response:
    """Show the ledger's figures and its public key."""
    return answer(await views.ledger(request.app[DESK]))


async def list_receipts(request: web.Request) -> web.Response:
    """List the newest hundred receipts."""
    return answer({"receipts": await views.receipts(request.app[DESK])})


async def show_receipt(request: web.Request) -> web.Response:
    """Show the receipt of a part's erasure, with its proof."""
    part = uuid_or_none(request.match_info["part"])
    found = None if part is None else await request.app[DESK].gateway.store.ledger.receipt(part)
    if found is None:
        raise RefusedError("unknown_receipt", 404, "There is no such receipt")
    return answer(found)


async def list_tokens(request: web.Request) -> web.Response:
    """List tokens, without their secrets."""
    return answer({"tokens": await views.tokens(request.app[DESK])})


async def create_token(request: web.Request) -> web.Response:
    """Create a token; the answer is the only place where its secret is ever shown."""
    desk, person = _of(request)
    body = await read_body(request, TokenBody)
    token, secret = await doing.create_token(desk, person, body.name, frozenset(body.roles), body.days)
    return answer({**views.token_document(token), "token": secret}, 201)


async def revoke_token(request: web.Request) -> web.Response:
    """Revoke a token."""
    desk, person = _of(request)
    await desk.gateway.store.access.revoke(_item(request), person.reference, desk.gateway.clock.now())
    return web.Response(status=204)


async def list_approvals(request: web.Request) -> web.Response:
    """List what needs or needed a second person: `?limit=` (1 to 1000), `?after=` the `next` of the page before."""
    desk, person = _of(request)
    found, following = await views.approvals(desk, person, limit_of(request.query), request.query.get("after", ""))
    return answer({"approvals": found, "next": following})


async def decide(request: web.Request) -> web.Response:
    """Approve something, which is done at once, or refuse it."""
    desk, person = _of(request)
    body = await read_body(request, ApprovalBody)
    with known_session():
        decided = await acting.decide(desk, person, _item(request), approve=body.approve)
    return answer(views.approval_document(decided))


async def fetch_export(request: web.Request) -> web.Response:
    """Fetch an approved export, once."""
    desk, person = _of(request)
    with known_session():
        found = await acting.fetch_export(desk, person, _item(request))
    response = answer(transcript_document(found))
    response.headers["Content-Disposition"] = f'attachment; filename="{found.summary.id}.json"'
    return response


async def _plan(request: web.Request, count: Count, status: int = 200) -> web.Response:
    response = answer(await doing.shown_plan(request.app[DESK], count, language_of(request) or "en"), status)
    if count.found is None:
        response.headers["Retry-After"] = "1"
    return response


def _of(request: web.Request) -> tuple[Desk, Person]:
    return request.app[DESK], request[PERSON]


def _waits(asked: Approval) -> web.Response:
    return answer(views.approval_document(asked), 202)


def _retained(request: web.Request) -> UUID:
    found = uuid_or_none(request.match_info["item"])
    if found is None:
        raise RetentionRefusedError("this session has no such hold, restriction or objection")
    return found


def _item(request: web.Request) -> UUID:
    found = uuid_or_none(request.match_info["item"])
    if found is None:
        raise AccessRefusedError("there is no such token or approval (any more)")
    return found
