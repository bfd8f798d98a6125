"""A bucket as the sink. With object lock (compliance mode) not even its owner can change what is in it.

Objects are made on the condition that there is none of that name (`If-None-Match: *`), which S3 takes since 2024.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError

from storage.buckets import Bucket, opened
from storage.errors import StoreUnavailableError


class S3Sink:
    """A sink in a bucket. See `storage.ledger.sinks.sink.Sink`."""

    def __init__(self, bucket: Bucket) -> None:
        """Take the bucket. Nothing is asked of it yet."""
        self._store = opened(bucket)
        self._name = f"s3://{bucket.name}/{bucket.prefix}".rstrip("/")

    def __str__(self) -> str:
        """Return bucket and prefix."""
        return self._name

    def create(self, name: str, content: bytes) -> bool:
        """Make an object, durable on return; False if there is one of that name."""
        with self._translated("written"):
            try:
                obstore.put(self._store, name, content, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
        return True

    def read(self, name: str) -> bytes | None:
        """Return an object's content; None if there is none of that name."""
        with self._translated("read"):
            try:
                return bytes(obstore.get(self._store, name).bytes())
            except FileNotFoundError:
                return None

    @contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            # From None: the text of the error below names addresses and accounts.
            msg = f"the sink of the ledger, {self}, can't be {what} ({type(error).__name__})"
            raise StoreUnavailableError(msg) from None
