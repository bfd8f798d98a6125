"""What a step of a request does to a session, in the step's own transaction."""

from __future__ import annotations

import contextlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from storage.errors import RetentionRefusedError
from storage.holds import Ground
from storage.records import ErasureReason
from storage.requests import Decide, Deed, EndConsent, EndPurpose, Erase, Lift, ObjectTo, Restrict
from storage.retention import EVERY_PURPOSE, SUBJECT
from storage.sql import ending, erasing, holding
from storage.sql.tables import parts, restrictions, sessions


def do(connection: Connection, deed: Deed, now: datetime, eraser: str) -> set[UUID]:
    """Do a deed; returns the parts that are to be erased for it. A session that is gone is passed over.

    `eraser`: who erases where that is the deed.
    """
    session_id = deed.session_id
    there = select(sessions.c.id).where(sessions.c.id == session_id, ~sessions.c.erasing)
    if connection.execute(there).one_or_none() is None:
        return set()
    match deed:
        case Erase():
            found = connection.execute(select(parts.c.id).where(parts.c.session_id == session_id)).scalars().all()
            marked = erasing.mark_all(connection, found, ErasureReason.REQUESTED, eraser, now)
            erasing.mark_sessions(connection, {session_id})
            return marked
        case Restrict():
            holding.restrict(connection, session_id, deed.ground, now)
        case ObjectTo():
            with contextlib.suppress(RetentionRefusedError):  # what it was to cover has ended since it was looked at
                holding.object_to(connection, session_id, deed.purpose, now)
        case EndConsent():
            left = ending.end_consent(connection, session_id, deed.consent, now)
            marked = erasing.mark(connection, left, ErasureReason.WITHDRAWN, SUBJECT, now)
            return marked | erasing.withdrawn_parts(connection, session_id)
        case Decide():
            purpose = EVERY_PURPOSE if deed.purpose is None else deed.purpose
            open_ = _restrictions(connection, session_id, Ground.OBJECTION, purpose)
            return {part for each in open_ for part in holding.decide(connection, session_id, each, deed.verdict, now)}
        case EndPurpose():
            return holding.end_purpose(connection, session_id, deed.purpose, now)
        case Lift():
            for each in _restrictions(connection, session_id, deed.ground):
                holding.lift(connection, session_id, each, now)
    return set()


def _restrictions(connection: Connection, session_id: UUID, ground: Ground, purpose: str = EVERY_PURPOSE) -> list[UUID]:
    of = (restrictions.c.ground == ground.value, restrictions.c.purpose == purpose)
    mine = (restrictions.c.session_id == session_id, *of)
    return list(connection.execute(select(restrictions.c.id).where(*mine)).scalars())
