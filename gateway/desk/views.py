"""What the desk shows, as JSON values: the API answers them, the pages render them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gateway.access import Person
from gateway.desk.measured import found_by_type, ledger_checked_at
from gateway.desk.state import Desk
from gateway.handlers.internal import uuid_or_none
from gateway.handlers.paging import no_cursor
from gateway.handlers.retention import hold_document, holds_page, restriction_document, restrictions_page
from gateway.notice.load import Loaded
from gateway.rendering import differences
from gateway.rendering.documents import Block, Items, Paragraph
from gateway.rendering.words.model import NoticeWords
from storage.access import ApiToken, Approval
from storage.ledger.figures import LedgerFigures
from storage.planning import Count
from storage.records import ConsentState, Receipt
from storage.requests import UNANSWERED, Request

Shown = dict[str, Any]
_LISTED: Final = 100


async def overview(desk: Desk) -> Shown:
    """Return the figures as they were counted last."""
    counted, gateway = await desk.figures.counted(), desk.gateway
    keys = gateway.store.key_state()
    kept = counted.kept
    parts: Counter[tuple[str, str]] = Counter()
    for (kind, purpose), count in kept.parts.items():
        parts[purpose, kind.value] += count
    return {
        "at": counted.at.isoformat(timespec="seconds"),
        "sessions": kept.sessions,
        "overdue": kept.overdue,
        "oldest_overdue_seconds": kept.oldest_overdue_seconds,
        "holds": kept.holds,
        "holds_overdue": kept.holds_overdue,
        "restrictions": kept.restrictions,
        "promises": _promises(desk),
        "expiring_per_day": list(counted.expiring),
        "begun_per_day": [sum(age.values()) for age in counted.ages],
        "parts": [{"purpose": who, "kind": kind, "parts": count} for (who, kind), count in sorted(parts.items())],
        "consents": await consents(desk),
        "redactions": found_by_type(gateway.metrics),
        "requests": {
            "open": sum(counted.requests.states.get(state, 0) for state in UNANSWERED),
            "due_soon": counted.requests.due_soon,
            "overdue": counted.requests.overdue,
            "next_due_at": _moment(counted.requests.next_due_at),
            "messages_stuck": counted.requests.stuck,
        },
        "keys": {"served": keys.serves, "unconfirmed_seconds": keys.unconfirmed_seconds},
        "ledger": _ledger(desk, counted.ledger),
    }


async def consents(desk: Desk) -> list[Shown]:
    """Return how often each consent stands in each state, by the day on which it was said last (0: the newest)."""
    counted = await desk.figures.counted()
    return [
        {"consent": each.consent, "state": each.state.value, "day": each.day, "sessions": each.sessions}
        for each in counted.consents
        if each.state is not ConsentState.REQUESTED
    ]


async def holds(desk: Desk, after: str = "", restrictions_after: str = "") -> Shown:
    """Return holds and restrictions of all sessions, a page of each with its cursor. Raises RefusedError (400)."""
    its, now = desk.gateway.store.retention, desk.gateway.clock.now()
    held, more_holds = await holds_page(its, _LISTED, after)
    restricted, more_restrictions = await restrictions_page(its, _LISTED, restrictions_after)
    return {
        "holds": [{**hold_document(each), "overdue": each.review_at <= now} for each in held],
        "more_holds": more_holds,
        "restrictions": [restriction_document(each) for each in restricted],
        "more_restrictions": more_restrictions,
    }


async def retention(desk: Desk, of: UUID) -> Shown:
    """Return a session's holds, restrictions and blocked parts. Raises UnknownSessionError."""
    its, now = desk.gateway.store.retention, desk.gateway.clock.now()
    blocked = await its.blocked(of, now)
    return {
        "holds": [hold_document(each) for each in await its.holds(session_id=of)],
        "restrictions": [restriction_document(each) for each in await its.restrictions(session_id=of)],
        "blocked": [{"part": str(each.part_id), "kind": each.kind.value} for each in blocked],
    }


def request_document(request: Request, now: datetime) -> Shown:
    """Return a request as JSON, without what it says."""
    return {
        "id": str(request.id),
        "right": request.right.value,
        "state": request.state.value,
        "proof": None if request.proof is None else request.proof.value,
        "channel": request.channel,
        "received_at": request.received_at.isoformat(),
        "due_at": request.due_at.isoformat(),
        "answered_at": _moment(request.answered_at),
        "overdue": request.state in UNANSWERED and request.due_at <= now,
    }


async def keys(desk: Desk) -> Shown:
    """Return versions of the root key and epoch keys."""
    kept, state = await desk.root_key.list(), desk.gateway.store.key_state()
    return {
        "served": state.serves,
        "unconfirmed_seconds": state.unconfirmed_seconds,
        "rotation_due_at": _moment(kept.due_at),
        "versions": [
            {
                "version": each.version,
                "since": each.since.isoformat(),
                "retired_at": _moment(each.retired_at),
                "destroyed_at": _moment(each.destroyed_at),
                "wraps": each.wraps,
            }
            for each in kept.versions
        ],
        "epochs": [
            {"id": str(each.id), "month": each.month, "root_version": each.root_version} for each in kept.epochs
        ],
    }


async def ledger(desk: Desk) -> Shown:
    """Return the ledger's figures and its public key."""
    its = desk.gateway.store.ledger
    return _ledger(desk, await its.figures()) | {"public_key": str(await its.public_key())}


async def receipts(desk: Desk, limit: int = 100) -> list[Shown]:
    """Return the newest receipts."""
    return [_receipt(each) for each in await desk.gateway.store.receipts(limit)]


async def tokens(desk: Desk) -> list[Shown]:
    """Return tokens without their secrets."""
    now = desk.gateway.clock.now()
    return [token_document(each) | {"serves": each.serves(now)} for each in await desk.gateway.store.access.tokens()]


def token_document(token: ApiToken) -> Shown:
    """Return a token as JSON."""
    return {
        "id": str(token.id),
        "name": token.name,
        "roles": list(token.roles),
        "created_by": token.created_by,
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "revoked_at": _moment(token.revoked_at),
    }


async def approvals(
    desk: Desk, person: Person, limit: int = _LISTED, after: str = ""
) -> tuple[list[Shown], str | None]:
    """Return what needs or needed a second person, the newest first, and the cursor of the next page.

    Raises RefusedError (400) for what is no cursor.
    """
    now, place = desk.gateway.clock.now(), uuid_or_none(after) if after else None
    if after and place is None:
        raise no_cursor()
    found = await desk.gateway.store.access.approvals(limit + 1, place)
    shown = [
        approval_document(each) | {"over": each.over(now), "own": each.asked_by == person.reference}
        for each in found[:limit]
    ]
    return shown, str(found[limit - 1].id) if len(found) > limit else None


def approval_document(approval: Approval) -> Shown:
    """Return an approval as JSON."""
    return {
        "id": str(approval.id),
        "action": approval.action,
        "facts": dict(approval.facts),
        "reason": approval.reason,
        "asked_by": approval.asked_by,
        "asked_at": approval.asked_at.isoformat(),
        "state": approval.state.value,
        "decided_by": approval.decided_by,
        "decided_at": _moment(approval.decided_at),
    }


def notice(desk: Desk) -> Shown:
    """Return the notice in force."""
    loaded = desk.gateway.loaded
    return {
        "notice": loaded.notice.notice,
        "version": loaded.notice.version,
        "digest": loaded.digest,
    }


def plan_document(desk: Desk, new: Loaded, count: Count, sessions: int, words: NoticeWords) -> Shown:
    """Return what a new notice changes, in sentences, and what it would shorten, once that has been counted.

    `sessions`: how many there were when they were counted last.
    """
    planned = count.found
    found = differences(desk.gateway.loaded.notice, new.notice, words)
    return {
        "title": found.title,
        "digest": new.digest,
        "sections": [
            {"heading": section.heading, "sentences": [*_sentences(section.blocks)]} for section in found.sections
        ],
        "plan": count.plan,
        "state": "counting" if planned is None else "counted",
        "looked_at": count.looked_at,
        "sessions": max(sessions, count.looked_at),
        "parts": None if planned is None else planned.parts,
        "days": [
            {"purpose": purpose, "day": None if day is None else day.isoformat(), "parts": parts}
            for (purpose, day), parts in ({} if planned is None else planned.days).items()
        ],
    }


def _sentences(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Items):
            yield from block.items
        elif isinstance(block, Paragraph):
            yield block.text


def _ledger(desk: Desk, figures: LedgerFigures) -> Shown:
    checked = ledger_checked_at(desk.gateway.metrics)
    return {
        "size": figures.size,
        "waiting": figures.waiting,
        "sealed": figures.sealed,
        "unsealed": figures.unsealed,
        "sealed_at": _moment(figures.sealed_at),
        "checked_at": None if checked is None else checked.isoformat(timespec="seconds"),
    }


def _promises(desk: Desk) -> Shown | None:
    proof = desk.figures.proof
    if proof is None:
        return None
    outcomes = [
        {"promise": each.promise.value, "kept": each.kept, "checked": each.checked, "broken": each.broken}
        for each in proof.outcomes
    ]
    return {"at": proof.at.isoformat(timespec="seconds"), "kept": proof.kept, "outcomes": outcomes}


def _receipt(receipt: Receipt) -> Shown:
    return {
        "id": str(receipt.id),
        "part": str(receipt.part_id),
        "kind": receipt.kind.value,
        "deletion_classes": list(receipt.deletion_classes),
        "reason": receipt.reason.value,
        "records": receipt.records,
        "erased_at": receipt.erased_at.isoformat(),
        "backups_clean_by": receipt.backups_clean_by.isoformat(),
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
