"""`/<channel>/tickets...`: what a front end says of its tickets, and what customers do with their own.

`docs/tickets.md` describes it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC
from typing import Final

from aiohttp import web

from gateway.channels import GATEWAY, ChannelParts, Gateway
from gateway.errors import RefusedError
from gateway.handlers.internal import answer, uuid_or_none
from gateway.handlers.request import body_of, channel_of, claim_of, read_body, token_headers
from gateway.handlers.ticket_api import OPERATIONS, TicketBody, openapi
from gateway.sessions import Claim, idempotency_of
from gateway.ticketing import TITLE, Held, Message, Ticket, Ticketing
from gateway.tokens import SESSION_HEADER, SessionToken, parse_token
from storage.holds import BlockedPart
from storage.records import Speaker

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_MOST_TOKENS: Final = 50


def add_tickets(app: web.Application, gateway: Gateway) -> None:
    """Add the routes of every channel of tickets."""
    names = [name for name, parts in gateway.channels.items() if parts.tickets is not None]
    if not names:
        return
    tickets = "/{channel:(?:" + "|".join(names) + ")}"
    app.router.add_get(tickets + "/tickets/openapi.json", show_api, allow_head=False)
    for operation in OPERATIONS:
        app.router.add_route(operation.method, tickets + operation.path, HANDLERS[operation.name])


async def show_api(request: web.Request) -> web.Response:
    """Show the API of tickets as an OpenAPI document; it needs no secret."""
    parts, _ = _tickets_of(request)
    return web.json_response(openapi(parts.name, request.app[GATEWAY].loaded.notice.version))


async def take(request: web.Request) -> web.Response:
    """Keep what is new of a ticket."""
    parts, tickets = _tickets_of(request)
    claim = _front_end(request, parts)
    body = await read_body(request, TicketBody)
    raw = await body_of(request)
    tickets.check(request.headers.get("Content-Type", ""), raw)
    key = request.headers.get("Idempotency-Key")
    claim = Claim(front_end=claim.front_end, idempotency=idempotency_of(key, raw) if key else None)
    taken = await tickets.take(claim, _ticket(body))
    document = {
        "ticket": body.ticket, "session": str(taken.session), "stored": taken.stored, "repeated": taken.repeated,
    }  # fmt: skip
    response = answer(document, 201 if taken.token is not None else 200)
    response.headers.update(token_headers(request, parts, taken.token))
    return response


async def resolve(request: web.Request) -> web.Response:
    """Say that a matter is resolved."""
    parts, tickets = _tickets_of(request)
    _front_end(request, parts)
    ticket = request.match_info["ticket"]
    return answer({"ticket": ticket, "session": str(await tickets.resolve(ticket))})


async def show(request: web.Request) -> web.Response:
    """List the tickets whose tokens are shown, with what is held of them."""
    parts, tickets = _tickets_of(request)
    tokens = list(_tokens(request, parts))
    if not tokens:
        raise RefusedError("no_session", 404, f"Show the tickets' tokens in {SESSION_HEADER}")
    return answer({"tickets": [_held(each) for each in await tickets.show(tokens)]})


async def erase(request: web.Request) -> web.Response:
    """Erase a ticket at its customer's wish."""
    parts, tickets = _tickets_of(request)
    of = uuid_or_none(request.match_info["session"])
    token = next((each for each in _tokens(request, parts) if each.id == of), None)
    if token is None:
        raise RefusedError("no_session", 404, "Nothing is kept under this token")
    receipts, blocked = await tickets.erase(token)
    erased = [{"receipt": str(each.id), "kind": each.kind.value} for each in receipts]
    return answer({"erased": erased, "blocked": [_blocked(each) for each in blocked]})


def _tickets_of(request: web.Request) -> tuple[ChannelParts, Ticketing]:
    parts = channel_of(request)
    if parts.tickets is None:
        raise RefusedError("unknown_path", 404, "This channel has no tickets")
    return parts, parts.tickets


def _front_end(request: web.Request, parts: ChannelParts) -> Claim:
    claim = claim_of(request, parts)
    if not claim.front_end:
        raise RefusedError("wrong_secret", 403, "A front end shows the channel's secret")
    return claim


def _tokens(request: web.Request, parts: ChannelParts) -> Iterator[SessionToken]:
    """Yield the tokens of the header, which may hold several, or the browser's own."""
    shown = [each for line in request.headers.getall(SESSION_HEADER, []) for each in line.split(",")]
    if not shown:
        token = claim_of(request, parts).token
        if token is not None:
            yield token
        return
    if len(shown) > _MOST_TOKENS:
        raise RefusedError("bad_query", 400, f"At most {_MOST_TOKENS} tokens can be shown at once")
    yield from filter(None, map(parse_token, shown))


def _ticket(body: TicketBody) -> Ticket:
    messages = [
        Message(Speaker(each.speaker), each.text, each.time.astimezone(UTC) if each.time else None, each.id)
        for each in body.messages
    ]
    if body.title is not None:
        first = messages[0].at if messages else None
        messages.insert(0, Message(Speaker.SUBJECT, body.title, first, TITLE))
    contact = body.contact.model_dump(exclude_none=True) if body.contact is not None else {}
    return Ticket(body.ticket, messages, contact, body.language)


def _held(held: Held) -> dict[str, object]:
    summary = held.summary
    turns = [{"speaker": each.speaker.value, "text": each.text, "time": each.at.isoformat()} for each in held.turns]
    return {
        "session": str(held.session.id),
        "started_at": held.session.started_at.isoformat(),
        "ended_at": held.session.ended_at.isoformat() if held.session.ended_at else None,
        "messages": turns,
        "purposes": {name: ends.isoformat() for name, ends in summary.purposes.items()} if summary else {},
        "expires_at": summary.expires_at.isoformat() if summary and summary.expires_at else None,
        "blocked": [_blocked(each) for each in held.blocked],
    }


def _blocked(part: BlockedPart) -> dict[str, object]:
    return {"kind": part.kind.value, "held": part.held, "statutory": part.statutory, "restricted": part.restricted}


HANDLERS: Final[Mapping[str, Handler]] = {"take": take, "show": show, "resolve": resolve, "erase": erase}
