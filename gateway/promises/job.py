"""Proves again and again while the gateway runs, and shows the outcome in the metrics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.clock import Clock
from gateway.logs import LOGGER
from gateway.metrics import Metrics
from gateway.promises.prover import Proof, Prover
from gateway.rounds import again
from storage.proving import ProofStore
from storage.records import PartKind

DAYS: Final = (1, 7, 30, 90, 365)
"""The spans that are counted, in days from now and until now."""


@dataclass(frozen=True, slots=True)
class Proving:
    """Checks every promise at intervals until cancelled; `sample`: how many transcripts are searched once more."""

    prover: Prover
    proofs: ProofStore
    metrics: Metrics
    clock: Clock
    every_seconds: float
    sample: int
    show: Callable[[Proof], None]

    async def run(self) -> None:
        """Prove, wait, prove; the metrics show the last outcome and its age."""
        await again(self.once, self.every_seconds, "proof failed", self.metrics.proof_failures)

    async def once(self) -> None:
        """Prove, and show it."""
        proof = await self.prover.prove(self.clock.now(), self.sample)
        for outcome in proof.outcomes:
            self.metrics.promise_kept.labels(outcome.promise.value).set(outcome.kept)
            if not outcome.kept:
                LOGGER.error("promise broken", extra={"reason": outcome.promise.value, "count": outcome.broken})
        self.show(proof)
        self.metrics.last_proof.set(proof.at.timestamp())
        await self._show_days(proof.at)

    async def _show_days(self, now: datetime) -> None:
        """Show how much expires, and how old it is."""
        expiring = await self.proofs.expiring(now, DAYS[-1])
        ages = await self.proofs.ages(now, DAYS[-1])
        for days in DAYS:
            self.metrics.parts_expiring.labels(str(days)).set(sum(expiring[:days]))
            for kind in PartKind:
                begun = sum(age.get(kind, 0) for age in ages[:days])
                self.metrics.parts_begun.labels(kind.value, str(days)).set(begun)
