"""The log as it is kept: leaves in their places, taken from the outbox, and the tiers above them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, insert, select

from storage.errors import StoreUnavailableError
from storage.ledger.sinks.records import CHECKPOINTS, Leaf
from storage.ledger.tiers import Tiers
from storage.sql.heads import lock
from storage.sql.tables import ledger_checkpoints, ledger_leaves, ledger_outbox, ledger_tiers, sink_heads

ORDER_CHUNK: Final = 2_000


def log_size(connection: Connection) -> int:
    """Return how many leaves have a place."""
    last = connection.execute(select(func.max(ledger_leaves.c.position))).scalar_one()
    return 0 if last is None else last + 1


def waiting(connection: Connection, most: int) -> int:
    """Count the leaves that wait for a place, up to `most`."""
    some = select(ledger_outbox.c.id).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def order(connection: Connection) -> int:
    """Give the oldest leaves of the outbox their places; returns how many. Those that log meanwhile do not wait."""
    lock(connection, sink_heads, CHECKPOINTS)  # one at a time gives places
    found = select(ledger_outbox).order_by(ledger_outbox.c.id).limit(ORDER_CHUNK)
    leaves = [Leaf(row.id, row.leaf) for row in connection.execute(found)]
    place(connection, leaves)
    return len(leaves)


def place(connection: Connection, leaves: Sequence[Leaf]) -> None:
    """Give leaves the next places, and take them out of the outbox."""
    if not leaves:
        return
    before = log_size(connection)
    rows = [{"position": before + at, "id": leaf.id, "leaf": leaf.hash} for at, leaf in enumerate(leaves)]
    connection.execute(insert(ledger_leaves), rows)
    connection.execute(delete(ledger_outbox).where(ledger_outbox.c.id.in_([leaf.id for leaf in leaves])))
    for tier, number, root in tiers(connection).completed(before, before + len(leaves)):
        connection.execute(insert(ledger_tiers).values(tier=tier, number=number, root=root))


def leaves_from(connection: Connection, first: int, end: int) -> list[Leaf]:
    """Return the leaves of the places from `first` up to `end`."""
    each = ledger_leaves.c
    found = select(each.id, each.leaf).where(each.position >= first, each.position < end).order_by(each.position)
    return [Leaf(row.id, row.leaf) for row in connection.execute(found)]


def tiers(connection: Connection) -> Tiers:
    """Return the tree as it is kept."""

    def read(tier: int, first: int, count: int) -> Sequence[bytes]:
        if tier == 0:
            return [leaf.hash for leaf in leaves_from(connection, first, first + count)]
        each = ledger_tiers.c
        found = select(each.root).where(each.tier == tier, each.number >= first, each.number < first + count)
        return connection.execute(found.order_by(each.number)).scalars().all()

    return Tiers(read)


def last_checkpoint(connection: Connection) -> Row[Any] | None:
    """Return the row of the newest checkpoint."""
    return connection.execute(
        select(ledger_checkpoints).order_by(ledger_checkpoints.c.number.desc()).limit(1)
    ).one_or_none()


def covering(connection: Connection, position: int) -> Row[Any] | None:
    """Return the row of the first checkpoint that covers a place."""
    each = ledger_checkpoints.c
    return connection.execute(
        select(ledger_checkpoints).where(each.size > position).order_by(each.size).limit(1)
    ).one_or_none()


def position_of(connection: Connection, event_id: UUID) -> int | None:
    """Return the place of an event's leaf, if it has one."""
    return connection.execute(
        select(ledger_leaves.c.position).where(ledger_leaves.c.id == event_id)
    ).scalar_one_or_none()


def forked(what: str) -> StoreUnavailableError:
    """Return the error of a database and a sink that tell different pasts."""
    return StoreUnavailableError(f"the ledger in the database and the one in its sink differ: {what}")
