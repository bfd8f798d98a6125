"""`S3Blobs`: blobs as objects of an S3 bucket, of Amazon or of any other that speaks its protocol.

A segment of a recording goes in one PUT, which a bucket takes whole or not at all, so that nothing is left of one
that broke off. Only what is larger than `PART_BYTES` goes in parts (multipart upload); each part is tried again by
itself, and an upload that fails is aborted. What a killed process had begun of such an upload is noise without its
key; a rule of the bucket (`AbortIncompleteMultipartUpload`) removes it.

A bucket that keeps versions is refused, at the start and at every put: there a delete only hides an object, and
an erased recording would not be gone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import obstore
from obstore.exceptions import BaseError

from storage.blobs.protocol import checked, new_blob_id
from storage.buckets import Bucket, opened
from storage.errors import SealBrokenError, StoreUnavailableError

PART_BYTES: Final = 8 * 1024 * 1024
_READ_BYTES: Final = 256 * 1024
_LISTED_AT_ONCE: Final = 1000


class S3Blobs:
    """A `storage.blobs.BlobStore` in a bucket."""

    def __init__(self, bucket: Bucket) -> None:
        """Take the bucket; nothing is asked of it yet."""
        self._store = opened(bucket)

    async def start(self) -> None:
        """See that the bucket serves, and that it forgets what is deleted. Raises StoreUnavailableError."""
        await self.check()

    async def check(self) -> None:
        """Raise StoreUnavailableError unless an object can be put and deleted now, and no version of it is kept."""
        probe = f"probe/{new_blob_id()}"
        with _translated():
            put = await obstore.put_async(self._store, probe, b"", use_multipart=False)
            await obstore.delete_async(self._store, probe)
        _forgetting(put.get("version"))

    async def put(self, name: str, content: AsyncIterator[bytes]) -> None:
        """Keep a blob, durably, whole or not at all."""
        path, first, whole = checked(name), bytearray(), True
        async for piece in content:
            first += piece
            if len(first) > PART_BYTES:
                whole = False
                break
        with _translated():
            if whole:
                put = await obstore.put_async(self._store, path, bytes(first), use_multipart=False)
            else:
                pieces = _after(bytes(first), content)
                put = await obstore.put_async(self._store, path, pieces, chunk_size=PART_BYTES, max_concurrency=2)
        _forgetting(put.get("version"))

    async def get(self, name: str) -> AsyncIterator[bytes]:
        """Yield a blob's bytes. Raises SealBrokenError if there is none."""
        path = checked(name)
        with _translated():
            try:
                found = await obstore.get_async(self._store, path)
            except FileNotFoundError:
                raise SealBrokenError("a blob is missing") from None
            async for piece in found.stream(min_chunk_size=_READ_BYTES):
                yield bytes(piece)

    async def delete(self, names: Collection[str]) -> None:
        """Delete blobs for good; those that are not there are passed over."""
        paths = [checked(name) for name in names]
        if paths:
            with _translated():
                await obstore.delete_async(self._store, paths)

    async def names(self, folder: str) -> AsyncIterator[str]:
        """Yield the names of all blobs of a folder."""
        with _translated():
            async for listed in obstore.list(self._store, folder, chunk_size=_LISTED_AT_ONCE):
                for each in listed:
                    with suppress(ValueError):
                        yield checked(each["path"])

    async def close(self) -> None:
        """Do nothing: connections go with the object."""


def _forgetting(version: str | None) -> None:
    # `null` is the one version of a bucket without versioning, or where it was suspended: a delete takes it away.
    if version not in {None, "null"}:
        msg = "the bucket keeps versions, so that what is deleted stays; use one without versioning and object lock"
        raise StoreUnavailableError(msg)


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        # From None: the text of the error below names addresses and accounts.
        msg = f"the bucket of the blobs can't be reached, read or written ({type(error).__name__})"
        raise StoreUnavailableError(msg) from None
