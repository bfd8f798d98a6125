"""How long sound has waited at a platform that sends it request by request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.calls.sound import Backlog

BEGAN = datetime(2026, 11, 26, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def come(backlog: Backlog, seconds: float, lasting: float = 1.0, took: float = 0.0) -> float:
    """Have a piece come, and be answered; returns when it came at the earliest."""
    came = backlog.came(at(seconds), timedelta(seconds=lasting))
    backlog.answered(at(seconds), at(seconds + took))
    return (came - BEGAN).total_seconds()


def test_what_comes_behind_a_slow_answer_came_as_it_was_spoken_until_nothing_waits() -> None:
    backlog = Backlog()
    assert come(backlog, 1, took=4) == 1
    assert [come(backlog, 5 + 0.1 * at) for at in range(5)] == [2, 3, 4, 5, 5.4]
    assert come(backlog, 6.4) == 6.4


def test_answers_that_each_take_a_little_too_long_add_up() -> None:
    backlog = Backlog()
    assert [come(backlog, at, lasting=0.5, took=0.9) for at in range(4)] == [0, 0.5, 1, 1.5]


def test_who_has_sent_nothing_for_a_second_has_nothing_that_waits() -> None:
    backlog = Backlog()
    come(backlog, 1, took=4)
    assert come(backlog, 6) == 6


def test_sound_that_goes_on_beside_a_slow_request_does_not_wait_for_it() -> None:
    backlog = Backlog()
    assert [come(backlog, second) for second in range(1, 9)] == list(range(1, 9))
    backlog.answered(at(1.5), at(8.5))  # a turn
    assert [come(backlog, second) for second in range(9, 12)] == list(range(9, 12))


def test_requests_beside_a_slow_one_shorten_nothing() -> None:
    backlog = Backlog()
    came = at(1)
    assert backlog.came(came, timedelta(seconds=1)) == came
    backlog.answered(at(2), at(2))  # a pause, from a desk
    backlog.answered(came, at(5))
    assert [come(backlog, 5), come(backlog, 5)] == [2, 3]
