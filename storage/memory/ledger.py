"""`MemoryLedger`: what a ledger does, without a disk. Its key lives as long as it does."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage.ids import uuid7
from storage.ledger.checkpoints import Checkpoint
from storage.ledger.events import Entry, Event, entry_of
from storage.ledger.figures import LedgerFigures
from storage.ledger.notes import PublicKey, Signer
from storage.ledger.tree import root_of


class MemoryLedger:
    """A `storage.ledger.protocol.Ledger` in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._signer = Signer("sordino/memory", Ed25519PrivateKey.generate())
        self._leaves: dict[UUID, bytes] = {}
        self._entries: dict[UUID, tuple[UUID | None, Entry]] = {}
        self._checkpoints: list[tuple[datetime, int, str]] = []

    @property
    def public_key(self) -> PublicKey:
        """The key that checkpoints are checked with, named as the log."""
        return self._signer.public

    def append(self, *events: Event) -> None:
        """Log events."""
        for event in events:
            entry, event_id = entry_of(event), event.id or uuid7(event.at)
            self._leaves[event_id] = entry.leaf
            self._entries[event_id] = (event.session_id, entry)

    def forget(self, session_id: UUID) -> None:
        """Erase what was logged of a session; the leaves stay."""
        self._entries = {key: kept for key, kept in self._entries.items() if kept[0] != session_id}

    async def seal(self, now: datetime) -> int:
        """Sign a checkpoint over all that was logged, if there is anything new."""
        size = len(self._leaves)
        if size == self._sealed():
            return 0
        root = root_of(self._leaves.values())
        note = Checkpoint(self._signer.public.name, size, root).signed(self._signer)
        self._checkpoints.append((now, size, note))
        return 1

    async def figures(self) -> LedgerFigures:
        """Count what is in the ledger."""
        at = self._checkpoints[-1][0] if self._checkpoints else None
        return LedgerFigures(size=self._sealed(), waiting=len(self._leaves) - self._sealed(), sealed=self._sealed(),
                             sealed_at=at)  # fmt: skip

    def _sealed(self) -> int:
        return self._checkpoints[-1][1] if self._checkpoints else 0
