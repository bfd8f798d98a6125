"""Checking a ledger that is kept in SQL: every entry, event, receipt, checkpoint and tier, and the sink against it all.

Reads in pieces, so that it holds nobody up, nor the log in memory; the log only grows, and what is erased meanwhile is
seen as erased. Needs no store that was started: a store that refuses to start is one to be looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select

from storage.errors import LedgerBrokenError, StoreUnavailableError
from storage.ledger.checkpoints import open_checkpoint
from storage.ledger.events import Entry, written
from storage.ledger.happened import erased
from storage.ledger.notes import PublicKey
from storage.ledger.sinks.chain import Chain, Link, Place
from storage.ledger.sinks.records import CHECKPOINTS, ERASURES, Erasure, Leaf, Sealed
from storage.ledger.sinks.sink import Sink
from storage.ledger.tiers import FAN_OUT
from storage.ledger.tree import Edge
from storage.ledger.verification import LogCheck, Verification
from storage.sql.databases import Databases, Unit
from storage.sql.erasing import receipt_of
from storage.sql.heads import head
from storage.sql.ledger_places import log_size, tiers
from storage.sql.tables import (
    ledger_checkpoints,
    ledger_events,
    ledger_leaves,
    ledger_outbox,
    ledger_tiers,
    parts,
    receipts,
    session_events,
    sink_heads,
)

_CHUNK: Final = 1_000
_MOST: Final = 1_000
_TRIES: Final = 3
_PAUSE_SECONDS: Final = 1.0


class Audit:
    """One check of a ledger."""

    def __init__(self, databases: Databases, sink: Sink, key: PublicKey) -> None:
        """Take the databases, the sink, and the log's key."""
        self._databases = databases
        self._key = key
        self._checkpoints = Chain(sink, CHECKPOINTS, key.name)
        self._erasures = Chain(sink, ERASURES, key.name)
        self._check = LogCheck(key)

    async def verify(self, since: str | None = None) -> Verification:
        """Check the whole log; with a checkpoint, that the log continues it, and what came after it.

        Raises LedgerBrokenError if `since` is no checkpoint of this log.
        """
        first = 0
        if since is not None:
            first = await self._continue(since)
        size, rows = await self._databases.read(_outline)
        sealed = await self._sealed(rows)
        for row in rows:
            if row.size <= self._check.size:
                continue
            await self._entries(row.size, await self._leaves(sealed.get(row.number)))
            self._check.checkpoint(row.note)
        await self._entries(size, ())
        await self._databases.read(partial(self._tiers, first=first))
        await self._databases.read(self._loose)
        await self._receipts()
        await self._erased()
        return self._check.result()

    async def _continue(self, since: str) -> int:
        checkpoint = open_checkpoint(since, self._key)
        edge = await self._databases.read(partial(_edge_at, size=checkpoint.size))
        self._check = LogCheck(self._key, edge or Edge())
        if edge is None:
            self._check.found(f"entries up to {checkpoint.size - 1}", "are not all there, though they were signed")
            return 0
        if edge.root() != checkpoint.root:
            self._check.found(
                f"entries 0 to {checkpoint.size - 1}", "are not those that the checkpoint was signed over"
            )
        return checkpoint.size

    async def _sealed(self, rows: Sequence[Any]) -> dict[int, tuple[Place, Place]]:
        """Read the checkpoints of the sink, and hold those of the database against them.

        Returns by a checkpoint's number the place of the one before it, after which its leaves are read again, and its
        own.
        """
        found: dict[int, tuple[Place, Place]] = {}
        here = {row.number for row in rows}
        kept = {row.number: row for row in rows}
        covered, follows, all_here = 0, True, True
        async for before, link in self._links(self._checkpoints, CHECKPOINTS):
            if not follows:
                continue
            sealed, number = _sealed_in(link), link.place.number
            row = kept.pop(number, None)
            if sealed is None or sealed.first != covered:
                self._check.found(f"sink, checkpoint {number}", "does not follow the one before it")
                follows = False
                continue
            size = sealed.first + len(sealed.leaves)
            if all_here and number not in here:
                here = await self._signed_here(number)
            if number not in here:
                self._check.found(f"entries {covered} to {size - 1}", "are signed in the sink, and not here")
                all_here = False
            elif row is not None and (row.note, row.size) != (sealed.note, size):
                self._check.found(f"checkpoint over {row.size} entries", "is not the one in the sink")
            found[number] = before, link.place
            covered = size
        for row in kept.values():
            self._check.found(f"checkpoint over {row.size} entries", "is not in the sink")
        return found

    async def _leaves(self, places: tuple[Place, Place] | None) -> Sequence[Leaf]:
        """Return the leaves that the checkpoint in the second place is the first to cover, as the sink has them."""
        if places is None:
            return ()
        before, place = places
        try:
            link = await asyncio.to_thread(self._checkpoints.next, before)
        except StoreUnavailableError as error:
            self._check.found(f"sink, {CHECKPOINTS}", str(error))
            return ()
        sealed = _sealed_in(link) if link is not None and link.place == place else None
        if sealed is None:
            self._check.found(f"sink, checkpoint {place.number}", "was changed while it was read")
            return ()
        return sealed.leaves

    async def _signed_here(self, number: int) -> set[int]:
        """Return the numbers of the checkpoints that are here, after a pause if this one is just being made."""
        numbers: set[int] = set()
        for _ in range(_TRIES):
            _, rows = await self._databases.read(_outline)
            numbers = {row.number for row in rows}
            if number in numbers:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        return numbers

    async def _links(self, chain: Chain, name: str) -> AsyncIterator[tuple[Place, Link]]:
        """Yield each object of a chain with the place of the one before it; what breaks the chain is a problem."""
        known = await self._databases.read(partial(_head, name=name))  # first: the sink is never behind it
        whole = known is None or not known.number
        try:
            at = await asyncio.to_thread(chain.beginning)
            while (link := await asyncio.to_thread(chain.next, at)) is not None:
                whole |= link.place == known
                yield at, link
                at = link.place
        except StoreUnavailableError as error:
            self._check.found(f"sink, {name}", str(error))
            return
        if known is not None and not whole:
            self._check.found(f"sink, {name}", f"object {known.number} is not the one that was written, or is missing")

    async def _entries(self, end: int, expected: Sequence[Leaf]) -> None:
        begin = self._check.size
        while self._check.size < end:
            first = self._check.size
            until = min(end, first + _CHUNK)
            found = await self._databases.read(partial(_entries, first=first, end=until))
            for position in range(first, until):
                should = expected[position - begin] if position - begin < len(expected) else None
                leaf, entry = found.get(position, (None, None))
                known = None if should is None else should.hash
                if leaf is None:
                    self._check.missing(known)
                    continue
                if should is not None and leaf.id != should.id:
                    self._check.found(f"entry {position}", "its id is not the one that the sink has")
                self._check.entry(leaf.hash, entry, known)

    def _tiers(self, unit: Unit, first: int) -> None:
        """Check the roots of subtrees that are kept."""
        connection, check = unit.sessions, self._check
        size = log_size(connection)
        stored = {(row.tier, row.number): row.root for row in connection.execute(select(ledger_tiers))}
        try:
            for tier, number, root in tiers(connection).completed(first, size):
                if stored.pop((tier, number), None) != root:
                    width = FAN_OUT**tier
                    check.found(f"tier {tier}, entries {number * width} to {(number + 1) * width - 1}", "was changed")
        except LedgerBrokenError as error:
            check.found("tiers", str(error))
        for tier, number in stored:
            if number < 0 or (number + 1) * FAN_OUT**tier > size:
                check.found(f"tier {tier}, number {number}", "was added")

    def _loose(self, unit: Unit) -> None:
        """Check what no checkpoint is over: what stands before the log, waits for its place, or has none."""
        connection, check = unit.sessions, self._check
        before = select(func.count()).select_from(ledger_leaves).where(ledger_leaves.c.position < 0)
        if connection.execute(before).scalar_one():
            check.found("entries before 0", "were added")
        for row in connection.execute(_WAITING):
            if row.event is not None and _entry(row).leaf != row.leaf:
                check.found(f"event {row.id}, which waits for its place", "it or its leaf was changed")
        for table in (ledger_events, session_events):
            placed = exists().where(ledger_leaves.c.id == table.c.id) | exists().where(ledger_outbox.c.id == table.c.id)
            for event_id in connection.execute(select(table.c.id).where(~placed).limit(_MOST)).scalars():
                check.found(f"event {event_id}", "has no place in the log")

    async def _receipts(self) -> None:
        after = UUID(int=0)
        while rows := await self._databases.read(partial(_receipt_rows, after=after)):
            for row, salt, event in rows:
                if event is None:
                    self._check.found(f"receipt of part {row.part_id}", "its event is missing")
                elif _told(row, salt) != event:
                    self._check.found(f"receipt of part {row.part_id}", "says something else than the log")
            after = rows[-1][0].id
        after = UUID(int=0)
        while events := await self._databases.read(partial(_without_receipt, after=after)):
            for event_id, stored in events:
                if b'"kind":"erasure"' in _bytes(stored):
                    self._check.found(f"event {event_id}", "is an erasure whose receipt is missing")
            after = events[-1][0]

    async def _erased(self) -> None:
        async for _, link in self._links(self._erasures, ERASURES):
            try:
                erasures = [Erasure.parse(record) for record in link.records]
            except StoreUnavailableError as error:
                self._check.found(f"sink, erasures, object {link.place.number}", str(error))
                continue
            there = select(parts.c.id).where(parts.c.id.in_([each.part_id for each in erasures]), ~parts.c.erasing)
            for part_id in await self._databases.read(partial(_scalars, found=there)):
                self._check.found(f"part {part_id}", "was erased, as the sink says, and is here")


_EVENT: Final = (
    select(session_events.c.id, session_events.c.salt, session_events.c.event)
    .union_all(select(ledger_events.c.id, ledger_events.c.salt, ledger_events.c.event))
    .subquery()
)
_WAITING: Final = select(ledger_outbox.c.id, ledger_outbox.c.leaf, _EVENT.c.salt, _EVENT.c.event).outerjoin(
    _EVENT, _EVENT.c.id == ledger_outbox.c.id
)


def _sealed_in(link: Link) -> Sealed | None:
    try:
        return Sealed.parse(link.records[0]) if len(link.records) == 1 else None
    except StoreUnavailableError:
        return None


def _told(row: Row[Any], salt: bytes) -> bytes | None:
    """Return what a receipt's row says, as its event says it; None if it says nothing that can be understood."""
    try:
        return written(erased(receipt_of(row)), salt)
    except (ValueError, TypeError, AttributeError, OverflowError):
        return None


def _entry(row: Any) -> Entry:  # noqa: ANN401 - a row with a salt and an event
    return Entry(_bytes(row.salt), _bytes(row.event))


def _bytes(value: object) -> bytes:
    """Return what was stored as bytes; who altered it may have put something else in its place."""
    return value if isinstance(value, bytes) else str(value).encode()


def _scalars(unit: Unit, found: Select[Any]) -> Sequence[UUID]:
    return unit.sessions.execute(found).scalars().all()


def _outline(unit: Unit) -> tuple[int, Sequence[Any]]:
    each = ledger_checkpoints.c
    found = select(each.number, each.size, each.note).order_by(each.size)
    return log_size(unit.sessions), unit.sessions.execute(found).all()


def _edge_at(unit: Unit, size: int) -> Edge | None:
    edge, kept = Edge(), tiers(unit.sessions)
    if log_size(unit.sessions) < size:
        return None
    try:
        for width in _powers(size):
            edge.add(kept.subtree(edge.size, edge.size + width), width)
    except LedgerBrokenError:
        return None
    return edge


def _powers(size: int) -> Iterator[int]:
    return (1 << bit for bit in reversed(range(size.bit_length())) if size >> bit & 1)


def _head(unit: Unit, name: str) -> Place | None:
    return head(unit.sessions, sink_heads, name)


def _entries(unit: Unit, first: int, end: int) -> dict[int, tuple[Leaf, Entry | None]]:
    each = ledger_leaves.c
    found = select(each.position, each.id, each.leaf).where(each.position >= first, each.position < end)
    leaves = unit.sessions.execute(found).all()
    events: dict[UUID, Entry] = {}
    for table in (ledger_events, session_events):
        of_these = select(table.c.id, table.c.salt, table.c.event).where(table.c.id.in_([row.id for row in leaves]))
        events |= {row.id: _entry(row) for row in unit.sessions.execute(of_these)}
    return {row.position: (Leaf(row.id, _bytes(row.leaf)), events.get(row.id)) for row in leaves}


def _without_receipt(unit: Unit, after: UUID) -> list[tuple[UUID, object]]:
    each = ledger_events.c
    found = select(each.id, each.event).where(each.id > after, ~exists().where(receipts.c.id == each.id))
    return [(row.id, row.event) for row in unit.sessions.execute(found.order_by(each.id).limit(_CHUNK))]


def _receipt_rows(unit: Unit, after: UUID) -> list[tuple[Row[Any], bytes, bytes | None]]:
    rows = unit.sessions.execute(
        select(receipts).where(receipts.c.id > after).order_by(receipts.c.id).limit(_CHUNK)
    ).all()
    of_these = select(ledger_events).where(ledger_events.c.id.in_([row.id for row in rows]))
    events = {row.id: row for row in unit.sessions.execute(of_these)}
    return [(row, events[row.id].salt, events[row.id].event) if row.id in events else (row, b"", None) for row in rows]
