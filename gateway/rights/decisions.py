"""What the law and the notice say of a request: its clock, its answer, who is told. Pure.

A request is answered within one month of its receipt; that may be extended by two further months with a reason that
is told within the first (Art. 12(3)). Months are counted on the calendar of the notice's time zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.notice.model import Notice, Recipient
from gateway.rights.telling import gets
from storage.copies import HeldPart, SessionCopy
from storage.records import AssignmentState, ClassKind, DeletionClass, PartKind, Receipt, StartEvent
from storage.requests import Right
from storage.retention import OBJECTABLE_BASES, STANDING, add_period, delete_by

ANSWERED_WITHIN: Final = "P1M"
EXTENDED_TO: Final = "P3M"
"""One month, and two further ones."""
DOWNLOADED_WITHIN: Final = "P7D"
_KEPT_AT_LEAST: Final = "P1M"
"""A copy can be fetched, and recipients told for as long as that is tried, however short the class of requests is."""
COPIED: Final = frozenset({Right.ACCESS, Right.PORTABILITY})
HELD_BASIS: Final = "17-3-e"
"""What a legal hold rests on: legal claims, Art. 17(3)(e)."""
LEFT_TO_PEOPLE: Final = frozenset({Right.RECTIFICATION, Right.OBJECTION})
"""What people decide; until then what is concerned is restricted."""


def due(received_at: datetime, time_zone: str) -> datetime:
    """Return until when a request is answered."""
    return add_period(received_at, ANSWERED_WITHIN, time_zone)


def extended(received_at: datetime, time_zone: str) -> datetime:
    """Return until when a request is answered whose time was extended."""
    return add_period(received_at, EXTENDED_TO, time_zone)


def kept_until(notice: Notice, received_at: datetime, answered_at: datetime | None) -> datetime:
    """Return when a request is deleted; one that is not answered stays at least until its extended clock is over."""
    if notice.rights.keep is None:
        raise ValueError("the notice has no deletion class for requests")
    rule = notice.deletion_classes[notice.rights.keep]
    named = DeletionClass(
        notice.rights.keep, rule.start, rule.period, notice.time_zone, rule.maximum_open, rule.kind, rule.round_to
    )
    events = {} if answered_at is None else {StartEvent.MATTER_RESOLVED: answered_at}
    ends = delete_by(named, received_at, events)
    floor = extended(received_at, notice.time_zone) if answered_at is None else answered_at
    return max(ends, add_period(floor, _KEPT_AT_LEAST, notice.time_zone))


def downloadable_until(answered_at: datetime, time_zone: str) -> datetime:
    """Return until when a copy can be fetched."""
    return add_period(answered_at, DOWNLOADED_WITHIN, time_zone)


@dataclass(frozen=True, slots=True)
class Blocked:
    """A part that is kept though its erasure was asked for. `until` None: as long as a hold or restriction lasts."""

    kind: PartKind
    purpose: str | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ErasureAnswer:
    """What an erasure's answer says: what is gone, what is blocked, and when backups are clean."""

    gone: Mapping[PartKind, int]
    blocked: tuple[Blocked, ...]
    backups_clean_by: datetime | None


def erasure_answer(receipts: Sequence[Receipt], left: Iterable[SessionCopy]) -> ErasureAnswer:
    """Return what is said of an erasure, from its receipts and what is still held of its sessions."""
    gone: dict[PartKind, int] = {}
    for receipt in receipts:
        gone[receipt.kind] = gone.get(receipt.kind, 0) + 1
    clean_by = max((receipt.backups_clean_by for receipt in receipts), default=None)
    return ErasureAnswer(gone, tuple(each for copy in left for each in _blocked(copy)), clean_by)


def _blocked(copy: SessionCopy) -> Iterable[Blocked]:
    for part in copy.parts:
        duties = [
            each
            for each in part.assignments
            if each.kind is ClassKind.STATUTORY and each.state is AssignmentState.ACTIVE
        ]
        if duties:
            longest = max(duties, key=lambda each: each.delete_by)
            yield Blocked(part.kind, longest.purpose, longest.delete_by)
        if part.held or not duties:
            yield Blocked(part.kind, None, None)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what Art. 15(1) lists: a part, and why and until when it is held.

    `purpose` None: by a legal hold; `until` None: for as long as that, or a restriction, lasts.
    """

    channel: str
    started_at: datetime
    kind: PartKind
    purpose: str | None
    legal_basis: str
    until: datetime | None
    recipients: tuple[Recipient, ...]


def facts(notice: Notice, copies: Iterable[SessionCopy], now: datetime) -> tuple[Fact, ...]:
    """Return what is told of sessions (Art. 15(1)(a) to (d)); their origin is the person's own words in the channel."""
    return tuple(fact for copy in copies for part in copy.parts for fact in _facts(notice, copy, part, now))


def _facts(notice: Notice, copy: SessionCopy, part: HeldPart, now: datetime) -> Iterable[Fact]:
    for each in part.assignments:
        if each.state in {AssignmentState.ACTIVE, AssignmentState.OBJECTED}:
            getting = tuple(recipient for recipient in notice.recipients if gets(recipient, copy, each.purpose))
            until = each.delete_by if each.delete_by > now else None
            yield Fact(copy.channel, copy.started_at, part.kind, each.purpose, each.legal_basis, until, getting)
    if part.held:
        yield Fact(copy.channel, copy.started_at, part.kind, None, HELD_BASIS, None, ())


def objected_sessions(copies: Iterable[SessionCopy], purpose: str | None) -> tuple[UUID, ...]:
    """Return the sessions in which something can be objected to (Art. 21(1)): the purpose, or anything.

    As the store has it: what has ended or was withdrawn can't be objected to any more.
    """
    return tuple(
        copy.session_id
        for copy in copies
        if purpose is None
        or any(
            each.purpose == purpose
            and each.state in STANDING
            and each.legal_basis in OBJECTABLE_BASES
            and each.kind is ClassKind.OPERATIONAL
            for part in copy.parts
            for each in part.assignments
        )
    )
