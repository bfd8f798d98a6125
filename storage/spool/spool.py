"""Finds and writes while the databases are away, and brings what waits into the store when they are back.

What is acknowledged is either in the databases or synced in the journal. A write that failed may have been committed
all the same, its answer lost; so every turn gets something that identifies it before it is tried, and is stored once
however often it is brought. Behind what waits of a session nothing of it goes past.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID, uuid4

from storage.clock import Clock
from storage.digests import identity, words_digest
from storage.errors import StorageError, StoreUnavailableError, UnknownSessionError
from storage.records import Locator, PartKind, Session, TurnRef, Write, Written
from storage.spool.backend import SpoolBackend
from storage.spool.entries import Entry, frame
from storage.spool.journal import Journal, Segment
from storage.spool.memory import LONGEST, Memory, Remembered
from storage.spool.protocol import Drained, SpoolFigures
from storage.spool.restoring import RefusedEntryError, Restorer
from storage.spool.sealing import sealable, sealed

T = TypeVar("T")

_AT_ONCE: Final = 64
PATIENCE_SECONDS: Final = 5.0
"""How long who is in memory waits for databases that say nothing, before it goes on without them."""
_SMALLEST: Final = 4096
"""Bytes that there has to be room for, or the spool counts as full."""


class Spool:
    """A `TurnSpool`, and what a store with a spool asks in place of its databases."""

    def __init__(self, backend: SpoolBackend, journal: Journal, clock: Clock) -> None:
        """Take the store below, the files and the time."""
        self._backend = backend
        self._journal = journal
        self._clock = clock
        self._restorer = Restorer(backend)
        self._memory = Memory()
        self._before: Counter[UUID] = Counter()
        """How many entries of each session wait from before the start."""
        self._away = False
        self._draining = asyncio.Lock()
        self._taken = 0
        self._dropped: Counter[str] = Counter(gone=0, broken=0, refused=0)

    async def start(self) -> None:
        """Bring into the store, which serves now, what was left. Raises StoreUnavailableError."""
        await self._journal.open()
        self._before = self._journal.found
        try:
            await self.drain()
        except StoreUnavailableError:
            # What is refused while the databases serve waits on, and keeps nobody but its own session from going on.
            await self._backend.probe()

    async def close(self) -> None:
        """Bring what waits into the store if it serves; what does not get there waits for the next start."""
        with suppress(StorageError):
            if not self._journal.is_empty:
                await self.drain()
        await self._journal.close()

    def figures(self, now: datetime) -> SpoolFigures:
        """Return how much waits."""
        oldest = self._journal.oldest
        return SpoolFigures(
            turns=self._journal.turns,
            size_bytes=self._journal.size_bytes,
            limit_bytes=self._journal.limit_bytes,
            oldest_seconds=0.0 if oldest is None else max(0.0, now.timestamp() - oldest),
            away=self._away,
            room=self._journal.has_room(_SMALLEST),
            taken=self._taken,
            dropped=dict(self._dropped),
            aside_bytes=self._journal.aside_bytes,
        )

    async def find(self, locator: Locator, now: datetime) -> Session | None:
        """Return a session from the databases or, where they are behind or away, from memory."""
        await self._backend.confirm()
        session_id, is_known = self._memory.located(locator)
        known = None if session_id is None else self._known(session_id, now)
        if known is not None and (known.waiting or self._away):
            return self._as_kept(known, now)
        if is_known and session_id is None and self._away:
            return None
        try:
            asking = asyncio.ensure_future(self._backend.find(locator, now))
            if known is not None and not await self._answers(asking):
                return self._as_kept(known, now)
            session = await asking
        except StoreUnavailableError as error:
            self._note(error)
            if session_id is None and is_known:
                return None
            if known is None:
                raise
            return self._as_kept(known, now)
        self._away = False
        if session is not None:
            self._memory.found(locator, session, now)
            known = self._memory.get(session.id)
            session = self._as_kept(known, now) if known is not None and known.waiting else session
        return session

    async def write(self, write: Write) -> Written:
        """Store a write, in the databases or in the journal. Raises StoreUnavailableError if neither takes it."""
        await self._backend.confirm()
        if self._before.get(write.session_id) and (write.turns or write.pseudonyms is not None):
            raise StoreUnavailableError("what was said before in this session waits, and nothing goes past it")
        write = _identified(write)
        known = self._memory.get(write.session_id)
        if known is not None and (known.waiting or self._away):
            written = await self._take(write, known)
            if written is not None:
                return written
            if known.waiting:
                await self.drain()
        try:
            writing = asyncio.ensure_future(self._backend.write(write))
            if known is not None and not await self._answers(writing):
                written = await self._take(write, known)
                if written is not None:
                    return written
            written = await writing
        except StoreUnavailableError as error:
            self._note(error)
            taken = None if type(error) is not StoreUnavailableError else await self._take(write, known)
            if taken is None:
                raise
            return taken
        self._away = False
        if any(written.turns):
            self._restorer.took()
        self._remember(write, written)
        return written

    def forget_old(self, now: datetime) -> None:
        """Forget open sessions that nobody has asked for in an hour, and those whose keys have gone: erased ones."""
        self._memory.forget(
            known.session.id
            for known in self._memory.idle()
            if known.used_at < now - LONGEST or self._backend.digest_key(known.session.id) is None
        )

    async def drain(self) -> Drained:
        """Bring what waits into the store, in order; ask whether it is back if nothing does."""
        stored = dropped = 0
        async with self._draining:
            if self._away and self._journal.is_empty:
                await self._backend.probe()
            while (first := await self._journal.first()) is not None:
                segment, entries = first
                while segment.done < len(entries):
                    some = entries[segment.done : segment.done + _AT_ONCE]
                    kept = await self._restored(some, segment)
                    segment.done += len(some)
                    stored += kept
                    dropped += len(some) - kept
                    for entry in some:
                        if segment.entries:
                            segment.entries.popleft()
                        self._waits_less(entry)
                await self._journal.remove(segment)
            self._away = False
        return Drained(stored, dropped)

    async def _restored(self, entries: Sequence[Entry | None], segment: Segment) -> int:
        """Store entries; returns how many were. Raises StoreUnavailableError if one of them could not be tried."""
        whole = [entry for entry in entries if entry is not None]
        results = await self._restorer.restore(whole)
        kept = sum(isinstance(result, Written) for result in results)
        gone = sum(isinstance(result, UnknownSessionError) for result in results)
        refused = sum(isinstance(result, RefusedEntryError) for result in results)
        broken = len(entries) - kept - gone - refused
        if broken:
            await self._backend.probe()  # what fails while the databases serve is the entry's fault
        self._dropped.update(gone=gone, broken=broken, refused=refused)
        segment.broken |= broken + refused > 0
        return kept

    def _waits_less(self, entry: Entry | None) -> None:
        if entry is None:
            return
        known = self._memory.get(entry.session_id)
        if self._before.get(entry.session_id):
            self._before[entry.session_id] -= 1
        elif known is not None and known.waiting:
            known.waiting -= 1

    async def _answers(self, asked: asyncio.Future[T]) -> bool:
        """Wait for the databases, but not long: what was asked of them goes on, whoever still waits for it."""
        asked.add_done_callback(_unheard)
        done, _ = await asyncio.wait((asked,), timeout=PATIENCE_SECONDS)
        self._away = self._away or not done
        return bool(done)

    async def _take(self, write: Write, known: Remembered | None) -> Written | None:
        """Have a write wait; None if it is not such that it can. Raises StoreUnavailableError if there is no room."""
        held = self._backend.held(write.session_id)
        if known is None or held is None:
            return None
        ready = sealable(write, known.session, max(held.next_turn, known.next_turn), self._backend)
        if ready is None:
            return None
        written = Written(ready.sequences)
        if not ready.turns:
            # Nothing would tell a map that waits by itself from one that was stored before, as after a kill.
            return written if write.pseudonyms is None else None
        entry = sealed(ready, self._journal.next_number, self._clock.now())
        content = frame(entry)
        if not self._journal.has_room(len(content)):
            msg = "the databases are away, and the spool is full"
            raise StoreUnavailableError(msg)
        self._journal.next_number += 1
        known.waiting += 1
        before = known.session
        self._memory.wrote(write, written, ready.refs, None)
        try:
            await self._journal.append(entry, content)
        except StoreUnavailableError:
            known.waiting -= 1
            history = tuple(ref for ref in known.session.history if ref not in ready.refs)
            known.session = replace(known.session, history=history, pseudonyms=before.pseudonyms)
            raise
        self._taken += len(ready.turns)
        return written

    def _remember(self, write: Write, written: Written) -> None:
        key = self._backend.digest_key(write.session_id)
        refs = []
        if key is not None and PartKind.TRANSCRIPT in write.plan.assignments:
            for index, (turn, number) in enumerate(zip(write.turns, written.sequences, strict=True)):
                if number is not None:
                    once = identity(key, turn, written.sequences[:index])
                    refs.append(TurnRef(number, turn.speaker, words_digest(key, turn), once))
        self._memory.wrote(write, written, refs, key)

    def _known(self, session_id: UUID, now: datetime) -> Remembered | None:
        """Return a session in memory, as long as its keys are in memory as well."""
        known = self._memory.get(session_id)
        if known is None:
            return None
        if not known.waiting and self._backend.digest_key(session_id) is None:
            self._memory.forget([session_id])
            return None
        known.used_at = now
        return known

    def _as_kept(self, known: Remembered, now: datetime) -> Session:
        """Return a session as the databases would have it now: its pseudonyms only while their part is there."""
        held = self._backend.held(known.session.id)
        parts = [] if held is None else [part for (kind, _), part in held.parts.items() if kind is PartKind.PSEUDONYMS]
        kept = any(part.first_end_at > now and self._backend.sealer(part.id) is not None for part in parts)
        pseudonyms = known.session.pseudonyms if kept else None
        return replace(known.session, pseudonyms=pseudonyms, remembered=True)

    def _note(self, error: StoreUnavailableError) -> None:
        if type(error) is StoreUnavailableError:
            self._away = True


def _unheard(asked: asyncio.Future[T]) -> None:
    if not asked.cancelled():
        asked.exception()  # where nobody waits any more nobody else looks at it


def _identified(write: Write) -> Write:
    """Return a write each of whose turns carries something that identifies it, where a transcript is kept of it."""
    if PartKind.TRANSCRIPT not in write.plan.assignments or all(turn.once is not None for turn in write.turns):
        return write
    turns = (turn if turn.once is not None else replace(turn, once=f"spool/{uuid4().hex}") for turn in write.turns)
    return replace(write, turns=tuple(turns))
