"""What the store logs, each as an event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from storage.access import Approval
from storage.holds import Ground, Hold, Restriction
from storage.ledger.events import Event, EventKind, Fact
from storage.records import ConsentRecord, ConsentState, Receipt, SessionEvent


def erased(receipt: Receipt) -> Event:
    """Return the event of an erasure: all that its receipt says, under the receipt's id."""
    facts: dict[str, Fact] = {
        "receipt": str(receipt.id),
        "part": str(receipt.part_id),
        "part_kind": receipt.kind.value,
        "deletion_classes": list(receipt.deletion_classes),
        "reason": receipt.reason.value,
        "actor": receipt.actor,
        "notice_version": receipt.notice_version,
        "records": receipt.records,
        "ciphertext_root": receipt.ciphertext_root,
        "method": receipt.method,
        "out_of_backups_by": receipt.backups_clean_by.isoformat(),
    }
    return Event(EventKind.ERASURE, receipt.erased_at, facts, id=receipt.id)


def answered(session_id: UUID, record: ConsentRecord) -> Event:
    """Return the event of an answer to a consent question: which, how and under which notice."""
    facts: dict[str, Fact] = {
        "consent": record.consent,
        "state": record.state.value,
        "method": record.method,
        "notice_version": record.notice_version,
        "notice_digest": record.notice_digest,
        "language": record.language,
    }
    return Event(EventKind.CONSENT, record.at, facts, session_id)


def withdrawn_from_outside(session_id: UUID, consent: str, now: datetime) -> Event:
    """Return the event of a consent whose end was signalled, not answered."""
    facts: dict[str, Fact] = {"consent": consent, "state": ConsentState.WITHDRAWN.value, "method": "event"}
    return Event(EventKind.CONSENT, now, facts, session_id)


def held(hold: Hold, done: str, now: datetime) -> Event:
    """Return the event of a hold that was placed, reviewed or released."""
    facts: dict[str, Fact] = {
        "done": done,
        "hold": str(hold.id),
        "parts": [str(each) for each in hold.parts],
        "reason": hold.reason,
        "owner": hold.owner,
        "review_at": hold.review_at.isoformat(),
    }
    return Event(EventKind.HOLD, now, facts, hold.session_id)


def restricted(restriction: Restriction, done: str, now: datetime) -> Event:
    """Return the event of a restriction that began or was lifted, or of an objection that was entered or decided."""
    kind = EventKind.OBJECTION if restriction.ground is Ground.OBJECTION else EventKind.RESTRICTION
    facts: dict[str, Fact] = {
        "done": done,
        "restriction": str(restriction.id),
        "ground": restriction.ground.value,
        "purpose": restriction.purpose,
    }
    return Event(kind, now, facts, restriction.session_id)


def disclosed(session_id: UUID, now: datetime) -> Event:
    """Return the event of the AI disclosure (AI Act Art. 50(1))."""
    return Event(EventKind.DISCLOSURE, now, {}, session_id)


def signalled(session_id: UUID, event: SessionEvent, now: datetime) -> Event:
    """Return the event of something that starts or ends periods of a session: its end, its matter's, a relation's."""
    return Event(EventKind.SESSION, now, {"event": event.value}, session_id)


def shortened(plan: str, notice_digest: str, parts: int, now: datetime) -> Event:
    """Return the event of a notice that has shortened what was kept: by which plan, and of how many parts."""
    return Event(EventKind.SHORTENING, now, {"plan": plan, "notice_digest": notice_digest, "parts": parts})


def root_key_event(done: str, version: int, now: datetime) -> Event:
    """Return the event of a version of the root key that came into use, or was destroyed with all before it.

    Or of epoch keys that were closed, or replaced for what is kept already, under which version.
    """
    return Event(EventKind.KEYS, now, {"done": done, "version": version})


def was_read(session_id: UUID, purpose: str, now: datetime) -> Event:
    """Return the event of a read for a purpose."""
    return Event(EventKind.READ, now, {"purpose": purpose}, session_id)


def token_event(token_id: UUID, roles: Sequence[str], done: str, by: str, now: datetime) -> Event:
    """Return the event of an API token that was created or revoked."""
    return Event(EventKind.TOKEN, now, {"done": done, "token": str(token_id), "roles": list(roles), "by": by})


def approval_event(approval: Approval, done: str, by: str, now: datetime) -> Event:
    """Return the event of something that needs two people: asked for, approved or refused; not what it is about."""
    facts: dict[str, Fact] = {"done": done, "approval": str(approval.id), "action": approval.action, "by": by}
    return Event(EventKind.APPROVAL, now, facts)


def errand_closed(errand_id: UUID, channel: str, since: datetime, reason: str, by: str, now: datetime) -> Event:
    """Return the event of an errand that somebody has closed undone, such as a recording still at a call platform."""
    facts: dict[str, Fact] = {
        "done": "closed",
        "errand": str(errand_id),
        "channel": channel,
        "open_since": since.isoformat(),
        "reason": reason,
        "by": by,
    }
    return Event(EventKind.ERRAND, now, facts)


def request_was_read(request_id: UUID, by: str, now: datetime) -> Event:
    """Return the event of somebody reading what a request of a data subject says."""
    return Event(EventKind.REQUEST_READ, now, {"request": str(request_id), "by": by})
