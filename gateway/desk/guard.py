"""The door of the internal listener: who asks, may they, and does the request come from the desk itself?

Each route is looked up in `gateway.access.table`; one that is missing there is closed. A cookie counts for a request
that changes something only if the browser says that it comes from this very origin (Fetch metadata), so that no page
elsewhere can act for who is signed in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote, urlsplit

from aiohttp import web

from gateway.access import PERSON, Entry, Person, entry_for
from gateway.desk.state import DESK
from gateway.errors import RefusedError

COOKIE: Final = "__Host-sordino-desk"
_SAFE: Final = frozenset({"GET", "HEAD"})
_OWN: Final = frozenset({"same-origin"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request through to its handler if its sender may make it."""
    route = request.match_info.route
    if request.match_info.http_exception is not None or route.resource is None:
        return await handler(request)
    entry = entry_for(request.method, route.resource.canonical)
    if entry is None:
        raise RefusedError("forbidden", 403, "This is closed")
    if entry.is_page and request.method not in _SAFE and not _from_here(request):
        raise RefusedError("cross_site", 403, "This comes from another site; open the desk and try again")
    if entry.roles is None:
        return await handler(request)
    person = await who(request)
    if person is None:
        return _stranger(request, entry)
    if not person.may(entry.roles):
        raise RefusedError("forbidden", 403, "Your role does not allow this")
    if person.by_cookie and request.method not in _SAFE and not _from_here(request):
        raise RefusedError("cross_site", 403, "This comes from another site; open the desk and try again")
    request[PERSON] = person
    return await handler(request)


async def who(request: web.Request) -> Person | None:
    """Return who asks, by the bearer token if one is shown, else by the cookie."""
    desk = request.app[DESK]
    now = desk.gateway.clock.now()
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    if kind:
        return await desk.doors.bearer(shown.strip(), now) if kind.lower() == "bearer" else None
    cookie = request.cookies.get(COOKIE)
    return None if cookie is None else await desk.doors.signed_in(cookie, now)


def sign_in_address(back: str) -> str:
    """Return the address of the page to sign in, which leads back afterwards."""
    return f"/desk/sign-in?next={quote(back, safe='')}"


def own_path(asked: str) -> str:
    """Return a path of the desk to go to, whatever was asked for."""
    parts = urlsplit(asked)
    own = not parts.scheme and not parts.netloc and (parts.path == "/desk" or parts.path.startswith("/desk/"))
    if not own or "\\" in asked or any(ord(character) <= ord(" ") for character in asked):
        return "/desk"
    return asked


def _stranger(request: web.Request, entry: Entry) -> web.StreamResponse:
    if not entry.is_page:
        raise RefusedError("unauthorised", 401, "Send a token: Authorization: Bearer ...")
    if request.method in _SAFE:
        back = request.path_qs
    else:
        came = urlsplit(request.headers.get("Referer", ""))
        back = came.path + (f"?{came.query}" if came.query else "")
    raise web.HTTPSeeOther(sign_in_address(own_path(back)))


def _from_here(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in _OWN
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc == request.host
