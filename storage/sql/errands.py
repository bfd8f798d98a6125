"""`SqlErrands`: errands in the databases, each sealed under a key of its own, as a part is.

The key is durable before the row that needs it, and goes before the row does; a row without its key is done. A row that
was altered says nothing any more, but it is not done: it still counts.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, insert, or_, select, update

from storage.crypto.aead import PartSealer
from storage.crypto.framing import framed
from storage.crypto.padding import pad, unpad
from storage.errands import Errand, OpenErrand
from storage.errors import SealBrokenError
from storage.key_material import SecretBytes
from storage.ledger.happened import errand_closed
from storage.sql import ledger
from storage.sql.databases import Databases, Unit
from storage.sql.eraser import Eraser
from storage.sql.keys import KeyStore
from storage.sql.own_keys import Owner, OwnKeys
from storage.sql.tables import errands, store

_SOON: Final = timedelta(days=30)
"""In the month of then lies the epoch key: what is still to be done after that is still sealed by it."""
_LABEL: Final = b"sordino-errand-1"
_AT_ONCE: Final = 20
"""How many are looked at in one step for one that can be taken."""


class SqlErrands:
    """A `storage.errands.ErrandStore` over SQL databases."""

    def __init__(self, databases: Databases, keys: KeyStore, eraser: Eraser) -> None:
        """Take the databases and keys, and what empties their logs."""
        self._databases = databases
        self._keys = keys
        self._own = OwnKeys(databases, keys, Owner.ERRAND)
        self._eraser = eraser

    async def add(
        self, channel: str, name: str, content: Mapping[str, str], now: datetime,
        *, counts: bool = True, until: datetime | None = None,
    ) -> Errand:  # fmt: skip
        """Take an errand on, durably and sealed; one that is there says this as well."""
        token = _token(await self._keys.locator_key(channel), name)
        errand = Errand(uuid4(), channel, now, dict(content))
        return await self._own.writing(partial(self._add, errand=errand, token=token, counts=counts, until=until))

    async def left(self, channel: str) -> Sequence[Errand]:
        """Return the errands of a channel that are not done, the oldest first."""
        return await self._own.writing(partial(self._left, channel=channel))

    async def listed(self) -> Sequence[OpenErrand]:
        """Return all errands that are not done and count, the oldest first."""
        return await self._own.writing(self._listed)

    async def take(self, channel: str, now: datetime, until: datetime) -> Errand | None:
        """Take the oldest errand of a channel that nobody else works on."""
        return await self._own.writing(partial(self._take, channel=channel, now=now, until=until))

    async def put_off(self, errand: UUID, until: datetime) -> None:
        """Leave an errand until then."""
        later = update(errands).where(errands.c.id == errand).values(taken_until=until)
        await self._databases.write(lambda unit: unit.sessions.execute(later))

    async def amend(self, errand: UUID, content: Mapping[str, str], *, counts: bool = False) -> None:
        """Have an errand say this as well, durably and sealed."""
        await self._own.writing(partial(self._amend, errand=errand, content=content, counts=counts))

    async def count(self, channel: str | None = None) -> int:
        """Return how many are not done and count."""
        counted = select(func.count()).select_from(errands).where(errands.c.counts)
        if channel is not None:
            counted = counted.where(errands.c.channel == channel)
        return await self._databases.read(lambda unit: unit.sessions.execute(counted).scalar_one())

    async def done(self, errand: UUID) -> None:
        """Forget an errand: its key, then its row."""
        await self._databases.write(partial(self._done, errand=errand))
        self._eraser.note_deletions()

    async def close(self, errand: UUID, reason: str, by: str, now: datetime) -> bool:
        """Forget an errand that can't be done, and log it; False if it is not there."""
        closed = await self._databases.write(partial(self._close, errand=errand, reason=reason, by=by, now=now))
        if closed:
            await self.done(errand)  # its key
        return closed

    def _add(self, unit: Unit, errand: Errand, token: bytes, *, counts: bool, until: datetime | None) -> Errand:
        unit.sessions.execute(select(store.c.id).with_for_update()).one()  # one after the other, in all processes
        there = unit.sessions.execute(select(errands).where(errands.c.token == token)).one_or_none()
        if there is not None and self._has_key(unit, there.id):
            return self._says(unit, there, errand.content, counts=counts)
        if there is not None:  # it is done
            unit.sessions.execute(delete(errands).where(errands.c.id == there.id))
        sealed = _sealed(self._own.make(unit, errand.id, errand.at + _SOON), errand.content)
        new = {"id": errand.id, "token": token, "channel": errand.channel, "at": errand.at, "sealed": sealed}
        unit.sessions.execute(insert(errands).values(new | {"counts": counts, "taken_until": until}))
        return errand

    def _left(self, unit: Unit, channel: str) -> list[Errand]:
        found = select(errands).where(errands.c.channel == channel).order_by(errands.c.at, errands.c.id)
        opened = (self._opened(unit, row) for row in unit.sessions.execute(found).all())
        return [one for one in opened if one is not None]

    def _listed(self, unit: Unit) -> list[OpenErrand]:
        counting = select(errands).where(errands.c.counts).order_by(errands.c.at, errands.c.id)
        found = unit.sessions.execute(counting).all()
        opened = [(row, self._opened(unit, row) is not None) for row in found]
        return [
            OpenErrand(row.id, row.channel, row.at, readable=readable)
            for row, readable in opened
            if readable or self._has_key(unit, row.id)
        ]

    def _take(self, unit: Unit, channel: str, now: datetime, until: datetime) -> Errand | None:
        nobody = or_(errands.c.taken_until.is_(None), errands.c.taken_until <= now)
        free = select(errands).where(errands.c.channel == channel, nobody).order_by(errands.c.at, errands.c.id)
        seen = 0
        while rows := unit.sessions.execute(free.limit(_AT_ONCE).offset(seen)).all():
            seen += len(rows)  # those that were altered stay in front
            for row in rows:
                errand = self._opened(unit, row)
                if errand is None:
                    continue
                # Another process may have taken it since: then it waits for that one's row, and finds nobody's no more.
                mine = update(errands).where(errands.c.id == row.id, nobody).values(taken_until=until)
                if unit.sessions.execute(mine).rowcount:
                    return errand
        return None

    def _amend(self, unit: Unit, errand: UUID, content: Mapping[str, str], *, counts: bool) -> None:
        row = unit.sessions.execute(select(errands).where(errands.c.id == errand).with_for_update()).one_or_none()
        if row is not None:
            self._says(unit, row, content, counts=counts)

    def _says(self, unit: Unit, row: Row[Any], content: Mapping[str, str], *, counts: bool) -> Errand:
        """Have an errand say this as well; one that was altered says only this from now on."""
        before = self._opened(unit, row)
        whole = {**(before.content if before is not None else {}), **content}
        if before is None or whole != before.content:
            sealed = _sealed(self._own.sealer(unit, row.id), whole)
            unit.sessions.execute(update(errands).where(errands.c.id == row.id).values(sealed=sealed))
        if counts and not row.counts:
            unit.sessions.execute(update(errands).where(errands.c.id == row.id).values(counts=True))
        return Errand(row.id, row.channel, row.at, whole)

    def _opened(self, unit: Unit, row: Row[Any]) -> Errand | None:
        """Return what a row says; None for one that was altered, or whose key has gone: that one is done."""
        try:
            raw = self._own.sealer(unit, row.id).open(0, row.sealed)
        except SealBrokenError:
            if not self._has_key(unit, row.id):  # it went, and the process ended before the row did
                unit.sessions.execute(delete(errands).where(errands.c.id == row.id))
            return None
        return Errand(row.id, row.channel, row.at, json.loads(unpad(raw)))

    def _close(self, unit: Unit, errand: UUID, reason: str, by: str, now: datetime) -> bool:
        row = unit.sessions.execute(select(errands).where(errands.c.id == errand).with_for_update()).one_or_none()
        if row is None:
            return False
        self._own.note_end(unit, errand)
        unit.sessions.execute(delete(errands).where(errands.c.id == errand))
        ledger.append(unit.sessions, [errand_closed(row.id, row.channel, row.at, reason, by, now)])
        return True

    def _has_key(self, unit: Unit, errand: UUID) -> bool:
        try:
            self._keys.epoch_of(unit, errand)
        except SealBrokenError:
            return False
        return True

    def _done(self, unit: Unit, errand: UUID) -> None:
        self._own.delete(unit, [errand])
        unit.sessions.execute(delete(errands).where(errands.c.id == errand))


def _token(key: SecretBytes, name: str) -> bytes:
    return hmac.digest(key.reveal(), framed(_LABEL, name.encode("utf-8", "surrogatepass")), "sha256")


def _sealed(sealer: PartSealer, content: Mapping[str, str]) -> bytes:
    return sealer.seal(0, pad(json.dumps(dict(content)).encode()))
