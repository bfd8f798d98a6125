"""Erasures in the sink: each is there, durable, before its keys and rows go and before anybody is told that it is done.

The order of an erasure: intent committed, sink, keys, rows and receipt. `sink_heads` of the session database says up
to which object of the sink every erasure has its intent here (or is done); that of the key database, up to which
all keys are gone. A database that was put back from a backup is behind the sink in one of them: at the start, before
anything is served, the erasures that it lacks are marked again and finished as any other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, exists, insert, select, update

from storage.ledger.sinks.chain import Chain, Link, Place
from storage.ledger.sinks.records import ERASURES, Erasure
from storage.records import ErasureReason
from storage.sql import erasing, key_tables
from storage.sql.databases import Databases, Unit, lock_sessions, locked
from storage.sql.heads import head, move
from storage.sql.keys import KeyStore
from storage.sql.steps import OnStep, Step
from storage.sql.tables import intents, parts, sessions, sink_heads

RESTORER: Final = "sink"
"""The actor of an erasure that was done before and is done again in a database that was put back."""
_KEYS_CHUNK: Final = 1_000
_NOT_SUNK: Final = (
    select(intents.c.part_id, intents.c.reason, intents.c.at).where(~intents.c.sunk).limit(erasing.ERASE_CHUNK)
)


@dataclass(frozen=True, slots=True)
class _Open:
    """Erasures that the sink does not have yet, and the object after which they go."""

    after: Place
    erasures: list[Erasure]


class Sinking:
    """Brings erasures to the sink, and back from it."""

    def __init__(self, databases: Databases, keys: KeyStore, chain: Chain, on_step: OnStep) -> None:
        """Take the databases and keys, the sink's chain of erasures, and whom to tell of steps."""
        self._databases = databases
        self._keys = keys
        self._chain = chain
        self._on_step = on_step

    async def sink(self) -> None:
        """Write every open erasure to the sink that it does not have. Raises StoreUnavailableError."""
        while (waiting := await self._databases.read(_open)) is not None:
            records = [erasure.record() for erasure in waiting.erasures]
            taken = await asyncio.to_thread(self._chain.add, waiting.after, records)
            if taken is None:
                await self._catch_up(waiting.after, None)
                continue
            self._on_step(Step.ERASURES_SUNK)
            await self._databases.write(partial(_note_sunk, erasures=waiting.erasures, place=taken))

    async def replay(self) -> int:
        """Mark what the sink has erased and these databases have not; returns how many objects of it were behind.

        The erasures have to be finished afterwards.
        """
        at, of_keys = await self._databases.read(_heads)
        return await self._catch_up(min(at, of_keys, key=lambda place: place.number), of_keys)

    async def _catch_up(self, at: Place, of_keys: Place | None) -> int:
        behind = 0
        while (link := await asyncio.to_thread(self._chain.next, at)) is not None:
            keys_too = of_keys is not None and link.place.number > of_keys.number
            await self._databases.write(partial(self._take_over, link=link, keys_too=keys_too))
            at, behind = link.place, behind + 1
        if of_keys is not None and at.number > of_keys.number:
            await self._databases.write(self._drop_session_keys)
        return behind

    def _take_over(self, unit: Unit, link: Link, *, keys_too: bool) -> None:
        # As many as one erasure takes at a time: that is what an object of the sink holds.
        erasures = {erasure.part_id: erasure for erasure in map(Erasure.parse, link.records)}
        self._mark(unit, erasures)
        move(unit.sessions, sink_heads, ERASURES, link.place)
        if keys_too:
            self._keys.delete(unit.keys, list(erasures), ())
            unit.keys.commit()

    def _mark(self, unit: Unit, erasures: dict[UUID, Erasure]) -> None:
        """Mark parts without asking what keeps them: they have been erased already."""
        connection, each = unit.sessions, parts.c
        _set_sunk(connection, erasures)  # before the sessions, as an eraser locks them
        owners = select(each.session_id).where(each.id.in_(erasures)).distinct()
        lock_sessions(connection, connection.execute(owners).scalars().all())
        existing = connection.execute(select(each.session_id, each.id, each.erasing).where(each.id.in_(erasures))).all()
        rows = [
            {
                "session_id": row.session_id, "part_id": row.id, "reason": erasures[row.id].reason.value,
                "actor": RESTORER, "at": erasures[row.id].at, "sunk": True,
            }
            for row in existing
            if not row.erasing
        ]  # fmt: skip
        if rows:
            connection.execute(insert(intents), rows)
            connection.execute(update(parts).where(each.id.in_([row["part_id"] for row in rows])).values(erasing=True))
        left = exists().where(each.session_id == sessions.c.id, ~each.erasing)
        of_these = sessions.c.id.in_({row.session_id for row in existing})
        connection.execute(update(sessions).where(of_these, ~left).values(erasing=True))

    def _drop_session_keys(self, unit: Unit) -> None:
        """Delete keys of sessions that are not there: they came back with the key database."""
        table = key_tables.session_keys.c
        after = UUID(int=0).bytes
        while found := unit.keys.execute(
            select(table.session_id).where(table.session_id > UUID(bytes=after)).order_by(table.session_id)
            .limit(_KEYS_CHUNK)
        ).scalars().all():  # fmt: skip
            # In this order: of a key that is there, a note is there as well until the rows of its session are.
            noted = _noted(unit)
            there = unit.sessions.execute(select(sessions.c.id).where(sessions.c.id.in_(found))).scalars()
            self._keys.delete(unit.keys, (), set(found) - set(there) - noted)
            after = found[-1].bytes
        unit.keys.commit()


def reached(connection: Connection, going: Collection[UUID]) -> Place | None:
    """Return up to where in the sink all is erased when these parts are; None if others are still open."""
    place = head(connection, sink_heads, ERASURES)  # first: what others sink after it is no matter of this place
    others = select(exists().where(intents.c.part_id.not_in(going)))
    return None if connection.execute(others).scalar_one() else place


def _open(unit: Unit) -> _Open | None:
    rows = unit.sessions.execute(_NOT_SUNK)
    erasures = [Erasure(row.part_id, ErasureReason(row.reason), row.at) for row in rows]
    return _Open(_heads(unit)[0], erasures) if erasures else None


def _note_sunk(unit: Unit, erasures: Collection[Erasure], place: Place) -> None:
    part_ids = [erasure.part_id for erasure in erasures]
    _set_sunk(unit.sessions, part_ids)
    move(unit.sessions, sink_heads, ERASURES, place)


def _set_sunk(connection: Connection, part_ids: Collection[UUID]) -> None:
    # Only those that are not, for an eraser holds others and may wait for their sessions; locked in one order.
    these = (intents.c.part_id.in_(part_ids), ~intents.c.sunk)
    locked(connection, intents.c.part_id, *these)
    connection.execute(update(intents).where(*these).values(sunk=True))


def _heads(unit: Unit) -> tuple[Place, Place]:
    own, of_keys = head(unit.sessions, sink_heads, ERASURES), head(unit.keys, key_tables.sink_heads, ERASURES)
    if own is None or of_keys is None:
        raise RuntimeError("the databases have not been joined to a sink")
    return own, of_keys


def _noted(unit: Unit) -> set[UUID]:
    notes = unit.keys.execute(select(key_tables.creations.c.session_ids)).scalars()
    return {UUID(bytes=each[at : at + 16]) for each in notes for at in range(0, len(each), 16)}
