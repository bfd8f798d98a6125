"""What APIs of call platforms have in common: a document, or none where it is gone; a deletion that is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.errors import UpstreamError
from gateway.upstream import Upstream

GONE: Final = 404
WELL: Final = 200
_DELETED: Final = frozenset({204, GONE})


async def document_at(upstream: Upstream, url: str, shown: Mapping[str, str]) -> dict[str, Any] | None:
    """Return a document of the platform's; None where it has none. Raises UpstreamError (502) for another answer."""
    with await upstream.send("GET", url, shown, b"") as reply:
        if reply.status == GONE:
            return None
        raw = await reply.body()
        if reply.status != WELL:
            raise UpstreamError("upstream_status", 502)
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise UpstreamError("answer_unreadable", 502)
    return document


async def is_gone_from(upstream: Upstream, url: str, shown: Mapping[str, str]) -> bool:
    """Delete what is there, look for it, and tell whether the platform answers that it is gone."""
    with await upstream.send("DELETE", url, shown, b"") as reply:
        if reply.status not in _DELETED:
            return False
    with await upstream.send("GET", url, shown, b"") as reply:
        return reply.status == GONE
