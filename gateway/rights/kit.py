"""What everything of one office works with: the notice, the store, what writes to people and what counts, the time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from gateway.clock import Clock
from gateway.metrics import Metrics
from gateway.notice.load import Loaded
from gateway.notice.model import Notice
from gateway.recent import Recent
from gateway.rights.correspondence import Correspondence
from storage.records import Receipt
from storage.requests import Decide, Deed, EndConsent, EndPurpose, Erase
from storage.store import SessionStore

_ERASING: Final = (Decide, EndConsent, EndPurpose, Erase)


@dataclass(frozen=True, slots=True)
class OfficeKit:
    """The parts of one office. `recent`: what the channels remember, in memory, of what people said."""

    loaded: Loaded
    store: SessionStore
    post: Correspondence
    metrics: Metrics
    clock: Clock
    recent: list[Recent] = field(default_factory=list)

    @property
    def notice(self) -> Notice:
        """The notice that the office works under."""
        return self.loaded.notice

    def counted(self, receipts: tuple[Receipt, ...]) -> tuple[Receipt, ...]:
        """Count what was erased; returns the receipts."""
        self.metrics.count_erased(receipts)
        return receipts

    def forget(self, session: UUID) -> None:
        """Forget what is remembered of a session of which something is erased, or a consent withdrawn."""
        for each in self.recent:
            each.drop(session)

    def forget_with(self, deeds: Iterable[Deed]) -> None:
        """Forget as `forget` for each of the deeds that erases."""
        for deed in deeds:
            if isinstance(deed, _ERASING):
                self.forget(deed.session_id)
