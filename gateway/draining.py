"""What waits in the spool goes into the store as soon as the databases are back; how much waits is shown."""

from __future__ import annotations

from typing import Final

from gateway.clock import Clock
from gateway.logs import LOGGER, place_of
from gateway.metrics import Metrics
from gateway.rounds import again
from storage.errors import StoreUnavailableError
from storage.spool import TurnSpool

_LOOK_SECONDS: Final = 1.0
_FORGET_LOOKS: Final = 60


class Draining:
    """Drains one process's spool again and again until it is cancelled."""

    def __init__(self, spool: TurnSpool, metrics: Metrics, clock: Clock) -> None:
        """Take the spool, and where to show it."""
        self._spool = spool
        self._metrics = metrics
        self._clock = clock
        self._was_away = False
        self._looks = 0

    async def run(self) -> None:
        """Look, wait, look."""
        await again(self.once, _LOOK_SECONDS, "spool not drained")

    async def once(self) -> None:
        """Drain if something waits or the databases were away when they were last asked; show the figures."""
        self._looks += 1
        if self._looks % _FORGET_LOOKS == 0:
            self._spool.forget_old(self._clock.now())
        before = self._spool.figures(self._clock.now())
        if before.turns or before.size_bytes or before.away:
            await self._drain()
        figures = self._spool.figures(self._clock.now())
        if figures.away != self._was_away:
            self._was_away = figures.away
            LOGGER.warning("databases away: turns wait" if figures.away else "databases back")
        self._metrics.spool.show(figures)

    async def _drain(self) -> None:
        try:
            drained = await self._spool.drain()
        except StoreUnavailableError:
            return  # still away, which the figures show
        except Exception as error:  # noqa: BLE001 - it must be tried again; the log and the age tell
            LOGGER.error("spool not drained", extra={"error": type(error).__name__, "where": place_of(error)})
            return
        if drained.stored or drained.dropped:
            LOGGER.info("spool drained", extra={"count": drained.stored})
