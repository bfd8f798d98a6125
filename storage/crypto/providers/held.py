"""Versions of a root key that are held in memory, by providers that have no server to ask."""

from __future__ import annotations

from collections.abc import Mapping

from storage.crypto.keyring import Wrapping
from storage.crypto.providers.provider import WrappedByRoot
from storage.errors import KeyUnavailableError, SealBrokenError
from storage.key_material import SecretBytes


class HeldKeys:
    """Versions with their keys; the highest is the current one. `where` they come from is said in errors."""

    __slots__ = ("_wrappings", "where")

    def __init__(self, where: str, keys: Mapping[int, SecretBytes]) -> None:
        """Take the keys, at least one."""
        self.where = where
        self._wrappings = {version: Wrapping(keys[version]) for version in sorted(keys)}

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions, oldest first."""
        return tuple(self._wrappings)

    def wrap(self, key: SecretBytes, bound_to: bytes) -> WrappedByRoot:
        """Wrap a key under the current version."""
        current = self.versions[-1]
        return WrappedByRoot(current, self._wrappings[current].wrap(key, bound_to))

    def unwrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> SecretBytes:
        """Unwrap a key. Raises KeyUnavailableError if none of these has wrapped it for this use."""
        wrapping = self._wrappings.get(wrapped.version)
        if wrapping is None:
            msg = f"{self.where}: holds no version {wrapped.version} of the root key; is it the right one?"
            raise KeyUnavailableError(msg)
        try:
            return wrapping.unwrap(wrapped.wrapped, bound_to)
        except SealBrokenError:
            msg = f"{self.where}: this root key does not open the key database; it is another key, or another notice's"
            raise KeyUnavailableError(msg) from None
