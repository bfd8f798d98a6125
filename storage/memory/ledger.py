"""`MemoryLedger`: what a ledger does, without a disk. Its key lives as long as it does."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage.ids import uuid7
from storage.ledger.attestations import attest
from storage.ledger.checkpoints import Checkpoint, open_checkpoint
from storage.ledger.events import Entry, Event, EventKind, entry_of
from storage.ledger.figures import LedgerFigures
from storage.ledger.notes import PublicKey, Signer
from storage.ledger.proofs import inclusion
from storage.ledger.receipts import Proof, receipt_document
from storage.ledger.tree import root_of
from storage.ledger.verification import LogCheck, Verification


class MemoryLedger:
    """A `storage.ledger.protocol.Ledger` in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._signer = Signer("sordino/memory", Ed25519PrivateKey.generate())
        self._leaves: dict[UUID, bytes] = {}
        self._entries: dict[UUID, Entry] = {}
        self._of_sessions: defaultdict[UUID, list[UUID]] = defaultdict(list)
        self._receipts: dict[UUID, UUID] = {}
        self._checkpoints: list[tuple[datetime, int, str]] = []

    async def public_key(self) -> PublicKey:
        """Return the key that checkpoints are checked with, named as the log."""
        return self._signer.public

    async def receipt(self, part_id: UUID) -> dict[str, Any] | None:
        """Return the receipt of a part's erasure, with its proof if a checkpoint covers it; None if there is none."""
        event_id = self._receipts.get(part_id)
        if event_id is None:
            return None
        position, leaves = list(self._leaves).index(event_id), list(self._leaves.values())
        proof = None
        for _, size, note in self._checkpoints:
            if size > position and proof is None:
                path = inclusion(lambda start, end: root_of(leaves[start:end]), position, size)
                proof = Proof(position, path, note)
        return receipt_document(self._entries[event_id], self._signer.public, proof)

    async def checkpoint(self) -> str | None:
        """Return the newest checkpoint."""
        return self._checkpoints[-1][2] if self._checkpoints else None

    async def attest(self, document: bytes) -> str:
        """Return a signed note about a document."""
        return attest(document, await self.checkpoint(), self._signer)

    async def verify(self, since: str | None = None) -> Verification:
        """Check the whole log."""
        first = 0 if since is None else open_checkpoint(since, self._signer.public).size
        check, notes = LogCheck(self._signer.public), {size: note for _, size, note in self._checkpoints}
        if since is not None:
            notes[first] = since
        for event_id, leaf in self._leaves.items():
            check.entry(leaf, self._entries.get(event_id))
            if check.size in notes:
                check.checkpoint(notes[check.size])
        return replace(check.result(), checked=check.checked - first)

    def append(self, *events: Event) -> None:
        """Log events."""
        for event in events:
            entry, event_id = entry_of(event), event.id or uuid7(event.at)
            self._leaves[event_id] = entry.leaf
            self._entries[event_id] = entry
            if event.session_id is not None:
                self._of_sessions[event.session_id].append(event_id)
            if event.kind is EventKind.ERASURE:
                self._receipts[UUID(str(event.facts["part"]))] = event_id

    def forget(self, session_id: UUID) -> None:
        """Erase what was logged of a session; the leaves stay."""
        for event_id in self._of_sessions.pop(session_id, ()):
            del self._entries[event_id]

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
