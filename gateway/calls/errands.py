"""Errands at a call platform: taken on durably, done in rounds, by one process at a time, until they are done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.clock import Clock
from gateway.errors import UpstreamError
from gateway.rounds import again
from storage.errands import Errand, ErrandStore
from storage.errors import StorageError

AGAIN: Final = timedelta(seconds=30)
"""When what could not be done is tried again."""
_TAKEN: Final = timedelta(minutes=10)
"""Whoever has not said in so long that they still work on an errand is dead."""
_HELD_SECONDS: Final = 60.0
"""How often who works on a long one, such as the recording of a long call, says so."""


class Rounds:
    """Does the errands of one channel; `show` is told how many are left, those of other processes among them."""

    def __init__(self, channel: str, store: ErrandStore, clock: Clock, show: Callable[[int], None]) -> None:
        """Start with those that the store knows."""
        self._channel = channel
        self._store = store
        self._clock = clock
        self._show = show
        self._looked_at: datetime | None = None
        self._ticking = asyncio.Lock()

    async def add(self, name: str, content: Mapping[str, str]) -> None:
        """Take an errand on, durably and once; one with this name says this as well. Raises StorageError."""
        await self._store.add(self._channel, name, content, self._clock.now())
        self._show(await self._store.count(self._channel))
        self._looked_at = None

    async def ask_later(self, name: str, content: Mapping[str, str], wait: timedelta) -> None:
        """Take an errand on that asks whether there is something to do; it does not count. Raises StorageError."""
        now = self._clock.now()
        await self._store.add(self._channel, name, content, now, counts=False, until=now + wait)

    async def tick(self, do: Callable[[Errand], Awaitable[timedelta | None]]) -> None:
        """Do now and then what is still to be done; `do` tells when again, None for done. What fails is tried again."""
        async with self._ticking:
            now = self._clock.now()
            if self._looked_at is not None and now - self._looked_at < AGAIN:
                return
            self._looked_at = now
            failed: Exception | None = None
            while (errand := await self._store.take(self._channel, now, self._clock.now() + _TAKEN)) is not None:
                try:
                    wait = await self._hold(errand, do)
                except (UpstreamError, StorageError) as error:
                    failed, wait = error, AGAIN
                except asyncio.CancelledError:  # this process ends: another may go on at once
                    await self._store.put_off(errand.id, now)
                    raise
                if wait is None:
                    await self._store.done(errand.id)
                else:
                    await self._store.put_off(errand.id, now + wait)
            self._show(await self._store.count(self._channel))
            if failed is not None:
                raise failed

    async def _hold(self, errand: Errand, do: Callable[[Errand], Awaitable[timedelta | None]]) -> timedelta | None:
        """Do an errand that no other process takes for as long as this takes."""
        holding = asyncio.ensure_future(self._say_so(errand.id))
        try:
            return await do(errand)
        finally:
            holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)

    async def _say_so(self, errand: UUID) -> None:
        async def once() -> None:
            await self._store.put_off(errand, self._clock.now() + _TAKEN)

        await asyncio.sleep(_HELD_SECONDS)
        await again(once, _HELD_SECONDS, "errand not held")
