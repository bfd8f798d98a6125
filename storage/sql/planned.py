"""What a batch of writes comes to: rows to insert, figures to add, keys to remember."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from storage.crypto.aead import PartSealer
from storage.key_material import SecretBytes
from storage.ledger.events import Event
from storage.plans import Rule
from storage.records import ConsentState, NewSession, StartEvent
from storage.sql.indexing import IndexRow
from storage.sql.recording import RecordingRows
from storage.sql.rows import AssignmentRow, ContentRow, LocatorRow, PartKeyRow, PartRow, SessionKeyRow, TurnRow
from storage.sql.states import SessionState


@dataclass(slots=True)
class Counts:
    """What a batch adds to a facts part."""

    session_id: UUID
    new: bool = False
    turns: int = 0
    positive: int = 0
    negative: int = 0
    last_turn_at: datetime | None = None


@dataclass(slots=True)
class Planned:
    """All that is to be written. `changed` holds the sessions as they are to be, `opened` those that are new.

    `happened` holds by session the events that start a period, with when each was told.
    `withdrawn` holds the answers that end what rests on a consent, each with its time; `spared` the parts that
    were planned after one, which therefore rest on none that it ends. `tails` holds by part its new tail, then session
    and part. `epochs` are the epoch keys that wrap the
    new keys, each with its month.
    """

    opened: dict[UUID, NewSession] = field(default_factory=dict)
    changed: dict[UUID, SessionState] = field(default_factory=dict)
    marked: set[UUID] = field(default_factory=set)
    happened: defaultdict[UUID, dict[StartEvent, datetime]] = field(default_factory=lambda: defaultdict(dict))
    rules: dict[bytes, Rule] = field(default_factory=dict)
    locators: list[LocatorRow] = field(default_factory=list)
    parts: list[PartRow] = field(default_factory=list)
    assignments: list[AssignmentRow] = field(default_factory=list)
    turns: list[TurnRow] = field(default_factory=list)
    contents: list[ContentRow] = field(default_factory=list)
    tails: dict[bytes, tuple[bytes, bytes, bytes]] = field(default_factory=dict)
    replaced: list[tuple[bytes, bytes, int, int]] = field(default_factory=list)
    counts: dict[UUID, Counts] = field(default_factory=dict)
    consents: dict[tuple[UUID, str], tuple[ConsentState, datetime]] = field(default_factory=dict)
    withdrawn: dict[tuple[UUID, str], datetime] = field(default_factory=dict)
    spared: set[UUID] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    index: set[IndexRow] = field(default_factory=set)
    epochs: dict[UUID, int] = field(default_factory=dict)
    part_keys: list[PartKeyRow] = field(default_factory=list)
    session_keys: dict[UUID, SessionKeyRow] = field(default_factory=dict)
    sealers: dict[UUID, PartSealer] = field(default_factory=dict)
    digest_keys: dict[UUID, SecretBytes] = field(default_factory=dict)
    recordings: RecordingRows = field(default_factory=RecordingRows)
