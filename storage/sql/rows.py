"""Rows as they are stored, of the tables that every turn touches: ids as 16 bytes, moments in microseconds."""

from __future__ import annotations

from typing import NamedTuple


class SessionRow(NamedTuple):
    """A row of `sessions`."""

    id: bytes
    channel: str
    notice_version: str
    notice_digest: str
    language: str | None
    imported: bool
    token_digest: bytes
    started_at: int
    active_at: int
    ended_at: int | None
    disclosed_at: int | None
    agreed_since: int | None
    matter_resolved_at: int | None
    consent_ended_at: int | None
    relation_ended_at: int | None
    next_turn: int
    next_record: int
    revision: int
    bare: bool


class LocatorRow(NamedTuple):
    """A row of `locators`."""

    token: bytes
    session_id: bytes


class PartRow(NamedTuple):
    """A row of `parts`."""

    session_id: bytes
    id: bytes
    kind: str
    plan: bytes
    month: int
    collected_at: int
    first_end_at: int
    visible_until: int | None
    due_at: int
    bars: int
    tail: bytes | None = None


class AssignmentRow(NamedTuple):
    """A row of `assignments`."""

    session_id: bytes
    part_id: bytes
    rule_id: bytes
    state: str
    delete_by: int


class ContentRow(NamedTuple):
    """A row of `contents`."""

    session_id: bytes
    part_id: bytes
    sequence: int
    month: int
    sealed: bytes


class TurnRow(NamedTuple):
    """A row of `turns`."""

    session_id: bytes
    sequence: int
    part_id: bytes | None
    speaker: int
    digest: bytes | None
    once: bytes | None


class FactsRow(NamedTuple):
    """A row of `facts`."""

    session_id: bytes
    part_id: bytes
    last_turn_at: int | None
    messages: int
    ratings_positive: int
    ratings_negative: int


class ConsentRow(NamedTuple):
    """A row of `consent_states`."""

    session_id: bytes
    consent: str
    state: str
    at: int


class SessionEventRow(NamedTuple):
    """A row of `session_events`."""

    session_id: bytes
    id: bytes
    salt: bytes
    event: bytes


class EventRow(NamedTuple):
    """A row of `ledger_events`."""

    id: bytes
    salt: bytes
    event: bytes


class LeafRow(NamedTuple):
    """A row of `ledger_outbox`."""

    id: bytes
    leaf: bytes


class PartKeyRow(NamedTuple):
    """A row of `part_keys`."""

    part_id: bytes
    epoch_id: bytes
    wrapped: bytes


class SessionKeyRow(NamedTuple):
    """A row of `session_keys`."""

    session_id: bytes
    epoch_id: bytes
    wrapped: bytes


class NoteRow(NamedTuple):
    """A row of `creations`."""

    id: bytes
    part_ids: bytes
    session_ids: bytes
