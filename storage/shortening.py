"""What a changed notice does to what is kept: it may shorten, never lengthen. Pure.

For each assignment that stands, the new notice is asked what it says of the same channel, part and purpose. A
class that ends sooner takes the old one's place; a purpose that the new notice no longer lists for the part ends at
once; anything else stays as it was promised. A channel that the new notice does not have is left alone.

While the start event is still to come, a class counts as shorter only if it can't end later whenever the event
comes: P1M may be longer than P30D, so neither takes the other's place then. Nor does a statutory class ever take the
place of an operational one, or the other way round.

All changes together are a plan. It concerns the parts that were there at the moment when it was made, and its id says
that moment and, as a digest, what the notice promises. So a plan is applied as it was shown or not at all, whatever
has been said since: what came later is not touched, and what has gone meanwhile is gone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from storage.errors import RetentionRefusedError
from storage.ids import first_id
from storage.plans import Rule, rule_of
from storage.records import Assignment, DeletionClass, PartKind, StartEvent
from storage.retention import delete_by, parse_period

Promises = Mapping[str, Mapping[PartKind, Mapping[str, Assignment]]]
"""What a notice promises: channel -> part -> purpose -> assignment, consents as if all were given."""

PLAN_PERIOD: Final = timedelta(days=14)
"""How long a plan can be applied: longer than an approval waits, and may be used."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_ID_DIGITS: Final = 32
_MOMENT_DIGITS: Final = 12
_LONGEST_MONTH: Final = timedelta(days=31)
_SHORTEST_MONTH: Final = timedelta(days=28)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """An assignment that stands, with what its day follows from."""

    session_id: UUID
    part_id: UUID
    channel: str
    kind: PartKind
    collected_at: datetime
    events: Mapping[StartEvent, datetime]
    rule: Rule
    delete_by: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an assignment: a new rule with a new day, or its end at once where both are None."""

    session_id: UUID
    part_id: UUID
    old: Rule
    new: Rule | None
    delete_by: datetime | None


@dataclass(slots=True)
class Shortening:
    """A plan: its id, how many parts lose something, and how many each purpose loses on which day (None: at once)."""

    id: str
    parts: int = 0
    counts: Counter[tuple[str, date | None]] = field(default_factory=Counter)

    @property
    def days(self) -> Mapping[tuple[str, date | None], int]:
        """Parts by purpose and day, in UTC."""
        return dict(sorted(self.counts.items(), key=lambda item: (item[0][0], item[0][1] or date.min)))

    def add(self, changes: Collection[Change]) -> None:
        """Count the changes of some parts, all of each."""
        self.parts += len({each.part_id for each in changes})
        self.counts.update(
            (each.old.assignment.purpose, None if each.delete_by is None else each.delete_by.astimezone(UTC).date())
            for each in changes
        )


def plan_id(promises: Promises, digest: str, now: datetime) -> str:
    """Return the id of the plan of a notice that is made now: 32 hexadecimal digits."""
    at = f"{(now - _EPOCH) // _MILLISECOND:0{_MOMENT_DIGITS}x}"
    whole = hashlib.sha256(f"{at} {digest}\n".encode())
    for channel, kinds in sorted(promises.items()):
        whole.update(json.dumps(channel).encode())
        for kind, purposes in sorted(kinds.items()):
            for purpose, promised in sorted(purposes.items()):
                whole.update(json.dumps([kind.value, purpose]).encode() + rule_of(promised).id)
    return at + whole.hexdigest()[: _ID_DIGITS - _MOMENT_DIGITS]


def first_later(until: datetime) -> UUID:
    """Return what sorts before the ids of all parts that were begun after a plan of this moment."""
    return first_id(until + _MILLISECOND)


def planned_at(plan: str, promises: Promises, digest: str, now: datetime) -> datetime:
    """Return the moment of a plan of this notice. Raises RetentionRefusedError for another's, or one too old."""
    with contextlib.suppress(ValueError, OverflowError):
        at = _EPOCH + int(plan[:_MOMENT_DIGITS], 16) * _MILLISECOND
        if at <= now < at + PLAN_PERIOD and plan_id(promises, digest, at) == plan:
            return at
    raise RetentionRefusedError("this is no plan of this notice, or it was made too long ago: look at it again")


def change(kept: Kept, promises: Promises) -> Change | None:
    """Return what the new notice makes of an assignment, or None if it stays as it is."""
    channel = promises.get(kept.channel)
    if channel is None:
        return None
    old = kept.rule.assignment
    promised = channel.get(kept.kind, {}).get(old.purpose)
    if promised is None:
        return Change(kept.session_id, kept.part_id, kept.rule, None, None)
    new = promised.deletion_class
    if old.deletion_class.kind is not new.kind or not shortens(old.deletion_class, new, kept.collected_at, kept.events):
        return None
    rule = _with_class(kept.rule, new)
    return Change(kept.session_id, kept.part_id, kept.rule, rule, delete_by(new, kept.collected_at, kept.events))


@lru_cache(maxsize=256)
def _with_class(rule: Rule, new: DeletionClass) -> Rule:
    return rule_of(replace(rule.assignment, deletion_class=new))


def shortens(
    old: DeletionClass, new: DeletionClass, collected_at: datetime, events: Mapping[StartEvent, datetime]
) -> bool:
    """Tell whether a part ends sooner by the new class, and not later whatever happens yet."""
    if _fixed(old, events) and _fixed(new, events):
        return delete_by(new, collected_at, events) < delete_by(old, collected_at, events)
    if old.start is not new.start or old.time_zone != new.time_zone or (new.round_to and not old.round_to):
        return False
    if not (_at_most(new.period, old.period) and _at_most(new.maximum_open, old.maximum_open)):
        return False
    return (new.period, new.maximum_open, new.round_to) != (old.period, old.maximum_open, old.round_to)


def _fixed(deletion_class: DeletionClass, events: Mapping[StartEvent, datetime]) -> bool:
    return deletion_class.start is StartEvent.COLLECTION or deletion_class.start in events


def _at_most(period: str, other: str) -> bool:
    one, two = parse_period(period), parse_period(other)
    if one.months <= two.months and one.days <= two.days and one.clock <= two.clock:
        return True
    longest = one.months * _LONGEST_MONTH + one.days * _DAY + one.clock
    return longest < two.months * _SHORTEST_MONTH + two.days * _DAY + two.clock - _DAY
