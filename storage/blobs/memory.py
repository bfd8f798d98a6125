"""`MemoryBlobs`: the reference of `BlobStore`, for the tests of everything else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection

from storage.blobs.protocol import checked
from storage.errors import SealBrokenError


class MemoryBlobs:
    """A `storage.blobs.BlobStore` in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self._blobs: dict[str, bytes] = {}

    async def start(self) -> None:
        """Do nothing."""

    async def check(self) -> None:
        """Serve always."""

    async def put(self, name: str, content: AsyncIterator[bytes]) -> None:
        """Keep a blob, whole or not at all."""
        checked(name)
        self._blobs[name] = b"".join([piece async for piece in content])

    async def get(self, name: str) -> AsyncIterator[bytes]:
        """Yield a blob's bytes. Raises SealBrokenError if there is none."""
        if checked(name) not in self._blobs:
            raise SealBrokenError("a blob is missing")
        yield self._blobs[name]

    async def delete(self, names: Collection[str]) -> None:
        """Delete blobs."""
        for name in names:
            self._blobs.pop(checked(name), None)

    async def names(self, folder: str) -> AsyncIterator[str]:
        """Yield the names of all blobs of a folder."""
        for name in list(self._blobs):
            if name.startswith(f"{folder}/"):
                yield name

    async def close(self) -> None:
        """Do nothing."""
