"""The metrics of the spool: what waits while the databases are away. A part of `gateway.metrics`."""

from __future__ import annotations

from collections import Counter as Counted
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge

from storage.spool import SpoolFigures


class SpoolMetrics:
    """The metrics of one process's spool."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Create them; 0 where there is no spool."""
        self._taken = 0
        self._dropped = Counted[str]()
        gauge = partial(Gauge, registry=registry, multiprocess_mode="livesum")
        self.turns = gauge("sordino_spool_turns", "Turns that wait in the spool until the databases are back.")
        self.bytes = gauge("sordino_spool_bytes", "Bytes that wait in the spool.")
        self.limit_bytes = gauge("sordino_spool_limit_bytes", "Bytes that may wait there; 0 without a spool.")
        self.aside_bytes = gauge(
            "sordino_spool_aside_bytes", "Bytes that are kept aside: something in them could not be stored."
        )
        self.oldest_seconds = Gauge(
            "sordino_spool_oldest_seconds",
            "How long the oldest turn has been waiting there.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self.taken = Counter("sordino_spool_turns_taken", "Turns that had to wait in the spool.", registry=registry)
        self.dropped = Counter(
            "sordino_spool_entries_dropped",
            "Entries of the spool that were not stored: `gone`, erased meanwhile; `broken` and, by the databases, "
            "`refused`: kept aside.",
            ["reason"],
            registry=registry,
        )

    def show(self, figures: SpoolFigures) -> None:
        """Set the gauges, and count on from what was shown before."""
        self.turns.set(figures.turns)
        self.bytes.set(figures.size_bytes)
        self.limit_bytes.set(figures.limit_bytes)
        self.aside_bytes.set(figures.aside_bytes)
        self.oldest_seconds.set(figures.oldest_seconds)
        self.taken.inc(figures.taken - self._taken)
        self._taken = figures.taken
        for reason, count in figures.dropped.items():
            self.dropped.labels(reason).inc(count - self._dropped[reason])
            self._dropped[reason] = count
