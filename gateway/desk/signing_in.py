"""Signing in and out: with a token, or at the identity provider. What is signed in is a cookie of 256 random bits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from gateway.access import Person, read_secret, written_secret
from gateway.desk.guard import COOKIE, own_path
from gateway.desk.html import LANGUAGE, Page, language_for, render
from gateway.desk.oidc import read_begun
from gateway.desk.state import DESK
from gateway.desk.words import WORDS, told
from gateway.errors import RefusedError
from gateway.handlers.request import address_of
from storage.access import SignIn, new_secret

LONGEST: Final = timedelta(hours=12)
_BEGUN: Final = "__Host-sordino-desk-begun"
_BEGUN_SECONDS: Final = 600
_YEAR_SECONDS: Final = 31_536_000


def add_signing_in(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/desk/sign-in", show)
    app.router.add_post("/desk/sign-in", with_token)
    app.router.add_get("/desk/sign-in/provider", to_provider, allow_head=False)
    app.router.add_get("/desk/sign-in/return", from_provider, allow_head=False)
    app.router.add_post("/desk/sign-out", sign_out)
    app.router.add_post("/desk/language", choose_language)


async def show(request: web.Request) -> web.StreamResponse:
    """Show the page to sign in; `?next=` is where it leads to."""
    return await render(request, _page(request, own_path(request.query.get("next", ""))))


async def with_token(request: web.Request) -> web.StreamResponse:
    """Sign in with a token. Attempts that fail are limited."""
    desk, form = request.app[DESK], await request.post()
    now, address, back = desk.gateway.clock.now(), address_of(request), own_path(str(form.get("next", "")))
    if desk.attempts.too_many(address, now):
        return await _again(request, back, "too_many", 429)
    person = await desk.doors.bearer(str(form.get("token", "")).strip(), now)
    if person is None:
        desk.attempts.failed(address, now)
        return await _again(request, back, "sign_in_wrong", 403)
    return await _signed_in(request, person, back, now)


async def to_provider(request: web.Request) -> web.StreamResponse:
    """Send the browser to the identity provider."""
    provider = request.app[DESK].provider
    if provider is None:
        raise web.HTTPNotFound
    address, begun = await provider.begin(_return(request), own_path(request.query.get("next", "")))
    response = web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})
    _set(response, _BEGUN, begun.written(), _BEGUN_SECONDS)
    return response


async def from_provider(request: web.Request) -> web.StreamResponse:
    """Take who comes back from the identity provider. Raises RefusedError for who has no role here."""
    desk = request.app[DESK]
    if desk.provider is None:
        raise web.HTTPNotFound
    now, address = desk.gateway.clock.now(), address_of(request)
    if desk.attempts.too_many(address, now):
        raise RefusedError("too_many", 429, "Too many attempts: wait five minutes")
    begun = read_begun(request.cookies.get(_BEGUN, ""))
    if begun is None:
        raise RefusedError("sign_in_refused", 403, "The sign-in took too long, or began in another browser")
    try:
        identity = await desk.provider.finish(request.query, begun, _return(request), now)
    except RefusedError:
        desk.attempts.failed(address, now)
        raise
    if not identity.roles:
        raise RefusedError("no_role", 403, "You are signed in, but have no role here")
    person = Person(identity.reference, identity.name, identity.roles)
    response = await _signed_in(request, person, own_path(begun.back), now)
    response.del_cookie(_BEGUN, secure=True)
    return response


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the sign-in."""
    secret = read_secret(request.cookies.get(COOKIE, ""))
    if secret is not None:
        await request.app[DESK].gateway.store.access.sign_out(secret)
    response = web.Response(status=303, headers={"Location": "/desk/sign-in"})
    response.del_cookie(COOKIE, secure=True, httponly=True)
    return response


async def choose_language(request: web.Request) -> web.StreamResponse:
    """Remember the language, and lead back."""
    form = await request.post()
    chosen = str(form.get("language", ""))
    response = web.Response(status=303, headers={"Location": own_path(str(form.get("back", "")))})
    if chosen in WORDS:
        _set(response, LANGUAGE, chosen, _YEAR_SECONDS)
    return response


async def _signed_in(request: web.Request, person: Person, back: str, now: datetime) -> web.Response:
    secret, until = new_secret(), now + LONGEST
    if person.until is not None:
        until = min(until, person.until)
    roles = tuple(sorted(role.value for role in person.roles))
    kept = SignIn(f"{person.reference} {person.created_by}", person.name, roles, now, now, until, person.token_id)
    await request.app[DESK].gateway.store.access.sign_in(kept, secret)
    response = web.Response(status=303, headers={"Location": back, "Cache-Control": "no-store"})
    _set(response, COOKIE, written_secret(secret), None)
    return response


async def _again(request: web.Request, back: str, reason: str, status: int) -> web.StreamResponse:
    request.app[DESK].gateway.metrics.refused.labels("none", reason).inc()
    page = _page(request, back, status, told(language_for(request), reason, ""))
    return await render(request, page)


def _page(request: web.Request, back: str, status: int = 200, problem: str = "") -> Page:
    provider = request.app[DESK].provider is not None
    return Page("sign_in", {"back": back, "provider": provider}, status=status, problem=problem)


def _return(request: web.Request) -> str:
    return f"{request.app[DESK].url or f'{request.scheme}://{request.host}'}/desk/sign-in/return"


def _set(response: web.Response, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="Lax", max_age=seconds)
