"""`MemoryProofs`: the figures by which promises are checked. The reference for the others."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from storage.memory.state import MemoryPart, MemorySession, is_operational
from storage.proving import ConsentCount, Evidence, Kept, Sampled
from storage.records import AssignmentState, ConsentState, PartKind, Speaker

_DAY: Final = timedelta(days=1)
_INSTANT: Final = timedelta(microseconds=1)


class MemoryProofs:
    """A `storage.proving.ProofStore` in memory."""

    def __init__(self, sessions: Mapping[UUID, MemorySession]) -> None:
        """Share the store's sessions."""
        self._sessions = sessions

    async def evidence(self, overdue_at: datetime, told: Collection[str]) -> Evidence:
        """Return what is there."""
        everything = list(self._parts())
        return Evidence(
            kept=Counter(
                Kept(session.new.channel, part.kind, each.purpose, each.legal_basis, each.consent)
                for session, part in everything
                for each in (rule.rule.assignment for rule in part.standing().values())
            ),
            overdue=sum(not session.bars(part) and _due(part) <= overdue_at for session, part in everything),
            unfounded=Counter(
                part.kind
                for session, part in everything
                if not (part.standing() or part.doomed or session.bars(part)) and _due(part) > overdue_at
            ),
            unconsented=Counter(
                part.kind
                for session, part in everything
                if any(session.consents.get(consent) is not ConsentState.GIVEN for consent in _consents(part))
            ),
            unproven=sum(
                part.kind is PartKind.RECORDING and bool(_consents(part)) and not _proven(session, part)
                for session, part in everything
            ),
            untold=sum(_untold(session) for session in self._sessions.values() if session.new.channel in told),
            sessions=len(self._sessions),
        )

    async def expiring(self, now: datetime, days: int) -> tuple[int, ...]:
        """Return for each of the next days how many parts are due in it."""
        due = Counter((_due(part) - now - _INSTANT) // _DAY for _, part in self._parts())
        return tuple(due[day] for day in range(days))

    async def ages(self, now: datetime, days: int) -> tuple[Mapping[PartKind, int], ...]:
        """Return for each of the last days how many parts kept now began in it, by kind."""
        ages = [Counter[PartKind]() for _ in range(days)]
        for _, part in self._parts():
            day = (now - part.collected_at) // _DAY
            if 0 <= day < days:
                ages[day][part.kind] += 1
        return tuple(ages)

    async def consents(self, now: datetime, days: int) -> tuple[ConsentCount, ...]:
        """Count what consents stand at, by the one of the last days on which that was said."""
        counts = Counter(
            (consent, state, (now - session.consented_at[consent]) // _DAY)
            for session in self._sessions.values()
            for consent, state in session.consents.items()
        )
        found = [ConsentCount(*key, sessions) for key, sessions in counts.items() if 0 <= key[2] < days]
        return tuple(sorted(found, key=lambda each: (each.consent, each.state.value, each.day)))

    async def sample(self, now: datetime, limit: int) -> tuple[Sampled, ...]:
        """Return sessions taken at random whose transcript an operational purpose may read."""
        found = [
            Sampled(session.new.id, session.new.channel, purpose)
            for session in self._sessions.values()
            if (purpose := _readable(session, now)) is not None
        ]
        secrets.SystemRandom().shuffle(found)
        return tuple(found[:limit])

    def _parts(self) -> Iterator[tuple[MemorySession, MemoryPart]]:
        for session in self._sessions.values():
            yield from ((session, part) for part in session.parts.values() if part.erasing is None)


def _due(part: MemoryPart) -> datetime:
    return part.ends().due_at


def _consents(part: MemoryPart) -> set[str]:
    said = (each.rule.assignment.consent for each in part.standing().values())
    return {consent for consent in said if consent is not None}


def _proven(session: MemorySession, part: MemoryPart) -> bool:
    proofs = (each for each in session.parts.values() if each.kind is PartKind.CONSENT)
    return any(each.collected_at <= part.collected_at for each in proofs)


def _untold(session: MemorySession) -> bool:
    refs = [*session.unkept, *(ref for part in session.parts.values() for ref in part.refs)]
    return session.disclosed_at is None and not session.new.imported and any(ref.speaker is Speaker.BOT for ref in refs)


def _readable(session: MemorySession, now: datetime) -> str | None:
    if session.restricted:
        return None
    purposes = [
        each.rule.assignment.purpose
        for part in session.parts.values()
        if part.kind is PartKind.TRANSCRIPT and part.erasing is None
        for each in part.rules.values()
        if each.state is AssignmentState.ACTIVE and each.delete_by > now and is_operational(each)
    ]
    return min(purposes, default=None)
