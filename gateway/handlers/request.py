"""What every handler reads from a request: the channel, who shows what, the language."""

from __future__ import annotations

import asyncio
import hmac
import re
from datetime import datetime
from typing import TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from gateway.addresses import client_of
from gateway.channels import GATEWAY, ChannelParts
from gateway.errors import RefusedError
from gateway.sessions import Claim
from gateway.tokens import SECRET_HEADER, SESSION_HEADER, SessionToken, cookie_name, is_browser, parse_token

Body = TypeVar("Body", bound=BaseModel)
_LANGUAGE = re.compile(r"^[a-z]{2}\b")


PEER_HEADER = "X-Sordino-Peer"
"""The address of who has sent what another worker hands over. Its connections have no address; all others have."""
CAME_HEADER = "X-Sordino-Came"
"""When what another worker hands over began to come there."""


def channel_of(request: web.Request) -> ChannelParts:
    """Return the channel of the route. Raises RefusedError (404) for one that the notice does not have."""
    parts = request.app[GATEWAY].channels.get(request.match_info["channel"])
    if parts is None:
        raise RefusedError("unknown_channel", 404, "The notice has no such channel")
    return parts


def claim_of(request: web.Request, parts: ChannelParts) -> Claim:
    """Read the session token, from the header or a browser's own cookie, and the channel's secret.

    Raises RefusedError (403) for a wrong secret: a front end that means to be trusted must not be
    treated as a stranger without knowing it.
    """
    secret = request.headers.get(SECRET_HEADER)
    if secret is not None and not _is_secret(secret, parts):
        raise RefusedError("wrong_secret", 403, "The channel's secret is wrong")
    header = request.headers.get(SESSION_HEADER)
    token = parse_token(header) if header is not None else None
    if token is None and _cookie_counts(request):
        token = parse_token(request.cookies.get(cookie_name(parts.name), ""))
    return Claim(token=token, front_end=secret is not None)


def address_of(request: web.Request) -> str:
    """Return the client's address: the connection's, or what trusted proxies say of it; empty if there is none."""
    forwarded = request.headers.getall("X-Forwarded-For", ())
    peer = request.remote or request.headers.get(PEER_HEADER)
    return client_of(peer or "", forwarded, request.app[GATEWAY].trusted_proxies)


def came_at(request: web.Request) -> datetime:
    """Return when a request began to come, here or to the worker that hands it over; its body comes after that."""
    now = request.app[GATEWAY].clock.now()
    told = None if request.remote else request.headers.get(CAME_HEADER)
    return now if told is None else min(now, datetime.fromisoformat(told))


async def body_of(request: web.Request) -> bytes:
    """Read the whole body. Raises RefusedError (408, 400) when it does not come, ends early, or can't be unpacked."""
    try:
        async with asyncio.timeout(request.app[GATEWAY].body_seconds):
            return await request.read()
    except TimeoutError:
        raise RefusedError("body_too_slow", 408, "The request's body did not come in time") from None
    except (web.RequestPayloadError, asyncio.IncompleteReadError):
        raise RefusedError("body_cut_off", 400, "The request's body is not whole, or not packed as it says") from None


async def read_body(request: web.Request, model: type[Body]) -> Body:
    """Read a JSON body of this form. Raises RefusedError (400) that names its fields, never a value."""
    try:
        return model.model_validate(orjson.loads(await body_of(request)))
    except ValidationError as error:
        wrong = {str(e["loc"][0]) for e in error.errors(include_input=False) if e["loc"]}
        known = [name for name in model.model_fields if name in wrong]  # an unknown name may be anything
        told = ", ".join(known) or f"it takes {', '.join(model.model_fields)}"
        raise RefusedError("bad_body", 400, f"The body does not fit: {told}") from None
    except orjson.JSONDecodeError:
        raise RefusedError("bad_body", 400, "The body is not JSON") from None


def language_of(request: web.Request) -> str | None:
    """Return the two-letter language asked for: `?lang=`, else the first of Accept-Language."""
    asked = request.query.get("lang") or request.headers.get("Accept-Language") or ""
    match = _LANGUAGE.match(asked.strip().lower())
    return match[0] if match else None


def token_headers(request: web.Request, parts: ChannelParts, token: SessionToken | None) -> dict[str, str]:
    """Return the headers that give a new session's token to its owner: a cookie only where it would count."""
    if token is None:
        return {}
    headers = {SESSION_HEADER: str(token)}
    if _cookie_counts(request):
        headers["Set-Cookie"] = f"{cookie_name(parts.name)}={token}; Path=/; Secure; HttpOnly; SameSite=Strict"
    return headers


def refuse_other_sites(request: web.Request, claim: Claim) -> None:
    """Raise RefusedError (403) where a page of another site acts in a person's name, unless its origin is allowed."""
    allowed = request.headers.get("Origin", "") in request.app[GATEWAY].allowed_origins
    if request.headers.get("Sec-Fetch-Site") == "cross-site" and not (allowed or claim.front_end):
        raise RefusedError("cross_site", 403, "This request came from another site")


def _is_secret(shown: str, parts: ChannelParts) -> bool:
    if parts.secret is None:
        return False
    return hmac.compare_digest(shown.encode(errors="replace"), parts.secret.get_secret_value().encode())


def _cookie_counts(request: web.Request) -> bool:
    """A cookie counts only on a browser's request from this very origin (cross-site request forgery)."""
    return is_browser(request.headers) and request.headers["Sec-Fetch-Site"] in {"same-origin", "none"}
