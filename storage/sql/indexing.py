"""Tokens of the blind index: made for new turns, and looked up under the index keys of all epochs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, or_, select

from storage.crypto.blind_index import blind_token
from storage.crypto.keyring import Keyring
from storage.records import Identifier
from storage.sql import epochs
from storage.sql.bulk import insert_new
from storage.sql.databases import Unit
from storage.sql.tables import index_tokens, parts

IndexRow = tuple[UUID, UUID, bytes]
"""Session, part, token."""


def tokens(keyring: Keyring, epoch_id: UUID, identifiers: Collection[Identifier]) -> set[bytes]:
    """Return tokens under the epoch's own index key. Raises MissingEpochError."""
    key = keyring.index_keys(epoch_id)[epoch_id]
    return {blind_token(key, identifier) for identifier in identifiers}


def save(connection: Connection, rows: Collection[IndexRow]) -> None:
    """Keep tokens; what a part has already is kept once."""
    if rows:
        named = [{"session_id": of, "part_id": part_id, "token": token} for of, part_id, token in sorted(rows)]
        insert_new(connection, index_tokens, named)


def find(unit: Unit, keyring: Keyring, identifier: Identifier, now: datetime) -> tuple[UUID, ...]:
    """Return the sessions that have a part with this identifier, newest first. Raises MissingEpochError."""
    wanted = {
        blind_token(keyring.unwrap(epoch.id, wrapped, keyring.index_use(epoch.id, index_id)), identifier)
        for epoch in epochs.all_of_them(unit.keys)
        for index_id, wrapped in epoch.index_keys
    }
    # What is held or restricted is found though its time is over: it is there, and rights apply to it.
    there = or_(parts.c.due_at > now, parts.c.bars > 0)
    found = (
        select(index_tokens.c.session_id)
        .join(parts, (parts.c.session_id == index_tokens.c.session_id) & (parts.c.id == index_tokens.c.part_id))
        .where(index_tokens.c.token.in_(wanted), ~parts.c.erasing, there)
        .distinct()
        .order_by(index_tokens.c.session_id.desc())
    )
    return tuple(unit.sessions.execute(found).scalars())
