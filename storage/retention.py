"""When a part must go: deletion classes on a calendar (DIN 66398, ISO/IEC 27555). Pure.

A class is a start event and an ISO 8601 period. Years, months, weeks and days are counted on the
calendar of the class's time zone, so that P30D from noon ends at noon, summer time or not, and P1M
from 31 January ends on the last day of February. Hours, minutes and seconds are exact durations.

`collection` starts with the part's first record. Any other event starts when it happens, or with the
part's first record if that is later. Until it happens the part may stay open for `maximum_open`,
counted from its first record, and is due at the end of it. What happens after that starts nothing: a purpose that
has ended does not begin anew, swept or not, held or not.

A class that is rounded to the year's end starts when the calendar year of its event is over, as the periods of
Section 147(4) AO and Section 257(5) HGB do: P6Y from any day of 2026 ends with 31 December 2032.

What may be done with a part is its `state`. A restriction goes before everything: it leaves storing only, and
erasing is more than storing (Art. 4(2), Art. 18(2)), so what expires meanwhile goes when it is lifted.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from storage.errors import RetentionRefusedError
from storage.holds import Bar, Hold, Restriction
from storage.records import (
    Assignment,
    AssignmentState,
    ClassKind,
    DeletionClass,
    ErasureReason,
    PartState,
    StartEvent,
)

EVERY_PURPOSE: Final = "*"
"""Stands for all purposes that can be objected to; no purpose of a notice has this name."""
OBJECTABLE_BASES: Final = ("A6-1-e", "A6-1-f")
STOPPED_BY_RESTRICTION: Final = frozenset({ErasureReason.EXPIRED, ErasureReason.ENDED, ErasureReason.ADMIN})
"""The reasons that the data subject has not asked for: a restriction stops them (Art. 18(2))."""
STANDING: Final = frozenset({AssignmentState.ACTIVE, AssignmentState.OBJECTED})
"""The states in which an assignment keeps its part."""
SUBJECT: Final = "subject"
"""The actor of an erasure that follows from what the data subject has asked for, or withdrawn."""

_PERIOD = re.compile(
    r"P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=.)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?",
    re.ASCII,
)
_MONTHS_A_YEAR = 12
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Period:
    """An ISO 8601 duration: its calendar part in months and days, its clock part as an exact duration."""

    months: int
    days: int
    clock: timedelta


@lru_cache(maxsize=256)
def parse_period(text: str) -> Period:
    """Read a period like P30D, P6M, P3Y, P1Y6M, P2W or PT30M. Raises ValueError if it is none."""
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an ISO 8601 period such as P30D, P6M or P3Y")
    years, months, weeks, days, hours, minutes, seconds = (int(number or 0) for number in match.groups())
    clock = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return Period(months=years * _MONTHS_A_YEAR + months, days=weeks * 7 + days, clock=clock)


@lru_cache(maxsize=4096)
def add_period(start: datetime, period: str, time_zone: str) -> datetime:
    """Return `start` plus the period, on the calendar of the time zone, in UTC. Raises ValueError for a bad period."""
    length = parse_period(period)
    local = start.astimezone(_zone(time_zone))
    if length.months:
        year, month = divmod(local.year * _MONTHS_A_YEAR + local.month - 1 + length.months, _MONTHS_A_YEAR)
        month += 1
        local = local.replace(year=year, month=month, day=min(local.day, calendar.monthrange(year, month)[1]))
    # Adding to an aware datetime keeps the wall clock; fold=0 settles an hour that summer time repeats.
    local = (local + timedelta(days=length.days)).replace(fold=0)
    return local.astimezone(UTC) + length.clock


def delete_by(deletion_class: DeletionClass, collected_at: datetime, events: Mapping[StartEvent, datetime]) -> datetime:
    """Return the moment from which a part of this class may not exist any more, in UTC.

    `collected_at` is the time of the part's first record, `events` what has happened to its session.
    """
    happened_at = collected_at
    if deletion_class.start is not StartEvent.COLLECTION:
        event = events.get(deletion_class.start)
        open_until = add_period(collected_at, deletion_class.maximum_open, deletion_class.time_zone)
        if event is None or event >= open_until:
            return open_until
        happened_at = max(event, collected_at)
    if deletion_class.round_to is not None:
        happened_at = _year_end(happened_at, deletion_class.time_zone)
    return add_period(happened_at, deletion_class.period, deletion_class.time_zone)


def stays_ended(
    deletion_class: DeletionClass, day: datetime, events: Mapping[StartEvent, datetime], now: datetime
) -> bool:
    """Tell whether a day that an end of consent has set stays, whatever is answered now.

    It had passed when a consent was given again, now or before the end that is in force: what has ended does not begin
    anew.
    """
    return deletion_class.start is StartEvent.CONSENT_END and day <= events.get(StartEvent.CONSENT_END, now)


@dataclass(frozen=True, slots=True)
class Assigned:
    """An assignment of a part as it stands."""

    kind: ClassKind
    state: AssignmentState
    delete_by: datetime

    def keeps(self, now: datetime) -> bool:
        """Tell whether its purpose still runs."""
        return self.state is AssignmentState.ACTIVE and self.delete_by > now


def kept_by_any(assignments: Iterable[Assigned], now: datetime) -> bool:
    """Tell whether an assignment runs, or waits for the decision on an objection; else at most a bar keeps a part."""
    return any(each.keeps(now) or each.state is AssignmentState.OBJECTED for each in assignments)


def state(
    assignments: Collection[Assigned], holds: Collection[Hold], restrictions: Collection[Restriction], now: datetime
) -> PartState:
    """Return what may be done with a part: its assignments, and the holds and restrictions that cover all of it.

    RESTRICTED: stored, and read for legal claims only. ACTIVE: read for its purposes. BLOCKED: kept by a statutory
    period or a hold alone, invisible to ordinary reads. ERASE: nothing keeps it.
    """
    if restrictions:
        return PartState.RESTRICTED
    running = {each.kind for each in assignments if each.keeps(now)}
    if ClassKind.OPERATIONAL in running:
        return PartState.ACTIVE
    if any(each.state is AssignmentState.OBJECTED for each in assignments):
        return PartState.RESTRICTED
    return PartState.BLOCKED if running or holds else PartState.ERASE


@dataclass(frozen=True, slots=True)
class Ends:
    """What is materialised of a part's assignments.

    `visible_until`: when the last operational one ends, None if none runs. `due_at`: when nothing keeps the part
    but what stands in its bars. `first_end_at`: when the first ends, after which nothing is added to the part.
    """

    visible_until: datetime | None
    first_end_at: datetime
    due_at: datetime
    objected: bool

    def state(self, bars: Bar, now: datetime) -> PartState:
        """Return what `state` returns, from what is materialised."""
        if bars & Bar.RESTRICTION:
            return PartState.RESTRICTED
        if self.visible_until is not None and self.visible_until > now:
            return PartState.ACTIVE
        if bars & Bar.OBJECTION:
            return PartState.RESTRICTED
        return PartState.BLOCKED if bars & Bar.HOLD or self.due_at > now else PartState.ERASE


def ends(assignments: Iterable[Assigned]) -> Ends:
    """Return what is materialised of a part's assignments, of which it has at least one."""
    every = tuple(assignments)
    standing = [each.delete_by for each in every if each.state in STANDING]
    visible = [
        each.delete_by for each in every if each.state is AssignmentState.ACTIVE and each.kind is ClassKind.OPERATIONAL
    ]
    days = standing or [each.delete_by for each in every]
    return Ends(
        visible_until=max(visible, default=None),
        first_end_at=min(standing) if standing else max(days),
        due_at=max(days),
        objected=any(each.state is AssignmentState.OBJECTED for each in every),
    )


def can_be_named(text: str) -> bool:
    """Tell whether a purpose or a channel may have this name. Not every database takes other text than such."""
    return 0 < len(text) <= _LONGEST_NAME and text.isprintable() and text != EVERY_PURPOSE


def check_purpose(name: str) -> None:
    """Raise RetentionRefusedError for what no purpose is called."""
    if not can_be_named(name):
        raise RetentionRefusedError("no purpose has such a name")


def objectable(assignment: Assignment) -> bool:
    """Tell whether an objection to everything covers it: Art. 6(1)(e), (f), no legal claims (Art. 21(1))."""
    return assignment.legal_basis in OBJECTABLE_BASES and not assignment.legal_claims


def is_over(assignment: Assignment, purposes: Collection[str]) -> bool:
    """Tell whether a session's ended and objected purposes cover an assignment. A statutory one they never do."""
    if not purposes or assignment.deletion_class.kind is ClassKind.STATUTORY:
        return False
    return assignment.purpose in purposes or (EVERY_PURPOSE in purposes and objectable(assignment))


def _year_end(moment: datetime, time_zone: str) -> datetime:
    year = moment.astimezone(_zone(time_zone)).year
    return datetime(year + 1, 1, 1, tzinfo=_zone(time_zone))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
