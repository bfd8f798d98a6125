"""The metrics of several workers as one: any of them, asked, answers for all.

Each worker writes its values to a file of its own in the directory that the supervisor names in
`PROMETHEUS_MULTIPROC_DIR`; what a dead worker has counted stays counted. Counts and histograms are added, gauges
follow their mode in `gateway.metrics`. Without that directory a process shows what it has.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
_COUNTED_AFRESH: Final = "sordino_parts"
"""Whoever is asked has just counted it; of a purpose that is gone the others would still tell."""


def exposition(registry: CollectorRegistry) -> bytes:
    """Return the metrics in Prometheus' text form."""
    directory = os.environ.get(VARIABLE)
    return generate_latest(registry if directory is None else _Merged(registry, directory))


class _Merged(Collector):
    def __init__(self, own: CollectorRegistry, directory: str) -> None:
        self._own = own
        self._directory = directory

    def collect(self) -> Iterable[Metric]:
        all_of_them = MultiProcessCollector(None, self._directory).collect()  # type: ignore[no-untyped-call]
        shared = {family.name: family for family in all_of_them}
        for family in self._own.collect():
            yield family if family.name == _COUNTED_AFRESH else shared.get(family.name, family)
