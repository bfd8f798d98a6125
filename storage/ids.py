"""UUIDv7 (RFC 9562, 5.7): ids that sort by time, made without a sequence shared between shards."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

_VERSION = 7 << 76
_VARIANT = 2 << 62


def first_id(moment: datetime) -> UUID:
    """Return what sorts before all UUIDv7 of this moment and later, and behind all earlier ones."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def uuid7(now: datetime) -> UUID:
    """Return a new UUIDv7 of the moment `now` (aware): 48 bits of milliseconds, 74 random bits."""
    milliseconds = int(now.timestamp() * 1000)
    random = secrets.randbits(74)
    return UUID(int=milliseconds << 80 | _VERSION | (random >> 62) << 64 | _VARIANT | random & ((1 << 62) - 1))
