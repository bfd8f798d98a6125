"""`FileKeyProvider` keeps root keys in a file that only its owner may read.

The file is JSON:

    {"format": "sordino-root-keys-1", "current": 1, "keys": {"1": "<32 bytes, base64>"}}

The current version is the highest. A new file takes the old one's place in one step, and what the old one held is
overwritten where it lay; on disks that write elsewhere than they are told (SSDs, snapshots) that does not reach
every byte. Where it must, use OpenBao.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from storage.crypto.keyring import KEY_BYTES, new_key
from storage.crypto.providers.held import HeldKeys
from storage.crypto.providers.provider import WrappedByRoot
from storage.durable import left_beside, sync_directory, write_beside, write_new
from storage.errors import KeyUnavailableError, ProviderDownError
from storage.key_material import SecretBytes

_FORMAT: Final = "sordino-root-keys-1"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class FileKeyProvider:
    """Root keys in a file with mode 0600 (or 0400); it is read again where another process may have changed it."""

    def __init__(self, path: Path | str) -> None:
        """Read the file. Raises KeyUnavailableError if it is missing, readable by others, or no key file."""
        self._path = Path(path)
        self._held = self._read()

    @classmethod
    def create(cls, path: Path | str) -> FileKeyProvider:
        """Make a key file with a new root key, durable on return. Raises KeyUnavailableError if the file exists."""
        try:
            write_new(Path(path), _content({1: new_key()}), 0o600)
        except FileExistsError:
            msg = f"{path}: there is a file already; root keys are never overwritten"
            raise KeyUnavailableError(msg) from None
        except OSError as error:
            raise _unwritable(Path(path), error) from None
        return cls(path)

    async def wrap(self, key: SecretBytes, bound_to: bytes) -> WrappedByRoot:
        """Wrap a key under the current version."""
        self._held = self._read()
        return self._held.wrap(key, bound_to)

    async def unwrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> SecretBytes:
        """Unwrap a key. Raises KeyUnavailableError if this file does not hold the key that wrapped it."""
        self._held = self._read()
        return self._held.unwrap(wrapped, bound_to)

    async def rewrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> WrappedByRoot:
        """Wrap a wrapped key under the current version."""
        return self._held.wrap(await self.unwrap(wrapped, bound_to), bound_to)

    async def check(self) -> None:
        """Read the file again. Raises KeyUnavailableError if it is gone or not private any more."""
        self._held = self._read()

    async def versions(self) -> tuple[int, ...]:
        """Return the versions in the file, oldest first."""
        self._held = self._read()
        return self._held.versions

    async def rotate(self) -> int:
        """Add a version. Raises KeyUnavailableError if the file can't be replaced."""

        def add(keys: dict[int, SecretBytes]) -> None:
            keys[max(keys) + 1] = new_key()

        await asyncio.to_thread(self._replace, add)
        return self._held.versions[-1]

    async def destroy(self, up_to: int) -> None:
        """Take this version and those before it out of the file, and overwrite what it was. Refuses the current one."""
        if up_to >= (await self.versions())[-1]:
            msg = f"{self._path}: the current version of the root key can't be destroyed; rotate first"
            raise KeyUnavailableError(msg)

        def take_out(keys: dict[int, SecretBytes]) -> None:
            for version in [each for each in keys if each <= up_to]:
                del keys[version]

        # Also where they are out already: what a killed process has left beside the file may hold them.
        await asyncio.to_thread(self._replace, take_out)

    async def close(self) -> None:
        """Do nothing: nothing is held open."""

    def _read(self) -> HeldKeys:
        try:
            return HeldKeys(str(self._path), _read(self._path))
        except _DamagedError:
            # It may have been replaced, and what it was overwritten, between our opening and our reading it.
            try:
                return HeldKeys(str(self._path), _read(self._path))
            except _DamagedError:
                raise _malformed(self._path) from None

    def _replace(self, change: Callable[[dict[int, SecretBytes]], None]) -> None:
        """Change what the file holds: whole or not at all, durably, one process at a time."""
        try:
            with _alone(self._path.parent):
                _forget_left(self._path)
                keys = _read(self._path)
                before = set(keys)
                change(keys)
                if set(keys) == before:
                    return
                self._path.chmod(0o600)
                with self._path.open("r+b") as old:
                    beside = write_beside(self._path, _content(keys), 0o600)
                    beside.replace(self._path)
                    sync_directory(self._path.parent)
                    _overwrite(old.fileno())
        except _DamagedError:
            raise _malformed(self._path) from None
        except OSError as error:
            raise _unwritable(self._path, error) from None
        self._held = self._read()


class _DamagedError(Exception):
    """What was read is no key file."""


def _read(path: Path) -> dict[int, SecretBytes]:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read()
    except FileNotFoundError:
        msg = f"{path}: the key file is missing; put it back, or make one for a new store with `sordino keys init`"
        raise ProviderDownError(msg) from None
    except OSError as error:
        msg = f"{path}: the key file can't be read ({error.strerror})"
        raise ProviderDownError(msg) from None
    if status.st_mode & _OTHERS:
        msg = f"{path}: the key file may be read by others (mode {stat.S_IMODE(status.st_mode):04o}); set it to 0600"
        raise KeyUnavailableError(msg)
    return _parse(content)


def _parse(content: bytes) -> dict[int, SecretBytes]:
    try:
        said = json.loads(content)
        keys = {int(version): base64.b64decode(key, validate=True) for version, key in said["keys"].items()}
        fits = said["format"] == _FORMAT and int(said["current"]) == max(keys) and min(keys) > 0
        fits = fits and all(len(key) == KEY_BYTES for key in keys.values())
    # From None: the errors of the parsers quote what they read, which is the key.
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise _DamagedError from None
    if not fits:
        raise _DamagedError
    return {version: SecretBytes(key) for version, key in keys.items()}


def _content(keys: Mapping[int, SecretBytes]) -> bytes:
    encoded = {str(version): base64.b64encode(keys[version].reveal()).decode() for version in sorted(keys)}
    return (json.dumps({"format": _FORMAT, "current": max(keys), "keys": encoded}) + "\n").encode()


def _malformed(path: Path) -> KeyUnavailableError:
    return KeyUnavailableError(
        f"{path}: this is not a key file of the form {_FORMAT}, or it is damaged; restore it from its backup"
    )


def _unwritable(path: Path, error: OSError) -> KeyUnavailableError:
    return KeyUnavailableError(f"{path}: the key file can't be written ({error.strerror})")


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep other processes of this kind out."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _forget_left(path: Path) -> None:
    """Remove what a killed process has left of a file that was to take this one's place: keys are in it as well."""
    for left in left_beside(path):
        with left.open("r+b") as file:
            if os.fstat(file.fileno()).st_nlink == 1:  # or it is another name of the key file, from when that was made
                _overwrite(file.fileno())
        left.unlink()
        sync_directory(path.parent)


def _overwrite(descriptor: int) -> None:
    os.pwrite(descriptor, bytes(os.fstat(descriptor).st_size), 0)
    os.fsync(descriptor)
