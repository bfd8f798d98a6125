"""What the ledger of a store can do. Implementations: `storage.memory` (the reference) and `storage.sql`.

All raise `StoreUnavailableError` when database or sink can't be reached, or tell different pasts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from storage.ledger.figures import LedgerFigures
from storage.ledger.notes import PublicKey
from storage.ledger.verification import Verification


class Ledger(Protocol):
    """The log of what was done."""

    async def public_key(self) -> PublicKey:
        """Return the key that checkpoints are checked with, named as the log."""

    async def receipt(self, part_id: UUID) -> dict[str, Any] | None:
        """Return the receipt of a part's erasure (`storage.ledger.receipts`); None if there is none.

        Its proof is there as soon as a checkpoint covers it.
        """

    async def checkpoint(self) -> str | None:
        """Return the newest checkpoint, a signed note; None if nothing was signed yet."""

    async def attest(self, document: bytes) -> str:
        """Return a signed note about a document and the checkpoint that stands (`storage.ledger.attestations`)."""

    async def verify(self, since: str | None = None) -> Verification:
        """Check the whole log; with a checkpoint (a note), that the log continues it, and what came after it.

        Raises LedgerBrokenError if `since` is no checkpoint of this log.
        """

    async def seal(self, now: datetime) -> int:
        """Sign a checkpoint over all that was logged, in the sink first; returns how many there were to sign.

        There is none to sign when nothing was logged since the last.
        """

    async def figures(self) -> LedgerFigures:
        """Count what is in the ledger."""
