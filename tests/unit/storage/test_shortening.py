"""A changed notice shortens, and never lengthens: whatever classes meet, and whenever the event comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import ClassKind, DeletionClass, RoundTo, StartEvent
from storage.retention import delete_by
from storage.shortening import shortens

T = datetime(2026, 1, 31, 12, tzinfo=UTC)
D = timedelta(days=1)
RESOLVED = StartEvent.MATTER_RESOLVED

PERIODS = st.sampled_from(
    ["P1D", "P10D", "P28D", "P30D", "P1M", "P31D", "P60D", "P2M", "P1Y", "P12M", "P1Y1D", "PT36H"]
)
CLASSES = st.builds(
    DeletionClass,
    st.just("any"),
    st.sampled_from([StartEvent.COLLECTION, RESOLVED, StartEvent.SESSION_END]),
    PERIODS,
    st.sampled_from(["Europe/Berlin", "UTC"]),
    PERIODS,
    st.just(ClassKind.OPERATIONAL),
    st.sampled_from([None, RoundTo.YEAR_END]),
)


@given(CLASSES, CLASSES, *[st.integers(0, 800)] * 3, st.sampled_from(["known", "to come"]))
def test_no_event_makes_a_shortened_part_last_longer(
    old: DeletionClass, new: DeletionClass, collected: int, comes_after: int, other_after: int, event_is: str
) -> None:
    at = T + collected * D
    event = {RESOLVED: at + comes_after * D, StartEvent.SESSION_END: at + other_after * D}
    known = event if event_is == "known" else {}
    if not shortens(old, new, at, known):
        return
    # Until the event comes the part waits; what comes after its day comes too late.
    assert delete_by(new, at, known) <= delete_by(old, at, known)
    assert delete_by(new, at, event) <= delete_by(old, at, event)


@pytest.mark.parametrize(
    ("old", "new", "shorter"),
    [
        (("P30D", "P1Y"), ("P10D", "P1Y"), True),
        (("P30D", "P1Y"), ("P30D", "P6M"), True),
        (("P30D", "P1Y"), ("P30D", "P1Y"), False),
        (("P30D", "P1Y"), ("P10D", "P2Y"), False),
        (("P1M", "P1Y"), ("P30D", "P1Y"), False),
        (("P2M", "P1Y"), ("P30D", "P1Y"), True),
    ],
)
def test_what_counts_as_shorter_while_the_event_is_to_come(
    old: tuple[str, str], new: tuple[str, str], *, shorter: bool
) -> None:
    classes = [DeletionClass("c", RESOLVED, period, "Europe/Berlin", longest) for period, longest in (old, new)]
    assert shortens(classes[0], classes[1], T, {}) is shorter


def test_another_start_counts_by_its_day_once_both_are_known() -> None:
    old, new = (DeletionClass("c", start, "P30D", "UTC") for start in (RESOLVED, StartEvent.COLLECTION))
    assert shortens(old, new, T, {}) is False
    assert shortens(old, new, T, {RESOLVED: T + 5 * D}) is True
