"""What may be kept of a session now, what must be asked, and what must stop: a pure function of notice and answers.

No assignment, no storing: a purpose that rests on consent enters the plan only while that consent is given
(Art. 6(1)(a), Art. 7 GDPR). Silence and carrying on are no consent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.notice.channel import Channel
from gateway.notice.model import Notice
from storage.records import Assignment, ConsentState, DeletionClass, PartKind, Plan, StartEvent


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


def decide(notice: Notice, channel: Channel, consents: Mapping[str, ConsentState], *, disclosed: bool) -> Decision:
    """Decide from the notice and the session's consent states."""
    used = consents_of(notice, channel)
    return Decision(
        plan=_plan(notice, channel, consents),
        telling=_telling(channel, disclosed=disclosed),
        ask=tuple(c for c in used if consents.get(c, ConsentState.REQUESTED) is ConsentState.REQUESTED),
        missing=tuple(c for c in used if notice.consents[c].required and consents.get(c) is not ConsentState.GIVEN),
    )


def consents_of(notice: Notice, channel: Channel) -> tuple[str, ...]:
    """Return the consents on which a purpose of this channel rests, in the notice's order."""
    purposes = {purpose for kept in channel.keep.values() for purpose in kept}
    wanted = {notice.purposes[purpose].consent for purpose in purposes}
    return tuple(name for name in notice.consents if name in wanted)


def purposes_of(notice: Notice, channel: Channel, consent: str) -> tuple[str, ...]:
    """Return the channel's purposes that rest on a consent."""
    purposes = {purpose: None for kept in channel.keep.values() for purpose in kept}
    return tuple(purpose for purpose in purposes if notice.purposes[purpose].consent == consent)


def _telling(channel: Channel, *, disclosed: bool) -> Telling:
    if channel.tell is None or disclosed:
        return Telling.DONE
    return Telling.PREPEND if channel.tell.deliver == "prepend" else Telling.REQUIRED


def _plan(notice: Notice, channel: Channel, consents: Mapping[str, ConsentState]) -> Plan:
    kept: dict[PartKind, tuple[Assignment, ...]] = {}
    for kind, purposes in channel.keep.items():
        assignments = tuple(
            _assignment(notice, purpose, rule)
            for purpose, rule in purposes.items()
            if _allowed(notice.purposes[purpose].consent, consents)
        )
        if assignments:
            kept[PartKind(kind)] = assignments
    return Plan(kept)


def _allowed(consent: str | None, consents: Mapping[str, ConsentState]) -> bool:
    return consent is None or consents.get(consent) is ConsentState.GIVEN


def _assignment(notice: Notice, purpose: str, rule: str) -> Assignment:
    deletion = notice.deletion_classes[rule]
    return Assignment(
        purpose=purpose,
        legal_basis=notice.purposes[purpose].legal_basis,
        deletion_class=DeletionClass(
            rule, StartEvent(deletion.start), deletion.period, notice.time_zone, deletion.maximum_open
        ),
        consent=notice.purposes[purpose].consent,
    )
