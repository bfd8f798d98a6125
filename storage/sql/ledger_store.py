"""`SqlLedger`: the ledger of a SQL store, with its sink and its key."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import select

from storage.errors import StoreUnavailableError
from storage.ledger.figures import LedgerFigures
from storage.ledger.notes import PublicKey, Signer
from storage.ledger.outside import Outside
from storage.ledger.sinks.chain import Chain, Place
from storage.ledger.sinks.records import CHECKPOINTS, ERASURES
from storage.sql import key_tables
from storage.sql.databases import Databases, Unit
from storage.sql.heads import head, move
from storage.sql.keys import KeyStore
from storage.sql.ledger_places import last_checkpoint, log_size, waiting
from storage.sql.ledger_seals import Seals
from storage.sql.sinking import Sinking
from storage.sql.steps import OnStep
from storage.sql.tables import sink_heads, store

_COUNTED: Final = 100_000


class SqlLedger:
    """The ledger of a store. See `storage.ledger.protocol.Ledger`."""

    def __init__(self, databases: Databases, keys: KeyStore, outside: Outside, on_step: OnStep) -> None:
        """Take the databases and keys, sink and signing key, and whom to tell of steps."""
        self._databases = databases
        self._keys = keys
        self._outside = outside
        self._on_step = on_step
        self._parts: tuple[Seals, Sinking, PublicKey] | None = None

    async def join(self) -> None:
        """Compare the databases with the sink, and bring back what only the sink knows.

        Erasures that come back are marked; they are to be finished afterwards. Raises StoreUnavailableError if the
        sink is away, is not this store's, or tells another past.
        """
        row = await self._databases.read(lambda unit: unit.sessions.execute(select(store)).one())
        signer = Signer(f"sordino/{row.tenant}/{row.id}", self._outside.key)
        checkpoints, erasures = (
            Chain(self._outside.sink, name, signer.public.name) for name in (CHECKPOINTS, ERASURES)
        )
        for chain, name in ((checkpoints, CHECKPOINTS), (erasures, ERASURES)):
            await self._begin(chain, name)
        seals = Seals(self._databases, checkpoints, signer, self._on_step)
        sinking = Sinking(self._databases, self._keys, erasures, self._on_step)
        await seals.catch_up()
        await sinking.replay()
        self._parts = seals, sinking, signer.public

    @property
    def public_key(self) -> PublicKey:
        """The key that checkpoints are checked with, named as the log."""
        return self._joined[2]

    async def sink_erasures(self) -> None:
        """Bring every open erasure to the sink. Raises StoreUnavailableError."""
        await self._joined[1].sink()

    async def seal(self, now: datetime) -> int:
        """Sign checkpoints over all that was logged; returns how many there were to sign."""
        return await self._joined[0].seal(now)

    async def figures(self) -> LedgerFigures:
        """Count what is in the ledger."""
        return await self._databases.read(_figures)

    @property
    def _joined(self) -> tuple[Seals, Sinking, PublicKey]:
        if self._parts is None:
            msg = "the store has not been started"
            raise StoreUnavailableError(msg)
        return self._parts

    async def _begin(self, chain: Chain, name: str) -> None:
        known = await self._databases.read(partial(_known, name=name))
        if None in known:
            beginning = await asyncio.to_thread(chain.begin)
            await self._databases.write(partial(_join, name=name, place=beginning))
        for place in known:
            if place is not None:
                await asyncio.to_thread(chain.check, place)


def _known(unit: Unit, name: str) -> list[Place | None]:
    of_sessions = head(unit.sessions, sink_heads, name)
    return [of_sessions, head(unit.keys, key_tables.sink_heads, name)] if name == ERASURES else [of_sessions]


def _join(unit: Unit, name: str, place: Place) -> None:
    move(unit.sessions, sink_heads, name, place)
    if name == ERASURES:
        move(unit.keys, key_tables.sink_heads, name, place)
        unit.keys.commit()


def _figures(unit: Unit) -> LedgerFigures:
    last = last_checkpoint(unit.sessions)
    return LedgerFigures(
        size=log_size(unit.sessions),
        waiting=waiting(unit.sessions, _COUNTED),
        sealed=0 if last is None else last.size,
        sealed_at=None if last is None else last.at,
    )
