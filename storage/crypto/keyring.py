"""The keys between the root and the records: root key -> epoch key -> part key.

- The **root key** never leaves its provider; it wraps epoch keys and locator keys.
- An **epoch key** belongs to a tenant and a deletion month. It wraps the keys of the parts that are to be
  deleted in that month, so that destroying it erases the month in every backup. A new one is made after
  2^30 wraps, far below the 2^32 at which random nonces under one AES-GCM key end (NIST SP 800-38D, 8.3).
- An **index key** of each epoch keys the tokens by which its sessions are found (`blind_index`). It is wrapped
  by the epoch key and goes with it; a hold that outlives its epoch takes a copy of it into a later one.
- A **part key** (random) seals the records of one part; a **session key** (random) keys its digests.

A wrapped key is `0x01 | nonce 12 | AES-256-GCM of the key, with its tag`. The associated data binds it to
what it is for (tenant, session, part), so that a wrapped key moved to another row does not open. Wrapped
keys lie in the key database only.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.crypto.framing import framed, framed_ids
from storage.errors import SealBrokenError
from storage.key_material import SecretBytes

WRAPS_PER_EPOCH: Final = 2**30
KEY_BYTES: Final = 32
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12


class Wrapping:
    """A key that wraps other keys. Refuses printing and pickling, as the key in it does."""

    __slots__ = ("_cipher", "_key")

    def __init__(self, key: SecretBytes) -> None:
        """Take the wrapping key, 32 bytes."""
        self._key = key
        self._cipher = AESGCM(key.reveal())

    def wrap(self, key: SecretBytes, bound_to: bytes) -> bytes:
        """Return the key encrypted, bound to what it is for."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, key.reveal(), bound_to)

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> SecretBytes:
        """Return the key. Raises SealBrokenError unless it was wrapped by this key for just this use."""
        nonce, sealed = wrapped[1 : 1 + _NONCE_BYTES], wrapped[1 + _NONCE_BYTES :]
        if wrapped[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise _broken()
        try:
            return SecretBytes(self._cipher.decrypt(nonce, sealed, bound_to))
        except InvalidTag:
            raise _broken() from None


@dataclass(slots=True)
class Epoch:
    """An epoch key in memory, with the index keys that lie under it.

    `reserved`: how many wraps it may still do before more are to be reserved.
    """

    id: UUID
    month: int
    wrapping: Wrapping
    reserved: int = 0
    index_keys: dict[UUID, SecretBytes] = field(default_factory=dict)


class MissingEpochError(Exception):
    """An epoch key is not in memory, or has no wraps left: fetch or make it, then do again what was tried.

    Never leaves the store.
    """

    def __init__(self, *, month: int | None = None, epoch_id: UUID | None = None) -> None:
        """Say which: the current one of a month, or one with a certain id."""
        super().__init__("an epoch key is needed")
        self.month = month
        self.epoch_id = epoch_id


class Keyring:
    """The epoch keys in memory, and the wrapping of part and session keys under them."""

    def __init__(self, tenant: str) -> None:
        """Start empty, for the keys of one tenant."""
        self.tenant = tenant
        self._part_use = framed(b"sordino-part-key-1", tenant.encode())
        self._session_use = framed(b"sordino-session-key-1", tenant.encode())
        self._epochs: dict[UUID, Epoch] = {}
        self._current: dict[int, Epoch] = {}

    def add(self, epochs: Iterable[Epoch]) -> None:
        """Take epoch keys; one with wraps reserved becomes the current one of its month."""
        for epoch in epochs:
            self._epochs[epoch.id] = epoch
            if epoch.reserved:
                self._current[epoch.month] = epoch

    def drop(self, epoch_ids: Iterable[UUID]) -> None:
        """Forget epoch keys that have been destroyed."""
        for epoch_id in epoch_ids:
            epoch = self._epochs.pop(epoch_id, None)
            if epoch is not None and self._current.get(epoch.month) is epoch:
                del self._current[epoch.month]

    def clear(self) -> None:
        """Forget all keys."""
        self._epochs.clear()
        self._current.clear()

    def wrap(self, key: SecretBytes, bound_to: bytes, month: int) -> tuple[UUID, bytes]:
        """Wrap under the month's current epoch key; returns that epoch's id. Raises MissingEpochError."""
        epoch = self._current.get(month)
        if epoch is None or epoch.reserved <= 0:
            raise MissingEpochError(month=month)
        epoch.reserved -= 1
        return epoch.id, epoch.wrapping.wrap(key, bound_to)

    def unwrap(self, epoch_id: UUID, wrapped: bytes, bound_to: bytes) -> SecretBytes:
        """Unwrap what the epoch wrapped. Raises MissingEpochError or SealBrokenError."""
        return self._epoch(epoch_id).wrapping.unwrap(wrapped, bound_to)

    def unwrapped(self, epoch_id: UUID, wrapped: bytes, bound_to: bytes) -> SecretBytes | None:
        """Do as `unwrap`; None for what was altered. Raises MissingEpochError."""
        try:
            return self.unwrap(epoch_id, wrapped, bound_to)
        except SealBrokenError:
            return None

    def index_keys(self, epoch_id: UUID) -> dict[UUID, SecretBytes]:
        """Return the index keys under an epoch key, by their ids; its own has its id. Raises MissingEpochError."""
        return self._epoch(epoch_id).index_keys

    def wrap_index_key(self, epoch_id: UUID, index_id: UUID, key: SecretBytes) -> bytes:
        """Wrap an index key under an epoch key. Raises MissingEpochError."""
        return self._epoch(epoch_id).wrapping.wrap(key, self.index_use(epoch_id, index_id))

    def part_use(self, session_id: UUID, part_id: UUID) -> bytes:
        """Return what a part key is bound to."""
        return self._part_use + framed_ids(session_id.bytes, part_id.bytes)

    def session_use(self, session_id: UUID) -> bytes:
        """Return what a session key is bound to."""
        return self._session_use + framed_ids(session_id.bytes)

    def epoch_use(self, epoch_id: UUID, month: int) -> bytes:
        """Return what an epoch key is bound to."""
        return framed(b"sordino-epoch-key-1", self.tenant.encode(), epoch_id.bytes, month.to_bytes(4, "big"))

    def index_use(self, epoch_id: UUID, index_id: UUID) -> bytes:
        """Return what an index key under an epoch key is bound to."""
        return framed(b"sordino-index-key-1", self.tenant.encode(), epoch_id.bytes, index_id.bytes)

    def locator_use(self, channel: str) -> bytes:
        """Return what the key of a channel's locator tokens is bound to."""
        return framed(b"sordino-locator-key-1", self.tenant.encode(), channel.encode())

    def check_use(self) -> bytes:
        """Return what the key check value is bound to."""
        return framed(b"sordino-key-check-1", self.tenant.encode())

    def _epoch(self, epoch_id: UUID) -> Epoch:
        epoch = self._epochs.get(epoch_id)
        if epoch is None:
            raise MissingEpochError(epoch_id=epoch_id)
        return epoch


def new_key() -> SecretBytes:
    """Return a random key of 32 bytes."""
    return SecretBytes(os.urandom(KEY_BYTES))


def deletion_month(due_at: datetime) -> int:
    """Return the month (UTC) of a deletion date as a number like 202612."""
    due = due_at.astimezone(UTC)
    return due.year * 100 + due.month


def _broken() -> SealBrokenError:
    return SealBrokenError("a wrapped key does not open: it was altered or moved, or the root key is another")
