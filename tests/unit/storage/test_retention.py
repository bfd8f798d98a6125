from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import AssignmentState, ClassKind, DeletionClass, PartState, RoundTo, StartEvent, uuid7
from storage.holds import Bar, Ground, Hold, Restriction
from storage.retention import Assigned, Period, add_period, delete_by, ends, parse_period, state

BERLIN = ZoneInfo("Europe/Berlin")


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("P30D", Period(0, 30, timedelta())),
        ("P6M", Period(6, 0, timedelta())),
        ("P3Y", Period(36, 0, timedelta())),
        ("P1Y6M15D", Period(18, 15, timedelta())),
        ("P2W", Period(0, 14, timedelta())),
        ("PT30M", Period(0, 0, timedelta(minutes=30))),
        ("P1DT2H3M4S", Period(0, 1, timedelta(hours=2, minutes=3, seconds=4))),
        ("P0D", Period(0, 0, timedelta())),
    ],
)
def test_a_period_is_read(text: str, period: Period) -> None:
    assert parse_period(text) == period


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "30D", "P30", "P-1D", "P1.5D", "p30d", "P30D ", "P1D1M", "P1DT", "P٣D"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        parse_period(text)


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (local(2026, 11, 26, 12), "P30D", local(2026, 12, 26, 12)),
        # Noon stays noon when summer time begins and ends.
        (local(2026, 3, 28, 12), "P1D", local(2026, 3, 29, 12)),
        (local(2026, 10, 24, 12), "P1D", local(2026, 10, 25, 12)),
        (local(2026, 10, 24, 12), "PT24H", local(2026, 10, 25, 11)),
        # The last day of a shorter month.
        (local(2026, 1, 31, 8), "P1M", local(2026, 2, 28, 8)),
        (local(2027, 12, 31, 8), "P2M", local(2028, 2, 29, 8)),
        (local(2028, 2, 29, 8), "P1Y", local(2029, 2, 28, 8)),
        (local(2028, 2, 29, 8), "P4Y", local(2032, 2, 29, 8)),
        (local(2026, 8, 31), "P6M", local(2027, 2, 28)),
        (local(2026, 10, 31), "P14M", local(2027, 12, 31)),
        # Months first, then days.
        (local(2026, 1, 31), "P1M1D", local(2026, 3, 1)),
        (local(2026, 1, 1), "P0D", local(2026, 1, 1)),
    ],
)
def test_periods_run_on_the_calendar_of_the_notice(start: datetime, period: str, end: datetime) -> None:
    assert add_period(start.astimezone(UTC), period, "Europe/Berlin") == end


def test_an_hour_that_does_not_exist_or_exists_twice() -> None:
    skipped = add_period(local(2026, 3, 28, 2, 30), "P1D", "Europe/Berlin")
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    repeated = add_period(local(2026, 10, 24, 2, 30), "P1D", "Europe/Berlin")
    assert repeated == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_day_depends_on_where_it_is_counted() -> None:
    start = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert add_period(start, "P1M", "UTC") == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert add_period(start, "P1M", "Europe/Berlin") == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert add_period(start, "P1M", "Pacific/Auckland") == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    later = datetime(2026, 1, 30, 23, 30, tzinfo=UTC)
    assert add_period(later, "P1M", "Europe/Berlin") == datetime(2026, 2, 27, 23, 30, tzinfo=UTC)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants them bare
    st.integers(0, 40),
    st.integers(0, 400),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
)
def test_a_period_is_never_negative_and_never_far_off(start: datetime, months: int, days: int, zone: str) -> None:
    end = add_period(start, f"P{months}M{days}D", zone)
    assert end.tzinfo is UTC
    off = timedelta(days=31 * months + days) - (end - start)
    assert timedelta(hours=-25) <= off <= timedelta(days=3.2 * months, hours=25)


def class_of(start: StartEvent) -> DeletionClass:
    return DeletionClass("any", start, "P10D", "UTC", maximum_open="P90D")


T = datetime(2026, 11, 26, tzinfo=UTC)
D = timedelta(days=1)
EVENTS = [start for start in StartEvent if start is not StartEvent.COLLECTION]


def test_collection_starts_with_the_first_record() -> None:
    assert delete_by(class_of(StartEvent.COLLECTION), T, {}) == T + 10 * D
    everything = dict.fromkeys(StartEvent, T + 5 * D)
    assert delete_by(class_of(StartEvent.COLLECTION), T, everything) == T + 10 * D


@pytest.mark.parametrize("start", EVENTS)
def test_until_the_event_comes_a_maximum_applies(start: StartEvent) -> None:
    others: dict[StartEvent, datetime] = {event: T for event in EVENTS if event is not start}
    assert delete_by(class_of(start), T, others) == T + 90 * D


@pytest.mark.parametrize("start", EVENTS)
def test_the_event_starts_the_period(start: StartEvent) -> None:
    assert delete_by(class_of(start), T, {start: T + 3 * D}) == T + 13 * D
    assert delete_by(class_of(start), T, {start: T + 89 * D}) == T + 99 * D


@pytest.mark.parametrize("start", EVENTS)
def test_what_happens_when_the_maximum_is_over_starts_nothing(start: StartEvent) -> None:
    second = timedelta(seconds=1)
    assert delete_by(class_of(start), T, {start: T + 90 * D - second}) == T + 100 * D - second
    assert delete_by(class_of(start), T, {start: T + 90 * D}) == T + 90 * D
    assert delete_by(class_of(start), T, {start: T + 400 * D}) == T + 90 * D


@pytest.mark.parametrize("start", EVENTS)
def test_what_is_collected_after_the_event_runs_from_its_own_start(start: StartEvent) -> None:
    assert delete_by(class_of(start), T, {start: T - 100 * D}) == T + 10 * D


@pytest.mark.parametrize("event", [local(2026, 1, 1), local(2026, 7, 15, 12), local(2026, 12, 31, 23, 59)])
def test_a_statutory_period_starts_when_the_year_of_its_event_is_over(event: datetime) -> None:
    law = DeletionClass(
        "books", StartEvent.COLLECTION, "P6Y", "Europe/Berlin", kind=ClassKind.STATUTORY, round_to=RoundTo.YEAR_END
    )
    assert delete_by(law, event.astimezone(UTC), {}) == local(2033, 1, 1)


def test_the_year_ends_where_the_class_counts_and_after_the_event() -> None:
    law = DeletionClass("l", StartEvent.MATTER_RESOLVED, "P1Y", "Europe/Berlin", round_to=RoundTo.YEAR_END)
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # in Berlin it is 2027 already
    assert delete_by(law, T, {StartEvent.MATTER_RESOLVED: new_year}) == local(2029, 1, 1)
    assert delete_by(law, T, {}) == add_period(T, "P1Y", "Europe/Berlin"), "what waits is not rounded"


ID = uuid7(T)
HOLD = Hold(ID, ID, "case-1", "legal", T, T + D)
RESTRICTION = Restriction(ID, ID, Ground.ACCURACY, T)
RUNS = Assigned(ClassKind.OPERATIONAL, AssignmentState.ACTIVE, T + D)
OVER = Assigned(ClassKind.OPERATIONAL, AssignmentState.ACTIVE, T)
LAW = Assigned(ClassKind.STATUTORY, AssignmentState.ACTIVE, T + D)
OBJECTED = Assigned(ClassKind.OPERATIONAL, AssignmentState.OBJECTED, T)


@pytest.mark.parametrize(
    ("assignments", "holds", "restrictions", "expected"),
    [
        ([RUNS], [], [], PartState.ACTIVE),
        ([RUNS, LAW], [HOLD], [], PartState.ACTIVE),
        ([RUNS], [HOLD], [RESTRICTION], PartState.RESTRICTED),
        ([OVER], [], [RESTRICTION], PartState.RESTRICTED),
        ([OBJECTED], [], [], PartState.RESTRICTED),
        ([OBJECTED, RUNS], [], [], PartState.ACTIVE),
        ([OVER, LAW], [], [], PartState.BLOCKED),
        ([OVER], [HOLD], [], PartState.BLOCKED),
        ([OVER], [], [], PartState.ERASE),
        ([], [HOLD], [], PartState.BLOCKED),
        ([], [], [], PartState.ERASE),
    ],
)
def test_what_may_be_done_with_a_part(
    assignments: list[Assigned], holds: list[Hold], restrictions: list[Restriction], expected: PartState
) -> None:
    assert state(assignments, holds, restrictions, T) is expected


ASSIGNED = st.builds(
    Assigned,
    st.sampled_from(ClassKind),
    st.sampled_from(AssignmentState),
    st.integers(-3, 3).map(lambda days: T + days * D),
)


def early(each: Assigned) -> Assigned:
    """What is over has a day that lies behind."""
    standing = each.state in {AssignmentState.ACTIVE, AssignmentState.OBJECTED}
    return each if standing else Assigned(each.kind, each.state, min(each.delete_by, T))


@given(st.lists(ASSIGNED.map(early), min_size=1), st.integers(0, 1), st.integers(0, 1), st.integers(0, 5))
def test_what_is_materialised_says_the_same(assignments: list[Assigned], held: int, restricted: int, days: int) -> None:
    its = ends(assignments)
    bars = Bar.HOLD * held | Bar.RESTRICTION * restricted | Bar.OBJECTION * its.objected
    expected = state(assignments, [HOLD] * held, [RESTRICTION] * restricted, T + days * D)
    assert its.state(Bar(bars), T + days * D) is expected
    assert (its.due_at <= T + days * D and not bars) == (expected is PartState.ERASE)
