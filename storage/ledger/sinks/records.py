"""What stands in the objects of a sink: erasures, and checkpoints with the leaves that they are the first to cover.

With the leaves' hashes a database that was put back from a backup can take up the log where it was, and never signs
another past. No personal data: the ids are of parts that are gone.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from storage.errors import StoreUnavailableError
from storage.ledger.sinks.chain import Record
from storage.ledger.tree import HASH_BYTES
from storage.records import ErasureReason

ERASURES: Final = "erasures"
CHECKPOINTS: Final = "checkpoints"
_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Erasure:
    """A part that is erased, why and when."""

    part_id: UUID
    reason: ErasureReason
    at: datetime

    def record(self) -> Record:
        """Return it as it stands in a sink."""
        return {"part": str(self.part_id), "reason": self.reason.value, "at": self.at.isoformat()}

    @classmethod
    def parse(cls, record: Record) -> Erasure:
        """Read it. Raises StoreUnavailableError."""
        try:
            return cls(UUID(record["part"]), ErasureReason(record["reason"]), datetime.fromisoformat(record["at"]))
        except (KeyError, TypeError, ValueError):
            raise _unreadable() from None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf: the id of its event and its hash."""

    id: UUID
    hash: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """A checkpoint: the signed note, when it was made, and the leaves that no checkpoint before it covers."""

    note: str
    at: datetime
    first: int
    leaves: Sequence[Leaf]

    def record(self) -> Record:
        """Return it as it stands in a sink."""
        packed = b"".join(leaf.id.bytes + leaf.hash for leaf in self.leaves)
        return {
            "note": self.note,
            "at": self.at.isoformat(),
            "first": self.first,
            "leaves": base64.b64encode(packed).decode(),
        }

    @classmethod
    def parse(cls, record: Record) -> Sealed:
        """Read it. Raises StoreUnavailableError."""
        width = _ID_BYTES + HASH_BYTES
        try:
            packed = base64.b64decode(record["leaves"], validate=True)
            leaves = [
                Leaf(UUID(bytes=packed[at : at + _ID_BYTES]), packed[at + _ID_BYTES : at + width])
                for at in range(0, len(packed), width)
            ]
            return cls(str(record["note"]), datetime.fromisoformat(record["at"]), int(record["first"]), leaves)
        except (KeyError, TypeError, ValueError):
            raise _unreadable() from None


def _unreadable() -> StoreUnavailableError:
    return StoreUnavailableError("the sink of the ledger holds a record that this program does not understand")
