"""`/metrics`, `/health/live`, `/health/ready` on the internal listener; they need no token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from gateway.channels import GATEWAY
from gateway.merging import exposition
from storage.errors import StorageError, StoreUnavailableError
from storage.records import Figures
from storage.spool import SpoolFigures

OTHERS: Final[web.AppKey[tuple[Path, ...]]] = web.AppKey("others")
"""Where the workers listen to which this one hands calls over."""
KEPT: Final[web.AppKey[Callable[[], Awaitable[Figures]]]] = web.AppKey("kept")
"""Tells how much is kept."""


async def live(_request: web.Request) -> web.Response:
    """Answer while the event loop turns."""
    return web.json_response({"status": "live"})


async def ready(request: web.Request) -> web.Response:
    """Answer 200 when store, keys and redaction serve, and all workers that have calls have begun; else 503, and why.

    `keys` is `cached` while what holds the root key does not answer and keys in memory serve. `degraded`, which is
    200: the databases are away, and what open sessions say waits in the spool as long as that has room. `spool` is
    `waiting` while something waits there, `aside` as long as something that could not be stored is kept aside.
    """
    if not all(path.exists() for path in request.app.get(OTHERS, ())):
        return web.json_response({"status": "not ready", "error": "workers are being started"}, status=503)
    gateway = request.app[GATEWAY]
    store = gateway.store
    spool = None if store.spool is None else store.spool.figures(gateway.clock.now())
    told = _spool(spool)
    try:
        await store.check()
    except StoreUnavailableError as error:
        if spool is not None and spool.room:
            return web.json_response({"status": "degraded", "error": type(error).__name__, **told})
        return web.json_response({"status": "not ready", "error": type(error).__name__, **told}, status=503)
    except StorageError as error:
        return web.json_response({"status": "not ready", "error": type(error).__name__, **told}, status=503)
    return web.json_response({"status": "ready", "keys": "served" if store.key_state().serves else "cached", **told})


def _spool(figures: SpoolFigures | None) -> dict[str, str]:
    if figures is None or not (figures.aside_bytes or figures.turns):
        return {}
    return {"spool": "aside" if figures.aside_bytes else "waiting"}


async def metrics(request: web.Request) -> web.Response:
    """Show the metrics in Prometheus' text form; what is kept is counted afresh while it is not much."""
    gateway = request.app[GATEWAY]
    gateway.metrics.show_keys(gateway.store.key_state())
    if gateway.store.spool is not None:
        gateway.metrics.spool.show(gateway.store.spool.figures(gateway.clock.now()))
    gateway.metrics.segments_lost.set(gateway.store.recordings.lost)
    try:
        gateway.metrics.show_figures(await request.app[KEPT]())
    except StorageError:
        gateway.metrics.figure_failures.inc()
    return web.Response(body=exposition(gateway.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
