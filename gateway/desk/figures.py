"""The figures of the overview, counted beside the requests: over a year of conversations a count takes its time.

What is shown says when it was counted. A count begins a minute after the last one, or after twenty times as long as
that one took, whichever is later, so that counting never takes more than a twentieth of a database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

from gateway.clock import Clock
from gateway.logs import LOGGER, place_of
from gateway.promises import Proof
from storage.ledger.figures import LedgerFigures
from storage.proving import ConsentCount
from storage.records import Figures as StoreFigures
from storage.records import PartKind
from storage.requests import RequestFigures
from storage.store import SessionStore

DAYS: Final = 30
"""How many days the charts show."""
_EVERY_SECONDS: Final = 60.0
_SHARE: Final = 20.0
MANY: Final = 10_000
"""From how many sessions on `/metrics` tells what was counted beside the requests: a count takes too long by then."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted at one moment."""

    at: datetime
    expiring: Sequence[int]
    ages: Sequence[Mapping[PartKind, int]]
    kept: StoreFigures
    consents: Sequence[ConsentCount]
    ledger: LedgerFigures
    requests: RequestFigures


class Figures:
    """Counts again and again until cancelled; `proof` is the last check of the promises in this process."""

    def __init__(self, store: SessionStore, clock: Clock) -> None:
        """Remember what to count."""
        self._store = store
        self._clock = clock
        self._last: Counted | None = None
        self._failed = False
        self.proof: Proof | None = None

    def show_proof(self, proof: Proof) -> None:
        """Take the outcome of a check of the promises."""
        self.proof = proof

    async def run(self) -> None:
        """Count, wait, count."""
        while True:
            began = monotonic()
            try:
                await self.count()
                await self._store.access.tidy(self._clock.now())
                self._failed = False
            except Exception as error:  # noqa: BLE001 - the last figures stay, with their time
                self._failed = True
                LOGGER.error("count failed", extra={"error": type(error).__name__, "where": place_of(error)})
            await asyncio.sleep(max(_EVERY_SECONDS, _SHARE * (monotonic() - began)))

    async def counted(self) -> Counted:
        """Return what was counted last; counts if nothing was yet."""
        return self._last or await self.count()

    async def kept(self) -> StoreFigures:
        """Return what is kept: now, or of many sessions when it was last counted. Raises StorageError."""
        if self._last is None or self._failed or self._last.kept.sessions < MANY:
            return await self._store.figures(self._clock.now())
        return self._last.kept

    async def count(self) -> Counted:
        """Count now."""
        now = self._clock.now()
        self._last = Counted(
            at=now,
            expiring=await self._store.proofs.expiring(now, DAYS),
            ages=await self._store.proofs.ages(now, DAYS),
            kept=await self._store.figures(now),
            consents=await self._store.proofs.consents(now, DAYS),
            ledger=await self._store.ledger.figures(),
            requests=await self._store.requests.figures(now),
        )
        return self._last
