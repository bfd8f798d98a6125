"""The lease of the leader as a row, and the look at its token that fences off who has lost it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import Connection, select, update

from storage.leases import Lease, LeaseLostError, held
from storage.sql.bulk import insert_new
from storage.sql.databases import Databases, Unit
from storage.sql.tables import leases

T = TypeVar("T")

_LEADER: Final = "leader"
_row = leases.c
_is_it: Final = _row.name == _LEADER


class SqlLeases:
    """A `storage.leases.LeaseStore` over SQL databases."""

    def __init__(self, databases: Databases) -> None:
        """Take the databases."""
        self._databases = databases

    async def lead(self, holder: UUID, now: datetime, period: timedelta) -> Lease | None:
        """Take the lease, or renew it."""
        return await self._databases.write(lambda unit: _lead(unit.sessions, holder, now, now + period))

    async def resign(self, lease: Lease, now: datetime) -> None:
        """Give the lease back."""
        mine = (_is_it, _row.holder == lease.holder, _row.token == lease.token)
        await self._databases.write(lambda unit: unit.sessions.execute(update(leases).where(*mine).values(until=now)))


def fenced(work: Callable[[Unit], T]) -> Callable[[Unit], T]:
    """Return the work, tied to the lease that the caller holds, if any: it does nothing once that is lost."""
    lease = held()
    if lease is None:
        return work

    def fenced_work(unit: Unit) -> T:
        _check(unit.sessions, lease)
        return work(unit)

    return fenced_work


def _lead(connection: Connection, holder: UUID, now: datetime, until: datetime) -> Lease | None:
    # Renewed without waiting for what the holder is just doing; taken from another only after that has ended.
    mine = (_is_it, _row.holder == holder, _row.until > now)
    renewed = connection.execute(update(leases).where(*mine).values(until=until).returning(_row.token))
    token = renewed.scalar_one_or_none()
    if token is not None:
        return Lease(holder, token, until)
    if connection.execute(select(_row.until).where(_is_it, _row.until > now)).first() is not None:
        return None
    insert_new(connection, leases, [{"name": _LEADER, "holder": holder, "token": 0, "until": now}])
    row = connection.execute(select(leases).where(_is_it).with_for_update()).one()
    if row.until > now:
        return None
    token = row.token + 1
    connection.execute(update(leases).where(_is_it).values(holder=holder, token=token, until=until))
    return Lease(holder, token, until)


def _check(connection: Connection, lease: Lease) -> None:
    same = (_is_it, _row.holder == lease.holder, _row.token == lease.token)
    # Held until the transaction ends: who wants to take the lease over has to wait for that long.
    found = select(_row.token).where(*same).with_for_update(read=True, key_share=True)
    if connection.execute(found).one_or_none() is None:
        raise LeaseLostError("another process leads by now")
