"""What runs beside the requests: one thing after another, again and again, whatever becomes of each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import Counter

from gateway.logs import LOGGER, place_of


async def again(
    once: Callable[[], Awaitable[object]], every_seconds: float, failed: str, failures: Counter | None = None
) -> None:
    """Do it, wait, do it again, until cancelled; an error is counted, and logged as `failed`."""
    while True:
        try:
            await once()
        except Exception as error:  # noqa: BLE001 - it must go on; the metric and the log tell
            if failures is not None:
                failures.inc()
            LOGGER.error(failed, extra={"error": type(error).__name__, "where": place_of(error)})
        await asyncio.sleep(every_seconds)
