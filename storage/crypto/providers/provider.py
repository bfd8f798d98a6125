"""What a provider of the root key can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from storage.key_material import SecretBytes


@dataclass(frozen=True, slots=True)
class WrappedByRoot:
    """A key wrapped by a version of the root key."""

    version: int
    wrapped: bytes


class KeyProvider(Protocol):
    """Holds the root key, whose versions are numbered from 1; the current one wraps, older ones only unwrap.

    Every method raises ProviderDownError if the provider can't be reached now, and KeyUnavailableError, its base,
    if it is there but can't serve.
    """

    async def wrap(self, key: SecretBytes, bound_to: bytes) -> WrappedByRoot:
        """Wrap a key under the current version, bound to its use."""

    async def unwrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> SecretBytes:
        """Unwrap a key. Raises KeyUnavailableError too if another root key had wrapped it, or for another use."""

    async def rewrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> WrappedByRoot:
        """Wrap a wrapped key under the current version; raises as `unwrap` does."""

    async def check(self) -> None:
        """Return if the provider serves now."""

    async def versions(self) -> tuple[int, ...]:
        """Return the versions that have not been destroyed, oldest first; the last is the current one."""

    async def rotate(self) -> int:
        """Make a new version, durable and current on return; returns its number."""

    async def destroy(self, up_to: int) -> None:
        """Destroy this version and all before it, for good. Does nothing if they are gone; refuses the current one."""

    async def close(self) -> None:
        """Let go of connections and keys."""
