"""A ZIP that is sent while it is made: nothing of it lies on a disk, and in memory no more of it than a piece.

Its last file, `manifest.json`, names each of the others with its size and SHA-256. What a file's size will be is not
known when it begins; it stands behind it (APPNOTE 4.3.9, data descriptors), as in every ZIP that is streamed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import zipfile
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from datetime import datetime
from typing import Any, Final

_PIECE_BYTES: Final = 65_536
_LEVEL: Final = 1  # sound hardly gets smaller, and takes nearly three times as long at the usual level
_LARGE_BYTES: Final = 65_536
"""From so much on a piece is compressed in a thread, so that others do not wait for it."""


class Zipped:
    """A ZIP in the making. What its methods yield, one after the other, is the file."""

    def __init__(self, now: datetime) -> None:
        """Begin; `now` is the time of all that is in it."""
        self._now = now
        self._out = _Out()
        self._archive = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)
        self._listed: list[dict[str, Any]] = []

    async def add(self, name: str, pieces: AsyncIterable[bytes], size: int = 0) -> AsyncIterator[bytes]:
        """Add a file and list it; `size` is needed from two gigabytes on. Raises what the pieces raise."""
        digest, length = hashlib.sha256(), 0
        with self._archive.open(self._head(name, size), "w") as member:

            def take(piece: bytes) -> None:
                digest.update(piece)
                member.write(piece)

            async for piece in pieces:
                length += len(piece)
                if len(piece) < _LARGE_BYTES:
                    take(piece)
                else:
                    await asyncio.to_thread(take, piece)
                for made in self._out.taken():
                    yield made
        self._listed.append({"name": name, "bytes": length, "sha256": digest.hexdigest()})
        for made in self._out.taken():
            yield made

    async def end(self) -> AsyncIterator[bytes]:
        """Add the manifest, and end."""
        manifest = json.dumps({"made_at": self._now.isoformat(), "files": self._listed}, indent=2).encode()
        self._archive.writestr(self._head("manifest.json"), manifest)
        self._archive.close()
        for made in self._out.taken():
            yield made

    def _head(self, name: str, size: int = 0) -> zipfile.ZipInfo:
        head = zipfile.ZipInfo(name, self._now.timetuple()[:6])
        head.compress_type, head.file_size = zipfile.ZIP_DEFLATED, size
        head._compresslevel = _LEVEL  # type: ignore[attr-defined] # noqa: SLF001 - public from Python 3.13 on
        return head


class _Out:
    """Takes what the archive writes until it is fetched; without a place to which it could go back."""

    def __init__(self) -> None:
        self._made = bytearray()

    def write(self, data: bytes, /) -> int:
        """Take bytes."""
        self._made += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: all of it waits to be fetched."""

    def close(self) -> None:
        """Do nothing, as `flush`."""

    def taken(self) -> Iterator[bytes]:
        """Yield what was written since, in small pieces."""
        made, self._made = bytes(self._made), bytearray()
        for at in range(0, len(made), _PIECE_BYTES):
            yield made[at : at + _PIECE_BYTES]
