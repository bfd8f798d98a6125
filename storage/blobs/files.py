"""`FileBlobs`: blobs as files of a directory that only its owner may read.

A blob is written to a file `<name>.part`, synced, renamed and made durable in its directory, so that what has
its name is whole. The writer holds a lock on the part; a start removes parts that nobody holds. Folders have mode
0700, files 0600. Files lie in 256 sub-folders by the first two digits of their id. For a local file system, or a
network one that keeps locks and syncs, as NFS 4 does.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from storage.blobs.protocol import checked
from storage.durable import sync_directory
from storage.errors import SealBrokenError, StoreUnavailableError

T = TypeVar("T")

_PART: Final = ".part"
_PROBE: Final = ".probe"
_READ_BYTES: Final = 256 * 1024
_PRIVATE: Final = 0o700


class FileBlobs:
    """A `storage.blobs.BlobStore` in a directory."""

    def __init__(self, directory: Path) -> None:
        """Take the directory; it is made at the start."""
        self._directory = directory.absolute()

    async def start(self) -> None:
        """Make the directory, private to its owner, and remove what was never finished."""
        await _in_thread(self._start)

    async def check(self) -> None:
        """Raise StoreUnavailableError unless a file can be made and removed now."""
        await _in_thread(self._touch)

    async def put(self, name: str, content: AsyncIterator[bytes]) -> None:
        """Keep a blob, durably, whole or not at all."""
        path = self._path(name)
        part = path.with_name(path.name + _PART)
        file = await _in_thread(lambda: _begun(part))
        try:
            async for piece in content:
                await _in_thread(lambda piece=piece: file.write(piece))  # type: ignore[misc]
            await _in_thread(lambda: _finished(file, part, path))
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        finally:
            with suppress(OSError):
                file.close()

    async def get(self, name: str) -> AsyncIterator[bytes]:
        """Yield a blob's bytes. Raises SealBrokenError if there is none."""
        path = self._path(name)
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except FileNotFoundError:
            raise SealBrokenError("a blob is missing") from None
        except OSError as error:
            raise _unavailable(error) from None
        try:
            while piece := await _in_thread(lambda: file.read(_READ_BYTES)):
                yield piece
        finally:
            file.close()

    async def delete(self, names: Collection[str]) -> None:
        """Delete blobs, durably; those that are not there are passed over."""
        paths = [self._path(name) for name in names]
        await _in_thread(lambda: _deleted(paths))

    async def names(self, folder: str) -> AsyncIterator[str]:
        """Yield the names of all blobs of a folder."""
        for path in await _in_thread(lambda: list((self._directory / folder).glob("*/*"))):
            with suppress(ValueError):
                yield checked(f"{folder}/{path.name}")

    async def close(self) -> None:
        """Do nothing."""

    def _path(self, name: str) -> Path:
        folder, blob = checked(name).split("/")
        return self._directory / folder / blob[:2] / blob

    def _start(self) -> None:
        self._directory.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        self._directory.chmod(_PRIVATE)
        sync_directory(self._directory.parent)
        for probe in self._directory.glob(f"*{_PROBE}"):
            probe.unlink(missing_ok=True)
        for part in self._directory.glob(f"*/*/*{_PART}"):
            with suppress(FileNotFoundError), part.open("rb") as file, _lock_if_free(file) as free:
                if free:
                    part.unlink(missing_ok=True)

    def _touch(self) -> None:
        probe = self._directory / f"{os.urandom(16).hex()}{_PROBE}"
        probe.touch(mode=0o600)
        probe.unlink(missing_ok=True)


async def _in_thread(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise _unavailable(error) from None


def _unavailable(error: OSError) -> StoreUnavailableError:
    # Without the path, which is of no use to who reads a log and may be long.
    return StoreUnavailableError(f"the folder of the blobs can't be read or written: {error.strerror}")


def _begun(part: Path) -> BinaryIO:
    for folder in (part.parent.parent, part.parent):
        if not folder.exists():
            folder.mkdir(mode=_PRIVATE, exist_ok=True)
            sync_directory(folder.parent)
    file = os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def _finished(file: BinaryIO, part: Path, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    part.rename(path)
    sync_directory(path.parent)


def _deleted(paths: Collection[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
        path.with_name(path.name + _PART).unlink(missing_ok=True)
    for folder in {path.parent for path in paths}:
        if folder.exists():
            sync_directory(folder)


@contextmanager
def _lock_if_free(file: BinaryIO) -> Iterator[bool]:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
        return
    yield True
