"""`MemoryErrands`: the reference of `ErrandStore`. Nothing is sealed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from storage.errands import Errand, OpenErrand
from storage.ledger.events import Event
from storage.ledger.happened import errand_closed


class MemoryErrands:
    """A `storage.errands.ErrandStore` in memory."""

    def __init__(self, log: Callable[[Event], None]) -> None:
        """Start empty; `log` takes the event of one that was closed."""
        self._log = log
        self._left: dict[UUID, Errand] = {}
        self._named: dict[tuple[str, str], UUID] = {}
        self._taken: dict[UUID, datetime] = {}
        self._counts: set[UUID] = set()

    async def add(
        self, channel: str, name: str, content: Mapping[str, str], now: datetime,
        *, counts: bool = True, until: datetime | None = None,
    ) -> Errand:  # fmt: skip
        """Take an errand on, once."""
        errand = self._named.setdefault((channel, name), uuid4())
        if errand not in self._left:
            self._left[errand] = Errand(errand, channel, now, {})
            if until is not None:
                self._taken[errand] = until
        await self.amend(errand, content, counts=counts)
        return self._left[errand]

    async def left(self, channel: str) -> Sequence[Errand]:
        """Return the errands of a channel that are not done, the oldest first."""
        return [one for one in self._oldest_first() if one.channel == channel]

    async def listed(self) -> Sequence[OpenErrand]:
        """Return all errands that are not done and count, the oldest first."""
        counting = (one for one in self._oldest_first() if one.id in self._counts)
        return [OpenErrand(one.id, one.channel, one.at, readable=True) for one in counting]

    async def take(self, channel: str, now: datetime, until: datetime) -> Errand | None:
        """Take the oldest errand of a channel that nobody else works on."""
        for one in self._oldest_first():
            if one.channel == channel and self._taken.get(one.id, now) <= now:
                self._taken[one.id] = until
                return one
        return None

    async def put_off(self, errand: UUID, until: datetime) -> None:
        """Leave an errand until then."""
        if errand in self._left:
            self._taken[errand] = until

    async def amend(self, errand: UUID, content: Mapping[str, str], *, counts: bool = False) -> None:
        """Have an errand say this as well."""
        if errand in self._left:
            self._counts |= {errand} if counts else set()
            self._left[errand] = replace(self._left[errand], content={**self._left[errand].content, **content})

    async def count(self, channel: str | None = None) -> int:
        """Return how many are not done and count."""
        return sum(channel in {None, one.channel} and one.id in self._counts for one in self._left.values())

    async def done(self, errand: UUID) -> None:
        """Forget an errand."""
        self._left.pop(errand, None)
        self._taken.pop(errand, None)
        self._counts.discard(errand)
        self._named = {name: each for name, each in self._named.items() if each != errand}

    async def close(self, errand: UUID, reason: str, by: str, now: datetime) -> bool:
        """Forget an errand that can't be done, and log it."""
        one = self._left.get(errand)
        if one is None:
            return False
        self._log(errand_closed(one.id, one.channel, one.at, reason, by, now))
        await self.done(errand)
        return True

    def _oldest_first(self) -> list[Errand]:
        return sorted(self._left.values(), key=lambda one: (one.at, one.id))
