"""Writing the ledger: events go into it in the very transaction of what they tell.

An event is a row with its salt, and its leaf in the outbox. Both are inserted and nothing is read or locked, so
that processes and conversations that log at the same time do not wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from storage.ids import uuid7
from storage.ledger.events import Event, entry_of
from storage.sql.bulk import Bulk, Rows, bulk_insert, execute_together
from storage.sql.rows import EventRow, LeafRow, SessionEventRow
from storage.sql.tables import ledger_events, ledger_outbox, session_events

_EVENTS: Final = bulk_insert(ledger_events, EventRow)
_SESSION_EVENTS: Final = bulk_insert(session_events, SessionEventRow)
_OUTBOX: Final = bulk_insert(ledger_outbox, LeafRow)


def append(connection: Connection, events: Iterable[Event]) -> None:
    """Log events, in a transaction of the session database that also holds what they tell.

    An event with a session goes with that session; the session has to exist.
    """
    execute_together(connection, steps(events))


def steps(events: Iterable[Event]) -> list[tuple[Bulk, Rows]]:
    """Return what `append` executes, to go together with what the events tell."""
    lasting, bound, leaves = list[EventRow](), list[SessionEventRow](), list[LeafRow]()
    for event in events:
        entry, key = entry_of(event), (event.id or uuid7(event.at)).bytes
        leaves.append(LeafRow(key, entry.leaf))
        if event.session_id is None:
            lasting.append(EventRow(key, entry.salt, entry.event))
        else:
            bound.append(SessionEventRow(event.session_id.bytes, key, entry.salt, entry.event))
    return [(_EVENTS, lasting), (_SESSION_EVENTS, bound), (_OUTBOX, leaves)]
