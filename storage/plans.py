"""Which part a record goes to: a plan's assignments in a form that can be compared. Pure.

Content of a kind goes to the session's current part of that kind if that part exists for exactly what
the plan says (the same purposes, legal bases, deletion classes and consents), all of it still live;
otherwise a new part is opened. So nothing said before a consent becomes readable for the purpose that
rests on it, and nothing new falls under a period that has begun to end. An assignment whose consent is
not given at the moment of the write counts as if the plan did not have it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.records import Assignment, ConsentState, DeletionClass, StartEvent
from storage.retention import delete_by, is_over

_CACHED_PLANS = 1024


@dataclass(frozen=True, slots=True)
class Rule:
    """An assignment with its id: a digest of all that it says, equal wherever the same is promised."""

    id: bytes
    assignment: Assignment


@dataclass(frozen=True, slots=True)
class PreparedPlan:
    """The assignments of one kind: its rules in a fixed order, and a fingerprint of the whole set."""

    fingerprint: bytes
    rules: tuple[Rule, ...]
    classes: tuple[DeletionClass, ...]

    def delete_by(self, collected_at: datetime, events: Mapping[StartEvent, datetime]) -> tuple[datetime, ...]:
        """Return for each rule when it ends, for a part whose first record is of `collected_at`."""
        ends = {each: delete_by(each, collected_at, events) for each in self.classes}
        return tuple(ends[rule.assignment.deletion_class] for rule in self.rules)

    def running(
        self, collected_at: datetime, events: Mapping[StartEvent, datetime], now: datetime
    ) -> PreparedPlan | None:
        """Return what of it has not ended by `now` for content of `collected_at`; None if all has.

        Content may come late: what has ended before it is written is never written.
        """
        ends = self.delete_by(collected_at, events)
        if all(end > now for end in ends):
            return self
        left = [rule.assignment for rule, end in zip(self.rules, ends, strict=True) if end > now]
        return prepare(left) if left else None


class PlanPreparer:
    """Prepares assignments; remembers the tuples that it has seen, since a notice yields few of them."""

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._seen: dict[int, tuple[tuple[Assignment, ...], PreparedPlan]] = {}

    def prepare(self, assignments: tuple[Assignment, ...]) -> PreparedPlan:
        """Return the prepared form of the assignments of one kind."""
        # By identity, because hashing nested dataclasses for every message costs more than all the rest of
        # planning; the tuple is kept beside its id, so the id can't come to mean another one.
        known = self._seen.get(id(assignments))
        if known is not None:
            return known[1]
        prepared = prepare(assignments)
        if len(self._seen) >= _CACHED_PLANS:
            self._seen.clear()
        self._seen[id(assignments)] = (assignments, prepared)
        return prepared


def allowed(
    assignments: tuple[Assignment, ...], consents: Mapping[str, ConsentState], over: Collection[str] = ()
) -> tuple[Assignment, ...]:
    """Return those of the assignments that may be used: whose consent, where they rest on one, is given now.

    A plan was made when a message came; a consent may have been withdrawn before what follows is stored. `over`
    are the session's purposes that have ended or are objected to (`retention.is_over`).
    """
    if not over and all(e.consent is None or consents.get(e.consent) is ConsentState.GIVEN for e in assignments):
        return assignments
    return tuple(
        each
        for each in assignments
        if (each.consent is None or consents.get(each.consent) is ConsentState.GIVEN) and not is_over(each, over)
    )


def prepare(assignments: Iterable[Assignment]) -> PreparedPlan:
    """Return the assignments of one kind without repetition, in a fixed order, with their fingerprint."""
    rules = {rule.id: rule for rule in map(rule_of, assignments)}
    ordered = tuple(rules[key] for key in sorted(rules))
    classes = tuple(dict.fromkeys(rule.assignment.deletion_class for rule in ordered))
    return PreparedPlan(fingerprint=fingerprint(rule.id for rule in ordered), rules=ordered, classes=classes)


def fingerprint(rule_ids: Iterable[bytes]) -> bytes:
    """Return 16 bytes that stand for a set of rules."""
    return hashlib.sha256(b"".join(sorted(rule_ids))).digest()[:16]


def consent_end(states: Iterable[ConsentState], before: datetime | None, at: datetime) -> datetime | None:
    """Return when the consents of a session ended: once none is given any more, and one has been withdrawn.

    `states` are those after what happened at `at`, `before` the end known until then. A consent given
    again takes the end back.
    """
    current = set(states)
    if ConsentState.GIVEN in current:
        return None
    return before or at if ConsentState.WITHDRAWN in current else before


def given(consents: Mapping[str, ConsentState]) -> list[str]:
    """Return the consents that are given, which an event that ends consent withdraws."""
    return [consent for consent, state in consents.items() if state is ConsentState.GIVEN]


def rule_of(assignment: Assignment) -> Rule:
    """Return an assignment with its id."""
    each = assignment.deletion_class
    said = (
        assignment.purpose, assignment.legal_basis, assignment.consent,
        each.name, each.start, each.period, each.time_zone, each.maximum_open, each.kind, each.round_to,
        assignment.legal_claims,
    )  # fmt: skip
    return Rule(id=hashlib.sha256(json.dumps(said).encode()).digest()[:16], assignment=assignment)
