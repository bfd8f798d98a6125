"""`SqlLedger`: the ledger of a SQL store, with its sink and its key."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from storage.errors import StoreUnavailableError
from storage.ledger.attestations import attest
from storage.ledger.events import Entry
from storage.ledger.figures import LedgerFigures
from storage.ledger.notes import PublicKey, Signer
from storage.ledger.outside import Outside
from storage.ledger.proofs import inclusion
from storage.ledger.receipts import Proof, receipt_document
from storage.ledger.sinks.chain import Chain, Place
from storage.ledger.sinks.records import CHECKPOINTS, ERASURES
from storage.ledger.verification import Verification
from storage.sql import key_tables
from storage.sql.databases import Databases, Unit
from storage.sql.heads import head, move
from storage.sql.keys import KeyStore
from storage.sql.ledger_audit import Audit
from storage.sql.ledger_places import covering, last_checkpoint, log_size, position_of, tiers, waiting
from storage.sql.ledger_seals import Seals
from storage.sql.sinking import Sinking
from storage.sql.steps import OnStep
from storage.sql.tables import ledger_events, receipts, sink_heads, store

_COUNTED: Final = 100_000


class SqlLedger:
    """The ledger of a store. See `storage.ledger.protocol.Ledger`."""

    def __init__(self, databases: Databases, keys: KeyStore, outside: Outside, on_step: OnStep) -> None:
        """Take the databases and keys, sink and signing key, and whom to tell of steps."""
        self._databases = databases
        self._keys = keys
        self._outside = outside
        self._on_step = on_step
        self._parts: tuple[Seals, Sinking] | None = None

    async def join(self) -> None:
        """Compare the databases with the sink, and bring back what only the sink knows.

        Erasures that come back are marked; they are to be finished afterwards. Raises StoreUnavailableError if the
        sink is away, is not this store's, or tells another past.
        """
        signer = await self._signer()
        checkpoints, erasures = (
            Chain(self._outside.sink, name, signer.public.name) for name in (CHECKPOINTS, ERASURES)
        )
        for chain, name in ((checkpoints, CHECKPOINTS), (erasures, ERASURES)):
            await self._begin(chain, name)
        seals = Seals(self._databases, checkpoints, signer, self._on_step)
        sinking = Sinking(self._databases, self._keys, erasures, self._on_step)
        await seals.catch_up()
        await sinking.replay()
        self._parts = seals, sinking

    async def public_key(self) -> PublicKey:
        """Return the key that checkpoints are checked with, named as the log."""
        return (await self._signer()).public

    async def receipt(self, part_id: UUID) -> dict[str, Any] | None:
        """Return the receipt of a part's erasure, with its proof if a checkpoint covers it; None if there is none."""
        key = await self.public_key()
        return await self._databases.read(partial(_receipt, part_id=part_id, key=key))

    async def checkpoint(self) -> str | None:
        """Return the newest checkpoint."""
        last = await self._databases.read(lambda unit: last_checkpoint(unit.sessions))
        return None if last is None else last.note

    async def attest(self, document: bytes) -> str:
        """Return a signed note about a document."""
        return attest(document, await self.checkpoint(), await self._signer())

    async def verify(self, since: str | None = None) -> Verification:
        """Check the ledger and its sink. Needs no store that was started."""
        return await Audit(self._databases, self._outside.sink, await self.public_key()).verify(since)

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
    def _joined(self) -> tuple[Seals, Sinking]:
        if self._parts is None:
            raise StoreUnavailableError("the store has not been started")
        return self._parts

    async def _signer(self) -> Signer:
        row = await self._databases.read(lambda unit: unit.sessions.execute(select(store)).one_or_none())
        if row is None:
            raise StoreUnavailableError("there is no store here yet")
        return Signer(f"sordino/{row.tenant}/{row.id}", self._outside.key)

    async def _begin(self, chain: Chain, name: str) -> None:
        known = await self._databases.read(partial(_known, name=name))
        if None in known:
            beginning = await asyncio.to_thread(chain.begin)
            # Apart: two first starts at once would both see that it is missing.
            await self._databases.write_apart(partial(_join, name=name, place=beginning))
        for place in known:
            if place is not None:
                await asyncio.to_thread(chain.check, place)


def _receipt(unit: Unit, part_id: UUID, key: PublicKey) -> dict[str, Any] | None:
    connection, each = unit.sessions, ledger_events.c
    found = select(each.id, each.salt, each.event).join(receipts, receipts.c.id == each.id)
    row = connection.execute(found.where(receipts.c.part_id == part_id)).one_or_none()
    if row is None:
        return None
    position = position_of(connection, row.id)
    checkpoint = None if position is None else covering(connection, position)
    proof = None
    if position is not None and checkpoint is not None:
        path = inclusion(tiers(connection).subtree, position, checkpoint.size)
        proof = Proof(position, path, checkpoint.note)
    return receipt_document(Entry(row.salt, row.event), key, proof)


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
