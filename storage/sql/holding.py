"""Holds, restrictions, objections and ended purposes as rows, and what follows from them for parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, insert, or_, select, update

from storage.errors import RetentionRefusedError
from storage.holds import (
    Bar,
    Ground,
    Hold,
    HoldPlace,
    HoldTerms,
    Restriction,
    RestrictionPlace,
    Verdict,
    check_review,
)
from storage.ids import uuid7
from storage.ledger.happened import held, restricted
from storage.records import AssignmentState, ClassKind, ErasureReason
from storage.retention import EVERY_PURPOSE, OBJECTABLE_BASES, SUBJECT, check_purpose
from storage.sql.databases import lock_sessions
from storage.sql.ending import STANDS, end_assignments
from storage.sql.erasing import mark
from storage.sql.ledger import append
from storage.sql.reading import known
from storage.sql.tables import assignments, ended_purposes, holds, parts, restrictions, rules, sessions

WHOLE_SESSION: Final = UUID(int=0)
OPERATIONAL: Final = rules.c.kind == ClassKind.OPERATIONAL.value
_SET_BARS: Final = (
    update(parts)
    .where(parts.c.session_id == bindparam("of"), parts.c.id == bindparam("of_part"))
    .values(bars=bindparam("new_bars"))
)


def place(
    connection: Connection, session_id: UUID, terms: HoldTerms, part_ids: Collection[UUID], now: datetime
) -> Hold:
    """Place a hold, or return the same one if it is there already."""
    terms.check(now)
    _lock(connection, session_id)
    wanted = tuple(sorted(set(part_ids)))
    for hold in list_holds(connection, session_id=session_id):
        if (hold.reason, hold.owner, hold.parts) == (terms.reason, terms.owner, wanted):
            return hold
    mine = select(parts.c.id).where(parts.c.session_id == session_id, parts.c.id.in_(wanted), ~parts.c.erasing)
    if set(connection.execute(mine).scalars()) != set(wanted):
        raise RetentionRefusedError("a hold names a part that is not there (any more) in this session")
    hold = Hold(uuid7(now), session_id, terms.reason, terms.owner, now, terms.review_at, wanted)
    said = {"session_id": session_id, "id": hold.id, "reason": hold.reason, "owner": hold.owner}
    days = {"placed_at": now, "review_at": terms.review_at}
    connection.execute(insert(holds), [said | days | {"part_id": each} for each in wanted or (WHOLE_SESSION,)])
    set_bars(connection, session_id)
    append(connection, [held(hold, "placed", now)])
    return hold


def review(connection: Connection, session_id: UUID, hold_id: UUID, review_at: datetime, now: datetime) -> Hold:
    """Give a hold its next review date."""
    check_review(review_at, now)
    _lock(connection, session_id)
    this = (holds.c.session_id == session_id, holds.c.id == hold_id)
    connection.execute(update(holds).where(*this).values(review_at=review_at))
    found = _holds(connection.execute(select(holds).where(*this)).all())
    if not found:
        raise _no_hold()
    append(connection, [held(found[0], "reviewed", now)])
    return found[0]


def release(connection: Connection, session_id: UUID, hold_id: UUID, now: datetime) -> None:
    """End a hold."""
    _lock(connection, session_id)
    this = (holds.c.session_id == session_id, holds.c.id == hold_id)
    found = _holds(connection.execute(select(holds).where(*this)).all())
    if not found:
        raise _no_hold()
    connection.execute(delete(holds).where(*this))
    set_bars(connection, session_id)
    append(connection, [held(found[0], "released", now)])


def list_holds(
    connection: Connection,
    *,
    session_id: UUID | None,
    overdue_at: datetime | None = None,
    limit: int | None = None,
    after: HoldPlace | None = None,
) -> tuple[Hold, ...]:
    """Return holds, those to be reviewed soonest first."""
    wanted = select(holds.c.session_id, holds.c.id, holds.c.review_at).distinct()
    if session_id is not None:
        wanted = wanted.where(holds.c.session_id == session_id)
    if overdue_at is not None:
        wanted = wanted.where(holds.c.review_at <= overdue_at)
    if after is not None:
        wanted = wanted.where(_behind(after, holds.c.review_at, holds.c.session_id, holds.c.id))
    first = wanted.order_by(holds.c.review_at, holds.c.session_id, holds.c.id).limit(limit).subquery()
    found = select(holds).join(first, (holds.c.session_id == first.c.session_id) & (holds.c.id == first.c.id))
    return _holds(connection.execute(found.order_by(holds.c.review_at, holds.c.session_id, holds.c.id)).all())


def restrict(connection: Connection, session_id: UUID, ground: Ground, now: datetime) -> Restriction:
    """Restrict a session on a ground other than an objection."""
    if ground is Ground.OBJECTION:
        raise RetentionRefusedError("a restriction by objection (Art. 18(1)(d)) begins with the objection")
    return _restricted(connection, session_id, ground, EVERY_PURPOSE, now)


def lift(connection: Connection, session_id: UUID, restriction_id: UUID, now: datetime) -> None:
    """End a restriction that is no objection."""
    restriction = _restriction(connection, session_id, restriction_id)
    if restriction.ground is Ground.OBJECTION:
        raise RetentionRefusedError("an objection is not lifted but decided")
    _drop(connection, restriction)
    set_bars(connection, session_id)
    append(connection, [restricted(restriction, "lifted", now)])


def list_restrictions(
    connection: Connection, session_id: UUID | None, limit: int, after: RestrictionPlace | None
) -> tuple[Restriction, ...]:
    """Return restrictions, the oldest first."""
    found = select(restrictions).order_by(restrictions.c.since, restrictions.c.id).limit(limit)
    if session_id is not None:
        found = found.where(restrictions.c.session_id == session_id)
    if after is not None:
        found = found.where(_behind(after, restrictions.c.since, restrictions.c.id))
    return tuple(_restriction_of(row) for row in connection.execute(found))


def object_to(connection: Connection, session_id: UUID, purpose: str | None, now: datetime) -> Restriction:
    """Enter an objection; what it covers is put by."""
    if purpose is not None:
        check_purpose(purpose)
    _lock(connection, session_id)
    if purpose is not None and not _covers_something(connection, session_id, purpose):
        msg = "this purpose does not rest on Art. 6(1)(e) or (f) here, so that it can't be objected to"
        raise RetentionRefusedError(msg)
    objection = _restricted(connection, session_id, Ground.OBJECTION, purpose or EVERY_PURPOSE, now)
    end_assignments(connection, session_id, _covered(objection), AssignmentState.OBJECTED, now)
    return objection


def decide(
    connection: Connection, session_id: UUID, restriction_id: UUID, verdict: Verdict, now: datetime
) -> set[UUID]:
    """Decide an objection; returns the parts that are to be erased for it."""
    objection = _restriction(connection, session_id, restriction_id)
    if objection.ground is not Ground.OBJECTION:
        raise RetentionRefusedError("this restriction is no objection: lift it")
    _drop(connection, objection)
    append(connection, [restricted(objection, verdict.value, now)])
    if verdict is Verdict.UPHELD:
        left = end_assignments(connection, session_id, _covered(objection), AssignmentState.ENDED, now)
        _remember_end(connection, session_id, objection.purpose or EVERY_PURPOSE, now)
    else:
        left = set()
        _give_back(connection, objection, now)
    set_bars(connection, session_id)
    return mark(connection, left, ErasureReason.OBJECTED, SUBJECT, now)


def end_purpose(connection: Connection, session_id: UUID, purpose: str, now: datetime) -> set[UUID]:
    """End an operational purpose; returns the parts that are to be erased for it."""
    check_purpose(purpose)
    _lock(connection, session_id)
    left = end_assignments(
        connection, session_id, OPERATIONAL & (rules.c.purpose == purpose), AssignmentState.ENDED, now
    )
    _remember_end(connection, session_id, purpose, now)
    return mark(connection, left, ErasureReason.ENDED, "controller", now)


def set_bars(connection: Connection, session_id: UUID) -> None:
    """Materialise anew what bars the erasure of a session's parts."""
    whole, single = session_bars(connection, [session_id])[session_id], part_holds(connection, [session_id])
    objected = _objected(connection, session_id)
    connection.execute(update(sessions).where(sessions.c.id == session_id).values(bars=int(whole)))
    found = select(parts.c.id, parts.c.bars).where(parts.c.session_id == session_id)
    changed = []
    for row in connection.execute(found):
        bars = whole | (Bar.HOLD if row.id in single else Bar(0)) | (Bar.OBJECTION if row.id in objected else Bar(0))
        if bars != row.bars:
            changed.append({"of": session_id, "of_part": row.id, "new_bars": int(bars)})
    if changed:
        connection.execute(_SET_BARS, changed)


def session_bars(connection: Connection, session_ids: Sequence[UUID]) -> defaultdict[UUID, Bar]:
    """Return what bars the erasure of all parts of each session."""
    bars: defaultdict[UUID, Bar] = defaultdict(lambda: Bar(0))
    held = select(holds.c.session_id).where(holds.c.session_id.in_(session_ids), holds.c.part_id == WHOLE_SESSION)
    for session_id in connection.execute(held).scalars():
        bars[session_id] |= Bar.HOLD
    whole = (restrictions.c.session_id.in_(session_ids), restrictions.c.purpose == EVERY_PURPOSE)
    for session_id in connection.execute(select(restrictions.c.session_id).where(*whole)).scalars():
        bars[session_id] |= Bar.RESTRICTION
    return bars


def part_holds(connection: Connection, session_ids: Sequence[UUID]) -> set[UUID]:
    """Return the parts of the sessions that are held one by one."""
    found = select(holds.c.part_id).where(holds.c.session_id.in_(session_ids), holds.c.part_id != WHOLE_SESSION)
    return set(connection.execute(found).scalars())


def _behind(place: Sequence[Any], *order: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition of rows that stand behind a place in the order of some columns."""
    steps = (
        and_(*(one == at for one, at in zip(order[:number], place, strict=False)), column > place[number])
        for number, column in enumerate(order)
    )
    return or_(*steps)


def _objected(connection: Connection, session_id: UUID) -> set[UUID]:
    each = assignments.c
    found = select(each.part_id).where(each.session_id == session_id, each.state == AssignmentState.OBJECTED.value)
    return set(connection.execute(found).scalars())


def _restricted(connection: Connection, session_id: UUID, ground: Ground, purpose: str, now: datetime) -> Restriction:
    _lock(connection, session_id)
    same = select(restrictions).where(
        restrictions.c.session_id == session_id,
        restrictions.c.ground == ground.value,
        restrictions.c.purpose == purpose,
    )
    row = connection.execute(same).first()
    if row is not None:
        return _restriction_of(row)
    values = {"session_id": session_id, "id": uuid7(now), "ground": ground.value, "purpose": purpose, "since": now}
    connection.execute(insert(restrictions).values(**values))
    set_bars(connection, session_id)
    restriction = _restriction_of(connection.execute(same).one())
    append(connection, [restricted(restriction, "begun", now)])
    return restriction


def _drop(connection: Connection, restriction: Restriction) -> None:
    this = (restrictions.c.session_id == restriction.session_id, restrictions.c.id == restriction.id)
    connection.execute(delete(restrictions).where(*this))


def _covered(objection: Restriction) -> ColumnElement[bool]:
    """Return the condition of rules that an objection covers; see `storage.retention.is_over`."""
    if objection.purpose is None:
        return OPERATIONAL & rules.c.legal_basis.in_(OBJECTABLE_BASES) & ~rules.c.legal_claims
    return OPERATIONAL & (rules.c.purpose == objection.purpose)


def _covers_something(connection: Connection, session_id: UUID, purpose: str) -> bool:
    found = (
        select(assignments.c.part_id)
        .join(rules, rules.c.id == assignments.c.rule_id)
        .where(assignments.c.session_id == session_id, STANDS, OPERATIONAL, rules.c.purpose == purpose)
        .where(rules.c.legal_basis.in_(OBJECTABLE_BASES))
    )
    return connection.execute(found.limit(1)).first() is not None


def _give_back(connection: Connection, objection: Restriction, now: datetime) -> None:
    """Make active again what no other objection covers."""
    which = (assignments.c.state == AssignmentState.OBJECTED.value) & _covered(objection)
    others = select(restrictions).where(
        restrictions.c.session_id == objection.session_id, restrictions.c.ground == Ground.OBJECTION.value
    )
    for row in connection.execute(others):
        which &= ~_covered(_restriction_of(row))
    end_assignments(connection, objection.session_id, which, AssignmentState.ACTIVE, now)


def _remember_end(connection: Connection, session_id: UUID, purpose: str, now: datetime) -> None:
    each = ended_purposes.c
    known = select(each.purpose).where(each.session_id == session_id, each.purpose == purpose)
    if connection.execute(known).first() is None:
        connection.execute(insert(ended_purposes).values(session_id=session_id, purpose=purpose, at=now))


def _lock(connection: Connection, session_id: UUID) -> None:
    """Lock the session's row until the transaction ends. Raises UnknownSessionError."""
    lock_sessions(connection, [session_id])
    known(connection, session_id)


def _restriction(connection: Connection, session_id: UUID, restriction_id: UUID) -> Restriction:
    _lock(connection, session_id)
    found = select(restrictions).where(restrictions.c.session_id == session_id, restrictions.c.id == restriction_id)
    row = connection.execute(found).one_or_none()
    if row is None:
        raise RetentionRefusedError("this session has no such restriction or objection")
    return _restriction_of(row)


def _restriction_of(row: Row[Any]) -> Restriction:
    purpose = None if row.purpose == EVERY_PURPOSE else row.purpose
    return Restriction(row.id, row.session_id, Ground(row.ground), row.since, purpose)


def _holds(rows: Sequence[Row[Any]]) -> tuple[Hold, ...]:
    found: dict[tuple[UUID, UUID], Hold] = {}
    held: defaultdict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
    for row in rows:
        key = (row.session_id, row.id)
        if row.part_id != WHOLE_SESSION:
            held[key].append(row.part_id)
        found[key] = Hold(
            row.id, row.session_id, row.reason, row.owner, row.placed_at, row.review_at, tuple(sorted(held[key]))
        )
    return tuple(found.values())


def _no_hold() -> RetentionRefusedError:
    return RetentionRefusedError("this session has no such hold")
