"""Where root keys come from. A root key never leaves its provider: it wraps and unwraps for the store.

`FileKeyProvider` keeps root keys in a file that only its owner may read. The file is JSON:

    {"format": "sordino-root-keys-1", "current": 1, "keys": {"1": "<32 bytes, base64>"}}
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from storage.crypto.keyring import KEY_BYTES, Wrapping, new_key
from storage.errors import KeyUnavailableError, SealBrokenError
from storage.records import SecretBytes

_FORMAT: Final = "sordino-root-keys-1"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class WrappedByRoot:
    """A key wrapped by a version of the root key."""

    version: int
    wrapped: bytes


class KeyProvider(Protocol):
    """Holds the versioned root key. Every method raises KeyUnavailableError if it can't serve."""

    async def wrap(self, key: SecretBytes, bound_to: bytes) -> WrappedByRoot:
        """Wrap a key under the current version, bound to its use."""

    async def unwrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> SecretBytes:
        """Unwrap a key. Raises KeyUnavailableError too if another root key had wrapped it, or for another use."""

    async def check(self) -> None:
        """Raise KeyUnavailableError unless the provider serves now."""


class FileKeyProvider:
    """Root keys in a file with mode 0600 (or 0400)."""

    def __init__(self, path: Path | str) -> None:
        """Read the file. Raises KeyUnavailableError if it is missing, readable by others, or no key file."""
        self._path = Path(path)
        self._current, self._keys = _read(self._path)

    @classmethod
    def create(cls, path: Path | str) -> FileKeyProvider:
        """Make a key file with a new root key, durable on return. Raises KeyUnavailableError if the file exists."""
        key = base64.b64encode(new_key().reveal()).decode()
        text = json.dumps({"format": _FORMAT, "current": 1, "keys": {"1": key}}) + "\n"
        try:
            _write_new(Path(path), text.encode())
        except FileExistsError:
            msg = f"{path}: there is a file already; root keys are never overwritten"
            raise KeyUnavailableError(msg) from None
        except OSError as error:
            msg = f"{path}: the key file can't be written ({error.strerror})"
            raise KeyUnavailableError(msg) from None
        return cls(path)

    async def wrap(self, key: SecretBytes, bound_to: bytes) -> WrappedByRoot:
        """Wrap a key under the current version."""
        return WrappedByRoot(self._current, self._keys[self._current].wrap(key, bound_to))

    async def unwrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> SecretBytes:
        """Unwrap a key. Raises KeyUnavailableError if this file does not hold the key that wrapped it."""
        wrapping = self._keys.get(wrapped.version)
        if wrapping is None:
            msg = f"{self._path}: holds no version {wrapped.version} of the root key; is it the right key file?"
            raise KeyUnavailableError(msg)
        try:
            return wrapping.unwrap(wrapped.wrapped, bound_to)
        except SealBrokenError:
            msg = f"{self._path}: this root key does not open the key database; it is another key, or another notice's"
            raise KeyUnavailableError(msg) from None

    async def check(self) -> None:
        """Read the file again. Raises KeyUnavailableError if it is gone or not private any more."""
        _read(self._path)


def _read(path: Path) -> tuple[int, Mapping[int, Wrapping]]:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read()
    except FileNotFoundError:
        msg = f"{path}: the key file is missing; put it back, or make one for a new store with `sordino keys init`"
        raise KeyUnavailableError(msg) from None
    except OSError as error:
        msg = f"{path}: the key file can't be read ({error.strerror})"
        raise KeyUnavailableError(msg) from None
    if status.st_mode & _OTHERS:
        msg = f"{path}: the key file may be read by others (mode {stat.S_IMODE(status.st_mode):04o}); set it to 0600"
        raise KeyUnavailableError(msg)
    return _parse(path, content)


def _parse(path: Path, content: bytes) -> tuple[int, Mapping[int, Wrapping]]:
    try:
        said = json.loads(content)
        keys = {int(version): base64.b64decode(key, validate=True) for version, key in said["keys"].items()}
        current = int(said["current"])
        fits = said["format"] == _FORMAT and current in keys and all(len(key) == KEY_BYTES for key in keys.values())
    # From None: the errors of the parsers quote what they read, which is the key.
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise _malformed(path) from None
    if not fits:
        raise _malformed(path)
    return current, {version: Wrapping(SecretBytes(key)) for version, key in keys.items()}


def _malformed(path: Path) -> KeyUnavailableError:
    return KeyUnavailableError(
        f"{path}: this is not a key file of the form {_FORMAT}, or it is damaged; restore it from its backup"
    )


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all, and never in place of another."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    finally:
        beside.unlink()
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
