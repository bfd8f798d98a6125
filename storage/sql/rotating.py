"""The root key at work: its versions listed, replaced and destroyed.

A rotation

1. has the provider make a new version,
2. retires the old ones in the key database: nothing is wrapped by them from that commit on,
3. wraps anew, in chunks, what the root key wraps itself (epoch keys, the keys of locator tokens, the check value);
   the keys of parts lie under epoch keys and are not touched,
4. has the provider destroy the old versions, once nothing is wrapped by them.

From then on copies of the key database made before open nothing by themselves. It may be stopped anywhere: whoever
rotates next finishes it before anything else. Two that rotate at once do each other no harm.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, Connection, Table, func, select, update

from storage.crypto.providers.provider import WrappedByRoot
from storage.errors import KeyUnavailableError, StoreUnavailableError
from storage.ledger.happened import root_key_event
from storage.sql import affected, epochs, renewing, roots
from storage.sql.affected import AffectedOthers, AffectedSession
from storage.sql.databases import Databases, Unit
from storage.sql.key_tables import epoch_keys, key_store, locator_keys, root_versions
from storage.sql.keys import KeyStore
from storage.sql.ledger import append
from storage.sql.steps import OnStep, Step

REWRAP_CHUNK: Final = 100
_PAUSES: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds between tries to empty the logs."""
Progress = Callable[[int, int], None]
_WRAPPED: Final[Mapping[Table, Column[Any]]] = {
    key_store: key_store.c.check_value,
    epoch_keys: epoch_keys.c.wrapped,
    locator_keys: locator_keys.c.wrapped,
}
"""What the root key wraps, and the column in which it is; in the order in which who makes keys locks them."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: which version is current, how many keys were wrapped anew, whether it was begun before."""

    version: int
    rewrapped: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class Renewal:
    """How many keys were moved under new epoch keys, and how many are left: of what had just been begun or given up."""

    moved: int
    left: int


@dataclass(frozen=True, slots=True)
class RootVersion:
    """A version of the root key: since when it wraps, until when it did, when it was destroyed, what it wraps now."""

    version: int
    since: datetime
    retired_at: datetime | None
    destroyed_at: datetime | None
    wraps: int


@dataclass(frozen=True, slots=True)
class EpochKey:
    """An epoch key: its deletion month, the versions that wrapped it first and last, how many it wrapped."""

    id: UUID
    month: int
    first_root: int
    root_version: int
    wraps: int

    def was_under(self, version: int) -> bool:
        """Tell whether a version of the root key wraps it, or did once."""
        return self.first_root <= version <= self.root_version


@dataclass(frozen=True, slots=True)
class Leak:
    """The epoch keys that a leak opens, and the moment before which none of them was there."""

    epoch_ids: frozenset[UUID]
    since: datetime


@dataclass(frozen=True, slots=True)
class RootKeys:
    """All of them, and when the current version is to be replaced."""

    versions: tuple[RootVersion, ...]
    epochs: tuple[EpochKey, ...]
    due_at: datetime | None

    def root_leak(self, version: int) -> Leak | None:
        """Return what opens with a version of the root key and copies of the key database; None: unknown."""
        since = {each.version: each.since for each in self.versions}
        epochs = frozenset(each.id for each in self.epochs if each.was_under(version))
        return Leak(epochs, since[version]) if version in since else None

    def epoch_leak(self, epoch_id: UUID) -> Leak | None:
        """Return the same for somebody who has an epoch key; None: it is not there."""
        since = {each.version: each.since for each in self.versions}
        found = [since[each.first_root] for each in self.epochs if each.id == epoch_id]
        return Leak(frozenset({epoch_id}), found[0]) if found else None


@dataclass(frozen=True, slots=True)
class _Kept:
    """One wrapped key: its row, and what it is bound to."""

    table: Table
    row_id: Any
    key: WrappedByRoot
    use: bytes


class RootKey:
    """The root key of a store."""

    def __init__(self, databases: Databases, keys: KeyStore, on_step: OnStep) -> None:
        """Take the databases, the keys that it wraps, and whom to tell of steps."""
        self._databases = databases
        self._keys = keys
        self._on_step = on_step
        self._chunk = REWRAP_CHUNK

    async def rotate(self, progress: Progress | None = None) -> Rotation:
        """Replace the current version, or finish what a rotation left; `progress` is told how many of how many keys.

        Raises KeyUnavailableError if the provider does not take part.
        """
        versions = await self._keys.provider.versions()
        left = await self._databases.read(partial(_left_over, current=versions[-1]))
        resumed = len(versions) > 1 or left
        current = versions[-1] if resumed else await self._keys.provider.rotate()
        self._on_step(Step.ROOT_ROTATED)
        if await self._databases.read(lambda unit: roots.is_new(unit.keys, current)):
            await self._log("rotated", current)
        await self._databases.write(lambda unit: _retire(unit, current, self._keys.clock.now()))
        self._on_step(Step.ROOT_RETIRED)
        rewrapped = await self._rewrap(current, progress)
        await self.destroy(current - 1)
        return Rotation(current, rewrapped, resumed)

    async def close_epochs(self) -> int:
        """Have new epoch keys made for whatever is kept from now on, in every process; returns how many were closed.

        What is kept already stays under its own until that goes with the last of it, or `renew` moves it.
        """
        await self._log("epochs closed", (await self._keys.provider.versions())[-1])
        return await self._databases.write(_close_epochs)

    async def under_closed_epochs(self) -> int:
        """Return how many keys of what is kept lie under closed epoch keys."""
        return await self._databases.read(lambda unit: renewing.left(unit.keys))

    async def renew(self, progress: Progress | None = None) -> Renewal:
        """Move what is kept under closed epoch keys to new ones, and destroy those; `progress` as for a rotation.

        May be stopped anywhere and begun again, beside processes that serve.
        """
        moved, left = 0, await self.under_closed_epochs()
        for of in renewing.WRAPPED:
            last: UUID | None = None
            while True:
                began = monotonic()
                passed = await self._keys.renew(of, last)
                last = passed.last
                if last is None:
                    break
                moved += passed.moved
                self._on_step(Step.EPOCHS_RENEWED)
                if progress is not None:
                    progress(moved, max(moved, left))
                await asyncio.sleep(monotonic() - began)  # half of the time is for those who serve
        await self._forget()
        left = await self.under_closed_epochs()
        if not left:
            await self._log("epochs renewed", (await self._keys.provider.versions())[-1])
        return Renewal(moved, left)

    async def _forget(self) -> None:
        """Let go of the pages that nobody uses: they hold the keys as they were wrapped before.

        Another process that writes without a pause is given some seconds. Raises StoreUnavailableError after that.
        """
        for pause in _PAUSES:
            with contextlib.suppress(StoreUnavailableError):
                await self._databases.forget()
                return
            await asyncio.sleep(pause)
        await self._databases.forget()

    async def rotate_if_due(self) -> Rotation | None:
        """Do so if the current version is as old as it may be, or a rotation has been left unfinished."""
        now = self._keys.clock.now()
        if await self._databases.read(lambda unit: roots.is_unfinished(unit.keys)):
            return await self.rotate()
        due_at = await self.due_at()
        return await self.rotate() if due_at is not None and due_at <= now else None

    async def due_at(self) -> datetime | None:
        """Return when the current version is to be replaced; None as long as it has wrapped nothing."""
        return await self._databases.read(lambda unit: roots.due_at(unit.keys, self._keys.backup_horizon))

    async def destroy(self, up_to: int) -> None:
        """Destroy a version and all before it. Refuses (KeyUnavailableError) while any of them wraps anything."""
        versions = await self._keys.provider.versions()
        if up_to >= versions[-1]:
            msg = f"version {up_to} of the root key is the current one or has never been; rotate first"
            raise KeyUnavailableError(msg)
        await self._databases.write(lambda unit: _see_unused(unit, up_to, self._keys.clock.now()))
        await self._keys.provider.destroy(up_to)
        self._on_step(Step.ROOT_DESTROYED)
        if await self._databases.read(lambda unit: roots.is_to_be_noted(unit.keys, up_to)):
            await self._log("destroyed", up_to)
        await self._databases.write(lambda unit: _note_destroyed(unit, up_to, self._keys.clock.now()))

    async def list(self) -> RootKeys:
        """Return the versions that have wrapped anything, and the epoch keys."""
        versions, epochs = await self._databases.read(_listed)
        return RootKeys(versions, epochs, await self.due_at())

    async def sessions_under(self, epoch_ids: frozenset[UUID]) -> AsyncIterator[AffectedSession]:
        """Go through the sessions with a key that one of these epoch keys wraps, oldest id first."""
        last: UUID | None = None
        while True:
            found, last = await self._databases.read(
                partial(affected.sessions_after, epoch_ids=epoch_ids, last=last, limit=self._chunk * 10)
            )
            for each in found:
                yield each
            if last is None:
                return

    async def others_under(self, leak: Leak) -> AffectedOthers:
        """Count what is no session under the epoch keys of a leak, and what has been erased since."""
        return await self._databases.read(partial(affected.others, epoch_ids=leak.epoch_ids, since=leak.since))

    async def _log(self, done: str, version: int) -> None:
        # Before the key database says so, for it is another transaction: killed in between, the next rotation logs it
        # again. Twice is better than never.
        event = root_key_event(done, version, self._keys.clock.now())
        await self._databases.write(lambda unit: append(unit.sessions, [event]))

    async def _rewrap(self, current: int, progress: Progress | None) -> int:
        done, left = 0, 0
        while True:
            kept, left = await self._databases.read(partial(_wrapped_before, self._keys, current, limit=self._chunk))
            if not kept:
                return done
            made = [(each, await self._keys.provider.rewrap(each.key, each.use)) for each in kept]
            done += await self._databases.write(partial(_replace, made=made, now=self._keys.clock.now()))
            self._on_step(Step.KEYS_REWRAPPED)
            if progress is not None:
                progress(done, done + left - len(kept))


def _left_over(unit: Unit, current: int) -> bool:
    return roots.is_unfinished(unit.keys) or _count(unit.keys, current - 1) > 0


def _count(connection: Connection, up_to: int) -> int:
    """Return how many keys are wrapped by versions up to this one."""
    counts = (
        connection.execute(select(func.count()).select_from(table).where(table.c.root_version <= up_to)).scalar_one()
        for table in _WRAPPED
    )
    return sum(counts)


def _retire(unit: Unit, current: int, now: datetime) -> None:
    roots.retire(unit.keys, current, now)
    roots.accept(unit.keys, current, now)
    unit.keys.commit()


def _close_epochs(unit: Unit) -> int:
    closed = epochs.close(unit.keys)
    unit.keys.commit()
    return closed


def _see_unused(unit: Unit, up_to: int, now: datetime) -> None:
    roots.retire(unit.keys, up_to + 1, now)
    wraps = _count(unit.keys, up_to)
    if wraps:
        msg = (
            f"version {up_to} of the root key, or one before it, still wraps {wraps} keys: `sordino keys rotate` first"
        )
        raise KeyUnavailableError(msg)
    unit.keys.commit()


def _note_destroyed(unit: Unit, up_to: int, now: datetime) -> None:
    roots.destroyed(unit.keys, up_to, now)
    unit.keys.commit()


def _wrapped_before(keys: KeyStore, current: int, unit: Unit, *, limit: int) -> tuple[list[_Kept], int]:
    """Return some of the keys wrapped by versions before this one, and how many there are in all."""
    ring, connection = keys.keyring, unit.keys
    kept: list[_Kept] = []
    for table, column in _WRAPPED.items():
        found = select(table).where(table.c.root_version < current).order_by(*table.primary_key)
        for row in connection.execute(found.limit(limit - len(kept))) if len(kept) < limit else ():
            if table is epoch_keys:
                row_id, use = row.id, ring.epoch_use(row.id, row.month)
            elif table is locator_keys:
                row_id, use = row.channel, ring.locator_use(row.channel)
            else:
                row_id, use = row.id, ring.check_use()
            kept.append(_Kept(table, row_id, WrappedByRoot(row.root_version, getattr(row, column.name)), use))
    return kept, _count(connection, current - 1)


def _replace(unit: Unit, made: Sequence[tuple[_Kept, WrappedByRoot]], now: datetime) -> int:
    """Put newly wrapped keys in place of the old, if those are still there and the new are good; returns how many."""
    replaced = 0
    accepted = {version: roots.accept(unit.keys, version, now) for version in {new.version for _, new in made}}
    for kept, new in made:
        if accepted[new.version]:
            (of,) = kept.table.primary_key.columns
            same = (of == kept.row_id, kept.table.c.root_version == kept.key.version)
            values = {_WRAPPED[kept.table]: new.wrapped, kept.table.c.root_version: new.version}
            replaced += unit.keys.execute(update(kept.table).where(*same).values(values)).rowcount
    unit.keys.commit()
    return replaced


def _listed(unit: Unit) -> tuple[tuple[RootVersion, ...], tuple[EpochKey, ...]]:
    counts: dict[int, int] = {}
    for table in _WRAPPED:
        found = select(table.c.root_version, func.count()).group_by(table.c.root_version)
        for version, count in unit.keys.execute(found):
            counts[version] = counts.get(version, 0) + count
    each, epoch = root_versions.c, epoch_keys.c
    versions = tuple(
        RootVersion(row.version, row.since, row.retired_at, row.destroyed_at, counts.get(row.version, 0))
        for row in unit.keys.execute(select(root_versions).order_by(each.version))
    )
    rows = unit.keys.execute(
        select(epoch.id, epoch.month, epoch.first_root, epoch.root_version, epoch.wraps).order_by(epoch.month, epoch.id)
    )
    return versions, tuple(EpochKey(*row) for row in rows)
