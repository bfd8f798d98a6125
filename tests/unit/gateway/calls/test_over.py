"""Calls that their platform has ended: known for a while, not without bound, and not by their ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.calls.over import Over

NOW = datetime(2026, 11, 26, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


def test_a_call_that_has_ended_is_known_for_ten_minutes() -> None:
    over = Over()
    over.note("c-1", NOW)
    assert over.holds("c-1", LATER - timedelta(seconds=1))
    assert not over.holds("c-1", LATER)
    assert not over.holds("c-2", NOW)


def test_what_is_too_old_is_forgotten_and_what_was_noted_again_is_not() -> None:
    over = Over()
    over.note("c-1", NOW)
    over.note("c-2", NOW)
    over.note("c-1", NOW + timedelta(minutes=5))
    over.forget(LATER)
    assert (over.holds("c-1", NOW), over.holds("c-2", NOW)) == (True, False)


def test_the_first_are_forgotten_where_there_are_too_many() -> None:
    over = Over()
    for number in range(20_001):
        over.note(f"c-{number}", NOW)
    assert (over.holds("c-0", NOW), over.holds("c-1", NOW), over.holds("c-20000", NOW)) == (False, True, True)


def test_no_id_is_kept() -> None:
    over = Over()
    over.note("+4915123984712@shop", NOW)
    assert "4915123984712" not in str(vars(over))
