"""Errands: what is still to be done elsewhere, such as a recording that a call platform has to delete.

An errand outlives the process that took it on: it is durable before anything is acknowledged, and stays until somebody
says that it is done. What it says is sealed under a key of its own, which goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Errand:
    """Something that is still to be done for a channel, taken on at a time."""

    id: UUID
    channel: str
    at: datetime
    content: Mapping[str, str] = field(repr=False)


class ErrandStore(Protocol):
    """Errands that are not done. All raise StoreUnavailableError if the store can't be reached or written."""

    async def add(self, channel: str, content: Mapping[str, str], now: datetime) -> Errand:
        """Take an errand on, durably and sealed."""

    async def left(self, channel: str) -> Sequence[Errand]:
        """Return the errands of a channel that are not done, the oldest first."""

    async def count(self) -> int:
        """Return how many are not done, of all channels."""

    async def done(self, errand: UUID) -> None:
        """Forget an errand; one that is not there is done."""
