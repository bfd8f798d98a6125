"""The promises of a notice, checked over the live store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.notice.load import Loaded
from gateway.promises.checks import Findings, Outcome, outcomes
from gateway.promises.rescan import rescan
from redaction.engine import Redactor
from storage.store import SessionStore

GRACE: Final = timedelta(minutes=15)
"""How long a part may be past its day while sweeps are under way; it can't be read any more in that time."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How it stood with every promise at one moment."""

    at: datetime
    loaded: Loaded
    outcomes: tuple[Outcome, ...]
    doubtful: Mapping[str, int]
    sessions: int

    @property
    def kept(self) -> bool:
        """Whether every promise is kept."""
        return all(outcome.kept for outcome in self.outcomes)


class Prover:
    """Checks the promises of one notice."""

    def __init__(self, loaded: Loaded, store: SessionStore, redactors: Mapping[str, Redactor]) -> None:
        """Take the notice, the store, and for each channel what searches its texts."""
        self._loaded = loaded
        self._store = store
        self._redactors = redactors

    async def prove(self, now: datetime, sample: int) -> Proof:
        """Check every promise; `sample` transcripts are searched once more. Raises StoreUnavailableError."""
        notice = self._loaded.notice
        told = [name for name, channel in notice.channels.items() if channel.tell is not None]
        searched = await rescan(self._store, notice, self._redactors, now, sample)
        differences = await self._store.retention.verify()
        evidence = await self._store.proofs.evidence(now - GRACE, told)
        requests = await self._store.requests.figures(now)
        days = {kind.value: count for kind, count in differences.items()}
        platforms = await self._store.errands.count()
        findings = Findings(days, searched.read, searched.found, requests, platforms)
        return Proof(now, self._loaded, outcomes(notice, evidence, findings), searched.doubtful, evidence.sessions)
