"""What a start does before it serves: do the two databases and the root key belong together? What was left open?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, delete, exists, insert, select

from storage.crypto.keyring import new_key
from storage.crypto.providers.provider import WrappedByRoot
from storage.errors import KeyUnavailableError, StoreUnavailableError
from storage.sql import epochs, roots
from storage.sql.databases import Databases, Unit
from storage.sql.key_tables import creations, key_store
from storage.sql.keys import KeyStore
from storage.sql.request_tables import rights_requests
from storage.sql.survey_tables import survey_weeks
from storage.sql.tables import errands, parts, sessions, store


async def match(databases: Databases, keys: KeyStore) -> None:
    """See that session database, key database, root key and tenant belong together; join them if they are new.

    Raises KeyUnavailableError or StoreUnavailableError, saying what does not fit.
    """
    kept = await databases.write_apart(_key_row)
    if keys.tenant is None:
        if kept is None:
            raise StoreUnavailableError("there is no store here yet: a first start of `sordino serve` makes it")
        keys.adopt(kept.tenant)
    if kept is None:
        made = await keys.provider.wrap(new_key(), keys.keyring.check_use())
        tenant = keys.keyring.tenant
        await databases.write_apart(lambda unit: _make_key_row(unit, tenant, made, keys.clock.now()))
        kept = await databases.write_apart(_key_row)
    if kept is None:
        raise StoreUnavailableError("the key database does not keep what is written to it")
    row = kept
    if row.tenant != keys.keyring.tenant:
        raise StoreUnavailableError(f"this store belongs to the notice {row.tenant!r}, not to {keys.keyring.tenant!r}")
    await keys.provider.unwrap(WrappedByRoot(row.root_version, row.check_value), keys.keyring.check_use())
    await databases.write_apart(lambda unit: _join(unit.sessions, row.id, row.tenant))


def collect_orphans(unit: Unit) -> int:
    """Delete keys that were made for rows that never came, and epoch keys that wrap nothing; returns how many.

    For `write_apart`: no key whose row is still to be written may be taken for an orphan.
    """
    found = 0
    for note in unit.keys.execute(select(creations)).all():  # as many as there are processes, one by one
        part_ids, session_ids = set(_ids(note.part_ids)), set(_ids(note.session_ids))
        for owner in (parts.c.id, survey_weeks.c.id, rights_requests.c.id, errands.c.id):
            part_ids.difference_update(unit.sessions.execute(select(owner).where(owner.in_(part_ids))).scalars())
        there = select(sessions.c.id).where(sessions.c.id.in_(session_ids))
        session_ids.difference_update(unit.sessions.execute(there).scalars())
        epochs.delete_keys(unit.keys, part_ids, session_ids)
        unit.keys.execute(delete(creations).where(creations.c.id == note.id))
        unit.keys.commit()
        found += len(part_ids) + len(session_ids)
    unused = epochs.destroy_unused(unit.keys, epochs.all_ids(unit.keys))
    unit.keys.commit()
    return found + len(unused)


def _key_row(unit: Unit) -> Row[Any] | None:
    return unit.keys.execute(select(key_store)).one_or_none()


def _make_key_row(unit: Unit, tenant: str, made: WrappedByRoot, now: datetime) -> None:
    if unit.keys.execute(select(key_store.c.id)).first() is not None:
        return  # another process has come before
    if unit.sessions.execute(select(exists().where(store.c.tenant.is_not(None)))).scalar_one():
        msg = "the key database is empty, but the session database is not: put the key database back from its backup"
        raise KeyUnavailableError(msg)
    if not roots.accept(unit.keys, made.version, now):
        raise KeyUnavailableError("the root key is being rotated; start again")
    unit.keys.execute(
        insert(key_store).values(
            id=uuid4(), tenant=tenant, root_version=made.version, check_value=made.wrapped
        )
    )  # fmt: skip
    unit.keys.commit()


def _join(connection: Connection, store_id: UUID, tenant: str) -> None:
    kept = connection.execute(select(store.c.id)).scalar_one_or_none()
    if kept is None:
        connection.execute(insert(store).values(id=store_id, tenant=tenant))
    elif kept != store_id:
        raise KeyUnavailableError("the key database belongs to another session database")


def _ids(packed: bytes) -> list[UUID]:
    return [UUID(bytes=packed[at : at + 16]) for at in range(0, len(packed), 16)]
