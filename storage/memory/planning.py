"""`MemoryPlans`: counts of plans in memory. The reference for the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from storage.planning import Count
from storage.shortening import Shortening


class MemoryPlans:
    """A `storage.planning.PlanStore` in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._counts: dict[str, Count] = {}

    async def begin(self, count: Count) -> None:
        """Keep a new count."""
        self._counts.setdefault(count.plan, count)

    async def count(self, plan: str) -> Count | None:
        """Return the count of a plan, if there is one."""
        return self._counts.get(plan)

    async def take_over(self, plan: str, heard_at: datetime, now: datetime) -> bool:
        """Take over a count of which nobody was heard since `heard_at`."""
        kept = self._counts.get(plan)
        if kept is None or kept.found is not None or kept.heard_at != heard_at:
            return False
        self._counts[plan] = replace(kept, heard_at=now)
        return True

    async def note(self, plan: str, looked_at: int, now: datetime) -> None:
        """Say how far a count has come."""
        if plan in self._counts:
            self._counts[plan] = replace(self._counts[plan], looked_at=looked_at, heard_at=now)

    async def finish(self, found: Shortening, looked_at: int, now: datetime) -> None:
        """Say what was counted."""
        if found.id in self._counts:
            self._counts[found.id] = replace(self._counts[found.id], looked_at=looked_at, heard_at=now, found=found)

    async def forget(self, before: datetime) -> int:
        """Forget counts that were begun before a moment."""
        old = [plan for plan, count in self._counts.items() if count.begun_at < before]
        for plan in old:
            del self._counts[plan]
        return len(old)
