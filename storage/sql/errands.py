"""`SqlErrands`: errands in the databases, each sealed under a key of its own, as a part is.

The key is durable before the row that needs it, and goes before the row does; a row without its key is done. A row that
was altered says nothing any more, but it is not done: it still counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import delete, func, insert, select

from storage.crypto.keyring import MissingEpochError, deletion_month, new_key
from storage.crypto.padding import pad, unpad
from storage.errands import Errand
from storage.errors import SealBrokenError
from storage.sql import saving
from storage.sql.databases import Databases, Unit
from storage.sql.eraser import Eraser
from storage.sql.keys import KeyStore
from storage.sql.planned import Planned
from storage.sql.rows import PartKeyRow
from storage.sql.tables import errands

T = TypeVar("T")

_SOON: Final = timedelta(days=30)
"""In the month of then lies the epoch key: what is still to be done after that is still sealed by it."""


class _Kind(StrEnum):
    ERRAND = "errand"


class SqlErrands:
    """A `storage.errands.ErrandStore` over SQL databases."""

    def __init__(self, databases: Databases, keys: KeyStore, eraser: Eraser) -> None:
        """Take the databases and keys, and what empties their logs."""
        self._databases = databases
        self._keys = keys
        self._eraser = eraser

    async def add(self, channel: str, content: Mapping[str, str], now: datetime) -> Errand:
        """Take an errand on, durably and sealed."""
        errand = Errand(uuid4(), channel, now, dict(content))
        await self._writing(partial(self._add, errand=errand))
        return errand

    async def left(self, channel: str) -> Sequence[Errand]:
        """Return the errands of a channel that are not done, the oldest first."""
        return await self._writing(partial(self._left, channel=channel))

    async def count(self) -> int:
        """Return how many are not done."""
        counted = select(func.count()).select_from(errands)
        return await self._databases.read(lambda unit: unit.sessions.execute(counted).scalar_one())

    async def done(self, errand: UUID) -> None:
        """Forget an errand: its key, then its row."""
        await self._databases.write(partial(self._done, errand=errand))
        self._eraser.note_deletions()

    async def _writing(self, work: Callable[[Unit], T]) -> T:
        while True:
            try:
                return await self._databases.write(work)
            except MissingEpochError as missing:
                await self._keys.provide(missing)

    def _add(self, unit: Unit, errand: Errand) -> None:
        keyring, month = self._keys.keyring, deletion_month(errand.at + _SOON)
        epoch_id, wrapped = keyring.wrap(new_key(), keyring.part_use(errand.id, errand.id), month)
        key = PartKeyRow(errand.id.bytes, epoch_id.bytes, wrapped)
        saving.save_keys(unit, keyring, Planned(part_keys=[key], epochs={epoch_id: month}), ())
        unit.keys.commit()
        sealer = self._keys.sealer(unit, errand.id, errand.id, _Kind.ERRAND)
        sealed = sealer.seal(0, pad(json.dumps(dict(errand.content)).encode()))
        unit.sessions.execute(insert(errands).values(id=errand.id, channel=errand.channel, at=errand.at, sealed=sealed))

    def _left(self, unit: Unit, channel: str) -> list[Errand]:
        found = select(errands).where(errands.c.channel == channel).order_by(errands.c.at, errands.c.id)
        opened = []
        for row in unit.sessions.execute(found).all():
            try:
                raw = self._keys.sealer(unit, row.id, row.id, _Kind.ERRAND).open(0, row.sealed)
            except SealBrokenError:
                if not self._has_key(unit, row.id):  # it went, and the process ended before the row did
                    unit.sessions.execute(delete(errands).where(errands.c.id == row.id))
                continue
            opened.append(Errand(row.id, row.channel, row.at, json.loads(unpad(raw))))
        return opened

    def _has_key(self, unit: Unit, errand: UUID) -> bool:
        try:
            self._keys.epoch_of(unit, errand)
        except SealBrokenError:
            return False
        return True

    def _done(self, unit: Unit, errand: UUID) -> None:
        self._keys.delete(unit.keys, [errand], ())
        unit.keys.commit()
        unit.sessions.execute(delete(errands).where(errands.c.id == errand))
