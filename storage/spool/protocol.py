"""What a gateway sees of the spool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SpoolFigures:
    """How much waits, and since when; what was dropped since the start, by why.

    `away`: the databases did not answer when they were last asked. `room`: something more can be taken.
    `dropped`: `gone` (what it belonged to has been erased), `broken` (its seal, its frame, or it can't be stored),
    `refused` (the databases take what others say, and not this). `aside_bytes`: the files with something broken or
    refused in them, which are kept.
    """

    turns: int
    size_bytes: int
    limit_bytes: int
    oldest_seconds: float
    away: bool
    room: bool
    taken: int
    dropped: dict[str, int]
    aside_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Drained:
    """What came of waiting turns: stored, or dropped because of what happened meanwhile."""

    stored: int = 0
    dropped: int = 0


class TurnSpool(Protocol):
    """Holds turns while the databases are away."""

    def figures(self, now: datetime) -> SpoolFigures:
        """Return how much waits."""

    def forget_old(self, now: datetime) -> None:
        """Forget open sessions that nobody has asked for in an hour, and those whose keys have gone: erased ones."""

    async def drain(self) -> Drained:
        """Bring what waits into the store, in order; ask whether it is back if nothing does.

        Raises StoreUnavailableError while it is not; what was not stored still waits then.
        """
