"""All that is materialised of when something ends, computed anew from the rules and compared. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from storage.holds import Bar
from storage.plans import Rule, fingerprint
from storage.records import AssignmentState, ConsentState, StartEvent
from storage.retention import STANDING, Assigned, Ends, delete_by, ends, is_over


class Difference(StrEnum):
    """What may differ.

    DELETE_BY: an assignment's day. PART_DAYS: when a part is due, visible, or closed to what is new. PART_RULES:
    which rules a part stands for. BARS: what holds, restrictions and objections bar. CONSENT: an assignment stands
    without the consent that it rests on. PURPOSE: one stands though its purpose has ended or is objected to.
    """

    DELETE_BY = "delete-by"
    PART_DAYS = "part-days"
    PART_RULES = "part-rules"
    BARS = "bars"
    CONSENT = "consent"
    PURPOSE = "purpose"


@dataclass(frozen=True, slots=True)
class RuleAsKept:
    """An assignment as it is kept."""

    rule: Rule
    state: AssignmentState
    delete_by: datetime


@dataclass(frozen=True, slots=True)
class PartAsKept:
    """A part as it is kept; `held`: a hold names it."""

    collected_at: datetime
    rules: Sequence[RuleAsKept]
    plan: bytes
    ends: Ends
    bars: Bar
    held: bool


@dataclass(frozen=True, slots=True)
class SessionAsKept:
    """A session as it is kept; `over` are its ended and objected purposes, `whole` what bars all of its parts.

    `consents` are the last answers, each with its time.
    """

    events: Mapping[StartEvent, datetime]
    consents: Mapping[str, tuple[ConsentState, datetime]]
    over: frozenset[str]
    bars: Bar
    whole: Bar
    parts: Sequence[PartAsKept]


def differences(session: SessionAsKept) -> Iterator[Difference]:
    """Yield all that is not as the rules say."""
    if session.bars != session.whole:
        yield Difference.BARS
    for part in session.parts:
        yield from _of_part(session, part)


def _of_part(session: SessionAsKept, part: PartAsKept) -> Iterator[Difference]:
    for each in part.rules:
        yield from _of_rule(session, part, each)
    standing = tuple(each.rule.id for each in part.rules if each.state in STANDING)
    if part.plan != _fingerprint(standing):
        yield Difference.PART_RULES
    its = ends(Assigned(e.rule.assignment.deletion_class.kind, e.state, e.delete_by) for e in part.rules)
    if its != part.ends:
        yield Difference.PART_DAYS
    bars = session.whole
    if part.held:
        bars |= Bar.HOLD
    if its.objected:
        bars |= Bar.OBJECTION
    if part.bars != bars:
        yield Difference.BARS


@lru_cache(maxsize=1024)
def _fingerprint(rule_ids: tuple[bytes, ...]) -> bytes:
    # Of all parts of a store only a few sets of rules are different.
    return fingerprint(rule_ids)


def _of_rule(session: SessionAsKept, part: PartAsKept, each: RuleAsKept) -> Iterator[Difference]:
    assignment = each.rule.assignment
    if each.state not in STANDING:
        return  # its day is the moment when it ended
    day = delete_by(assignment.deletion_class, part.collected_at, session.events)
    if each.delete_by != day and not _had_ended(session, part, each):
        yield Difference.DELETE_BY
    if assignment.consent is not None and not _is_given(session, assignment.consent):
        yield Difference.CONSENT
    if (each.state is AssignmentState.OBJECTED) != is_over(assignment, session.over):
        yield Difference.PURPOSE


def _had_ended(session: SessionAsKept, part: PartAsKept, each: RuleAsKept) -> bool:
    """Tell whether an assignment may have ended before a consent was given again (`storage.retention.stays_ended`).

    When it ended is not kept. Its day is then one that an earlier end of consent has set, and had passed when the
    consent that stands was given, or when what had been given again ended. It is never later than what the rules say.
    """
    its, ended_at = each.rule.assignment.deletion_class, session.events.get(StartEvent.CONSENT_END)
    if its.start is not StartEvent.CONSENT_END:
        return False
    again_at = ended_at or max(
        (at for state, at in session.consents.values() if state is ConsentState.GIVEN), default=None
    )
    again = again_at is not None and each.delete_by <= again_at
    first, last = (
        delete_by(its, part.collected_at, {StartEvent.CONSENT_END: ended})
        for ended in (part.collected_at, delete_by(its, part.collected_at, {}))
    )
    return again and first <= each.delete_by <= last


def _is_given(session: SessionAsKept, consent: str) -> bool:
    state, _ = session.consents.get(consent, (None, None))
    return state is ConsentState.GIVEN
