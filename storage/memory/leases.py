"""The lease of the leader, in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from storage.leases import Lease


class MemoryLeases:
    """A `storage.leases.LeaseStore` in memory."""

    def __init__(self) -> None:
        """Start with no leader."""
        self._lease: Lease | None = None

    async def lead(self, holder: UUID, now: datetime, period: timedelta) -> Lease | None:
        """Take the lease, or renew it."""
        kept = self._lease
        if kept is not None and kept.until > now and kept.holder != holder:
            return None
        if kept is not None and kept.until > now:
            self._lease = replace(kept, until=now + period)
        else:
            self._lease = Lease(holder, 1 if kept is None else kept.token + 1, now + period)
        return self._lease

    async def resign(self, lease: Lease, now: datetime) -> None:
        """Give the lease back."""
        kept = self._lease
        if kept is not None and (kept.holder, kept.token) == (lease.holder, lease.token):
            self._lease = replace(kept, until=now)
