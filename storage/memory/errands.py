"""`MemoryErrands`: the reference of `ErrandStore`. Nothing is sealed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from storage.errands import Errand


class MemoryErrands:
    """A `storage.errands.ErrandStore` in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._left: dict[UUID, Errand] = {}

    async def add(self, channel: str, content: Mapping[str, str], now: datetime) -> Errand:
        """Take an errand on."""
        errand = Errand(uuid4(), channel, now, dict(content))
        self._left[errand.id] = errand
        return errand

    async def left(self, channel: str) -> Sequence[Errand]:
        """Return the errands of a channel that are not done, the oldest first."""
        return sorted((one for one in self._left.values() if one.channel == channel), key=lambda one: (one.at, one.id))

    async def count(self) -> int:
        """Return how many are not done."""
        return len(self._left)

    async def done(self, errand: UUID) -> None:
        """Forget an errand."""
        self._left.pop(errand, None)
