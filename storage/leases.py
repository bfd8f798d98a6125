"""One leader among the processes that work on a store: a lease with a fencing token.

Sweeps, checkpoints and rotations are for one process at a time. Whoever holds the lease leads; who has not renewed
it in time is succeeded. A leader that has stalled may not know: what it does while it `holds` a lease is done in
transactions that look at the token, and fail once another has it. Clocks that differ can make the lease change
hands early or late, but never let two do the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from storage.errors import StoreUnavailableError


class LeaseLostError(StoreUnavailableError):
    """Another process leads by now; nothing has changed. Callers see its base class."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to lead until a moment. The token grows each time that it changes hands."""

    holder: UUID
    token: int
    until: datetime


class LeaseStore(Protocol):
    """Where the lease is kept."""

    async def lead(self, holder: UUID, now: datetime, period: timedelta) -> Lease | None:
        """Take the lease, or renew it, for a period from now. None: another holds it."""

    async def resign(self, lease: Lease, now: datetime) -> None:
        """Give the lease back, if it is still held, so that nobody has to wait for its end."""


_HELD: Final[ContextVar[Lease | None]] = ContextVar("sordino_lease", default=None)


@contextlib.contextmanager
def holds(lease: Lease) -> Iterator[None]:
    """Tie all that is written in this block, but for batches of conversations, to the lease.

    It raises StoreUnavailableError once the lease has another holder.
    """
    token = _HELD.set(lease)
    try:
        yield
    finally:
        _HELD.reset(token)


def held() -> Lease | None:
    """Return the lease that this context is tied to."""
    return _HELD.get()
