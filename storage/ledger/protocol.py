"""What the ledger of a store can do. Implementations: `storage.memory` (the reference) and `storage.sql`.

All raise `StoreUnavailableError` when database or sink can't be reached, or tell different pasts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from storage.ledger.figures import LedgerFigures
from storage.ledger.notes import PublicKey


class Ledger(Protocol):
    """The log of what was done."""

    @property
    def public_key(self) -> PublicKey:
        """The key that checkpoints are checked with, named as the log."""

    async def seal(self, now: datetime) -> int:
        """Sign a checkpoint over all that was logged, in the sink first; returns how many there were to sign.

        There is none to sign when nothing was logged since the last.
        """

    async def figures(self) -> LedgerFigures:
        """Count what is in the ledger."""
