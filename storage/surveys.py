"""Survey answers that nobody can lead back to a person: how they wait and are released. Pure, but for the protocol.

An answer waits sealed, under a random id and a key of its week, with no session, no number and no time but the
week in which it was given. When that week is over and at least `at_least` answers of it are there, they are
released together, in no order, under new random ids; a week that stays short is released together with the next.
Answers are small numbers (a key pressed, a mark): words could tell who said them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from storage.retention import add_period

FEWEST: Final = 2
MOST_QUESTIONS: Final = 20
HIGHEST_ANSWER: Final = 100


@dataclass(frozen=True, slots=True)
class SurveyTerms:
    """What the notice says of a survey: how many answers a release has at least, and how long answers are kept.

    The period (ISO 8601) is counted from the end of the week, on the calendar of the time zone.
    """

    survey: str
    at_least: int = 5
    period: str = "P1Y"
    time_zone: str = "Europe/Berlin"

    def __post_init__(self) -> None:
        """Refuse terms under which an answer would be released alone."""
        if self.at_least < FEWEST:
            raise ValueError("fewer than two answers together hide nobody")


@dataclass(frozen=True, slots=True)
class WaitingWeek:
    """The answers of a survey's week that wait, without what they say. `ends_at`: when the week is over."""

    id: UUID
    survey: str
    week: int
    ends_at: datetime
    delete_by: datetime
    at_least: int
    answers: int


@dataclass(frozen=True, slots=True)
class SurveyResult:
    """One released answer: given in one of the weeks from the first to the last, such as 202648."""

    survey: str
    first_week: int
    last_week: int
    answers: Mapping[str, int]


class SurveyStore(Protocol):
    """Answers that wait and answers that are released. All raise StoreUnavailableError if they can't be stored."""

    async def answer(self, terms: SurveyTerms, answers: Mapping[str, int], now: datetime) -> None:
        """Keep the answers of one person, question -> number, durably and sealed.

        Raises ValueError unless there are 1 to 20 questions, each answered with a number from 0 to 100.
        """

    async def release(self, now: datetime) -> int:
        """Release what may be and delete what has expired, waiting or released; returns how many were released."""

    async def results(self, now: datetime, survey: str | None = None) -> Sequence[SurveyResult]:
        """Return what is released and not expired, weeks in order, the answers of a release in none."""


def checked_answers(answers: Mapping[str, int]) -> dict[str, int]:
    """Return the answers in the order of their questions. Raises ValueError for what is not an answer."""
    numbers = all(type(number) is int and 0 <= number <= HIGHEST_ANSWER for number in answers.values())
    if not 1 <= len(answers) <= MOST_QUESTIONS or not numbers:
        raise ValueError(f"a survey has 1 to {MOST_QUESTIONS} answers, each a number from 0 to {HIGHEST_ANSWER}")
    return dict(sorted(answers.items()))


def week_of(now: datetime, time_zone: str) -> tuple[int, datetime]:
    """Return the ISO week of a moment, as a number like 202648, and when it is over, in UTC."""
    local = now.astimezone(ZoneInfo(time_zone))
    year, week, day = local.isocalendar()
    monday = (local - timedelta(days=day - 1)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return year * 100 + week, (monday + timedelta(days=7)).astimezone(UTC)


def delete_by(terms: SurveyTerms, ends_at: datetime) -> datetime:
    """Return from when on the answers of a week may not exist any more."""
    return add_period(ends_at, terms.period, terms.time_zone)


def releases(weeks: Iterable[WaitingWeek], now: datetime) -> Iterator[tuple[WaitingWeek, ...]]:
    """Yield the weeks that are released together: over, not expired, of one survey, and with enough answers."""
    group: list[WaitingWeek] = []
    for week in sorted(weeks, key=lambda each: (each.survey, each.ends_at, each.id)):
        if week.ends_at > now or week.delete_by <= now:
            continue
        if group and group[0].survey != week.survey:
            group = []
        group.append(week)
        # Two notices of one week, or two processes, may have begun it twice: what is equal goes together.
        if sum(each.answers for each in group) >= max(each.at_least for each in group):
            yield tuple(group)
            group = []
