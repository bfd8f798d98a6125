"""The key database at work: makes, keeps, loads and deletes wrapped keys; holds those of open sessions in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Column, Connection, insert, select

from storage.clock import Clock
from storage.crypto.aead import PartSealer
from storage.crypto.contact import WatchedProvider
from storage.crypto.keyring import Epoch, Keyring, MissingEpochError, Wrapping, deletion_month, new_key
from storage.crypto.providers.provider import KeyProvider, WrappedByRoot
from storage.errors import KeyUnavailableError, SealBrokenError
from storage.key_material import SecretBytes
from storage.sql import epochs, renewing, rewrapping, roots
from storage.sql.cache import BoundedCache
from storage.sql.databases import Databases, Unit
from storage.sql.epochs import StoredEpoch
from storage.sql.key_tables import key_store, locator_keys, part_keys, session_keys
from storage.sql.rows import PartKeyRow

T = TypeVar("T")
Forget = Callable[[Collection[UUID] | None], None]

CACHED_KEYS: Final = 32_768
REWRAP_CHUNK: Final = 500
RESERVED_WRAPS: Final = 2**16
"""Wraps are counted in the database in blocks of this many, before they are done: one update for all of them."""
_ALONE: Final = select(key_store.c.id).with_for_update()


class KeyStore:
    """Part keys and session keys, ready for use."""

    def __init__(
        self, databases: Databases, provider: KeyProvider, tenant: str | None, clock: Clock, backup_horizon: str
    ) -> None:
        """Take the databases, and the provider of the root key; without a tenant, `adopt` gives it.

        `backup_horizon` (ISO 8601) is how long copies of the key database may open anything.
        """
        self.tenant = tenant
        self.keyring = Keyring(tenant or "")
        self.provider = WatchedProvider(provider, clock, self.forget)
        self._databases = databases
        self.clock = clock
        self.backup_horizon = backup_horizon
        self._parts: BoundedCache[UUID, PartSealer] = BoundedCache(CACHED_KEYS)
        self._sessions: BoundedCache[UUID, SecretBytes] = BoundedCache(CACHED_KEYS)
        self._epochs_of: BoundedCache[UUID, UUID] = BoundedCache(CACHED_KEYS)
        self._locators: dict[str, SecretBytes] = {}
        self._holders: list[Forget] = []
        self.rewrap_chunk = REWRAP_CHUNK

    def held_by(self, holder: Forget) -> None:
        """Have somebody else who holds session keys forget them with this: those of some sessions; None: all."""
        self._holders.append(holder)

    def adopt(self, tenant: str) -> None:
        """Become the key store of this tenant; before any key is in memory."""
        self.tenant = tenant
        self.keyring = Keyring(tenant)

    def sealer(self, unit: Unit, session_id: UUID, part_id: UUID, kind: StrEnum) -> PartSealer:
        """Return what seals and opens the part. Raises SealBrokenError if its key is gone, MissingEpochError."""
        sealer = self._parts.get(part_id)
        if sealer is None:
            found = select(part_keys.c.epoch_id, part_keys.c.wrapped).where(part_keys.c.part_id == part_id)
            row = unit.keys.execute(found).one_or_none()
            if row is None:
                raise _gone()
            key = self.keyring.unwrap(row.epoch_id, row.wrapped, self.keyring.part_use(session_id, part_id))
            sealer = self.part_sealer(key, session_id, part_id, kind)
            self._parts.put(part_id, sealer)
            self._epochs_of.put(part_id, row.epoch_id)
        return sealer

    def epoch_of(self, unit: Unit, part_id: UUID) -> UUID:
        """Return the epoch whose key wraps that of the part. Raises SealBrokenError if its key is gone."""
        found = select(part_keys.c.epoch_id).where(part_keys.c.part_id == part_id)
        epoch_id: UUID | None = unit.keys.execute(found).scalar_one_or_none()
        if epoch_id is None:
            raise _gone()
        return epoch_id

    def digest_key(self, unit: Unit, session_id: UUID) -> SecretBytes:
        """Return the session's digest key. Raises SealBrokenError if it is gone, MissingEpochError."""
        key = self._sessions.get(session_id)
        if key is None:
            found = select(session_keys.c.epoch_id, session_keys.c.wrapped)
            row = unit.keys.execute(found.where(session_keys.c.session_id == session_id)).one_or_none()
            if row is None:
                raise _gone()
            key = self.keyring.unwrap(row.epoch_id, row.wrapped, self.keyring.session_use(session_id))
            self._sessions.put(session_id, key)
        return key

    def sealer_in_memory(self, part_id: UUID) -> PartSealer | None:
        """Return what seals and opens the part if its key is in memory."""
        return self._parts.get(part_id)

    def digest_key_in_memory(self, session_id: UUID) -> SecretBytes | None:
        """Return the session's digest key if it is in memory."""
        return self._sessions.get(session_id)

    def epoch_in_memory(self, part_id: UUID) -> UUID | None:
        """Return the epoch whose key wrapped that of the part when it was last loaded or made, if it is known."""
        return self._epochs_of.get(part_id)

    def part_sealer(self, key: SecretBytes, session_id: UUID, part_id: UUID, kind: StrEnum) -> PartSealer:
        """Return what seals and opens a part with this key."""
        return PartSealer(key, tenant=self.keyring.tenant, session_id=session_id, kind=kind, part_id=part_id)

    def remember(
        self, parts: dict[UUID, PartSealer], sessions: dict[UUID, SecretBytes], epochs_of: Iterable[PartKeyRow]
    ) -> None:
        """Keep keys in memory that have become durable, and under which epochs they lie."""
        for row in epochs_of:
            self._epochs_of.put(UUID(bytes=row.part_id), UUID(bytes=row.epoch_id))
        for part_id, sealer in parts.items():
            self._parts.put(part_id, sealer)
        for session_id, key in sessions.items():
            self._sessions.put(session_id, key)

    def delete(self, connection: Connection, part_ids: Collection[UUID], session_ids: Collection[UUID]) -> None:
        """Delete wrapped keys, in a transaction of the key database, and forget them.

        An epoch key goes with the last key that it wraps.
        """
        self._parts.ban(part_ids)
        self._sessions.ban(session_ids)
        for forget in self._holders:
            forget(session_ids)
        this_month = deletion_month(self.clock.now())
        self.keyring.drop(epochs.delete_keys(connection, part_ids, session_ids, this_month))

    def forget(self) -> None:
        """Drop all keys from memory."""
        self._parts.clear()
        self._epochs_of.clear()
        self._sessions.clear()
        self._locators.clear()
        self.keyring.clear()
        for forget in self._holders:
            forget(None)

    async def provide(self, missing: MissingEpochError) -> None:
        """Bring the epoch key that was missing into memory, making it if it is to be the current one of a month."""
        if missing.epoch_id is not None:
            await self._load(missing.epoch_id)
        elif missing.month is not None:
            await self._make_current(missing.month)

    async def locator_key(self, channel: str) -> SecretBytes:
        """Return the key of the channel's locator tokens, made when it is asked for first."""
        key = self._locators.get(channel)
        if key is None:
            use, kept = self.keyring.locator_use(channel), None
            while kept is None:
                made = await self.provider.wrap(new_key(), use)
                kept = await self._databases.write(partial(self._keep_locator_key, channel=channel, made=made))
            key = await self.provider.unwrap(kept, use)
            self._locators[channel] = key
        return key

    async def backups_clean_by(self, now: datetime) -> datetime:
        """Return from when on no copy of the key database made until now opens anything by itself."""
        return await self._databases.read(lambda unit: roots.clean_by(unit.keys, now, self.backup_horizon))

    def clean_by(self, connection: Connection) -> datetime:
        """Return the same as of now, in a transaction of the key database."""
        return roots.clean_by(connection, self.clock.now(), self.backup_horizon)

    async def rewrap(self, owners: Mapping[UUID, UUID], month: int) -> int:
        """Move the keys of parts (part -> its session) under the epoch key of a later month, before a hold.

        Returns how many were moved; parts that are there or later already, or have no key, are passed over. In
        chunks; may be called again after it has been broken off.
        """
        moved, wanted = 0, list(owners)
        for at in range(0, len(wanted), self.rewrap_chunk):
            chunk = {part_id: owners[part_id] for part_id in wanted[at : at + self.rewrap_chunk]}
            moved += await self._writing(partial(self._rewrap, owners=chunk, month=month))
        return moved

    async def renew(self, of: Column[UUID], last: UUID | None) -> renewing.Passed:
        """Move the next chunk of the keys under closed epoch keys; see `renewing.move`."""
        return await self._writing(lambda unit: renewing.move(unit, self.keyring, of, last, self.rewrap_chunk))

    def _rewrap(self, unit: Unit, owners: Mapping[UUID, UUID], month: int) -> int:
        moved = rewrapping.rewrap(unit.keys, self.keyring, owners, month)
        unit.keys.commit()
        return moved

    async def _writing(self, work: Callable[[Unit], T]) -> T:
        while True:
            try:
                return await self._databases.write(work)
            except MissingEpochError as missing:
                await self.provide(missing)

    async def _load(self, epoch_id: UUID) -> None:
        kept = await self._databases.read(lambda unit: epochs.find(unit.keys, epoch_id))
        if kept is None:
            if await self._databases.read(lambda unit: epochs.is_wrapping(unit.keys, epoch_id)):
                raise _gone()
            return  # what it wrapped has been moved or erased since somebody looked, who now looks again
        try:
            key = await self._unwrapped(kept)
        except KeyUnavailableError:
            # It may have been wrapped anew since it was read, and what had wrapped it destroyed.
            again = await self._databases.read(lambda unit: epochs.find(unit.keys, epoch_id))
            if again is None or again.key == kept.key:
                raise
            key = await self._unwrapped(again)
        self.keyring.add([self._opened(kept, key)])

    async def _make_current(self, month: int) -> None:
        reserved = await self._databases.write(partial(self._reserve, month=month))
        while reserved is None:
            epoch_id, key = uuid4(), new_key()
            index_key = Wrapping(key).wrap(new_key(), self.keyring.index_use(epoch_id, epoch_id))
            made = await self.provider.wrap(key, self.keyring.epoch_use(epoch_id, month))
            fresh = StoredEpoch(epoch_id, month, made, ((epoch_id, index_key),))
            reserved = await self._databases.write(partial(self._reserve, month=month, fresh=fresh))
        epoch = self._opened(reserved, await self._unwrapped(reserved))
        epoch.reserved = RESERVED_WRAPS
        self.keyring.add([epoch])

    async def _unwrapped(self, kept: StoredEpoch) -> SecretBytes:
        return await self.provider.unwrap(kept.key, self.keyring.epoch_use(kept.id, kept.month))

    def _opened(self, kept: StoredEpoch, key: SecretBytes) -> Epoch:
        wrapping = Wrapping(key)
        index_keys = {
            index_id: wrapping.unwrap(wrapped, self.keyring.index_use(kept.id, index_id))
            for index_id, wrapped in kept.index_keys
        }
        return Epoch(id=kept.id, month=kept.month, wrapping=wrapping, index_keys=index_keys)

    def _reserve(self, unit: Unit, month: int, fresh: StoredEpoch | None = None) -> StoredEpoch | None:
        """Reserve wraps of an epoch key of the month, of a fresh one where none has enough left.

        None: a fresh one is needed, or the root key was rotated since it was wrapped.
        """
        _alone(unit)
        reserved = epochs.reserve(unit.keys, month, RESERVED_WRAPS)
        if reserved is None:
            if fresh is None or not roots.accept(unit.keys, fresh.key.version, self.clock.now()):
                return None
            epochs.add(unit.keys, fresh, RESERVED_WRAPS)
            reserved = fresh
        unit.keys.commit()
        return reserved

    def _keep_locator_key(self, unit: Unit, channel: str, made: WrappedByRoot) -> WrappedByRoot | None:
        _alone(unit)
        row = unit.keys.execute(select(locator_keys).where(locator_keys.c.channel == channel)).one_or_none()
        if row is not None:
            return WrappedByRoot(row.root_version, row.wrapped)
        if not roots.accept(unit.keys, made.version, self.clock.now()):
            return None
        unit.keys.execute(insert(locator_keys).values(channel=channel, root_version=made.version, wrapped=made.wrapped))
        unit.keys.commit()
        return made


def _alone(unit: Unit) -> None:
    """Wait until no other process makes keys of this kind: there is to be one epoch key a month, not one a process."""
    unit.keys.execute(_ALONE).all()


def _gone() -> SealBrokenError:
    return SealBrokenError("the key of a part is gone: it was erased, or the key database is not this store's")
