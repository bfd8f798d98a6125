"""Which versions of the root key wrap anything, and since when: kept beside the keys that they wrap.

A version is current from the first key that it wrapped. A rotation retires it, in the transaction from which
nothing new can be wrapped by it; when nothing is wrapped by it any more, it is destroyed. Its row stays: it
tells from when on copies of the key database that were made under it open nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, exists, select, update

from storage.retention import add_period
from storage.sql.bulk import insert_new
from storage.sql.databases import locked
from storage.sql.key_tables import root_versions

KEY_BACKUP_HORIZON: Final = "P30D"
_each = root_versions.c
_RETIRED: Final = select(_each.retired_at).where(_each.version == bindparam("of")).with_for_update(read=True)


def accept(connection: Connection, version: int, now: datetime) -> bool:
    """Tell whether what this version has wrapped may be kept; in the transaction that keeps it.

    No means that the version has been retired meanwhile, and that it has to be wrapped again.
    """
    row = connection.execute(_RETIRED, {"of": version}).one_or_none()
    if row is None:
        # Another process may note the same version in this moment, and may have retired it when it is done.
        insert_new(connection, root_versions, [{"version": version, "since": now}])
        row = connection.execute(_RETIRED, {"of": version}).one()
    return row.retired_at is None


def due_at(connection: Connection, horizon: str) -> datetime | None:
    """Return when the current version is to be replaced and destroyed; None where nothing has been wrapped yet."""
    current = select(_each.since).where(_each.retired_at.is_(None)).order_by(_each.version.desc())
    since = connection.execute(current.limit(1)).scalar_one_or_none()
    return None if since is None else add_period(since, horizon, "UTC")


def clean_by(connection: Connection, now: datetime, horizon: str) -> datetime:
    """Return from when on no copy of the key database made until now opens anything by itself.

    That is the end of the rotation that destroys the current version; one that is late has a horizon more.
    """
    due = due_at(connection, horizon)
    return due if due is not None and due > now else add_period(now, horizon, "UTC")


def retire(connection: Connection, below: int, now: datetime) -> None:
    """Retire all versions before this one; from the end of the transaction on nothing is wrapped by them."""
    earlier = (_each.version < below, _each.retired_at.is_(None))
    locked(connection, _each.version, *earlier)
    connection.execute(update(root_versions).where(*earlier).values(retired_at=now))


def destroyed(connection: Connection, up_to: int, now: datetime) -> None:
    """Note that versions have been destroyed."""
    gone = (_each.version <= up_to, _each.destroyed_at.is_(None))
    locked(connection, _each.version, *gone)
    connection.execute(update(root_versions).where(*gone).values(destroyed_at=now))


def is_new(connection: Connection, version: int) -> bool:
    """Tell whether versions before this one have not been retired yet."""
    earlier = exists().where(_each.version < version, _each.retired_at.is_(None))
    return bool(connection.execute(select(earlier)).scalar_one())


def is_to_be_noted(connection: Connection, up_to: int) -> bool:
    """Tell whether of versions up to this one any has not been noted as destroyed yet."""
    open_ones = exists().where(_each.version <= up_to, _each.destroyed_at.is_(None))
    return bool(connection.execute(select(open_ones)).scalar_one())


def is_unfinished(connection: Connection) -> bool:
    """Tell whether a version has been retired and not been destroyed yet."""
    open_ones = exists().where(_each.retired_at.is_not(None), _each.destroyed_at.is_(None))
    return bool(connection.execute(select(open_ones)).scalar_one())
