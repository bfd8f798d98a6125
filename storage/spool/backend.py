"""What the spool needs of the store below it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from storage.crypto.aead import PartSealer
from storage.errors import StorageError
from storage.key_material import SecretBytes
from storage.records import ConsentState, Identifier, Locator, PartKind, Session, Write, Written
from storage.spool.entries import Entry


@dataclass(frozen=True, slots=True)
class HeldPart:
    """A part that content may be added to until `first_end_at`."""

    id: UUID
    first_end_at: datetime


@dataclass(frozen=True, slots=True)
class HeldSession:
    """A session as this process has last written it; parts by kind and by the fingerprint of what they are kept for."""

    parts: Mapping[tuple[PartKind, bytes], HeldPart]
    consents: Mapping[str, ConsentState]
    over: frozenset[str]
    next_turn: int


class SpoolBackend(Protocol):
    """A store without its spool. What is in memory is asked for without waiting; None: it is not in memory."""

    async def find(self, locator: Locator, now: datetime) -> Session | None:
        """Return a session, as `SessionStore.find`."""

    async def write(self, write: Write) -> Written:
        """Store, as `SessionStore.write`."""

    async def confirm(self) -> None:
        """Raise KeyUnavailableError unless keys in memory may serve now."""

    async def probe(self) -> None:
        """Raise StoreUnavailableError unless both databases can be written now."""

    async def restore(self, entries: Sequence[Entry]) -> Sequence[Written | StorageError]:
        """Open and store entries in their order, each once however often it is handed over.

        UnknownSessionError: what the entry belongs to has been erased. SealBrokenError: it does not open.
        """

    def held(self, session_id: UUID) -> HeldSession | None:
        """Return the session as it was last written."""

    def digest_key(self, session_id: UUID) -> SecretBytes | None:
        """Return the key of the session's digests."""

    def sealer(self, part_id: UUID) -> PartSealer | None:
        """Return what seals under the part's key."""

    def tokens(self, part_id: UUID, identifiers: Collection[Identifier]) -> frozenset[bytes] | None:
        """Return the blind tokens of identifiers for a part."""
