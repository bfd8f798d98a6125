"""What stands against an erasure, or against a use, of what is kept: holds and restrictions. Values without I/O.

A hold says that parts are needed for a legal claim or an inquiry. It has a reason and an owner, written as
references (`case-2026-014`, `legal`) and never as a person's name, and a date at which its owner looks at it
again, at most 90 days ahead. Nothing extends a hold but a review; a hold whose date has passed stays in force all
the same, for data that somebody may need in court must not vanish because a date was missed. It is counted as
overdue until it is reviewed or released.

A restriction (Art. 18 GDPR) leaves storing and, for legal claims, reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntFlag, StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from storage.errors import RetentionRefusedError
from storage.records import PartKind

LONGEST_REVIEW: Final = timedelta(days=90)
_REFERENCE: Final = re.compile(r"[a-z0-9][a-z0-9./_-]{0,63}", re.ASCII)


class Bar(IntFlag):
    """What stands against the erasure of a part by expiry, as it is materialised."""

    HOLD = 1
    RESTRICTION = 2
    OBJECTION = 4


class Ground(StrEnum):
    """Why a session is restricted: the points of Art. 18(1)."""

    ACCURACY = "18-1-a"
    UNLAWFUL = "18-1-b"
    CLAIMS = "18-1-c"
    OBJECTION = "18-1-d"


class Verdict(StrEnum):
    """How an objection was decided."""

    UPHELD = "upheld"
    DISMISSED = "dismissed"


class HoldPlace(NamedTuple):
    """Where a hold stands in a list, whether or not it is there any more."""

    review_at: datetime
    session_id: UUID
    id: UUID


class RestrictionPlace(NamedTuple):
    """Where a restriction stands in a list, whether or not it is there any more."""

    since: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold on parts of a session; without `parts` on all that the session has and will have."""

    id: UUID
    session_id: UUID
    reason: str
    owner: str
    placed_at: datetime
    review_at: datetime
    parts: tuple[UUID, ...] = ()

    @property
    def place(self) -> HoldPlace:
        """Where it stands in a list."""
        return HoldPlace(self.review_at, self.session_id, self.id)


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction of a session; with `purpose` it is an objection to that purpose alone."""

    id: UUID
    session_id: UUID
    ground: Ground
    since: datetime
    purpose: str | None = None

    @property
    def place(self) -> RestrictionPlace:
        """Where it stands in a list."""
        return RestrictionPlace(self.since, self.id)


@dataclass(frozen=True, slots=True)
class BlockedPart:
    """A part that no ordinary purpose keeps any more, and what keeps it from being erased."""

    part_id: UUID
    kind: PartKind
    held: bool
    statutory: bool
    restricted: bool


@dataclass(frozen=True, slots=True)
class HoldTerms:
    """What whoever places a hold has to say."""

    reason: str
    owner: str
    review_at: datetime

    def check(self, now: datetime) -> None:
        """Raise RetentionRefusedError unless reason and owner are references and the review is within 90 days."""
        for name, said in (("reason", self.reason), ("owner", self.owner)):
            if _REFERENCE.fullmatch(said) is None:
                msg = f"the {name} of a hold is a reference such as case-2026-014: small letters, digits, . / _ -"
                raise RetentionRefusedError(msg)
        check_review(self.review_at, now)


def check_review(review_at: datetime, now: datetime) -> None:
    """Raise RetentionRefusedError unless the date lies ahead, and no more than 90 days."""
    if not now < review_at <= now + LONGEST_REVIEW:
        raise RetentionRefusedError("the review of a hold lies ahead, at most 90 days")
