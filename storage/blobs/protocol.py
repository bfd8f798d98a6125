"""What a place for blobs can do. Implementations: memory (the reference), files, s3.

A blob's name is `folder/id`: the folder is the id of the store that it belongs to, the id is random, both in
32 hexadecimal digits. A name holds nothing of a person, a session or a time, and no two stores that share a
bucket touch each other's blobs. What is put is sealed already; a blob store knows no keys.

All methods raise `StoreUnavailableError` when the place can't be reached or written.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Collection
from typing import Final, Protocol
from uuid import UUID

_NAME: Final = re.compile(r"[0-9a-f]{32}/[0-9a-f]{32}")


class BlobStore(Protocol):
    """Keeps blobs; none is visible before it is whole."""

    async def start(self) -> None:
        """See that the place serves and can forget; remove what an earlier process began to put and never finished."""

    async def check(self) -> None:
        """Raise StoreUnavailableError unless the place can be written now."""

    async def put(self, name: str, content: AsyncIterator[bytes]) -> None:
        """Keep a blob, durably, whole or not at all. Putting the same again under its name changes nothing."""

    def get(self, name: str) -> AsyncIterator[bytes]:
        """Yield a blob's bytes. Raises SealBrokenError if there is none."""

    async def delete(self, names: Collection[str]) -> None:
        """Delete blobs for good; those that are not there are passed over."""

    def names(self, folder: str) -> AsyncIterator[str]:
        """Yield the names of all blobs of a folder, in no order."""

    async def close(self) -> None:
        """Let go of connections."""


def new_blob_id() -> str:
    """Return a random id for a blob: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def blob_name(store_id: UUID, blob_id: str) -> str:
    """Return the name of a store's blob."""
    return f"{store_id.hex}/{blob_id}"


def checked(name: str) -> str:
    """Return the name. Raises ValueError if it is none: nothing else ever becomes a path."""
    if _NAME.fullmatch(name) is None:
        raise ValueError("a blob is named by two random ids")
    return name
