"""What has a key of its own beside the parts of sessions: requests, errands, weeks of a survey.

The key lies in the key database as a part's does, bound to the id of what it is for. It is durable before anything that
needs it, and goes before that does, or is noted before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy import insert

from storage.crypto.aead import PartSealer
from storage.crypto.keyring import MissingEpochError, deletion_month, new_key
from storage.sql import saving
from storage.sql.databases import Databases, Unit
from storage.sql.key_tables import creations
from storage.sql.keys import KeyStore
from storage.sql.planned import Planned
from storage.sql.rows import PartKeyRow

T = TypeVar("T")


class Owner(StrEnum):
    """What a key is for; sealed records are bound to it."""

    REQUEST = "request"
    ERRAND = "errand"
    SURVEY = "survey"


class OwnKeys:
    """The keys of one kind of owner."""

    def __init__(self, databases: Databases, keys: KeyStore, kind: Owner) -> None:
        """Take the databases and keys."""
        self._databases = databases
        self._keys = keys
        self._kind = kind

    async def writing(self, work: Callable[[Unit], T]) -> T:
        """Do work in a transaction, which may make keys, with the epoch keys that it needs at hand."""
        return await self.provided(lambda: self._databases.write_keyed(work))

    async def provided(self, run: Callable[[], Awaitable[T]]) -> T:
        """Run something, again for each epoch key that it turns out to need."""
        while True:
            try:
                return await run()
            except MissingEpochError as missing:
                await self._keys.provide(missing)

    def make(self, unit: Unit, owner: UUID, until: datetime) -> PartSealer:
        """Make an owner's key, durably, under the epoch key of the month in which it is to go; return its sealer.

        For `writing`: a process that starts meanwhile would take the key for an orphan.
        """
        keyring, month, key = self._keys.keyring, deletion_month(until), new_key()
        epoch_id, wrapped = keyring.wrap(key, keyring.part_use(owner, owner), month)
        row = PartKeyRow(owner.bytes, epoch_id.bytes, wrapped)
        saving.save_keys(unit, keyring, Planned(part_keys=[row], epochs={epoch_id: month}), ())
        unit.keys.commit()
        return self._keys.part_sealer(key, owner, owner, self._kind)

    def sealer(self, unit: Unit, owner: UUID) -> PartSealer:
        """Return what seals and opens for an owner. Raises SealBrokenError if its key is gone, MissingEpochError."""
        return self._keys.sealer(unit, owner, owner, self._kind)

    def note_end(self, unit: Unit, owner: UUID) -> None:
        """Note, durably, that an owner goes before its key does: a start deletes that if this process ends between."""
        unit.keys.execute(insert(creations).values(id=uuid4(), part_ids=owner.bytes, session_ids=b""))
        unit.keys.commit()

    def delete(self, unit: Unit, owners: Collection[UUID]) -> None:
        """Delete the keys of owners, durably."""
        self._keys.delete(unit.keys, owners, ())
        unit.keys.commit()
