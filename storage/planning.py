"""What the plan of a changed notice shows, as far as it has been counted: whichever process counts, all can tell.

Implementations: `storage.memory` and `storage.sql`. Every method is all or nothing, durable when it returns, and raises
`StoreUnavailableError` when the store can't be reached or written. Nothing in it is about a person.

Counting every part takes its time, so that it runs beside requests. Who counts says so at intervals; a count that
nobody has been heard of for `SILENT` has died with its process, and is taken over by who asks for it next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from storage.shortening import PLAN_PERIOD, Shortening

SILENT: Final = timedelta(seconds=30)
PLANS_KEPT: Final = PLAN_PERIOD


@dataclass(frozen=True, slots=True)
class Count:
    """A plan, the notice's text, and what was counted: how many sessions were looked at, and the figures once done."""

    plan: str
    document: str = field(repr=False)
    begun_at: datetime
    heard_at: datetime
    looked_at: int = 0
    found: Shortening | None = None

    def silent(self, now: datetime) -> bool:
        """Tell whether who counted must have died."""
        return self.found is None and now >= self.heard_at + SILENT


class PlanStore(Protocol):
    """Counts of plans."""

    async def begin(self, count: Count) -> None:
        """Keep a new count; one of the same plan that is there already stays as it is."""

    async def count(self, plan: str) -> Count | None:
        """Return the count of a plan, if there is one."""

    async def take_over(self, plan: str, heard_at: datetime, now: datetime) -> bool:
        """Take over a count of which nobody was heard since `heard_at`; False if somebody else was quicker."""

    async def note(self, plan: str, looked_at: int, now: datetime) -> None:
        """Say how far a count has come."""

    async def finish(self, found: Shortening, looked_at: int, now: datetime) -> None:
        """Say what was counted."""

    async def forget(self, before: datetime) -> int:
        """Forget counts that were begun before a moment; returns how many."""
