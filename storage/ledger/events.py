"""What the log holds: entries that say what was done, and nothing of whom.

    entry = salt 32 (random) | event (JSON in UTF-8: keys sorted, no blanks)      leaf hash: see `tree.leaf_hash`

An event names its kind, its time and facts: words of the notice or of this program, counts, days, ids of what is
gone. A session is named as `SHA-256(salt | its id)` only, so that who knows the id can find the event, and nobody
when the salt is gone. Salt and event of what happened to a session are erased with it; the leaf's hash stays, tells
nothing without the salt, and the log still adds up.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import orjson

from storage.ledger.tree import leaf_hash

SALT_BYTES: Final = 32
Fact = str | int | bool | list[str] | None


class EventKind(StrEnum):
    """What was done."""

    ERASURE = "erasure"
    CONSENT = "consent"
    DISCLOSURE = "ai-disclosure"
    READ = "read"
    HOLD = "hold"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    SESSION = "session-event"
    SHORTENING = "shortening"
    KEYS = "keys"
    TOKEN = "token"  # noqa: S105 - a kind of event
    APPROVAL = "approval"
    REQUEST_READ = "request-read"
    ERRAND = "errand"


@dataclass(frozen=True, slots=True)
class Event:
    """Something done. With `session_id` it is erased together with that session; without, it stays for good.

    `id` is a UUIDv7 where something else refers to the event; otherwise it gets one when it is logged. `facts` never
    hold what a person said or is: see the module.
    """

    kind: EventKind
    at: datetime
    facts: Mapping[str, Fact] = field(default_factory=dict)
    session_id: UUID | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it is logged."""

    salt: bytes = field(repr=False)
    event: bytes

    @property
    def leaf(self) -> bytes:
        """The leaf's hash."""
        return leaf_hash(self.salt + self.event)


def entry_of(event: Event) -> Entry:
    """Return the entry of an event, with a salt of its own."""
    salt = secrets.token_bytes(SALT_BYTES)
    return Entry(salt, written(event, salt))


def written(event: Event, salt: bytes) -> bytes:
    """Return an event as it stands in an entry with this salt."""
    said: dict[str, object] = {"kind": event.kind.value, "at": event.at.isoformat(), "facts": dict(event.facts)}
    if event.session_id is not None:
        said["session"] = session_mark(salt, event.session_id)
    return canonical(said)


def session_mark(salt: bytes, session_id: UUID) -> str:
    """Return how an entry with this salt names a session."""
    return hashlib.sha256(salt + session_id.bytes).hexdigest()


def canonical(said: Mapping[str, object]) -> bytes:
    """Return the one form in which JSON is hashed: keys sorted, no blanks, UTF-8."""
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
