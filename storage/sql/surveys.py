"""`SqlSurveys`: survey answers in the databases, each week's sealed under a key of its own.

A week is a row with a random id, and its key lies in the key database as a part's does. An answer is a row under a
random id in a table without row numbers, so that nothing of its row tells when it came. A release writes the
results, under new random ids, and deletes the answers and then their key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, func, insert, select, true, update

from storage.crypto.padding import pad, unpad
from storage.errors import SealBrokenError
from storage.sql.databases import Databases, Unit, locked
from storage.sql.eraser import Eraser
from storage.sql.keys import KeyStore
from storage.sql.own_keys import Owner, OwnKeys
from storage.sql.survey_tables import survey_answers, survey_results, survey_weeks
from storage.surveys import SurveyResult, SurveyTerms, WaitingWeek, checked_answers, delete_by, releases, week_of

_weeks, _answers, _results = survey_weeks.c, survey_answers.c, survey_results.c


class SqlSurveys:
    """A `storage.surveys.SurveyStore` over SQL databases."""

    def __init__(self, databases: Databases, keys: KeyStore, eraser: Eraser) -> None:
        """Take the databases and keys, and what empties their logs."""
        self._databases = databases
        self._own = OwnKeys(databases, keys, Owner.SURVEY)
        self._eraser = eraser

    async def answer(self, terms: SurveyTerms, answers: Mapping[str, int], now: datetime) -> None:
        """Keep the answers of one person, durably and sealed."""
        content = json.dumps(checked_answers(answers)).encode()
        await self._own.writing(partial(self._add, terms=terms, content=content, now=now))

    async def release(self, now: datetime) -> int:
        """Release what may be and delete what has expired.

        Raises SealBrokenError at the end if answers were altered; theirs wait until they expire.
        """
        waiting, left = await self._databases.read(lambda unit: (_waiting(unit.sessions), _left(unit.sessions, now)))
        groups = list(releases(waiting, now))
        expired = [week.id for week in waiting if week.delete_by <= now]
        released, broken = 0, None
        for group in groups:
            try:
                released += await self._own.writing(partial(self._release, group=group))
            except SealBrokenError as error:
                broken = error
        if groups or expired or left:
            await self._databases.write(lambda unit: _over(unit.sessions, expired))
            await self._databases.write(partial(self._clean, now=now))
            self._eraser.note_deletions()
            await self._eraser.empty_logs(patient=True)
        if broken is not None:
            raise broken
        return released

    async def results(self, now: datetime, survey: str | None = None) -> Sequence[SurveyResult]:
        """Return what is released and not expired."""
        found = select(survey_results).where(_results.delete_by > now)
        if survey is not None:
            found = found.where(_results.survey == survey)
        ordered = found.order_by(_results.survey, _results.first_week, _results.id)
        rows = await self._databases.read(lambda unit: unit.sessions.execute(ordered).all())
        return [SurveyResult(row.survey, row.first_week, row.last_week, json.loads(row.answers)) for row in rows]

    def _add(self, unit: Unit, terms: SurveyTerms, content: bytes, now: datetime) -> None:
        number, ends_at = week_of(now, terms.time_zone)
        mine = (_weeks.survey == terms.survey, _weeks.week == number, _weeks.ends_at == ends_at, ~_weeks.over)
        found = select(survey_weeks).where(*mine).order_by(_weeks.id).limit(1)
        # Held until the answer is there: a release waits for it, or is waited for and has ended the week.
        row = unit.sessions.execute(found.with_for_update(read=True, key_share=True)).one_or_none()
        week_id = self._begin(unit, terms, number, ends_at) if row is None else row.id
        if row is not None and row.at_least < terms.at_least:
            stricter = update(survey_weeks).where(_weeks.id == week_id).values(at_least=terms.at_least)
            unit.sessions.execute(stricter)
        answer_id = uuid4()
        sealed = self._own.sealer(unit, week_id).seal(_sequence(answer_id), pad(content))
        unit.sessions.execute(insert(survey_answers).values(id=answer_id, week_id=week_id, sealed=sealed))

    def _begin(self, unit: Unit, terms: SurveyTerms, number: int, ends_at: datetime) -> UUID:
        """Make a week and its key, the key first and durable."""
        week_id, ends = uuid4(), delete_by(terms, ends_at)
        self._own.make(unit, week_id, ends)
        new = {"id": week_id, "survey": terms.survey, "week": number, "ends_at": ends_at}
        unit.sessions.execute(insert(survey_weeks).values(at_least=terms.at_least, delete_by=ends, over=False, **new))
        return week_id

    def _release(self, unit: Unit, group: Sequence[WaitingWeek]) -> int:
        ids = [week.id for week in group]
        if len(locked(unit.sessions, _weeks.id, _weeks.id.in_(ids), ~_weeks.over)) < len(ids):
            return 0  # another process has released them
        found = select(survey_answers).where(_answers.week_id.in_(ids))
        said = {
            "survey": group[0].survey,
            "first_week": group[0].week,
            "last_week": group[-1].week,
            "delete_by": min(week.delete_by for week in group),
        }
        rows = {
            uuid4(): unpad(self._own.sealer(unit, row.week_id).open(_sequence(row.id), row.sealed)).decode()
            for row in unit.sessions.execute(found)
        }
        # In the order of the new ids, which is none: not even the order of the rows in the file tells anything.
        new = [{"id": key, "answers": rows[key], **said} for key in sorted(rows)]
        unit.sessions.execute(insert(survey_results), new)
        _over(unit.sessions, ids)
        return len(rows)

    def _clean(self, unit: Unit, now: datetime) -> None:
        """Delete results that have expired, and of weeks that are over first the keys and then the rows."""
        unit.sessions.execute(delete(survey_results).where(_results.delete_by <= now))
        over = locked(unit.sessions, _weeks.id, _weeks.over.is_(true()))
        self._own.delete(unit, over)
        unit.sessions.execute(delete(survey_weeks).where(_weeks.id.in_(over)))


def _left(connection: Connection, now: datetime) -> bool:
    """Tell whether something is to be cleaned: of weeks that are over, or results that have expired."""
    over = select(_weeks.id).where(_weeks.over.is_(true()))
    expired = select(_results.id).where(_results.delete_by <= now)
    return any(connection.execute(each.limit(1)).first() is not None for each in (over, expired))


def _over(connection: Connection, week_ids: Sequence[UUID]) -> None:
    """Delete the answers of weeks; their keys, and then the weeks, go next."""
    locked(connection, _weeks.id, _weeks.id.in_(week_ids))
    connection.execute(delete(survey_answers).where(_answers.week_id.in_(week_ids)))
    connection.execute(update(survey_weeks).where(_weeks.id.in_(week_ids)).values(over=True))


def _waiting(connection: Connection) -> list[WaitingWeek]:
    answers = func.count(_answers.id).label("answers")
    found = select(survey_weeks, answers).join(survey_answers, _answers.week_id == _weeks.id).where(~_weeks.over)
    return [
        WaitingWeek(row.id, row.survey, row.week, row.ends_at, row.delete_by, row.at_least, row.answers)
        for row in connection.execute(found.group_by(_weeks.id))
    ]


def _sequence(answer_id: UUID) -> int:
    """Return what binds a sealed answer to its row."""
    return answer_id.int >> 64
