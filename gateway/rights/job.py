"""What goes on with requests by itself: telling recipients, resuming, refusing what nobody proves, expiry."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from gateway.clock import Clock
from gateway.metrics import Metrics
from gateway.rights.casework import Casework
from gateway.rights.outbox import Outbox
from gateway.rounds import again
from storage.store import SessionStore

_EVERY_SECONDS: Final = 5.0


class Leading(Protocol):
    """Tells whether this process does what one does for all."""

    def leading(self) -> AbstractAsyncContextManager[bool]:
        """Return a block in which it is known."""


class RightsJob:
    """Works until it is cancelled."""

    def __init__(
        self, store: SessionStore, casework: Casework, outbox: Outbox, metrics: Metrics, clock: Clock, leader: Leading
    ) -> None:
        """Take the parts of the office that work by themselves, and who leads."""
        self._store = store
        self._casework = casework
        self._outbox = outbox
        self._metrics = metrics
        self._clock = clock
        self._leader = leader

    async def run(self) -> None:
        """Work, wait, work."""
        await again(self.once, _EVERY_SECONDS, "requests failed", self._metrics.outbox_failures)

    async def once(self) -> None:
        """Do one round, if this process leads, and show the figures."""
        async with self._leader.leading() as leads:
            if leads:
                await self._casework.resume()
                await self._outbox.once()
                await self._store.requests.expire(self._clock.now())
        self._metrics.show_requests(await self._store.requests.figures(self._clock.now()))
