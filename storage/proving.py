"""What the store can be asked so that a notice's promises can be checked: figures without content.

Implementations: `storage.memory` and `storage.sql`. All raise `StoreUnavailableError` when the store can't be reached.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from storage.records import ConsentState, PartKind


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """Why parts of a kind are kept: what a standing assignment says."""

    channel: str
    kind: PartKind
    purpose: str
    legal_basis: str
    consent: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is there now, of all that has not been erased.

    Attributes:
        kept: how many parts have a standing assignment that says so.
        overdue: parts whose time was over before the moment asked for, and that nothing bars from being erased.
        unfounded: parts that no assignment stands for, though nothing is about to erase them, by kind.
        unconsented: parts that stand on a consent that is not given now, by kind.
        unproven: recordings on a consent without proof of an answer from before their first byte.
        untold: sessions of the channels asked for in which a bot has answered and no AI disclosure was made.
        sessions: how many sessions there are.
    """

    kept: Mapping[Kept, int]
    overdue: int
    unfounded: Mapping[PartKind, int]
    unconsented: Mapping[PartKind, int]
    unproven: int
    untold: int
    sessions: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """A session with a transcript that a purpose may read now."""

    session_id: UUID
    channel: str
    purpose: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class ConsentCount:
    """In how many sessions a consent stands in a state since a day (of 24 hours, 0: until now)."""

    consent: str
    state: ConsentState
    day: int
    sessions: int


class ProofStore(Protocol):
    """Answers what a promise is checked by."""

    async def evidence(self, overdue_at: datetime, told: Collection[str]) -> Evidence:
        """Return what is there; `overdue_at` leaves a sweep its time, `told` are the channels that disclose AI."""

    async def expiring(self, now: datetime, days: int) -> tuple[int, ...]:
        """Return for each of the next days (of 24 hours, from now) how many parts are due in it."""

    async def ages(self, now: datetime, days: int) -> tuple[Mapping[PartKind, int], ...]:
        """Return for each of the last days (of 24 hours, newest first) how many parts kept now began in it, by kind."""

    async def consents(self, now: datetime, days: int) -> tuple[ConsentCount, ...]:
        """Count what consents stand at, by the one of the last days on which that was said; the last answer counts."""

    async def sample(self, now: datetime, limit: int) -> tuple[Sampled, ...]:
        """Return sessions taken at random whose transcript an operational purpose may read, `limit` at most."""
