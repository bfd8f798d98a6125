"""The figures of what `MemoryStore` keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from storage.memory.state import MemorySession
from storage.records import AssignmentState, Figures, PartKind, PartState


def count_all(sessions: Iterable[MemorySession], now: datetime) -> Figures:
    """Count what is kept."""
    every = list(sessions)
    counts: Counter[tuple[PartKind, str]] = Counter()
    states: Counter[PartState] = Counter()
    late = []
    for session in every:
        for part in session.parts.values():
            bars, its = session.bars(part), part.ends()
            if its.due_at <= now and not bars:
                late.append(its.due_at)  # one that is marked is still there
            if part.erasing is not None:
                continue
            states[its.state(bars, now)] += 1
            running = {
                each.rule.assignment.purpose
                for each in part.rules.values()
                if each.state is AssignmentState.ACTIVE and each.delete_by > now
            }
            counts.update((part.kind, purpose) for purpose in running)
    holds = [hold for session in every for hold in session.holds.values()]
    return Figures(
        parts=dict(counts),
        overdue=len(late),
        oldest_overdue_seconds=(now - min(late)).total_seconds() if late else 0.0,
        sessions=sum(not session.gone for session in every),
        states=dict(states),
        holds=len(holds),
        holds_overdue=sum(hold.review_at <= now for hold in holds),
        restrictions=sum(len(session.restrictions) for session in every),
    )
