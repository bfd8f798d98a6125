"""What a changed notice does to what is kept: it may shorten, never lengthen. Pure.

For each assignment that stands, the new notice is asked what it says of the same channel, part and purpose. A
class that ends sooner takes the old one's place; a purpose that the new notice no longer lists for the part ends at
once; anything else stays as it was promised. A channel that the new notice does not have is left alone.

While the start event is still to come, a class counts as shorter only if it can't end later whenever the event
comes: P1M may be longer than P30D, so neither takes the other's place then. Nor does a statutory class ever take the
place of an operational one, or the other way round.

All changes together are a plan. Its id is a digest of the notice and of each change, in the order of sessions,
parts and rules, so that a plan is applied as it was shown or not at all.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from storage.plans import Rule, rule_of
from storage.records import Assignment, DeletionClass, PartKind, StartEvent
from storage.retention import delete_by, parse_period

Promises = Mapping[str, Mapping[PartKind, Mapping[str, Assignment]]]
"""What a notice promises: channel -> part -> purpose -> assignment, consents as if all were given."""

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
    """A plan: its changes, how many parts each purpose loses on which day (None: at once), and its id."""

    digest: str
    changes: list[Change] = field(default_factory=list)

    @property
    def days(self) -> Mapping[tuple[str, date | None], int]:
        """Parts by purpose and day, in UTC."""
        counts = Counter(
            (each.old.assignment.purpose, None if each.delete_by is None else each.delete_by.astimezone(UTC).date())
            for each in self.changes
        )
        return dict(sorted(counts.items(), key=lambda item: (item[0][0], item[0][1] or date.min)))

    @property
    def parts(self) -> int:
        """How many parts lose something."""
        return len({each.part_id for each in self.changes})

    @property
    def id(self) -> str:
        """The plan's id, 32 hexadecimal digits."""
        whole = hashlib.sha256(self.digest.encode())
        for each in sorted(self.changes, key=lambda change: (change.session_id, change.part_id, change.old.id)):
            day = b"" if each.delete_by is None else each.delete_by.astimezone(UTC).isoformat().encode()
            whole.update(each.session_id.bytes + each.part_id.bytes + each.old.id)
            whole.update((each.new.id if each.new is not None else bytes(16)) + day + b"\n")
        return whole.hexdigest()[:32]


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
