"""What may be kept of a session now, what must be asked, and what must stop: pure, from notice and answers.

No assignment, no storing: a purpose that rests on consent enters the plan only while that consent is given
(Art. 6(1)(a), Art. 7 GDPR). Silence and carrying on are no consent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.notice.channel import Channel
from gateway.notice.model import Notice
from storage.records import Assignment, ConsentState, DeletionClass, PartKind, Plan, StartEvent
from storage.retention import delete_by
from storage.shortening import Promises


class Telling(StrEnum):
    """What has to happen about the AI disclosure before the next answer (AI Act Art. 50(1))."""

    DONE = "done"
    PREPEND = "prepend"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gateway may do with the next message of a session.

    `ask`: consents not answered yet. `missing`: consents that the channel requires and does not have; while
    there is one, no message is forwarded.
    """

    plan: Plan
    telling: Telling
    ask: tuple[str, ...]
    missing: tuple[str, ...]


class Rules:
    """The rules of one channel. The same answers yield the same plan, the very object, as long as it lives."""

    def __init__(self, notice: Notice, channel: Channel) -> None:
        """Take the channel and its notice."""
        self._notice = notice
        self._channel = channel
        self._plans: dict[frozenset[str], Plan] = {}
        self._before_told = _before_told(channel)
        purposes = dict.fromkeys(purpose for kept in channel.keep.values() for purpose in kept)
        self._purposes = {purpose: notice.purposes[purpose].consent for purpose in purposes}
        self.consents = tuple(name for name in notice.consents if name in self._purposes.values())

    def decide(self, consents: Mapping[str, ConsentState], *, disclosed: bool) -> Decision:
        """Decide from the session's consent states and whether the AI disclosure has been shown."""
        given = frozenset(name for name in self.consents if consents.get(name) is ConsentState.GIVEN)
        return Decision(
            plan=self._plan(given),
            telling=Telling.DONE if disclosed else self._before_told,
            ask=tuple(c for c in self.consents if consents.get(c, ConsentState.REQUESTED) is ConsentState.REQUESTED),
            missing=tuple(c for c in self.consents if self._notice.consents[c].required and c not in given),
        )

    def purposes_of(self, consent: str) -> tuple[str, ...]:
        """Return the channel's purposes that rest on a consent."""
        return tuple(purpose for purpose, needed in self._purposes.items() if needed == consent)

    def _plan(self, given: frozenset[str]) -> Plan:
        plan = self._plans.get(given)
        if plan is None:
            kept = {
                kind: tuple(
                    assignment(self._notice, purpose, rule)
                    for purpose, rule in purposes.items()
                    if self._purposes[purpose] is None or self._purposes[purpose] in given
                )
                for kind, purposes in self._channel.keep.items()
            }
            plan = self._plans[given] = Plan({PartKind(kind): allowed for kind, allowed in kept.items() if allowed})
        return plan


def lasting(plan: Plan, began: datetime, now: datetime, events: Mapping[StartEvent, datetime]) -> Plan:
    """Return a plan without what would be erased at once, for content whose first record is of `began`."""

    def lasts(each: Assignment) -> bool:
        return delete_by(each.deletion_class, began, events) > now

    left = {kind: tuple(filter(lasts, each)) for kind, each in plan.assignments.items()}
    return Plan({kind: each for kind, each in left.items() if each})


def promises(notice: Notice) -> Promises:
    """Return all that a notice promises to keep, as if every consent were given."""
    return {
        name: {
            kind: {purpose: assignment(notice, purpose, rule) for purpose, rule in purposes.items()}
            for kind, purposes in channel.keep.items()
        }
        for name, channel in notice.channels.items()
    }


def assignment(notice: Notice, purpose: str, rule: str) -> Assignment:
    """Return what the notice says of a purpose that keeps by a deletion class."""
    said, deletion = notice.purposes[purpose], notice.deletion_classes[rule]
    return Assignment(
        purpose=purpose,
        legal_basis=said.legal_basis,
        deletion_class=DeletionClass(
            rule,
            deletion.start,
            deletion.period,
            notice.time_zone,
            deletion.maximum_open,
            deletion.kind,
            deletion.round_to,
        ),
        consent=said.consent,
        legal_claims=said.legal_claims,
    )


def _before_told(channel: Channel) -> Telling:
    if channel.tell is None:
        return Telling.DONE
    return Telling.PREPEND if channel.tell.deliver == "prepend" else Telling.REQUIRED
