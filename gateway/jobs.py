"""What runs by itself: ending idle chats and erasing what has expired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from gateway.clock import Clock
from gateway.leader import Leader
from gateway.logs import LOGGER
from gateway.metrics import Metrics
from gateway.rounds import again
from storage.errors import StoreUnavailableError
from storage.records import DuePart, ErasureReason, Receipt
from storage.store import SessionStore

_CHUNK = 500
_ABANDONED = timedelta(minutes=15)  # three of the longest segments: whoever records has added something by then
ACTOR = "sweep"


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did, or would do: parts that were due and the receipts of those erased."""

    due: tuple[DuePart, ...]
    receipts: tuple[Receipt, ...]


async def sweep(
    store: SessionStore,
    now: datetime,
    *,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
    at_once: int = _CHUNK,
) -> Swept:
    """Erase what has expired, in chunks, oldest first; `dry_run` only lists it. `progress` gets the count so far.

    Raises StoreUnavailableError once all was tried if something could not be erased, as where the blobs are away.
    """
    if dry_run:
        return Swept(tuple(await store.due(now, limit=1_000_000)), ())
    due: list[DuePart] = []
    receipts: list[Receipt] = []
    failed: StoreUnavailableError | None = None
    tried: set[UUID] = set()
    while chunk := await store.due(now, limit=at_once):
        wanted = {part.part_id for part in chunk}
        if wanted <= tried:
            break
        try:
            erased = await store.erase(wanted, ErasureReason.EXPIRED, now, ACTOR)
        except StoreUnavailableError as error:
            failed, tried = error, tried | wanted
            continue
        due += chunk
        receipts += erased
        if progress is not None:
            progress(len(receipts))
        if not erased:
            break  # another process has taken them
    if failed is not None:
        raise failed
    return Swept(tuple(due), tuple(receipts))


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Sweeps again and again until it is cancelled, as long as this process leads.

    `idle` gives for each channel after which pause a session has ended; `forget` is told the channel and the moment
    before which whatever was heard last is to leave the memory.
    """

    store: SessionStore
    metrics: Metrics
    clock: Clock
    idle: dict[str, timedelta]
    every_seconds: float
    leader: Leader
    forget: Callable[[str, datetime], None]

    async def run(self) -> None:
        """Sweep, wait, sweep."""
        await again(self.once, self.every_seconds, "sweep failed", self.metrics.sweep_failures)

    async def once(self) -> Swept:
        """End idle sessions, erase what has expired, and show it in the metrics; nothing of it if another leads."""
        now = self.clock.now()
        for channel, pause in self.idle.items():
            self.forget(channel, now - pause)
        async with self.leader.leading() as leads:
            return await self._sweep(now) if leads else Swept((), ())

    async def _sweep(self, now: datetime) -> Swept:
        for channel, pause in self.idle.items():
            await self.store.end_idle(now - pause, channel, now)
        swept = await sweep(self.store, now)
        self.metrics.count_erased(swept.receipts)
        self.metrics.last_sweep.set(now.timestamp())
        if swept.receipts:
            LOGGER.info("sweep erased parts", extra={"parts": len(swept.receipts)})
        # Afterwards: whatever may be wrong with a recording or a survey keeps nothing that has expired.
        await self.store.recordings.close_abandoned(now - _ABANDONED, now)
        await self.store.surveys.release(now)
        return swept
