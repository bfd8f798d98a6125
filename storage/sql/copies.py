"""`SqlCopies`: all that is held of a session, opened for its subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, or_, select

from storage.copies import COPY_PURPOSE, MOST_LINKED, HeldAssignment, HeldPart, SessionCopy
from storage.holds import Bar
from storage.records import AssignmentState, ClassKind, PartKind
from storage.sql.chained import Records, opened
from storage.sql.databases import Unit
from storage.sql.keys import KeyStore
from storage.sql.payloads import connection_from_bytes, consents_from
from storage.sql.reading import facts_in, known, merged
from storage.sql.tables import assignments, index_tokens, parts, rules


class SqlCopies:
    """A `storage.copies.CopyStore` over SQL databases."""

    def __init__(
        self,
        keys: KeyStore,
        reading: Callable[[Callable[[Unit], SessionCopy]], Awaitable[SessionCopy]],
        listing: Callable[[Callable[[Unit], tuple[UUID, ...]]], Awaitable[tuple[UUID, ...]]],
        log: Callable[[UUID, str, datetime], Awaitable[None]],
    ) -> None:
        """Take the keys, what reads with keys at hand, what only lists, and what logs a read."""
        self._keys = keys
        self._reading = reading
        self._listing = listing
        self._log = log

    async def of(self, session_id: UUID, now: datetime, *, content: bool = True) -> SessionCopy:
        """Return all that is held of a session."""
        copy = await self._reading(lambda unit: self._copy(unit, session_id, now, content=content))
        if content:
            await self._log(session_id, COPY_PURPOSE, now)
        return copy

    async def linked(self, session_ids: Collection[UUID], now: datetime, limit: int = MOST_LINKED) -> tuple[UUID, ...]:
        """Return other sessions that share an identifier with one of these, newest first."""
        return await self._listing(lambda unit: _linked(unit.sessions, session_ids, now, limit))

    def _copy(self, unit: Unit, session_id: UUID, now: datetime, *, content: bool) -> SessionCopy:
        connection = unit.sessions
        session = known(connection, session_id)
        rows = connection.execute(
            select(parts).where(parts.c.session_id == session_id, *there(now)).order_by(parts.c.id)
        ).all()
        kinds = {row.id: PartKind(row.kind) for row in rows}
        told = {part_id: kind for part_id, kind in kinds.items() if content and kind is not PartKind.RECORDING}
        records = defaultdict[PartKind, Records](list, opened(unit, self._keys, session_id, told))
        return SessionCopy(
            session_id=session_id,
            channel=session.channel,
            started_at=session.started_at,
            notice_version=session.notice_version,
            restricted=bool(session.bars & Bar.RESTRICTION),
            parts=_held(connection, session_id, rows),
            turns=merged(records[PartKind.TRANSCRIPT], records[PartKind.ORIGINAL]),
            consents=consents_from(records[PartKind.CONSENT]),
            connections=tuple(connection_from_bytes(payload) for _, payload in records[PartKind.CONNECTION]),
            pseudonyms=tuple(payload for _, payload in records[PartKind.PSEUDONYMS]),
            facts=facts_in(connection, session, list(kinds)),
        )


def there(now: datetime) -> tuple[Any, ...]:
    """Return the conditions of parts that are held at a moment, for whatever reason."""
    return (~parts.c.erasing, or_(parts.c.due_at > now, parts.c.bars > 0))


def _held(connection: Connection, session_id: UUID, rows: Collection[Row[Any]]) -> tuple[HeldPart, ...]:
    found = (
        select(assignments.c.part_id, assignments.c.state, assignments.c.delete_by, rules)
        .join(rules, rules.c.id == assignments.c.rule_id)
        .where(assignments.c.session_id == session_id)
        .order_by(rules.c.purpose, rules.c.deletion_class)
    )
    kept: defaultdict[UUID, list[HeldAssignment]] = defaultdict(list)
    for row in connection.execute(found):
        kept[row.part_id].append(
            HeldAssignment(
                purpose=row.purpose,
                legal_basis=row.legal_basis,
                deletion_class=row.deletion_class,
                kind=ClassKind(row.kind),
                state=AssignmentState(row.state),
                delete_by=row.delete_by,
                consent=row.consent,
            )
        )
    return tuple(
        HeldPart(row.id, PartKind(row.kind), row.collected_at, tuple(kept[row.id]), held=bool(row.bars & Bar.HOLD))
        for row in rows
    )


def _linked(connection: Connection, session_ids: Collection[UUID], now: datetime, limit: int) -> tuple[UUID, ...]:
    mine = (
        select(index_tokens.c.token)
        .join(parts, (parts.c.session_id == index_tokens.c.session_id) & (parts.c.id == index_tokens.c.part_id))
        .where(index_tokens.c.session_id.in_(list(session_ids)), *there(now))
    )
    found = (
        select(index_tokens.c.session_id)
        .join(parts, (parts.c.session_id == index_tokens.c.session_id) & (parts.c.id == index_tokens.c.part_id))
        .where(index_tokens.c.token.in_(mine), index_tokens.c.session_id.not_in(list(session_ids)), *there(now))
        .distinct()
        .order_by(index_tokens.c.session_id.desc())
        .limit(limit)
    )
    return tuple(connection.execute(found).scalars())
