"""What a write adds to a session's parts, in memory: turns, records, facts; each part for what it may be kept for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage.audio import RecordingStep
from storage.digests import words_digest
from storage.evidence import LaterEvidence
from storage.ids import uuid7
from storage.memory.state import MemoryPart, MemorySession
from storage.plans import PreparedPlan, allowed, prepare
from storage.records import PartKind, Plan, StoredTurn, Turn, TurnRef, Write


def count_recording(step: RecordingStep, write: Write, session: MemorySession) -> None:
    """Note a step of a recording among the facts."""
    session.active_at = max(session.active_at, write.now)
    if step.manifest is not None and step.manifest.samples:
        part = _part(write.plan, PartKind.FACTS, session, write.now, write.now)
        if part is not None:
            part.recorded[step.part_id] = step.manifest.figures


def keep_turn(turn: Turn, once: bytes | None, write: Write, session: MemorySession) -> int:
    """Keep a turn for what it may be kept for; returns its number."""
    sequence = session.next_turn
    session.next_turn += 1
    session.active_at = max(session.active_at, turn.at)
    if once is not None:
        session.once[once] = None
    part = _part(write.plan, PartKind.TRANSCRIPT, session, write.now, turn.at)
    if part is not None:
        part.turns[sequence] = StoredTurn(sequence, turn.speaker, turn.text, turn.at)
        digest = words_digest(session.key, turn)
        part.identifiers.update(turn.identifiers)
        part.refs.append(TurnRef(sequence, turn.speaker, digest, once))
        if once is not None:
            session.once[once] = part.id
    elif once is not None:
        session.unkept.append(TurnRef(sequence, turn.speaker, b"", once))
    if turn.original is not None:
        original = _part(write.plan, PartKind.ORIGINAL, session, write.now, turn.at)
        if original is not None:
            original.identifiers.update(turn.identifiers)
            original.turns[sequence] = StoredTurn(sequence, turn.speaker, "", turn.at, turn.original)
    return sequence


def keep_records(write: Write, session: MemorySession) -> None:
    """Keep what a write brings besides turns."""
    for consent, said in write.evidence.items():
        part = _part(write.plan, PartKind.CONSENT, session, write.now, write.now)
        if part is not None:
            part.consents.append(LaterEvidence(consent, said))
    for record in write.consents:
        part = _part(write.plan, PartKind.CONSENT, session, write.now, record.at)
        if part is not None:
            part.consents.append(record)
    if write.connection is not None:
        part = _part(write.plan, PartKind.CONNECTION, session, write.now, write.now)
        if part is not None:
            part.connections.append(dict(write.connection))
            part.identifiers.update(write.identifiers)
    if write.pseudonyms is not None:
        part = _part(write.plan, PartKind.PSEUDONYMS, session, write.now, write.now)
        if part is not None:
            part.pseudonyms = write.pseudonyms


def count(write: Write, session: MemorySession, fresh: Sequence[Turn]) -> None:
    """Count what is new among the facts."""
    if not fresh and not write.ratings:
        return
    part = _part(write.plan, PartKind.FACTS, session, write.now, fresh[0].at if fresh else write.now)
    if part is not None:
        part.messages += len(fresh)
        part.ratings += write.ratings
        part.last_turn_at = session.active_at if fresh else part.last_turn_at


def _part(
    plan: Plan, kind: PartKind, session: MemorySession, now: datetime, collected_at: datetime
) -> MemoryPart | None:
    assignments = allowed(plan.assignments.get(kind, ()), session.consents, session.over)
    if not assignments:
        return None
    prepared = prepare(assignments)
    part = _open_part(session, kind, prepared, now)
    if part is not None:
        return part
    running = prepared.running(collected_at, session.events, now)
    if running is None:
        return None
    part = _open_part(session, kind, running, now) if running is not prepared else None
    return part or session.open_part(uuid7(now), kind, running, collected_at)


def _open_part(session: MemorySession, kind: PartKind, prepared: PreparedPlan, now: datetime) -> MemoryPart | None:
    rules = {rule.id for rule in prepared.rules}
    for part in reversed(session.parts.values()):
        if part.kind is kind and part.open_at(now) and part.standing().keys() == rules:
            return part
    return None
