"""What everything of one office works with: the notice, the store, what writes to people and what counts, the time."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.clock import Clock
from gateway.metrics import Metrics
from gateway.notice.load import Loaded
from gateway.notice.model import Notice
from gateway.rights.correspondence import Correspondence
from storage.records import Receipt
from storage.store import SessionStore


@dataclass(frozen=True, slots=True)
class OfficeKit:
    """The parts of one office."""

    loaded: Loaded
    store: SessionStore
    post: Correspondence
    metrics: Metrics
    clock: Clock

    @property
    def notice(self) -> Notice:
        """The notice that the office works under."""
        return self.loaded.notice

    def counted(self, receipts: tuple[Receipt, ...]) -> tuple[Receipt, ...]:
        """Count what was erased; returns the receipts."""
        self.metrics.count_erased(receipts)
        return receipts
