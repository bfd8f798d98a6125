"""What the ledger needs by itself: checkpoints, every so often, and sooner when much was logged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from gateway.clock import Clock
from gateway.leader import Leader
from gateway.metrics import Metrics
from gateway.rounds import again
from storage.ledger.protocol import Ledger

EVERY: Final = timedelta(seconds=60)
ENTRIES: Final = 10_000
_LOOK_SECONDS: Final = 5.0


class Sealer:
    """Signs checkpoints again and again until it is cancelled."""

    def __init__(self, ledger: Ledger, metrics: Metrics, clock: Clock, leader: Leader) -> None:
        """Remember what to seal, as long as this process leads."""
        self._leader = leader
        self._ledger = ledger
        self._metrics = metrics
        self._clock = clock
        self._tried_at: datetime | None = None

    async def run(self) -> None:
        """Look, wait, look."""
        await again(self.once, _LOOK_SECONDS, "no checkpoint", self._metrics.ledger_failures)

    async def once(self) -> int:
        """Sign a checkpoint if it is time and anything was logged; returns how many. Show the figures."""
        now, made = self._clock.now(), 0
        figures = await self._ledger.figures()
        rested = self._tried_at is None or now - self._tried_at >= EVERY
        if figures.unsealed and (rested or figures.unsealed >= ENTRIES):
            self._tried_at = now
            async with self._leader.leading() as leads:
                made = await self._ledger.seal(now) if leads else 0
            figures = await self._ledger.figures()
        self._metrics.show_ledger(figures)
        return made
