"""What recipients are told of a step (Art. 19): each of the sessions and purposes of which it has data. Pure.

A restriction is told when it begins and when it ends, by its ground: also the one that an objection or a correction
brings until it is decided. It is over for a recipient when each ground that it was told of has ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from gateway.notice.model import Notice, Recipient
from storage.copies import HeldAssignment, SessionCopy
from storage.holds import Ground, Verdict
from storage.ids import uuid7
from storage.records import AssignmentState, ClassKind
from storage.requests import MessageKind, NewMessage, Right
from storage.retention import OBJECTABLE_BASES, STANDING

BEGUN: Final = "begun"
ENDED: Final = "ended"
_Concerned = Callable[[SessionCopy], set[str]]


def erased(notice: Notice, copies: Sequence[SessionCopy], now: datetime) -> tuple[NewMessage, ...]:
    """Tell of sessions that are erased."""
    return _told(notice, Right.ERASURE, copies, now, _all)


def ended(notice: Notice, purpose: str, copies: Sequence[SessionCopy], now: datetime) -> tuple[NewMessage, ...]:
    """Tell of an operational purpose that has ended, and with it what was kept for it."""

    def ends(each: HeldAssignment) -> bool:
        stands = each.state in {AssignmentState.ACTIVE, AssignmentState.OBJECTED}
        return each.purpose == purpose and each.kind is ClassKind.OPERATIONAL and stands

    return _told(notice, Right.ERASURE, copies, now, _where(ends))


def withdrawn(notice: Notice, consent: str, copies: Sequence[SessionCopy], now: datetime) -> tuple[NewMessage, ...]:
    """Tell what rested on a consent, without one on any; what is recorded already is hidden and not told again."""

    def rested(each: HeldAssignment) -> bool:
        return each.consent is not None and consent in ("", each.consent) and each.state is AssignmentState.ACTIVE

    return _told(notice, Right.ERASURE, copies, now, _where(rested))


def rectified(notice: Notice, statement: str, copies: Sequence[SessionCopy], now: datetime) -> tuple[NewMessage, ...]:
    """Tell of a correction, in the person's own words."""
    return _told(notice, Right.RECTIFICATION, copies, now, _all, statement=statement)


def restricted(
    notice: Notice, ground: Ground, copies: Sequence[SessionCopy], now: datetime, purpose: str = ""
) -> tuple[NewMessage, ...]:
    """Tell of a restriction that begins; with a purpose it is an objection to that one alone."""
    concerned = _where(lambda each: _objectable(each, purpose)) if purpose else _all
    return _told(notice, Right.RESTRICTION, copies, now, concerned, restriction=BEGUN, ground=ground.value)


def lifted(
    notice: Notice, ground: Ground, copies: Sequence[SessionCopy], now: datetime, purpose: str = ""
) -> tuple[NewMessage, ...]:
    """Tell that a restriction has ended, of which `restricted` has told."""
    concerned = _where(lambda each: _objectable(each, purpose)) if purpose else _all
    return _told(notice, Right.RESTRICTION, copies, now, concerned, restriction=ENDED, ground=ground.value)


def decided(
    notice: Notice, verdict: Verdict, copies: Sequence[SessionCopy], now: datetime, purpose: str = ""
) -> tuple[NewMessage, ...]:
    """Tell how an objection was decided: what it covers goes where it is upheld, and is given back with all else."""
    if verdict is Verdict.DISMISSED:
        return lifted(notice, Ground.OBJECTION, copies, now, purpose)
    goes = _where(lambda each: purpose in ("", each.purpose) and each.state is AssignmentState.OBJECTED)
    gone = _told(notice, Right.ERASURE, copies, now, goes)
    if purpose:
        return gone
    ground = Ground.OBJECTION.value
    left = _told(
        notice, Right.RESTRICTION, copies, now, lambda copy: _all(copy) - goes(copy), restriction=ENDED, ground=ground
    )
    return (*gone, *left)


def gets(recipient: Recipient, copy: SessionCopy, purpose: str) -> bool:
    """Tell whether a recipient has data of a session for a purpose."""
    from_it = not recipient.channels or copy.channel in recipient.channels
    return from_it and (not recipient.purposes or purpose in recipient.purposes)


def _told(
    notice: Notice, right: Right, copies: Sequence[SessionCopy], now: datetime, concerned: _Concerned, **said: str
) -> tuple[NewMessage, ...]:
    kind = MessageKind("-".join(filter(None, (right.value, said.get("restriction")))))
    head = {
        "notice": notice.notice,
        "controller": notice.controller.name,
        "right": right.value,
        "article": "19",
        "at": now.isoformat(),
        **{name: value for name, value in said.items() if value},
    }
    by_session = [(copy, concerned(copy)) for copy in copies]
    told = []
    for recipient in notice.recipients:
        its = [(copy, {each for each in purposes if gets(recipient, copy, each)}) for copy, purposes in by_session]
        sessions = [
            {"id": str(copy.session_id), "channel": copy.channel, "purposes": sorted(purposes)}
            for copy, purposes in its
            if purposes
        ]
        if recipient.inform is not None and sessions:
            content = json.dumps({**head, "sessions": sessions}, ensure_ascii=False)
            told.append(NewMessage(uuid7(now), notice.wording(recipient.name, None), content, kind))
    return tuple(told)


def _all(copy: SessionCopy) -> set[str]:
    return {each.purpose for part in copy.parts for each in part.assignments}


def _where(holds: Callable[[HeldAssignment], bool]) -> _Concerned:
    return lambda copy: {each.purpose for part in copy.parts for each in part.assignments if holds(each)}


def _objectable(each: HeldAssignment, purpose: str) -> bool:
    rests = each.legal_basis in OBJECTABLE_BASES and each.kind is ClassKind.OPERATIONAL
    return each.purpose == purpose and rests and each.state in STANDING
