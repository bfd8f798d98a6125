"""Errands: what is still to be done elsewhere, such as a recording that a call platform has to delete.

An errand outlives the process that took it on: it is durable before anything is acknowledged, and stays until somebody
says that it is done. What it says is sealed under a key of its own, which goes with it. An errand has a name, of which
only a keyed digest is kept: whatever process takes one on that is there already, it stays one errand. Whoever works on
one takes it for a while, so that of several processes one does it; one that died leaves it to the others when that time
is over. One that only asks whether there is anything to do counts as left once that could not be found out.
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


@dataclass(frozen=True, slots=True)
class OpenErrand:
    """An errand without what it says; `readable` is false for one that was altered, which nobody can do any more."""

    id: UUID
    channel: str
    at: datetime
    readable: bool


class ErrandStore(Protocol):
    """Errands that are not done. All raise StoreUnavailableError if the store can't be reached or written."""

    async def add(
        self, channel: str, name: str, content: Mapping[str, str], now: datetime,
        *, counts: bool = True, until: datetime | None = None,
    ) -> Errand:  # fmt: skip
        """Take an errand on, durably and sealed; one of the channel with this name, not done yet, says this as well.

        `counts`: whether something is known to be left. Nobody takes a new one before `until`.
        """

    async def left(self, channel: str) -> Sequence[Errand]:
        """Return the errands of a channel that are not done, the oldest first."""

    async def listed(self) -> Sequence[OpenErrand]:
        """Return all errands that are not done and count, of all channels, the oldest first."""

    async def take(self, channel: str, now: datetime, until: datetime) -> Errand | None:
        """Take the oldest errand of a channel that nobody else works on, until then; None where there is none."""

    async def put_off(self, errand: UUID, until: datetime) -> None:
        """Leave an errand until then, when anybody may take it."""

    async def amend(self, errand: UUID, content: Mapping[str, str], *, counts: bool = False) -> None:
        """Have an errand say this as well, or count, durably and sealed; nothing happens to one that is not there."""

    async def count(self, channel: str | None = None) -> int:
        """Return how many are not done and count, of one channel or of all."""

    async def done(self, errand: UUID) -> None:
        """Forget an errand; one that is not there is done."""

    async def close(self, errand: UUID, reason: str, by: str, now: datetime) -> bool:
        """Forget an errand that can't be done, and log who said so and why; False if it is not there."""
