"""Lists of requests of data subjects, as statements."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select

from storage.requests import RESTRICTING, RUNNING, SENDER, MessageState, Place, RequestState, Right
from storage.sql.request_tables import rights_messages, rights_requests

_requests, _messages = rights_requests.c, rights_messages.c


def listed(states: Collection[RequestState], limit: int, after: Place | None, *, due_first: bool) -> Select[Any]:
    """Return what selects requests in these states (in all, if none is named), in an order, behind a place of it."""
    order = (_requests.due_at, _requests.id) if due_first else (_requests.id.desc(),)
    found = select(rights_requests).where(~_requests.over).order_by(*order).limit(limit)
    if after is not None and due_first:
        same_day = and_(_requests.due_at == after.due_at, _requests.id > after.id)
        found = found.where(or_(_requests.due_at > after.due_at, same_day))
    elif after is not None:
        found = found.where(_requests.id < after.id)
    if states:
        found = found.where(_requests.state.in_([each.value for each in states]))
    return found


def restricting(since: datetime, limit: int, after: UUID | None) -> Select[Any]:
    """Return what selects as `storage.request_rules.may_restrict` tells."""
    letter = (_messages.request_id == _requests.id, _messages.recipient == SENDER)
    untold = exists().where(*letter, _messages.state == MessageState.WAITING.value)
    answered = _requests.state == RequestState.ANSWERED.value
    granted = and_(answered, _requests.right == Right.RESTRICTION.value, _requests.answered_at >= since)
    decided = and_(or_(answered, _requests.state == RequestState.REFUSED.value), untold)
    found = select(rights_requests).where(
        ~_requests.over,
        _requests.right.in_(sorted(each.value for each in RESTRICTING)),
        or_(_requests.state.in_([each.value for each in RUNNING]), granted, decided),
    )
    if after is not None:
        found = found.where(_requests.id < after)
    return found.order_by(_requests.id.desc()).limit(limit)
