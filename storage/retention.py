"""When a part must go: deletion classes on a calendar (DIN 66398, ISO/IEC 27555). Pure.

A class is a start event and an ISO 8601 period. Years, months, weeks and days are counted on the
calendar of the class's time zone, so that P30D from noon ends at noon, summer time or not, and P1M
from 31 January ends on the last day of February. Hours, minutes and seconds are exact durations.

`collection` starts with the part's first record. Any other event starts when it happens, or with the
part's first record if that is later. Until it happens the part may stay open for `maximum_open`,
counted from its first record, and is due at the end of it.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from storage.records import DeletionClass, StartEvent

_PERIOD = re.compile(
    r"P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=.)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?",
    re.ASCII,
)
_MONTHS_A_YEAR = 12


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
        msg = f"{text!r} is not an ISO 8601 period such as P30D, P6M or P3Y"
        raise ValueError(msg)
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
    if deletion_class.start is StartEvent.COLLECTION:
        return add_period(collected_at, deletion_class.period, deletion_class.time_zone)
    happened_at = events.get(deletion_class.start)
    if happened_at is None:
        return add_period(collected_at, deletion_class.maximum_open, deletion_class.time_zone)
    return add_period(max(happened_at, collected_at), deletion_class.period, deletion_class.time_zone)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
