"""How far a database has come with each chain of the ledger's sink."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, insert, select, update

from storage.ledger.sinks.chain import Place


def head(connection: Connection, heads: Table, chain: str) -> Place | None:
    """Return the last object of the chain that is in this database; None before the sink was used first.

    `heads` is the table of the session database or that of the key database.
    """
    row = connection.execute(_head(heads), {"of": chain}).one_or_none()
    return None if row is None else Place(row.number, row.digest)


def lock(connection: Connection, heads: Table, chain: str) -> None:
    """Keep the head of a chain from others until the transaction ends."""
    connection.execute(_head(heads).with_for_update(), {"of": chain}).all()


def move(connection: Connection, heads: Table, chain: str, place: Place) -> None:
    """Set the head of a chain; never back."""
    lock(connection, heads, chain)
    before = head(connection, heads, chain)
    values = {"number": place.number, "digest": place.digest}
    if before is None:
        connection.execute(insert(heads).values(chain=chain, **values))
    elif before.number < place.number:
        connection.execute(update(heads).where(heads.c.chain == chain).values(**values))


@cache  # to put it together takes longer than to execute it
def _head(heads: Table) -> Select[Any]:
    return select(heads.c.number, heads.c.digest).where(heads.c.chain == bindparam("of"))
