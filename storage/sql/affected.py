"""What a leaked key opens: the sessions with a key under certain epoch keys, read page by page.

Counted by the keys as they are now. What was erased since lies in no database any more, but perhaps in a copy that
was made before; of it only the number of receipts is known, for a receipt names no session.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, Connection, func, select

from storage.records import PartKind
from storage.sql.bulk import padded
from storage.sql.databases import Unit
from storage.sql.key_tables import part_keys, session_keys
from storage.sql.request_tables import rights_requests
from storage.sql.survey_tables import survey_weeks
from storage.sql.tables import errands, parts, receipts, sessions

_IDS_AT_ONCE: Final = 1000  # a database takes so many values in one statement and no more


@dataclass(frozen=True, slots=True)
class AffectedSession:
    """A session with a key under a leaked one; no parts if it is only the key of its digests."""

    id: UUID
    channel: str
    started_at: datetime
    parts: Mapping[PartKind, int]


@dataclass(frozen=True, slots=True)
class AffectedOthers:
    """How many requests of data subjects, weeks of survey answers and errands, and parts erased in the meantime."""

    requests: int
    survey_weeks: int
    errands: int
    erased_since: int


def sessions_after(
    unit: Unit, epoch_ids: frozenset[UUID], last: UUID | None, limit: int
) -> tuple[list[AffectedSession], UUID | None]:
    """Look at so many sessions behind `last`; returns those affected, and the last looked at, None at the end."""
    looked = select(sessions.c.id, sessions.c.channel, sessions.c.started_at).order_by(sessions.c.id).limit(limit)
    rows = unit.sessions.execute(looked if last is None else looked.where(sessions.c.id > last)).all()
    ids = [row.id for row in rows]
    if not ids:
        return [], None
    theirs = select(parts.c.session_id, parts.c.id, parts.c.kind).where(parts.c.session_id.in_(padded(ids)))
    owned = unit.sessions.execute(theirs).all()
    under = _under(unit.keys, part_keys.c.part_id, [row.id for row in owned], epoch_ids)
    keyed = _under(unit.keys, session_keys.c.session_id, ids, epoch_ids)
    kinds: dict[UUID, Counter[PartKind]] = {session_id: Counter() for session_id in keyed}
    for row in owned:
        if row.id in under:
            kinds.setdefault(row.session_id, Counter())[PartKind(row.kind)] += 1
    found = [AffectedSession(row.id, row.channel, row.started_at, kinds[row.id]) for row in rows if row.id in kinds]
    return found, ids[-1]


def others(unit: Unit, epoch_ids: frozenset[UUID], since: datetime) -> AffectedOthers:
    """Count what has keys as parts have and is no session, and the receipts since a moment."""
    requests, weeks, open_errands = (
        len(_under(unit.keys, part_keys.c.part_id, unit.sessions.execute(select(of)).scalars().all(), epoch_ids))
        for of in (rights_requests.c.id, survey_weeks.c.id, errands.c.id)
    )
    erased = select(func.count()).select_from(receipts).where(receipts.c.erased_at >= since)
    return AffectedOthers(requests, weeks, open_errands, unit.sessions.execute(erased).scalar_one())


def _under(keys: Connection, of: Column[Any], ids: Sequence[UUID], epoch_ids: frozenset[UUID]) -> set[UUID]:
    """Return those of the ids whose key one of the epoch keys wraps."""
    found: set[UUID] = set()
    for at in range(0, len(ids), _IDS_AT_ONCE):
        asked = select(of, of.table.c.epoch_id).where(of.in_(padded(ids[at : at + _IDS_AT_ONCE])))
        found.update(owner for owner, epoch_id in keys.execute(asked) if epoch_id in epoch_ids)
    return found
