from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.surveys import SurveyTerms, WaitingWeek, releases, week_of

START = datetime(2026, 1, 5, tzinfo=UTC)


def week(
    number: int, answers: int, at_least: int = 5, survey: str = "s", keep: timedelta = timedelta(90)
) -> WaitingWeek:
    ends = START + timedelta(weeks=number + 1)
    return WaitingWeek(uuid4(), survey, 202602 + number, ends, ends + keep, at_least, answers)


def test_a_week_is_that_of_the_calendar_on_the_spot() -> None:
    # Sunday evening in New York is Monday in Berlin already.
    moment = datetime(2026, 3, 29, 23, 30, tzinfo=UTC)
    assert week_of(moment, "Europe/Berlin") == (202614, datetime(2026, 4, 5, 22, tzinfo=UTC))
    assert week_of(moment, "America/New_York") == (202613, datetime(2026, 3, 30, 4, tzinfo=UTC))
    assert week_of(datetime(2027, 1, 1, 12, tzinfo=UTC), "Europe/Berlin")[0] == 202653


def test_an_answer_alone_is_no_terms() -> None:
    with pytest.raises(ValueError, match="hide nobody"):
        SurveyTerms("s", at_least=1)


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9), st.integers(2, 9), st.sampled_from("st")), max_size=20),
    st.integers(0, 30),
)
def test_nothing_is_released_early_alone_or_twice(drawn: list[tuple[int, int, int, str]], now: int) -> None:
    weeks = [week(number, answers, least, survey) for number, answers, least, survey in drawn]
    at = START + timedelta(weeks=now)
    seen: set[UUID] = set()
    for group in releases(weeks, at):
        assert sum(each.answers for each in group) >= max(each.at_least for each in group)
        assert len({each.survey for each in group}) == 1
        assert all(each.ends_at <= at < each.delete_by for each in group)
        assert not seen & {each.id for each in group}
        seen |= {each.id for each in group}
        # No week of the survey between the first and the last is left behind: it would be told by what is missing.
        between = {
            each.id
            for each in weeks
            if each.survey == group[0].survey
            and group[0].ends_at < each.ends_at < group[-1].ends_at
            and each.delete_by > at
        }
        assert between <= {each.id for each in group}
