"""The root key is replaced when it is due: what runs by itself, beside the sweeps.

Receipts name the day on which backups of the keys become noise. It comes true only if the version of the root key
that wrapped them is destroyed by then, which is what a rotation ends with.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from gateway.leader import Leader
from gateway.logs import LOGGER
from gateway.metrics import Metrics
from gateway.rounds import again

_EVERY_SECONDS: Final = 600.0


class Rotation(Protocol):
    """What a rotation did."""

    @property
    def version(self) -> int:
        """The version that is current now."""


class RootKey(Protocol):
    """What is needed of the root key."""

    async def rotate_if_due(self) -> Rotation | None:
        """Replace the current version if it is due, or finish what was left; None if there was nothing to do."""

    async def due_at(self) -> datetime | None:
        """Return when the current version is to be replaced."""


class KeyRotation:
    """Looks again and again whether the root key is due."""

    def __init__(self, root_key: RootKey, metrics: Metrics, leader: Leader, *, automatic: bool) -> None:
        """Take the root key, replaced by the leader; without `automatic` only the metric tells when it is due."""
        self._leader = leader
        self._root_key = root_key
        self._metrics = metrics
        self._automatic = automatic

    async def run(self) -> None:
        """Look, wait, look."""
        await again(self.once, _EVERY_SECONDS, "root key not rotated", self._metrics.rotation_failures)

    async def once(self) -> None:
        """Rotate if it is due, and show when it is due next."""
        async with self._leader.leading() as leads:
            done = await self._root_key.rotate_if_due() if self._automatic and leads else None
        due_at = await self._root_key.due_at()
        if due_at is not None:
            self._metrics.root_key_due.set(due_at.timestamp())
        if done is not None:
            self._metrics.rotations.inc()
            LOGGER.warning("root key rotated: renew its copy, destroy the old one", extra={"version": done.version})
