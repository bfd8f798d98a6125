"""Reads for a purpose, and lists. What has ended by `now` is not there, swept or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    LargeBinary,
    Row,
    Select,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
    type_coerce,
)

from storage.audio import RecordingFigures, together
from storage.errors import PurposeRefusedError, UnknownSessionError
from storage.holds import Bar
from storage.records import (
    ClassKind,
    DuePart,
    Facts,
    Figures,
    PartKind,
    PartState,
    SessionSummary,
    StoredTurn,
    Transcript,
)
from storage.retention import can_be_named
from storage.sql.chained import missing, opened
from storage.sql.columns import moment
from storage.sql.databases import Unit
from storage.sql.keys import KeyStore
from storage.sql.payloads import consents_from, turn_from_bytes
from storage.sql.tables import (
    assignments,
    facts,
    holds,
    intents,
    parts,
    receipts,
    recorded,
    restrictions,
    rules,
    sessions,
    turns,
)

_IDS_AT_ONCE: Final = 1000
_KINDS: Final = {kind.value: kind for kind in PartKind}
_FACTS: Final = PartKind.FACTS.value
_OPERATIONAL: Final = ClassKind.OPERATIONAL.value
RARE: Final = 2000
"""For a purpose with fewer assignments of each of its rules its sessions are looked up, not looked for."""
_Counted: TypeAlias = Mapping[bytes, tuple[Row[Any], RecordingFigures]]


def read(unit: Unit, keys: KeyStore, session_id: UUID, purpose: str, now: datetime) -> Transcript:
    """Return what the purpose may see. Raises UnknownSessionError or PurposeRefusedError."""
    session = known(unit.sessions, session_id)
    live = _seen(session, _live(unit.sessions, [session_id], now)[session_id.bytes], purpose)
    seen = {UUID(bytes=row.part): PartKind(row.kind) for row in live if row.purpose == purpose}
    if not seen:
        raise PurposeRefusedError("nothing of this session is kept for that purpose now")
    records = opened(unit, keys, session_id, seen)
    transcript = records.get(PartKind.TRANSCRIPT, ())
    _complete(unit.sessions, session_id, seen, transcript)
    return Transcript(
        summary=_summary(session, live, _facts(unit.sessions, [session_id]), purpose),
        purpose=purpose,
        turns=merged(transcript, records.get(PartKind.ORIGINAL, ())),
        consents=consents_from(records.get(PartKind.CONSENT, ())),
    )


def known(connection: Connection, session_id: UUID) -> Row[Any]:
    """Return the session's row. Raises UnknownSessionError."""
    session = connection.execute(_SESSION, {"of": session_id}).one_or_none()
    if session is None:
        raise UnknownSessionError("there is no such session, or it has been erased")
    return session


def live_parts(connection: Connection, session_id: UUID, purpose: str, now: datetime) -> Mapping[UUID, PartKind]:
    """Return the parts that a purpose may see, none perhaps. Raises UnknownSessionError."""
    session = known(connection, session_id)
    live = _seen(session, _live(connection, [session_id], now)[session_id.bytes], purpose)
    return {UUID(bytes=row.part): PartKind(row.kind) for row in live if row.purpose == purpose}


@dataclass(frozen=True, slots=True)
class Page:
    """What to list: sessions of a channel with something live for a purpose, behind a session, at most so many."""

    now: datetime
    channel: str | None
    purpose: str | None
    limit: int
    after: UUID | None


def list_sessions(connection: Connection, page: Page) -> tuple[SessionSummary, ...]:
    """List sessions with something live in them, newest first."""
    if not all(can_be_named(each) for each in (page.channel, page.purpose) if each is not None):
        return ()
    ordinary = rules.c.kind == ClassKind.OPERATIONAL.value
    alive = (
        select(assignments.c.rule_id)
        .where(assignments.c.session_id == sessions.c.id, assignments.c.state == "active")
        .where(assignments.c.delete_by > page.now)
        .where(parts.c.session_id == assignments.c.session_id, parts.c.id == assignments.c.part_id, ~parts.c.erasing)
        .where(rules.c.id == assignments.c.rule_id, or_(~_restricted, rules.c.legal_claims.is_(true())))
        .where(ordinary if page.purpose is None else rules.c.purpose == page.purpose)
        .correlate(sessions)
        # Asked of one session after the other, from the newest on: PostgreSQL would rather join all that is kept, since
        # it takes few assignments for alive. What has an offset it leaves as it is.
        .offset(0)
    )
    found = select(sessions).where(~sessions.c.erasing, alive.exists()).order_by(sessions.c.id.desc())
    if page.channel is not None:
        found = found.where(sessions.c.channel == page.channel)
    if page.after is not None:
        found = found.where(sessions.c.id < page.after)
    rows = _rows_of(connection, page, found)
    ids = [row.id for row in rows]
    live, counted = _live(connection, ids, page.now), _facts(connection, ids)
    return tuple(_summary(row, _seen(row, live[row.id.bytes], page.purpose), counted, page.purpose) for row in rows)


def _rows_of(connection: Connection, page: Page, found: Select[Any]) -> list[Row[Any]]:
    """Return the rows of a page. Of a rare purpose the sessions are known before: nothing walks past all the others."""
    few = None if page.purpose is None else _few(connection, page.purpose)
    if few is None:
        return list(connection.execute(found.limit(page.limit)).all())
    rows: list[Row[Any]] = []
    for chunk in _chunks([each for each in few if page.after is None or each < page.after]):
        rows += connection.execute(found.where(sessions.c.id.in_(chunk)).limit(page.limit - len(rows)))
        if len(rows) == page.limit:
            break
    return rows


def _few(connection: Connection, purpose: str) -> list[UUID] | None:
    """Return the sessions, newest first, of a purpose for which few assignments are kept; None where there are many."""
    few: set[UUID] = set()
    for rule in connection.execute(select(rules.c.id).where(rules.c.purpose == purpose)).scalars().all():
        its = select(assignments.c.session_id).where(assignments.c.rule_id == rule).limit(RARE)
        known = connection.execute(its).scalars().all()
        if len(known) == RARE:
            return None
        few.update(known)
    return sorted(few, reverse=True)


def due(connection: Connection, now: datetime, limit: int) -> list[DuePart]:
    """List parts whose last assignment has ended, then those whose erasure was begun and not finished.

    Those last: they may wait for blobs that are away, and are to hold up nothing that has ended since.
    """
    each = parts.c
    found = select(each.id, each.session_id, each.kind, each.due_at)
    # In two steps: SQLite, asked to join, walks through all parts to find the few that are under way.
    marked = connection.execute(select(intents.c.part_id).limit(limit)).scalars().all()
    begun = [row for some in _chunks(marked) for row in connection.execute(found.where(each.id.in_(some)))]
    ended = found.where(each.bars == 0, each.due_at <= now, ~each.erasing).order_by(each.due_at).limit(limit)
    rows = [*connection.execute(ended), *sorted(begun, key=lambda row: row.due_at)]
    return [
        DuePart(part_id=row.id, session_id=row.session_id, kind=PartKind(row.kind), due_at=row.due_at)
        for row in rows[:limit]
    ]


def figures(connection: Connection, now: datetime) -> Figures:
    """Count what is kept."""
    counts = {(PartKind(row.kind), row.purpose): row.parts for row in connection.execute(_ALIVE_COUNTED, {"now": now})}
    late = select(func.count().label("overdue"), func.min(parts.c.due_at).label("oldest"))
    overdue, oldest = connection.execute(late.where(parts.c.bars == 0, parts.c.due_at <= now)).one()
    placed = select(func.count(holds.c.id.distinct()))
    return Figures(
        parts=counts,
        overdue=overdue,
        oldest_overdue_seconds=(now - oldest).total_seconds() if oldest is not None else 0.0,
        sessions=connection.execute(select(func.count()).select_from(sessions).where(~sessions.c.erasing)).scalar_one(),
        states=_states(connection, now),
        holds=connection.execute(placed).scalar_one(),
        holds_overdue=connection.execute(placed.where(holds.c.review_at <= now)).scalar_one(),
        restrictions=connection.execute(select(func.count()).select_from(restrictions)).scalar_one(),
    )


def _states(connection: Connection, now: datetime) -> dict[PartState, int]:
    """Count parts by what may be done with them: `storage.retention.Ends.state`, in the database's words."""
    bars = parts.c.bars
    state = case(
        (_has(bars, Bar.RESTRICTION), PartState.RESTRICTED.value),
        (parts.c.visible_until > now, PartState.ACTIVE.value),
        (_has(bars, Bar.OBJECTION), PartState.RESTRICTED.value),
        (or_(_has(bars, Bar.HOLD), parts.c.due_at > now), PartState.BLOCKED.value),
        else_=PartState.ERASE.value,
    ).label("state")
    found = select(state, func.count().label("parts")).where(~parts.c.erasing).group_by(state)
    return {PartState(row.state): row.parts for row in connection.execute(found)}


def newest_receipts(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """Return rows of the newest receipts."""
    return connection.execute(select(receipts).order_by(receipts.c.id.desc()).limit(limit)).all()


def _has(bars: ColumnElement[int], bar: Bar) -> ColumnElement[bool]:
    return bars.op("&")(int(bar)) != 0


_restricted: Final = _has(sessions.c.bars, Bar.RESTRICTION)


def _seen(session: Row[Any], live: Sequence[Row[Any]], purpose: str | None) -> Sequence[Row[Any]]:
    """Return of the live assignments those that a read sees.

    While the session is restricted only those of legal claims (Art. 18(2)). Of a part that statutory purposes alone
    keep only that of the purpose itself: it is blocked for all others.
    """
    free = [row for row in live if row.legal_claims] if session.bars & Bar.RESTRICTION.value else live
    ordinary = {row.part for row in free if row.rule_kind == _OPERATIONAL}
    return [row for row in free if row.part in ordinary or row.purpose == purpose]


# Made once: to put a statement together takes longer than to execute it.
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_SESSION: Final = select(sessions).where(sessions.c.id == bindparam("of"), ~sessions.c.erasing)
_ALIVE: Final[Select[Any]] = (
    select(
        type_coerce(parts.c.session_id, LargeBinary).label("of"),
        type_coerce(parts.c.id, LargeBinary).label("part"),
        parts.c.kind,
        rules.c.purpose,
        type_coerce(assignments.c.delete_by, BigInteger).label("until"),
        rules.c.kind.label("rule_kind"),
        rules.c.legal_claims,
    )
    .join(parts, (parts.c.session_id == assignments.c.session_id) & (parts.c.id == assignments.c.part_id))
    .join(rules, rules.c.id == assignments.c.rule_id)
    .where(assignments.c.state == "active", assignments.c.delete_by > bindparam("now"), ~parts.c.erasing)
)
_ALIVE_OF: Final = _ALIVE.where(assignments.c.session_id.in_(_IDS))
_ALIVE_COUNTED: Final = _ALIVE.with_only_columns(parts.c.kind, rules.c.purpose, func.count().label("parts")).group_by(
    parts.c.kind, rules.c.purpose
)
_RECORDED: Final = select(recorded).where(recorded.c.session_id.in_(_IDS))
_FACTS_OF: Final = select(
    type_coerce(facts.c.part_id, LargeBinary).label("part"),
    facts.c.last_turn_at,
    facts.c.messages,
    facts.c.ratings_positive,
    facts.c.ratings_negative,
).where(facts.c.session_id.in_(_IDS))
_STORED: Final = select(turns.c.sequence).where(turns.c.session_id == bindparam("of"), turns.c.part_id.in_(_IDS))


def _chunks(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    # A database takes so many values in one statement and no more.
    return (ids[at : at + _IDS_AT_ONCE] for at in range(0, len(ids), _IDS_AT_ONCE))


def _live(connection: Connection, ids: Sequence[UUID], now: datetime) -> Mapping[bytes, list[Row[Any]]]:
    """Return the live assignments of sessions. Ids and moments stay as stored: of a long list's rows few are told."""
    live: defaultdict[bytes, list[Row[Any]]] = defaultdict(list)
    for chunk in _chunks(ids):
        for row in connection.execute(_ALIVE_OF, {"now": now, "ids": chunk}).all():
            live[row.of].append(row)
    return live


def _facts(connection: Connection, ids: Sequence[UUID]) -> _Counted:
    counted: dict[bytes, tuple[Row[Any], RecordingFigures]] = {}
    for chunk in _chunks(ids):
        heard: defaultdict[bytes, list[RecordingFigures]] = defaultdict(list)
        for row in connection.execute(_RECORDED, {"ids": chunk}):
            figures = RecordingFigures(row.duration_ms, row.sealed_bytes, row.gaps, row.gap_ms)
            heard[row.part_id.bytes].append(figures)
        for row in connection.execute(_FACTS_OF, {"ids": chunk}).all():
            counted[row.part] = row, together(heard[row.part])
    return counted


def facts_in(connection: Connection, session: Row[Any], part_ids: Collection[UUID]) -> Facts | None:
    """Return the figures that parts of a session keep, None if they keep none."""
    counted, wanted = _facts(connection, [session.id]), {part_id.bytes for part_id in part_ids}
    return _sum(session, [said for part, said in counted.items() if part in wanted])


def _summary(session: Row[Any], live: Sequence[Row[Any]], counted: _Counted, purpose: str | None) -> SessionSummary:
    until: dict[str, int] = {}
    kinds = {row.kind for row in live}
    for row in live:
        until[row.purpose] = max(row.until, until.get(row.purpose, 0))
    ends = {name: moment(until[name]) for name in sorted(until)}
    figures_of = {row.part for row in live if row.kind == _FACTS and purpose in (None, row.purpose)}
    return SessionSummary(
        id=session.id,
        channel=session.channel,
        started_at=session.started_at,
        purposes=ends,
        parts=tuple(kind for name, kind in _KINDS.items() if name in kinds),
        expires_at=max(ends.values(), default=None),
        facts=_sum(session, [counted[part] for part in figures_of if part in counted]),
    )


def _sum(session: Row[Any], figures: Sequence[tuple[Row[Any], RecordingFigures]]) -> Facts | None:
    if not figures:
        return None
    counted = [row for row, _ in figures]
    return Facts(
        started_at=session.started_at,
        last_turn_at=max((row.last_turn_at for row in counted if row.last_turn_at is not None), default=None),
        messages=sum(row.messages for row in counted),
        ratings_positive=sum(row.ratings_positive for row in counted),
        ratings_negative=sum(row.ratings_negative for row in counted),
        recordings=together([heard for _, heard in figures]),
    )


def _complete(
    connection: Connection, session_id: UUID, seen: Mapping[UUID, PartKind], transcript: Iterable[tuple[int, bytes]]
) -> None:
    """Raise SealBrokenError unless it is known of each turn, and of no other, that it was stored."""
    parts_of = [part_id for part_id, kind in seen.items() if kind is PartKind.TRANSCRIPT]
    stored = connection.execute(_STORED, {"of": session_id, "ids": parts_of})
    if set(stored.scalars()) != {sequence for sequence, _ in transcript}:
        raise missing()


def merged(transcript: Iterable[tuple[int, bytes]], original: Iterable[tuple[int, bytes]]) -> tuple[StoredTurn, ...]:
    """Return turns in order from the opened records of transcripts and originals (number, payload)."""
    merged = {sequence: turn_from_bytes(sequence, payload) for sequence, payload in transcript}
    for sequence, payload in original:
        said = turn_from_bytes(sequence, payload)
        merged[sequence] = replace(merged.get(sequence) or replace(said, text=""), original=said.text)
    return tuple(merged[sequence] for sequence in sorted(merged))
