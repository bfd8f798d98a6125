"""How it stands with requests of data subjects and with messages, counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select

from storage.requests import (
    DUE_SOON,
    LATE_COUNTS,
    OWED,
    SENDER,
    TOLD_WITHIN,
    UNANSWERED,
    UNPROVEN,
    MessageState,
    RequestFigures,
    RequestState,
)
from storage.sql.request_tables import rights_messages, rights_requests

_requests, _messages = rights_requests.c, rights_messages.c


def figures(connection: Connection, now: datetime) -> RequestFigures:
    """Count requests and messages."""

    def count(of: str, rows: Any) -> dict[str, int]:  # noqa: ANN401 - two tables
        return {getattr(row, of): row.number for row in rows}

    number = func.count().label("number")
    states = connection.execute(select(_requests.state, number).where(~_requests.over).group_by(_requests.state))
    told, letter = _messages.recipient != SENDER, _messages.recipient == SENDER
    messages = connection.execute(select(_messages.state, number).where(told).group_by(_messages.state))
    letters = connection.execute(select(_messages.state, number).where(letter).group_by(_messages.state))
    unanswered = (_requests.state.in_([each.value for each in UNANSWERED]), ~_requests.over)
    attested_once = _requests.state.in_([each.value for each in UNPROVEN]) & _requests.attested_by.is_not(None)
    owed = (or_(_requests.state.in_([each.value for each in OWED]), attested_once), ~_requests.over)
    late = (_requests.answered_at > _requests.due_at, _requests.answered_at > now - LATE_COUNTS, ~_requests.over)
    lost = (_messages.state == MessageState.WAITING.value) & (_messages.made_at < now - TOLD_WITHIN)
    given_up = _messages.state == MessageState.GIVEN_UP.value
    due_soon = select(number).where(*unanswered, _requests.due_at >= now, _requests.due_at < now + DUE_SOON)
    overdue = select(number).select_from(rights_requests).where(*owed, _requests.due_at < now)
    return RequestFigures(
        states={RequestState(state): total for state, total in count("state", states).items()},
        due_soon=connection.execute(due_soon.select_from(rights_requests)).scalar_one(),
        overdue=connection.execute(overdue).scalar_one(),
        late=connection.execute(select(number).select_from(rights_requests).where(*late)).scalar_one(),
        next_due_at=connection.execute(select(func.min(_requests.due_at)).where(*unanswered)).scalar_one(),
        messages={MessageState(state): total for state, total in count("state", messages).items()},
        letters={MessageState(state): total for state, total in count("state", letters).items()},
        stuck=connection.execute(
            select(number).select_from(rights_messages).where(told, or_(lost, given_up))
        ).scalar_one(),
    )
