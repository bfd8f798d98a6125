"""`MemorySurveys`: the reference of `SurveyStore`. Nothing is sealed here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4

from storage.surveys import SurveyResult, SurveyTerms, WaitingWeek, checked_answers, delete_by, releases, week_of


@dataclass(slots=True)
class _Week:
    waiting: WaitingWeek
    answers: list[dict[str, int]] = field(default_factory=list)


class MemorySurveys:
    """A `storage.surveys.SurveyStore` in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._weeks: dict[UUID, _Week] = {}
        self._results: list[tuple[datetime, SurveyResult]] = []

    async def answer(self, terms: SurveyTerms, answers: Mapping[str, int], now: datetime) -> None:
        """Keep the answers of one person."""
        kept = checked_answers(answers)
        number, ends_at = week_of(now, terms.time_zone)
        for week in self._weeks.values():
            if (week.waiting.survey, week.waiting.week, week.waiting.ends_at) == (terms.survey, number, ends_at):
                break
        else:
            waiting = WaitingWeek(
                uuid4(), terms.survey, number, ends_at, delete_by(terms, ends_at), terms.at_least, answers=0
            )
            week = self._weeks[waiting.id] = _Week(waiting)
        week.answers.append(kept)
        more = max(week.waiting.at_least, terms.at_least)
        week.waiting = replace(week.waiting, answers=len(week.answers), at_least=more)

    async def release(self, now: datetime) -> int:
        """Release what may be and delete what has expired."""
        released = 0
        for group in releases([week.waiting for week in self._weeks.values()], now):
            answers = [answer for week in group for answer in self._weeks.pop(week.id).answers]
            secrets.SystemRandom().shuffle(answers)
            ends = min(week.delete_by for week in group)
            results = [SurveyResult(group[0].survey, group[0].week, group[-1].week, answer) for answer in answers]
            self._results += [(ends, result) for result in results]
            released += len(results)
        self._weeks = {key: week for key, week in self._weeks.items() if week.waiting.delete_by > now}
        self._results = [(ends, result) for ends, result in self._results if ends > now]
        return released

    async def results(self, now: datetime, survey: str | None = None) -> Sequence[SurveyResult]:
        """Return what is released and not expired."""
        found = [each for ends, each in self._results if ends > now and survey in (None, each.survey)]
        return sorted(found, key=lambda each: (each.survey, each.first_week))
