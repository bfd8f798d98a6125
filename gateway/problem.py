"""Problem details (RFC 9457): what every refusal looks like, wherever it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import orjson
from aiohttp import web

SERVER = "sordino"


def problem(reason: str, status: int, title: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return the answer; `title` is one of our own sentences and quotes nothing of the request."""
    document = {"type": f"urn:sordino:problem:{reason}", "title": title, "status": status, "reason": reason}
    more = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    return web.Response(
        status=status,
        body=orjson.dumps(document),
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store", "Server": SERVER, **(headers or {}), **more},
    )
