"""`EnvKeyProvider` takes root keys from an environment variable, for development.

Variables show in process lists, crash reports and deployment descriptions: not the place for a root key in earnest.

The variable holds base64 of 32 bytes, one value for each version, separated by commas; a version that has been
destroyed is an empty value. `openssl rand -base64 32` makes one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from storage.crypto.keyring import KEY_BYTES
from storage.crypto.providers.held import HeldKeys
from storage.crypto.providers.provider import WrappedByRoot
from storage.errors import KeyUnavailableError
from storage.key_material import SecretBytes


class EnvKeyProvider:
    """Root keys in a variable, which this process can't change: rotation is done by hand."""

    def __init__(self, environment: Mapping[str, str], name: str) -> None:
        """Read the variable once. Raises KeyUnavailableError if it is not there, or holds no key."""
        self._name = name
        value = environment.get(name, "")
        if not value.strip():
            msg = f"the environment has no variable {name}; it should hold the root key: openssl rand -base64 32"
            raise KeyUnavailableError(msg)
        self._held = HeldKeys(f"the variable {name}", _parse(name, value))

    async def wrap(self, key: SecretBytes, bound_to: bytes) -> WrappedByRoot:
        """Wrap a key under the current version."""
        return self._held.wrap(key, bound_to)

    async def unwrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> SecretBytes:
        """Unwrap a key. Raises KeyUnavailableError if the variable does not hold the key that wrapped it."""
        return self._held.unwrap(wrapped, bound_to)

    async def rewrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> WrappedByRoot:
        """Wrap a wrapped key under the current version."""
        return self._held.wrap(self._held.unwrap(wrapped, bound_to), bound_to)

    async def check(self) -> None:
        """Serve always."""

    async def versions(self) -> tuple[int, ...]:
        """Return the versions in the variable, oldest first."""
        return self._held.versions

    async def rotate(self) -> int:
        """Refuse, and say what to do."""
        msg = f"add a new value to {self._name} behind a comma, start again with it, then run `sordino keys rotate`"
        raise KeyUnavailableError(msg)

    async def destroy(self, up_to: int) -> None:
        """Refuse, and say what to do; do nothing if the versions are gone."""
        if self._held.versions[0] <= up_to:
            msg = f"empty the values up to number {up_to} in {self._name} (keep the commas), wherever it is set"
            raise KeyUnavailableError(msg)

    async def close(self) -> None:
        """Do nothing."""


def _parse(name: str, value: str) -> dict[int, SecretBytes]:
    keys = {}
    for version, text in enumerate(value.split(","), 1):
        if text.strip():
            try:
                key = base64.b64decode(text.strip(), validate=True)
            except (ValueError, binascii.Error):
                key = b""  # said below: the error would quote what it read
            if len(key) != KEY_BYTES:
                msg = f"the variable {name}: value number {version} is not base64 of {KEY_BYTES} bytes"
                raise KeyUnavailableError(msg)
            keys[version] = SecretBytes(key)
    if len(value.split(",")) not in keys:
        msg = f"the variable {name}: its last value, the current version, is empty"
        raise KeyUnavailableError(msg)
    return keys
