"""What the metrics of this process tell the desk."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from gateway.metrics import Metrics


def found_by_type(metrics: Metrics) -> dict[str, int]:
    """Return how often personal data was found since this process started, by type."""
    counts: Counter[str] = Counter()
    for family in metrics.findings.collect():
        for sample in family.samples:
            if sample.name.endswith("_total"):
                counts[sample.labels["type"]] += int(sample.value)
    return dict(sorted(counts.items()))


def ledger_checked_at(metrics: Metrics) -> datetime | None:
    """Return when the whole ledger was last found to be as it was written; None if not since this process started."""
    value = sum(sample.value for family in metrics.ledger_verified.collect() for sample in family.samples)
    return datetime.fromtimestamp(value, UTC) if value else None
