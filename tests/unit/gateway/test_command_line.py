from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, datetime

import pytest

from gateway.command_line import a_number, moment


def test_a_moment_without_an_offset_is_utc() -> None:
    assert moment("2026-12-24T18:00:00+01:00") == datetime(2026, 12, 24, 17, tzinfo=UTC)
    assert moment("2026-12-24") == datetime(2026, 12, 24, tzinfo=UTC)


@pytest.mark.parametrize("value", ["", "now", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00", "1969-12-31"])
def test_what_is_no_moment_or_leaves_no_room_to_count_from_it_is_refused(value: str) -> None:
    with pytest.raises(ArgumentTypeError):
        moment(value)


@pytest.mark.parametrize("value", ["", "0", "11", "-1", "٣", "1.5", "9" * 5000])
def test_a_number_out_of_range_is_refused_by_the_range(value: str) -> None:
    with pytest.raises(ArgumentTypeError, match="from 1 to 10"):
        a_number(1, 10)(value)
    assert a_number(1, 10)("10") == 10
