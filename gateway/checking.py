"""Whether the ledger is still what was written: checked as a whole once a day, and told by the metrics."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from gateway.clock import Clock
from gateway.leader import Leader
from gateway.logs import LOGGER
from gateway.metrics import Metrics
from gateway.rounds import again
from storage.ledger.protocol import Ledger

EVERY: Final = timedelta(days=1)
_LOOK_SECONDS: Final = 60.0


class LedgerCheck:
    """Checks the ledger once a day until it is cancelled."""

    def __init__(self, ledger: Ledger, metrics: Metrics, clock: Clock, leader: Leader) -> None:
        """Remember what to check, as long as this process leads."""
        self._ledger = ledger
        self._metrics = metrics
        self._clock = clock
        self._leader = leader
        self._checked_at: datetime | None = None

    async def run(self) -> None:
        """Look, wait, look."""
        await again(self.once, _LOOK_SECONDS, "ledger not checked", self._metrics.ledger_failures)

    async def once(self) -> None:
        """Check the ledger if a day has passed since it was checked last."""
        now = self._clock.now()
        if self._checked_at is not None and now - self._checked_at < EVERY:
            return
        async with self._leader.leading() as leads:
            if not leads:
                return
        found = await self._ledger.verify()
        self._checked_at = now
        self._metrics.ledger_problems.set(len(found.problems))
        if found.problems:
            what = {"count": len(found.problems)}
            LOGGER.error("the ledger is not what was written: run `sordino ledger verify`", extra=what)
        else:
            self._metrics.ledger_verified.set(now.timestamp())
