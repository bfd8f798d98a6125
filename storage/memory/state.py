"""What `MemoryStore` holds of a session."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from storage.audio import Manifest, RecordingFigures, Segment, together
from storage.plans import Rule
from storage.records import (
    ConsentRecord,
    ConsentState,
    Facts,
    NewSession,
    PartKind,
    SecretBytes,
    SessionSummary,
    StartEvent,
    StoredTurn,
    TurnRef,
)
from storage.retention import delete_by


@dataclass(slots=True)
class MemoryRecording:
    """What a part of kind recording holds."""

    manifest: Manifest
    at: datetime
    open: bool = True
    segments: dict[int, Segment] = field(default_factory=dict)


@dataclass(slots=True)
class MemoryPart:
    """A part with all that it holds."""

    id: UUID
    kind: PartKind
    collected_at: datetime
    rules: dict[Rule, datetime]
    classes: tuple[str, ...]
    month: int
    turns: dict[int, StoredTurn] = field(default_factory=dict)
    refs: list[TurnRef] = field(default_factory=list)
    consents: list[ConsentRecord] = field(default_factory=list)
    connections: list[Mapping[str, str]] = field(default_factory=list)
    pseudonyms: bytes | None = None
    messages: int = 0
    ratings: list[bool] = field(default_factory=list)
    last_turn_at: datetime | None = None
    recording: MemoryRecording | None = None
    recorded: dict[UUID, RecordingFigures] = field(default_factory=dict)
    withdrawn: bool = False

    def due_at(self) -> datetime:
        """Return when the last of its assignments ends."""
        return max(self.rules.values())

    def live(self, now: datetime) -> dict[str, datetime]:
        """Return its purposes that have not ended, with their ends."""
        ends: dict[str, datetime] = {}
        if self.withdrawn:
            return ends
        for rule, end in self.rules.items():
            if end > now:
                purpose = rule.assignment.purpose
                ends[purpose] = max(end, ends.get(purpose, end))
        return ends

    def records(self) -> int:
        """Return how many records it has."""
        if self.kind is PartKind.FACTS:
            return 1
        recorded = 0 if self.recording is None else 1 + len(self.recording.segments)
        return len(self.turns) + len(self.consents) + len(self.connections) + (self.pseudonyms is not None) + recorded


@dataclass(slots=True)
class MemorySession:
    """A session with its parts."""

    new: NewSession
    active_at: datetime
    key: SecretBytes = field(default_factory=lambda: SecretBytes(os.urandom(32)))
    next_turn: int = 0
    disclosed_at: datetime | None = None
    events: dict[StartEvent, datetime] = field(default_factory=dict)
    consents: dict[str, ConsentState] = field(default_factory=dict)
    parts: dict[UUID, MemoryPart] = field(default_factory=dict)
    once: dict[bytes, UUID | None] = field(default_factory=dict)
    unkept: list[TurnRef] = field(default_factory=list)

    @property
    def gone(self) -> bool:
        """Whether all of its parts are to be erased."""
        return bool(self.parts) and all(part.withdrawn for part in self.parts.values())

    def end_assignments(self, consent: str) -> None:
        """End every assignment that rests on the consent; parts left with none are to be erased."""
        for part in self.parts.values():
            kept = {rule: end for rule, end in part.rules.items() if rule.assignment.consent != consent}
            if kept:
                part.rules = kept
            else:
                part.withdrawn = True

    def reschedule(self, event: StartEvent) -> None:
        """Set anew the days of what the event starts."""
        for part in self.parts.values():
            for rule in part.rules:
                if rule.assignment.deletion_class.start is event:
                    part.rules[rule] = delete_by(rule.assignment.deletion_class, part.collected_at, self.events)


def summary(session: MemorySession, now: datetime, purpose: str | None) -> SessionSummary:
    """Return the session as it stands in a list; with its figures if the purpose, where there is one, may see them."""
    ends: dict[str, datetime] = {}
    live = [part for part in session.parts.values() if part.live(now)]
    for part in live:
        for each, end in part.live(now).items():
            ends[each] = max(end, ends.get(each, end))
    counted = [part for part in live if part.kind is PartKind.FACTS and (purpose is None or purpose in part.live(now))]
    return SessionSummary(
        id=session.new.id,
        channel=session.new.channel,
        started_at=session.new.started_at,
        purposes=dict(sorted(ends.items())),
        parts=tuple(kind for kind in PartKind if any(part.kind is kind for part in live)),
        expires_at=max(ends.values(), default=None),
        facts=_facts(session, counted) if counted else None,
    )


def _facts(session: MemorySession, parts: Iterable[MemoryPart]) -> Facts:
    counted = list(parts)
    ratings = [rating for part in counted for rating in part.ratings]
    return Facts(
        started_at=session.new.started_at,
        last_turn_at=max((part.last_turn_at for part in counted if part.last_turn_at is not None), default=None),
        messages=sum(part.messages for part in counted),
        ratings_positive=sum(ratings),
        ratings_negative=len(ratings) - sum(ratings),
        recordings=together([each for part in counted for each in part.recorded.values()]),
    )
