"""What the metrics show of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LedgerFigures:
    """How large the ledger is.

    `size` entries have their place, `waiting` have none yet (counted up to 100,000), `sealed` are covered by the
    newest checkpoint, of `sealed_at`.
    """

    size: int
    waiting: int
    sealed: int
    sealed_at: datetime | None

    @property
    def unsealed(self) -> int:
        """How many entries no checkpoint covers, and the sink does not hold yet."""
        return self.size + self.waiting - self.sealed
