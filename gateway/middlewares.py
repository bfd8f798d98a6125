"""Every error becomes problem+json (RFC 9457) and a count; nothing that a person wrote is in either."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from gateway.addresses import is_among
from gateway.channels import GATEWAY
from gateway.errors import GatewayError
from gateway.logs import LOGGER, place_of
from gateway.problem import SERVER, problem
from gateway.refusals import refusal
from gateway.tokens import SESSION_HEADER
from redaction.errors import RedactionError
from storage.errors import StorageError

_CROSS_ORIGIN = web.RequestKey("_CROSS_ORIGIN", dict[str, str])
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_ALLOWED_HEADERS = f"Authorization, Content-Type, Idempotency-Key, {SESSION_HEADER}, X-Stainless-Retry-Count"
_STATUS_REASONS = {404: "unknown_path", 405: "wrong_method", 413: "too_large", 400: "bad_request"}


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors as problem+json and count them by reason."""
    try:
        return await handler(request)
    except asyncio.CancelledError:
        raise
    except ConnectionError:
        raise  # the client has left: there is nobody to answer
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return _refuse(request, _STATUS_REASONS.get(error.status, "bad_request"), error.status, error.reason, allow)
    except (GatewayError, RedactionError, StorageError) as error:
        return _refuse(request, *refusal(error))
    except Exception as error:  # noqa: BLE001 - an error without a name must not show itself
        LOGGER.error("request failed", extra={"error": type(error).__name__, "where": place_of(error)})
        return _refuse(request, "failed", 500, "The gateway failed; nothing was acknowledged")


@web.middleware
async def origins(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let pages of the allowed origins call from a browser (CORS); others get no such headers."""
    origin = request.headers.get("Origin", "")
    if origin not in request.app[GATEWAY].allowed_origins:
        return await handler(request)
    allow = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        methods = {
            "Access-Control-Allow-Methods": "GET, POST, DELETE",
            "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        }
        return web.Response(status=204, headers=allow | methods | {"Access-Control-Max-Age": "600"})
    request[_CROSS_ORIGIN] = allow | {"Access-Control-Expose-Headers": f"{SESSION_HEADER}, Retry-After"}
    return await handler(request)


@web.middleware
async def continuing(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Go on with the trace of a trusted proxy; anybody else's would be a number by which a client can be followed."""
    gateway = request.app[GATEWAY]
    given = request.headers.getall("traceparent", ())
    if len(given) != 1 or not is_among(request.remote or "", gateway.trusted_proxies):
        return await handler(request)
    with gateway.tracing.continued(given[0]):
        return await handler(request)


async def finish_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Complete the headers of an answer before it leaves, streams included (a signal): CORS, no software versions."""
    response.headers["Server"] = SERVER
    if _CROSS_ORIGIN in request:
        response.headers.update(request[_CROSS_ORIGIN])


def _refuse(
    request: web.Request, reason: str, status: int, title: str, headers: dict[str, str] | None = None
) -> web.Response:
    gateway = request.app[GATEWAY]
    name = request.match_info.get("channel", "")
    channel = name if name in gateway.channels else "none"
    gateway.metrics.refused.labels(channel, reason).inc()
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        LOGGER.warning("request refused", extra={"channel": channel, "reason": reason, "status": status})
    answer = problem(reason, status, title, headers)
    if status == HTTPStatus.REQUEST_TIMEOUT:
        answer.force_close()  # the rest of the body would be taken for the next request
    return answer
