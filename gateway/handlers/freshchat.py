"""Freshchat's webhooks on a channel with the connector `freshchat`."""

from __future__ import annotations

from aiohttp import web

from gateway.channels import Gateway
from gateway.errors import RefusedError
from gateway.exchange import Incoming
from gateway.handlers.call_request import headers_for_bot
from gateway.handlers.request import body_of, channel_of
from gateway.webhooks import SIGNATURE_HEADER


def add_webhooks(app: web.Application, gateway: Gateway) -> None:
    """Add the routes of every channel whose platform sends webhooks."""
    names = [name for name, parts in gateway.channels.items() if parts.webhooks is not None]
    if names:
        tail = "/{tail:(?!(?:consent|consents|ratings)$).*}"
        app.router.add_route("*", "/{channel:(?:" + "|".join(names) + ")}" + tail, from_freshchat)


async def from_freshchat(request: web.Request) -> web.Response:
    """Take an event; one without Freshchat's signature is 403, and nothing of it is processed."""
    webhooks = channel_of(request).webhooks
    if webhooks is None:
        raise RefusedError("unknown_path", 404, "This channel has no webhooks")
    if request.method != "POST":
        raise RefusedError("wrong_method", 405, "Webhooks are POST")
    incoming = Incoming(
        method="POST",
        path=request.match_info["tail"],
        content_type=request.headers.get("Content-Type", ""),
        headers=headers_for_bot(request),
        body=await body_of(request),
    )
    await webhooks.take(incoming, request.headers.get(SIGNATURE_HEADER, ""))
    return web.Response(status=204)
