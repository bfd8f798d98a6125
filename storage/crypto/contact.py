"""How long keys in memory may serve while the provider of the root key does not answer: an hour.

Every answer of the provider counts, and it is asked again once a minute when keys are used. When it can't be
reached, keys that are in memory go on serving for an hour since its last answer; then they are forgotten, and
nothing is opened or stored until it is back. A provider that answers, but has no such key any more or keeps it
where others can read it, ends that at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from storage.clock import Clock
from storage.crypto.providers.provider import KeyProvider, WrappedByRoot
from storage.errors import KeyUnavailableError, ProviderDownError
from storage.key_material import SecretBytes
from storage.records import KeyState

T = TypeVar("T")

LONGEST: Final = timedelta(hours=1)
_ASK_AFTER: Final = timedelta(minutes=1)
_TRY_AGAIN_AFTER: Final = timedelta(seconds=5)
_NONE: Final = timedelta(0)


class WatchedProvider:
    """A provider of which is known when it last answered; otherwise the provider itself."""

    def __init__(self, provider: KeyProvider, clock: Clock, forget: Callable[[], None]) -> None:
        """Take the provider, the time, and what forgets all keys in memory."""
        self._provider = provider
        self._clock = clock
        self._forget = forget
        self._answered_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._asking: asyncio.Future[None] | None = None

    async def confirm(self) -> None:
        """Return if keys in memory may serve now; raises KeyUnavailableError if not, and they are forgotten."""
        age = self._age()
        if age is not None and age < _ASK_AFTER:
            return
        if age is not None and age < LONGEST:
            if not self._failed_within(_TRY_AGAIN_AFTER):
                self._ask()
            return
        await self._must_answer()

    async def check(self) -> None:
        """Ask the provider; an answer that does not come is an error only when it is due."""
        try:
            await self._watched(self._provider.check())
        except ProviderDownError:
            age = self._age()
            if age is None or age >= LONGEST:
                self._forget()
                raise
        except KeyUnavailableError:
            self._forget()
            raise

    def state(self) -> KeyState:
        """Return whether the provider answered when it was last asked, and how long ago it last did."""
        age = self._age()
        return KeyState(serves=self._failed_at is None, unconfirmed_seconds=0.0 if age is None else age.total_seconds())

    async def wrap(self, key: SecretBytes, bound_to: bytes) -> WrappedByRoot:
        """Wrap a key under the current version."""
        return await self._watched(self._provider.wrap(key, bound_to))

    async def unwrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> SecretBytes:
        """Unwrap a key."""
        return await self._watched(self._provider.unwrap(wrapped, bound_to), is_check=False)

    async def rewrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> WrappedByRoot:
        """Wrap a wrapped key under the current version."""
        return await self._watched(self._provider.rewrap(wrapped, bound_to), is_check=False)

    async def versions(self) -> tuple[int, ...]:
        """Return the versions that have not been destroyed."""
        return await self._watched(self._provider.versions())

    async def rotate(self) -> int:
        """Make a new version."""
        return await self._watched(self._provider.rotate(), is_check=False)

    async def destroy(self, up_to: int) -> None:
        """Destroy this version and all before it."""
        await self._watched(self._provider.destroy(up_to), is_check=False)

    async def close(self) -> None:
        """Stop asking, and close the provider."""
        if self._asking is not None:
            self._asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._asking
        await self._provider.close()

    def _age(self) -> timedelta | None:
        """Return how long ago the provider last answered; None if it has not, or the clock went back since."""
        age = None if self._answered_at is None else self._clock.now() - self._answered_at
        return age if age is not None and age >= _NONE else None

    def _failed_within(self, span: timedelta) -> bool:
        return self._failed_at is not None and _NONE <= self._clock.now() - self._failed_at < span

    def _ask(self) -> asyncio.Future[None]:
        """Have the provider asked, unless it is being asked."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._asked())
        return self._asking

    async def _asked(self) -> None:
        with contextlib.suppress(KeyUnavailableError):
            await self.check()

    async def _must_answer(self) -> None:
        if not self._failed_within(timedelta(seconds=1)):
            await asyncio.shield(self._ask())
        age = self._age()
        if age is None or age >= LONGEST:
            self._forget()
            msg = "what holds the root key has not answered for an hour: nothing is stored until it is back"
            raise ProviderDownError(msg)

    async def _watched(self, answer: Awaitable[T], *, is_check: bool = True) -> T:
        try:
            result = await answer
        except ProviderDownError:
            self._failed_at = self._clock.now()
            raise
        except KeyUnavailableError:
            if is_check:  # of other calls, the question may be at fault
                self._failed_at, self._answered_at = self._clock.now(), None
            raise
        self._failed_at, self._answered_at = None, self._clock.now()
        return result
