"""Checkpoints: the sink first, then the database, so that nothing is signed that the sink does not know.

The number of an object in the sink is taken once, so that of several processes one signs the next checkpoint and
the others take it over. So does a database that was put back from a backup: it takes up the log where it was.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import insert

from storage.errors import LedgerBrokenError
from storage.ledger.checkpoints import Checkpoint, open_checkpoint
from storage.ledger.notes import Signer
from storage.ledger.sinks.chain import Chain, Link, Place
from storage.ledger.sinks.records import CHECKPOINTS, Sealed
from storage.sql.databases import Databases, Unit
from storage.sql.heads import head, lock, move
from storage.sql.ledger_places import forked, last_checkpoint, leaves_from, log_size, order, place, tiers
from storage.sql.steps import OnStep, Step
from storage.sql.tables import ledger_checkpoints, sink_heads

LEAVES_PER_CHECKPOINT: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Next:
    """A checkpoint that can be made: after which object, and what it says."""

    after: Place
    sealed: Sealed


class Seals:
    """Gives leaves their places and signs checkpoints over them."""

    def __init__(self, databases: Databases, chain: Chain, signer: Signer, on_step: OnStep) -> None:
        """Take the databases, the sink's chain of checkpoints, the key, and whom to tell of steps."""
        self._databases = databases
        self._chain = chain
        self._signer = signer
        self._on_step = on_step

    async def seal(self, now: datetime) -> int:
        """Give all that waits its place and cover it by checkpoints; returns how many checkpoints were made.

        Raises StoreUnavailableError, also if database and sink differ.
        """
        made = 0
        while True:
            ordered = 0
            while ordered < LEAVES_PER_CHECKPOINT and (some := await self._databases.write(_order)):
                ordered += some
            following = await self._databases.read(partial(self._following, now=now))
            if following is None:
                return made
            self._on_step(Step.LEAVES_PLACED)
            taken = await asyncio.to_thread(self._chain.add, following.after, [following.sealed.record()])
            if taken is None:
                await self.catch_up()
                continue
            self._on_step(Step.CHECKPOINT_SUNK)
            link = Link(taken, (following.sealed.record(),))
            await self._databases.write(partial(self._take_over, link=link))
            made += 1

    async def catch_up(self) -> None:
        """Take over the checkpoints that only the sink has. Raises StoreUnavailableError if the two differ."""
        at = await self._databases.read(_head)
        while (link := await asyncio.to_thread(self._chain.next, at)) is not None:
            await self._databases.write(partial(self._take_over, link=link))
            at = link.place

    def _following(self, unit: Unit, now: datetime) -> _Next | None:
        last, size = last_checkpoint(unit.sessions), log_size(unit.sessions)
        covered = 0 if last is None else last.size
        if size == covered:
            return None
        root = tiers(unit.sessions).subtree(0, size)
        note = Checkpoint(self._signer.public.name, size, root).signed(self._signer)
        return _Next(_head(unit), Sealed(note, now, covered, leaves_from(unit.sessions, covered, size)))

    def _take_over(self, unit: Unit, link: Link) -> None:
        connection = unit.sessions
        lock(connection, sink_heads, CHECKPOINTS)
        if _head(unit).number >= link.place.number:
            return  # another process was faster
        if len(link.records) != 1:
            raise forked(f"object {link.place.number} of the sink holds no checkpoint")
        sealed = Sealed.parse(link.records[0])
        size = sealed.first + len(sealed.leaves)
        own = leaves_from(connection, sealed.first, size)
        last = last_checkpoint(connection)
        if sealed.first != (0 if last is None else last.size) or own != list(sealed.leaves[: len(own)]):
            raise forked(f"after {sealed.first} entries")
        place(connection, sealed.leaves[len(own) :])
        try:
            checkpoint = open_checkpoint(sealed.note, self._signer.public)
        except LedgerBrokenError:
            raise forked(f"the checkpoint over {size} entries is not signed with this ledger's key") from None
        if checkpoint.size != size or checkpoint.root != tiers(connection).subtree(0, size):
            raise forked(f"the checkpoint over {size} entries is over others")
        connection.execute(
            insert(ledger_checkpoints).values(number=link.place.number, size=size, at=sealed.at, note=sealed.note)
        )
        move(connection, sink_heads, CHECKPOINTS, link.place)


def _order(unit: Unit) -> int:
    return order(unit.sessions)


def _head(unit: Unit) -> Place:
    found = head(unit.sessions, sink_heads, CHECKPOINTS)
    if found is None:
        raise forked("the database has not been joined to a sink")
    return found
