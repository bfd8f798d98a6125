"""What goes on with requests by itself: telling recipients, resuming, refusing what nobody proves, expiry."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
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
        """Do one round, if this process leads, and show the figures, each whatever becomes of the others.

        Raises the first error at the end.
        """
        errors = list[Exception]()
        async with self._leader.leading() as leads:
            for work in (self._casework.resume, self._outbox.once, self._expire) if leads else ():
                errors += await _error_of(work)
        errors += await _error_of(self._show)
        if errors:
            raise errors[0]

    async def _expire(self) -> None:
        await self._store.requests.expire(self._clock.now())

    async def _show(self) -> None:
        self._metrics.show_requests(await self._store.requests.figures(self._clock.now()))


async def _error_of(work: Callable[[], Awaitable[object]]) -> list[Exception]:
    try:
        await work()
    except Exception as error:  # noqa: BLE001 - raised once the rest of the round is done
        return [error]
    return []
