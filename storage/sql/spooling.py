"""The spool's side of the SQL store: what is in memory of sessions, and entries opened to be stored late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from storage.clock import Clock
from storage.crypto.aead import PartSealer
from storage.crypto.keyring import MissingEpochError
from storage.crypto.padding import unpad
from storage.errors import StorageError, UnknownSessionError
from storage.key_material import SecretBytes
from storage.records import Identifier, Locator, PartKind, Session, Write, Written
from storage.spool.backend import HeldPart, HeldSession
from storage.spool.contents import turns_from_bytes
from storage.spool.entries import KINDS, Entry
from storage.sql import indexing
from storage.sql.cache import BoundedCache
from storage.sql.databases import Databases, Unit
from storage.sql.keys import KeyStore
from storage.sql.states import CACHED_STATES, SessionState
from storage.sql.tables import parts

Submit = Callable[["Write | Late"], Awaitable[Written]]
Find = Callable[[Locator, datetime], Awaitable[Session | None]]


@dataclass(frozen=True, slots=True)
class Late:
    """An entry of the spool, to be stored now."""

    entry: Entry
    now: datetime

    @property
    def session_id(self) -> UUID:
        """The session that it belongs to."""
        return self.entry.session_id


class HeldSessions:
    """Sessions as batches have left them."""

    def __init__(self) -> None:
        """Start empty."""
        self._sessions: BoundedCache[UUID, HeldSession] = BoundedCache(CACHED_STATES)

    def get(self, session_id: UUID) -> HeldSession | None:
        """Return a session."""
        return self._sessions.get(session_id)

    def note(self, states: Iterable[SessionState], moved: Collection[UUID]) -> None:
        """Keep what was committed, but for sessions whose parts are not in the database as they are in memory."""
        for state in states:
            if state.id in moved:
                self._sessions.take(state.id)
                continue
            held = {key: HeldPart(part.id, part.first_end_at) for key, part in state.parts.items()}
            self._sessions.put(
                state.id, HeldSession(held, dict(state.consents), frozenset(state.over), state.next_turn)
            )


class SqlSpoolBackend:
    """A `storage.spool.SpoolBackend` over the SQL store."""

    def __init__(
        self, databases: Databases, keys: KeyStore, held: HeldSessions, find: Find, submit: Submit, clock: Clock
    ) -> None:
        """Take the databases and keys, what is held of sessions, and the ways of a look-up and of a write."""
        self._databases = databases
        self._keys = keys
        self._held = held
        self._find = find
        self._submit = submit
        self._clock = clock

    async def find(self, locator: Locator, now: datetime) -> Session | None:
        """Return a session, looked up with those of others."""
        return await self._find(locator, now)

    async def write(self, write: Write) -> Written:
        """Store, with the writes of others."""
        return await self._submit(write)

    async def confirm(self) -> None:
        """Raise KeyUnavailableError unless keys in memory may serve now."""
        await self._keys.provider.confirm()

    async def probe(self) -> None:
        """Raise StoreUnavailableError unless both databases can be written now."""
        await self._databases.write(self._databases.touch)

    async def restore(self, entries: Sequence[Entry]) -> Sequence[Written | StorageError]:
        """Store entries in their order."""
        now = self._clock.now()
        results = await asyncio.gather(*(self._submit(Late(entry, now)) for entry in entries), return_exceptions=True)
        failed = [each for each in results if isinstance(each, BaseException) and not isinstance(each, StorageError)]
        if failed:
            raise failed[0]
        return [each for each in results if isinstance(each, (Written, StorageError))]

    def held(self, session_id: UUID) -> HeldSession | None:
        """Return the session as it was last written."""
        return self._held.get(session_id)

    def digest_key(self, session_id: UUID) -> SecretBytes | None:
        """Return the key of the session's digests."""
        return self._keys.digest_key_in_memory(session_id)

    def sealer(self, part_id: UUID) -> PartSealer | None:
        """Return what seals under the part's key."""
        return self._keys.sealer_in_memory(part_id)

    def tokens(self, part_id: UUID, identifiers: Collection[Identifier]) -> frozenset[bytes] | None:
        """Return the blind tokens of identifiers for a part."""
        if not identifiers:
            return frozenset()
        epoch_id = self._keys.epoch_in_memory(part_id)
        try:
            return None if epoch_id is None else frozenset(indexing.tokens(self._keys.keyring, epoch_id, identifiers))
        except MissingEpochError:
            return None


def gone() -> UnknownSessionError:
    """Return the error for an entry whose session or part has been erased."""
    return UnknownSessionError("what waited in the spool belongs to something that has been erased")


def opened(unit: Unit, keys: KeyStore, late: Late) -> Write:
    """Return the write that an entry holds, as of now; parts that have gone take with them what was sealed for them.

    Raises UnknownSessionError if that is all of it, SealBrokenError or MissingEpochError.
    """
    entry = late.entry
    sought = [section.part_id for section in entry.sections]
    found = select(parts.c.id, parts.c.kind).where(
        parts.c.session_id == entry.session_id, parts.c.id.in_(sought), ~parts.c.erasing
    )
    there = {row.id: PartKind(row.kind) for row in unit.sessions.execute(found)}
    plain = {}
    for section in entry.sections:
        if there.get(section.part_id) is section.kind:
            sealer = keys.sealer(unit, entry.session_id, section.part_id, section.kind)
            plain[section.kind] = sealer.beside(KINDS[section.kind]).open(entry.number, section.sealed)
    if PartKind.TRANSCRIPT not in plain:
        raise gone()
    plan, turns = turns_from_bytes(plain[PartKind.TRANSCRIPT], plain.get(PartKind.ORIGINAL))
    pseudonyms = plain.get(PartKind.PSEUDONYMS)
    return Write(
        session_id=entry.session_id,
        plan=plan,
        now=late.now,
        turns=turns,
        pseudonyms=None if pseudonyms is None else unpad(pseudonyms),
    )
