"""What `MemoryStore` holds of a session."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from storage.audio import Manifest, RecordingFigures, Segment, together
from storage.evidence import LaterEvidence
from storage.holds import Bar, Ground, Hold, Restriction
from storage.ids import uuid7
from storage.key_material import SecretBytes
from storage.ledger.tree import EMPTY_ROOT
from storage.plans import PreparedPlan
from storage.records import (
    AssignmentState,
    ClassKind,
    ConsentRecord,
    ConsentState,
    ErasureReason,
    Facts,
    Identifier,
    NewSession,
    PartKind,
    Receipt,
    SessionSummary,
    StartEvent,
    StoredTurn,
    TurnRef,
)
from storage.retention import (
    EVERY_PURPOSE,
    STANDING,
    STOPPED_BY_RESTRICTION,
    SUBJECT,
    Assigned,
    Ends,
    delete_by,
    ends,
    kept_by_any,
    stays_ended,
)
from storage.verifying import RuleAsKept


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
    rules: dict[bytes, RuleAsKept]
    turns: dict[int, StoredTurn] = field(default_factory=dict)
    refs: list[TurnRef] = field(default_factory=list)
    consents: list[ConsentRecord | LaterEvidence] = field(default_factory=list)
    connections: list[Mapping[str, str]] = field(default_factory=list)
    pseudonyms: bytes | None = None
    messages: int = 0
    ratings: list[bool] = field(default_factory=list)
    last_turn_at: datetime | None = None
    recording: MemoryRecording | None = None
    recorded: dict[UUID, RecordingFigures] = field(default_factory=dict)
    erasing: tuple[ErasureReason, str] | None = None
    identifiers: set[Identifier] = field(default_factory=set)
    doomed: ErasureReason | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of its deletion classes."""
        return tuple(sorted({each.rule.assignment.deletion_class.name for each in self.rules.values()}))

    def standing(self) -> dict[bytes, RuleAsKept]:
        """Return its assignments that stand."""
        return {key: each for key, each in self.rules.items() if each.state in STANDING}

    def assigned(self) -> list[Assigned]:
        """Return its assignments as `storage.retention` takes them."""
        return [
            Assigned(each.rule.assignment.deletion_class.kind, each.state, each.delete_by)
            for each in self.rules.values()
        ]

    def ends(self) -> Ends:
        """Return when it ends."""
        return ends(self.assigned())

    def open_at(self, now: datetime) -> bool:
        """Tell whether something may be added to it."""
        return self.erasing is None and bool(self.standing()) and self.ends().first_end_at > now

    def live(self, now: datetime, purpose: str | None, *, restricted: bool) -> dict[str, datetime]:
        """Return its purposes that a read sees, with their ends.

        While the session is restricted only legal claims; where only statutory ones run, only that of the read.
        """
        if self.erasing is not None:
            return {}
        runs = [
            each
            for each in self.rules.values()
            if each.state is AssignmentState.ACTIVE
            and each.delete_by > now
            and (each.rule.assignment.legal_claims or not restricted)
        ]
        ordinary = any(each.rule.assignment.deletion_class.kind is ClassKind.OPERATIONAL for each in runs)
        seen: dict[str, datetime] = {}
        for each in runs:
            its = each.rule.assignment.purpose
            if ordinary or its == purpose:
                seen[its] = max(each.delete_by, seen.get(its, each.delete_by))
        return seen

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
    agreed_since: datetime | None = None
    events: dict[StartEvent, datetime] = field(default_factory=dict)
    consents: dict[str, ConsentState] = field(default_factory=dict)
    consented_at: dict[str, datetime] = field(default_factory=dict)
    parts: dict[UUID, MemoryPart] = field(default_factory=dict)
    once: dict[bytes, UUID | None] = field(default_factory=dict)
    unkept: list[TurnRef] = field(default_factory=list)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    restrictions: dict[UUID, Restriction] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    owners: dict[UUID, MemorySession] = field(default_factory=dict, repr=False)

    @property
    def gone(self) -> bool:
        """Whether all of its parts are to be erased."""
        return bool(self.parts) and all(part.erasing is not None for part in self.parts.values())

    @property
    def restricted(self) -> bool:
        """Whether all of it is restricted."""
        return any(each.purpose is None for each in self.restrictions.values())

    @property
    def held(self) -> bool:
        """Whether all of it is held."""
        return any(not each.parts for each in self.holds.values())

    @property
    def over(self) -> frozenset[str]:
        """Its purposes that have ended or are objected to."""
        objected = (e for e in self.restrictions.values() if e.ground is Ground.OBJECTION)
        return frozenset(self.ended | {each.purpose or EVERY_PURPOSE for each in objected})

    def bars(self, part: MemoryPart) -> Bar:
        """Return what bars the erasure of a part by expiry."""
        held = self.held or any(part.id in each.parts for each in self.holds.values())
        objected = any(each.state is AssignmentState.OBJECTED for each in part.rules.values())
        return (
            (Bar.HOLD if held else Bar(0))
            | (Bar.RESTRICTION if self.restricted else Bar(0))
            | (Bar.OBJECTION if objected else Bar(0))
        )

    def open_part(self, part_id: UUID, kind: PartKind, prepared: PreparedPlan, collected_at: datetime) -> MemoryPart:
        """Open a part for what a plan says."""
        days = prepared.delete_by(collected_at, self.events)
        rules = {
            rule.id: RuleAsKept(rule, AssignmentState.ACTIVE, day)
            for rule, day in zip(prepared.rules, days, strict=True)
        }
        part = MemoryPart(part_id, kind, collected_at, rules)
        self.parts[part_id] = part
        self.owners[part_id] = self
        return part

    def turn(self, which: Callable[[RuleAsKept], bool], state: AssignmentState, at: datetime) -> list[MemoryPart]:
        """Put the standing assignments of `which` into a state; returns the parts that none keeps any more."""
        left = []
        for part in self.parts.values():
            touched = [key for key, each in part.standing().items() if which(each) and each.state is not state]
            for key in touched:
                each = part.rules[key]
                day = each.delete_by if state in STANDING else min(each.delete_by, at)
                part.rules[key] = RuleAsKept(each.rule, state, day)
            if touched and not kept_by_any(part.assigned(), at):
                left.append(part)
        return left

    def mark(self, part: MemoryPart, reason: ErasureReason, actor: str, now: datetime) -> None:
        """Mark a part to be erased; what may not be loses its operational purposes instead."""
        if part.erasing is not None or (reason is ErasureReason.EXPIRED and part.ends().due_at > now):
            return
        bars = self.bars(part)
        statutory = any(each.kind is ClassKind.STATUTORY and each.keeps(now) for each in part.assigned())
        if not (statutory or bars & Bar.HOLD or (bars and reason in STOPPED_BY_RESTRICTION)):
            expired = reason is ErasureReason.EXPIRED
            part.erasing = (part.doomed or reason if expired else reason, actor)
        elif reason is not ErasureReason.EXPIRED:
            ends_now = {key for key, each in part.standing().items() if is_operational(each)}
            for key in ends_now:
                each = part.rules[key]
                part.rules[key] = RuleAsKept(each.rule, AssignmentState.ENDED, min(each.delete_by, now))
            part.doomed = part.doomed or reason

    def withdraw(self, consent: str, now: datetime) -> None:
        """End every assignment that rests on the consent; parts left with none are to be erased."""
        resting = lambda each: each.rule.assignment.consent == consent  # noqa: E731
        for part in self.turn(resting, AssignmentState.WITHDRAWN, now):
            self.mark(part, ErasureReason.WITHDRAWN, SUBJECT, now)

    def reschedule(self, event: StartEvent, now: datetime) -> None:
        """Set anew the days of what the event starts, but for what has ended already."""
        for part in self.parts.values():
            for key, each in part.standing().items():
                its = each.rule.assignment.deletion_class
                if its.start is event and not stays_ended(its, each.delete_by, self.events, now):
                    day = delete_by(its, part.collected_at, self.events)
                    part.rules[key] = RuleAsKept(each.rule, each.state, day)


def is_operational(each: RuleAsKept) -> bool:
    """Tell whether an assignment is of an operational class."""
    return each.rule.assignment.deletion_class.kind is ClassKind.OPERATIONAL


def summary(session: MemorySession, now: datetime, purpose: str | None) -> SessionSummary:
    """Return the session as it stands in a list; with its figures if the purpose, where there is one, may see them."""
    latest: dict[str, datetime] = {}
    seen = [(part, part.live(now, purpose, restricted=session.restricted)) for part in session.parts.values()]
    live = [part for part, purposes in seen if purposes]
    for _, purposes in seen:
        for each, end in purposes.items():
            latest[each] = max(end, latest.get(each, end))
    counted = [
        part
        for part, purposes in seen
        if purposes and part.kind is PartKind.FACTS and (purpose is None or purpose in purposes)
    ]
    return SessionSummary(
        id=session.new.id,
        channel=session.new.channel,
        started_at=session.new.started_at,
        purposes=dict(sorted(latest.items())),
        parts=tuple(kind for kind in PartKind if any(part.kind is kind for part in live)),
        expires_at=max(latest.values(), default=None),
        facts=figures(session, counted),
    )


def figures(session: MemorySession, parts: Iterable[MemoryPart]) -> Facts | None:
    """Return the figures that parts keep, None of no part."""
    counted = list(parts)
    if not counted:
        return None
    ratings = [rating for part in counted for rating in part.ratings]
    return Facts(
        started_at=session.new.started_at,
        last_turn_at=max((part.last_turn_at for part in counted if part.last_turn_at is not None), default=None),
        messages=sum(part.messages for part in counted),
        ratings_positive=sum(ratings),
        ratings_negative=len(ratings) - sum(ratings),
        recordings=together([each for part in counted for each in part.recorded.values()]),
    )


def receipt_of(part: MemoryPart, session: MemorySession, now: datetime) -> Receipt:
    """Return the proof that a part has been erased."""
    reason, actor = part.erasing or (ErasureReason.ADMIN, "")
    return Receipt(
        id=uuid7(now),
        part_id=part.id,
        kind=part.kind,
        deletion_classes=part.classes,
        reason=reason,
        actor=actor,
        notice_version=session.new.notice_version,
        records=part.records(),
        ciphertext_root=EMPTY_ROOT.hex(),  # nothing is sealed here
        method="rows deleted",
        erased_at=now,
        backups_clean_by=now,  # nothing is kept elsewhere
    )
