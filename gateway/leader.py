"""Whether this process leads: of those that work on one store, one sweeps, signs checkpoints and rotates keys.

The lease is renewed in the background, three times in its length, so that a long sweep keeps it. A process that is
killed is succeeded when its lease has run out; one that ends gives it back.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

from gateway.clock import Clock
from gateway.metrics import Metrics
from gateway.rounds import again
from storage.leases import Lease, holds
from storage.store import SessionStore

LEASE = timedelta(seconds=30)
_RENEWALS = 3


class Leader:
    """Takes, renews and gives back the lease of one process."""

    def __init__(self, store: SessionStore, clock: Clock, metrics: Metrics, *, candidate: bool = True) -> None:
        """Take the store whose leader is meant; who is no candidate never leads."""
        self.candidate = candidate
        self._leases = store.leases
        self._clock = clock
        self._metrics = metrics
        self._holder = uuid4()
        self._lease: Lease | None = None

    async def run(self) -> None:
        """Renew, wait, renew; a store that can't be asked is asked again."""
        await again(self._renew_or_lose, LEASE.total_seconds() / _RENEWALS, "lease not renewed")

    @contextlib.asynccontextmanager
    async def leading(self) -> AsyncIterator[bool]:
        """Tell whether this process leads; if so, all that is written in the block fails once it does not any more."""
        lease = await self._renew()
        if lease is None:
            yield False
            return
        with holds(lease):
            yield True

    async def resign(self) -> None:
        """Give the lease back; if the store is away, it runs out."""
        lease = self._lease
        self._lose()
        if lease is not None:
            with contextlib.suppress(Exception):
                await self._leases.resign(lease, self._clock.now())

    async def _renew(self) -> Lease | None:
        if self.candidate:
            self._lease = await self._leases.lead(self._holder, self._clock.now(), LEASE)
        self._metrics.leading.set(self._lease is not None)
        return self._lease

    async def _renew_or_lose(self) -> None:
        try:
            await self._renew()
        except Exception:
            self._lose()
            raise

    def _lose(self) -> None:
        self._lease = None
        self._metrics.leading.set(0)
