"""`SqlProofs`: the figures by which promises are checked, each one query over the whole database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Label,
    Select,
    exists,
    false,
    func,
    literal,
    select,
    type_coerce,
)

from storage.holds import Bar
from storage.proving import ConsentCount, Evidence, Kept, Sampled
from storage.records import ClassKind, ConsentState, PartKind, Speaker
from storage.retention import STANDING
from storage.sql.columns import microseconds
from storage.sql.databases import Databases
from storage.sql.payloads import SPEAKER_CODES
from storage.sql.tables import assignments, consent_states, parts, rules, sessions, turns

_STANDING: Final = [state.value for state in STANDING]
_OF_PART: Final = (assignments.c.session_id == parts.c.session_id) & (assignments.c.part_id == parts.c.id)
_RULE: Final = rules.c.id == assignments.c.rule_id
_DAY: Final = 86_400_000_000  # in microseconds
_STANDS: Final = assignments.c.state.in_(_STANDING)


class SqlProofs:
    """A `storage.proving.ProofStore` over SQL databases."""

    def __init__(self, databases: Databases) -> None:
        """Take the databases."""
        self._databases = databases

    async def evidence(self, overdue_at: datetime, told: Collection[str]) -> Evidence:
        """Return what is there."""
        return await self._databases.count(lambda unit: _evidence(unit.sessions, overdue_at, told))

    async def expiring(self, now: datetime, days: int) -> tuple[int, ...]:
        """Return for each of the next days how many parts are due in it."""
        counts = await self._databases.count(lambda unit: _expiring(unit.sessions, now, days))
        return tuple(counts.get(day, 0) for day in range(days))

    async def ages(self, now: datetime, days: int) -> tuple[Mapping[PartKind, int], ...]:
        """Return for each of the last days how many parts kept now began in it, by kind."""
        counts = await self._databases.count(lambda unit: _ages(unit.sessions, now, days))
        return tuple(counts.get(day, {}) for day in range(days))

    async def consents(self, now: datetime, days: int) -> tuple[ConsentCount, ...]:
        """Count what consents stand at, by the one of the last days on which that was said."""
        return await self._databases.count(lambda unit: _consents(unit.sessions, now, days))

    async def sample(self, now: datetime, limit: int) -> tuple[Sampled, ...]:
        """Return sessions taken at random whose transcript an operational purpose may read."""
        return await self._databases.count(lambda unit: _sample(unit.sessions, now, limit))


def _evidence(connection: Connection, overdue_at: datetime, told: Collection[str]) -> Evidence:
    return Evidence(
        kept=_kept(connection),
        overdue=_count(connection, parts.c.bars == 0, parts.c.due_at <= overdue_at),
        unfounded=_by_kind(
            connection,
            ~exists().where(_OF_PART, _STANDS),
            parts.c.due_at > overdue_at,
            parts.c.bars == 0,
            parts.c.doomed.is_(None),
        ),
        unconsented=_by_kind(connection, _unconsented()),
        unproven=_count(connection, parts.c.kind == PartKind.RECORDING.value, _on_consent(), ~_proof_from_before()),
        untold=_untold(connection, told),
        sessions=connection.execute(select(func.count()).select_from(sessions).where(~sessions.c.erasing)).scalar_one(),
    )


def _kept(connection: Connection) -> dict[Kept, int]:
    said = (sessions.c.channel, parts.c.kind, rules.c.purpose, rules.c.legal_basis, rules.c.consent)
    found = (
        select(*said, func.count().label("parts"))
        .join_from(assignments, parts, _OF_PART)
        .join(sessions, sessions.c.id == assignments.c.session_id)
        .join(rules, _RULE)
        .where(_STANDS, ~parts.c.erasing)
        .group_by(*said)
    )
    return {
        Kept(row.channel, PartKind(row.kind), row.purpose, row.legal_basis, row.consent): row.parts
        for row in connection.execute(found)
    }


def _expiring(connection: Connection, now: datetime, days: int) -> dict[int, int]:
    day = _day(parts.c.due_at, now)
    found = select(day, func.count().label("parts")).where(~parts.c.erasing, parts.c.due_at > now)
    found = found.where(parts.c.due_at <= now + timedelta(days=days)).group_by(day)
    return {row.day: row.parts for row in connection.execute(found)}


def _ages(connection: Connection, now: datetime, days: int) -> dict[int, dict[PartKind, int]]:
    day = _day(parts.c.collected_at, now - timedelta(days=days))
    found = select(day, parts.c.kind, func.count().label("parts")).where(~parts.c.erasing, parts.c.collected_at <= now)
    found = found.where(parts.c.collected_at > now - timedelta(days=days)).group_by(day, parts.c.kind)
    ages: dict[int, dict[PartKind, int]] = {}
    for row in connection.execute(found):
        ages.setdefault(days - 1 - row.day, {})[PartKind(row.kind)] = row.parts
    return ages


def _consents(connection: Connection, now: datetime, days: int) -> tuple[ConsentCount, ...]:
    said, day = consent_states.c, _day(consent_states.c.at, now - timedelta(days=days))
    found = select(said.consent, said.state, day, func.count().label("sessions")).where(said.at <= now)
    found = found.where(said.at > now - timedelta(days=days)).group_by(said.consent, said.state, day)
    counts = [
        ConsentCount(row.consent, ConsentState(row.state), days - 1 - row.day, row.sessions)
        for row in connection.execute(found)
    ]
    return tuple(sorted(counts, key=lambda each: (each.consent, each.state.value, each.day)))


def _day(moment: ColumnElement[datetime], start: datetime) -> Label[int]:
    """Return in which day behind `start` a moment lies; one that ends a day belongs to it."""
    behind = type_coerce(moment, BigInteger) - literal(microseconds(start) + 1, BigInteger)
    # Whole numbers divide without a rest in SQLite and PostgreSQL alike; SQLAlchemy's // is the same in both.
    return (behind // literal(_DAY, BigInteger)).label("day")


def _by_kind(connection: Connection, *conditions: ColumnElement[bool]) -> dict[PartKind, int]:
    found = select(parts.c.kind, func.count().label("parts")).where(~parts.c.erasing, *conditions)
    return {PartKind(row.kind): row.parts for row in connection.execute(found.group_by(parts.c.kind))}


def _count(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    return sum(_by_kind(connection, *conditions).values())


def _on_consent() -> ColumnElement[bool]:
    return exists().where(_OF_PART, _STANDS, _RULE, rules.c.consent.is_not(None))


def _unconsented() -> ColumnElement[bool]:
    given = exists().where(
        consent_states.c.session_id == assignments.c.session_id,
        consent_states.c.consent == rules.c.consent,
        consent_states.c.state == ConsentState.GIVEN.value,
    )
    return exists().where(_OF_PART, _STANDS, _RULE, rules.c.consent.is_not(None), ~given)


def _proof_from_before() -> ColumnElement[bool]:
    proof = parts.alias("proof")
    return exists().where(
        proof.c.session_id == parts.c.session_id,
        proof.c.kind == PartKind.CONSENT.value,
        proof.c.collected_at <= parts.c.collected_at,
    )


def _untold(connection: Connection, told: Collection[str]) -> int:
    answered = exists().where(turns.c.session_id == sessions.c.id, turns.c.speaker == SPEAKER_CODES[Speaker.BOT])
    found = select(func.count()).select_from(sessions).where(
        sessions.c.channel.in_(told), sessions.c.disclosed_at.is_(None), ~sessions.c.imported, ~sessions.c.erasing,
        answered,
    )  # fmt: skip
    return connection.execute(found).scalar_one()


def _sample(connection: Connection, now: datetime, limit: int) -> tuple[Sampled, ...]:
    found: Select[tuple[object, ...]] = (
        select(sessions.c.id, sessions.c.channel, func.min(rules.c.purpose).label("purpose"))
        .join_from(sessions, parts, parts.c.session_id == sessions.c.id)
        .join(assignments, _OF_PART)
        .join(rules, _RULE)
        .where(parts.c.kind == PartKind.TRANSCRIPT.value, parts.c.erasing == false(), assignments.c.state == "active")
        .where(assignments.c.delete_by > now, rules.c.kind == ClassKind.OPERATIONAL.value)
        .where(sessions.c.bars.op("&")(Bar.RESTRICTION.value) == 0)
        .group_by(sessions.c.id, sessions.c.channel)
        .order_by(func.random())
        .limit(limit)
    )
    return tuple(Sampled(row.id, row.channel, row.purpose) for row in connection.execute(found))
