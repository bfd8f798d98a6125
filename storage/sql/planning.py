"""`SqlPlans`: counts of plans in the session database."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select, update

from storage.planning import Count
from storage.shortening import Shortening
from storage.sql.access_tables import plans
from storage.sql.databases import Databases

_plans = plans.c


class SqlPlans:
    """A `storage.planning.PlanStore` over SQL databases."""

    def __init__(self, databases: Databases) -> None:
        """Take the databases."""
        self._databases = databases

    async def begin(self, count: Count) -> None:
        """Keep a new count."""
        row = {
            "plan": count.plan, "document": count.document, "begun_at": count.begun_at, "heard_at": count.heard_at,
            "looked_at": count.looked_at, "found": None if count.found is None else _written(count.found),
        }  # fmt: skip

        def keep(connection: Connection) -> None:
            if connection.execute(select(_plans.plan).where(_plans.plan == count.plan)).one_or_none() is None:
                connection.execute(insert(plans).values(**row))

        await self._databases.write(lambda unit: keep(unit.sessions))

    async def count(self, plan: str) -> Count | None:
        """Return the count of a plan, if there is one."""
        found = select(plans).where(_plans.plan == plan)
        row = await self._databases.read(lambda unit: unit.sessions.execute(found).one_or_none())
        if row is None:
            return None
        shown = None if row.found is None else _read(row.plan, row.found)
        return Count(row.plan, row.document, row.begun_at, row.heard_at, row.looked_at, shown)

    async def take_over(self, plan: str, heard_at: datetime, now: datetime) -> bool:
        """Take over a count of which nobody was heard since `heard_at`."""
        silent = (_plans.plan == plan, _plans.found.is_(None), _plans.heard_at == heard_at)
        taken = update(plans).where(*silent).values(heard_at=now)
        return await self._databases.write(lambda unit: unit.sessions.execute(taken).rowcount == 1)

    async def note(self, plan: str, looked_at: int, now: datetime) -> None:
        """Say how far a count has come."""
        noted = update(plans).where(_plans.plan == plan).values(looked_at=looked_at, heard_at=now)
        await self._databases.write(lambda unit: unit.sessions.execute(noted))

    async def finish(self, found: Shortening, looked_at: int, now: datetime) -> None:
        """Say what was counted."""
        values = {"looked_at": looked_at, "heard_at": now, "found": _written(found)}
        done = update(plans).where(_plans.plan == found.id).values(**values)
        await self._databases.write(lambda unit: unit.sessions.execute(done))

    async def forget(self, before: datetime) -> int:
        """Forget counts that were begun before a moment."""
        old = delete(plans).where(_plans.begun_at < before)
        return await self._databases.write(lambda unit: unit.sessions.execute(old).rowcount)


def _written(found: Shortening) -> str:
    days = [[purpose, None if day is None else day.isoformat(), count] for (purpose, day), count in found.days.items()]
    return json.dumps({"parts": found.parts, "days": days})


def _read(plan: str, written: str) -> Shortening:
    said = json.loads(written)
    days = {(purpose, None if day is None else date.fromisoformat(day)): count for purpose, day, count in said["days"]}
    return Shortening(plan, said["parts"], Counter(days))
