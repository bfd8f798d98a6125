"""What goes wrong on a page is told on a page, in the reader's language."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from gateway.desk.html import Page, language_for, render
from gateway.desk.state import DESK
from gateway.desk.words import told
from gateway.errors import GatewayError, RefusedError
from gateway.refusals import refusal
from storage.errors import StorageError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def page_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors of the desk's pages; those of the API go on."""
    if request.path != "/desk" and not request.path.startswith("/desk/"):
        return await handler(request)
    try:
        return await handler(request)
    except (GatewayError, StorageError) as error:
        reason, status, sentence = refusal(error)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        known = error.status == HTTPStatus.NOT_FOUND
        told_as = RefusedError("not_found" if known else "bad_request", error.status, error.reason)
        reason, status, sentence = refusal(told_as)
    request.app[DESK].gateway.metrics.refused.labels("none", reason).inc()
    language = language_for(request)
    return await render(request, Page("error", {}, status=status, problem=told(language, reason, sentence)))
