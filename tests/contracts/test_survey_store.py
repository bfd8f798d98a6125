"""What every `SurveyStore` promises: together with others, in no order, with no time but the week, or never."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from storage import SessionStore
from storage.surveys import SurveyStore, SurveyTerms
from tests.unit.storage.builders import NOW

TERMS = SurveyTerms("hotline", at_least=5, period="P30D")
WEEK = timedelta(days=7)


@pytest.fixture
def surveys(store: SessionStore) -> SurveyStore:
    return store.surveys


async def answered(surveys: SurveyStore, count: int, now: datetime = NOW, terms: SurveyTerms = TERMS) -> None:
    for number in range(count):
        await surveys.answer(terms, {"satisfied": number % 6, "again": 1}, now + timedelta(minutes=number))


async def test_answers_are_released_when_their_week_is_over(surveys: SurveyStore) -> None:
    await answered(surveys, 6)
    assert (await surveys.release(NOW), list(await surveys.results(NOW))) == (0, [])
    assert await surveys.release(NOW + WEEK) == 6
    results = await surveys.results(NOW + WEEK)
    assert {(each.survey, each.first_week, each.last_week) for each in results} == {("hotline", 202648, 202648)}
    assert sorted(each.answers["satisfied"] for each in results) == list(range(6))
    assert await surveys.release(NOW + WEEK) == 0
    assert len(await surveys.results(NOW + WEEK, "hotline")) == 6
    assert list(await surveys.results(NOW + WEEK, "another")) == []


async def test_a_short_week_waits_for_the_next(surveys: SurveyStore) -> None:
    await answered(surveys, 4)
    assert await surveys.release(NOW + WEEK) == 0
    await answered(surveys, 1, NOW + WEEK)
    assert await surveys.release(NOW + WEEK) == 0
    assert await surveys.release(NOW + 2 * WEEK) == 5
    results = await surveys.results(NOW + 2 * WEEK)
    assert {(each.first_week, each.last_week) for each in results} == {(202648, 202649)}


async def test_surveys_do_not_hide_each_other(surveys: SurveyStore) -> None:
    await answered(surveys, 4)
    await answered(surveys, 4, terms=SurveyTerms("chat"))
    assert await surveys.release(NOW + WEEK) == 0


async def test_the_stricter_promise_holds(surveys: SurveyStore) -> None:
    await answered(surveys, 4, terms=SurveyTerms("hotline", at_least=8))
    await answered(surveys, 3)
    assert await surveys.release(NOW + WEEK) == 0
    await answered(surveys, 1)
    assert await surveys.release(NOW + WEEK) == 8


async def test_what_never_found_company_expires_unseen(surveys: SurveyStore) -> None:
    await answered(surveys, 4)
    late = NOW + timedelta(days=60)
    assert await surveys.release(late) == 0
    await answered(surveys, 1, late)
    assert await surveys.release(late + WEEK) == 0


async def test_results_expire(surveys: SurveyStore) -> None:
    await answered(surveys, 5)
    await surveys.release(NOW + WEEK)
    # Thirty days after the end of the week.
    ends = datetime(2026, 12, 29, 23, tzinfo=NOW.tzinfo)
    assert len(await surveys.results(ends - timedelta(seconds=1))) == 5
    assert list(await surveys.results(ends)) == []
    await surveys.release(ends)
    assert list(await surveys.results(NOW)) == []


@pytest.mark.parametrize("wrong", [{}, {"a": -1}, {"a": 101}, {"a": True}, {str(n): 1 for n in range(21)}])
async def test_what_is_no_answer_is_refused(surveys: SurveyStore, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="survey"):
        await surveys.answer(TERMS, wrong, NOW)


async def test_the_order_of_a_release_is_none(surveys: SurveyStore) -> None:
    """Where the first answer given ends up among eight is every place alike; 60 releases show it beyond doubt."""
    places: Counter[int] = Counter()
    for number in range(60):
        terms = SurveyTerms(f"survey-{number}", at_least=8)
        for order in range(8):
            await surveys.answer(terms, {"order": order}, NOW)
    assert await surveys.release(NOW + WEEK) == 480
    for number in range(60):
        results = await surveys.results(NOW + WEEK, f"survey-{number}")
        places[[each.answers["order"] for each in results].index(0)] += 1
    # With 60 draws from 8 places each is missed with a chance of 0.0003, and none has 25 but once in 10^8.
    assert len(places) >= 6
    assert max(places.values()) < 25
