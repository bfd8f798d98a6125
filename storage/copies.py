"""All that is held of a session, for the data subject and for nobody else (Art. 15 and 20 GDPR).

Unlike a read for a purpose, a copy shows what is restricted or blocked as well: it is held, and its subject may know
(Art. 18(2): with the data subject's consent). What has expired is not there, swept or not. A copy is logged as a read
before it is shown. Implementations: `storage.memory` and `storage.sql`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from storage.records import AssignmentState, ClassKind, ConsentRecord, Facts, PartKind, StoredTurn

COPY_PURPOSE: Final = "data-subject"
"""How a copy stands in the ledger."""
MOST_LINKED: Final = 500


@dataclass(frozen=True, slots=True)
class HeldAssignment:
    """Why a part is held, and until when."""

    purpose: str
    legal_basis: str
    deletion_class: str
    kind: ClassKind
    state: AssignmentState
    delete_by: datetime
    consent: str | None = None


@dataclass(frozen=True, slots=True)
class HeldPart:
    """A part that is there. `held`: by a legal hold."""

    id: UUID
    kind: PartKind
    collected_at: datetime
    assignments: tuple[HeldAssignment, ...]
    held: bool = False


@dataclass(frozen=True, slots=True)
class SessionCopy:
    """A session with all that it holds but sound, which `RecordingStore.copy` reads."""

    session_id: UUID
    channel: str
    started_at: datetime
    notice_version: str
    restricted: bool
    parts: tuple[HeldPart, ...]
    turns: tuple[StoredTurn, ...] = ()
    consents: tuple[ConsentRecord, ...] = ()
    connections: tuple[Mapping[str, str], ...] = field(default=(), repr=False)
    pseudonyms: tuple[bytes, ...] = field(default=(), repr=False)
    facts: Facts | None = None


class CopyStore(Protocol):
    """Copies of sessions for their subjects."""

    async def of(self, session_id: UUID, now: datetime, *, content: bool = True) -> SessionCopy:
        """Return all that is held of a session, without `content` only what there is and why.

        Raises UnknownSessionError if nothing is there any more.
        """

    async def linked(self, session_ids: Collection[UUID], now: datetime, limit: int = MOST_LINKED) -> tuple[UUID, ...]:
        """Return other sessions that share an identifier with one of these, newest first.

        Identifiers of different deletion months can't be compared: their tokens have different keys.
        """
