r"""The record format: how one record of a part is sealed.

A sealed record is, byte after byte:

    version      1   0x01
    suite        1   0x01: HKDF-SHA512, AES-256-GCM in chunks
    key id      16   id of the part key, which is the part's id
    salt        24   random, new for every record
    commitment  32
    chunks           each: AES-256-GCM of 16 KiB of plaintext, then its 16-byte tag; the last chunk is always
                     shorter (0 to 16383 bytes of plaintext), so that no cut can pass for an end

    key32 | nonce12 | commit32 = HKDF-SHA512(part key, no salt, info = FORMAT | salt | context)

    context = framed(FORMAT, suite, tenant, session, part kind, key id, sequence, schema)

where `framed` puts the length of each field in four bytes before it; tenant and kind are UTF-8, session
and key id 16 bytes, the record's sequence 8 bytes and the schema version 4 bytes, big endian. Chunk n is
encrypted with key32 under nonce12 XOR n (as 12 bytes, big endian), without associated data: all that a
record is bound to is in the key. The commitment is compared in constant time before anything is
decrypted, so that a record opens under one key only (AES-GCM alone does not promise this).

That no record of a part is missing at its end is told by the part's tail, which is kept beside it: each record makes
a link, from the one before it (nothing before the first) and its own commitment; the tail is the last of them.

    link16 = HKDF-SHA512(part key, no salt, info = CHAIN | framed(link before, commitment) | context)

Because each record has a key of its own, no count of records under a part key comes near the limits of
random nonces (NIST SP 800-38D, 8.3); a salt that repeats needs 2^96 records.
"""

from __future__ import annotations

import hmac
import os
import struct
from copy import copy
from enum import StrEnum
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from storage.crypto.framing import framed, framed_ids
from storage.errors import SealBrokenError
from storage.key_material import SecretBytes

FORMAT: Final = b"sordino-record-1"
CHAIN: Final = b"sordino-chain-1"
VERSION: Final = 1
SUITE: Final = 1
KEY_BYTES: Final = 32
SALT_BYTES: Final = 24
COMMITMENT_BYTES: Final = 32
HEADER_BYTES: Final = 2 + 16 + SALT_BYTES + COMMITMENT_BYTES
CHUNK_BYTES: Final = 16 * 1024
TAG_BYTES: Final = 16
LINK_BYTES: Final = 16
SCHEMA_VERSION: Final = 1
_NONCE_BYTES: Final = 12
_DERIVED_BYTES: Final = KEY_BYTES + _NONCE_BYTES + COMMITMENT_BYTES
_NUMBERS: Final = struct.Struct(">IQII")  # framed(sequence, schema)
_SEALED_CHUNK_BYTES: Final = CHUNK_BYTES + TAG_BYTES


class PartSealer:
    """Seals and opens the records of one part with its key. Safe to use from several threads."""

    __slots__ = ("_bound", "_extracted", "_head", "_of")

    def __init__(self, key: SecretBytes, *, tenant: str, session_id: UUID, kind: StrEnum, part_id: UUID) -> None:
        """Take the part key (32 bytes) and what its records are bound to; `kind` is mostly a PartKind."""
        # The first half of HKDF depends on the part key alone; it is done once instead of for each record.
        self._extracted = SecretBytes(hmac.digest(bytes(64), key.reveal(), "sha512"))
        self._head = bytes((VERSION, SUITE)) + part_id.bytes
        self._of = framed(FORMAT, bytes((SUITE,)), tenant.encode(), session_id.bytes)
        self._bound = self._of + framed(kind.value.encode()) + framed_ids(part_id.bytes)

    def beside(self, kind: StrEnum) -> PartSealer:
        """Return what seals with the same key for another place; neither opens what the other has sealed."""
        other = copy(self)
        other._bound = self._of + framed(kind.value.encode()) + framed_ids(self._head[2:])  # noqa: SLF001 - its own class
        return other

    def seal(self, sequence: int, plaintext: bytes) -> bytes:
        """Return the sealed record with this sequence number in its part."""
        return self._seal(sequence, plaintext, os.urandom(SALT_BYTES))

    def open(self, sequence: int, sealed: bytes) -> bytes:
        """Return the plaintext. Raises SealBrokenError unless the record is exactly as it was sealed."""
        if len(sealed) < HEADER_BYTES + TAG_BYTES or sealed[: len(self._head)] != self._head:
            raise _broken()
        salt = sealed[len(self._head) : len(self._head) + SALT_BYTES]
        key, nonce, commitment = self._derive(sequence, salt)
        if not hmac.compare_digest(commitment, sealed[HEADER_BYTES - COMMITMENT_BYTES : HEADER_BYTES]):
            raise _broken()
        chunks = [sealed[at : at + _SEALED_CHUNK_BYTES] for at in range(HEADER_BYTES, len(sealed), _SEALED_CHUNK_BYTES)]
        if len(chunks[-1]) == _SEALED_CHUNK_BYTES or len(chunks[-1]) < TAG_BYTES:
            raise _broken()
        cipher = AESGCM(key)
        try:
            return b"".join(cipher.decrypt(_nonce(nonce, n), chunk, None) for n, chunk in enumerate(chunks))
        except InvalidTag:
            raise _broken() from None

    def link(self, sequence: int, sealed: bytes, before: bytes = b"") -> bytes:
        """Return the link of a sealed record in the chain of its part, behind the link of the record before it."""
        commitment = sealed[HEADER_BYTES - COMMITMENT_BYTES : HEADER_BYTES]
        info = CHAIN + framed(before, commitment) + self._context(sequence)
        # The first block of HKDF's second half, of which no more is needed: a third of the time of the library's.
        return hmac.digest(self._extracted.reveal(), info + b"\x01", "sha512")[:LINK_BYTES]

    def _seal(self, sequence: int, plaintext: bytes, salt: bytes) -> bytes:
        key, nonce, commitment = self._derive(sequence, salt)
        cipher = AESGCM(key)
        head = self._head + salt + commitment
        if len(plaintext) < CHUNK_BYTES:
            return head + cipher.encrypt(nonce, plaintext, None)
        # One chunk more than there are full ones: shorter than the others, and empty if nothing is left for it.
        starts = range(0, len(plaintext) + 1, CHUNK_BYTES)
        chunks = (
            cipher.encrypt(_nonce(nonce, n), plaintext[at : at + CHUNK_BYTES], None) for n, at in enumerate(starts)
        )
        return head + b"".join(chunks)

    def _derive(self, sequence: int, salt: bytes) -> tuple[bytes, bytes, bytes]:
        info = FORMAT + salt + self._context(sequence)
        derived = HKDFExpand(SHA512(), _DERIVED_BYTES, info).derive(self._extracted.reveal())
        return derived[:KEY_BYTES], derived[KEY_BYTES : KEY_BYTES + _NONCE_BYTES], derived[-COMMITMENT_BYTES:]

    def _context(self, sequence: int) -> bytes:
        return self._bound + _NUMBERS.pack(8, sequence, 4, SCHEMA_VERSION)


def _nonce(base: bytes, chunk: int) -> bytes:
    return (int.from_bytes(base, "big") ^ chunk).to_bytes(_NONCE_BYTES, "big")


def _broken() -> SealBrokenError:
    return SealBrokenError("a sealed record does not open: it was altered or moved, or its key is another")
