import re
from pathlib import Path
from typing import Any

from prometheus_client import generate_latest

from gateway.metrics import ChannelMetrics, Metrics
from storage.records import Figures, PartKind

ROOT = Path(__file__).parents[3]


def _all(metrics: Metrics) -> list[tuple[str, Any]]:
    return [*vars(metrics).items(), *vars(metrics.spool).items()]


def test_the_page_lists_every_metric() -> None:
    documented = {
        line
        for line in (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `sordino_")
    }
    expected = set()
    for _, metric in _all(Metrics()):
        if not hasattr(metric, "_documentation"):
            continue
        name = metric._name + ("_total" if metric._type == "counter" else "")
        labels = ", ".join(f"`{label}`" for label in metric._labelnames)
        expected.add(f"| `{name}` | {metric._type} | {labels} | {metric._documentation} |")
    assert documented == expected


def test_every_metric_is_used_by_the_code() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gateway").rglob("*.py"))
    for name, metric in _all(Metrics()):
        if hasattr(metric, "_documentation"):
            assert len(re.findall(rf"\b(?:metrics|measured|_metrics|self)\.{name}\b(?! =)", sources)) >= 1, name


def test_gauges_forget_what_is_no_longer_kept() -> None:
    metrics = Metrics()
    metrics.show_figures(Figures({(PartKind.TRANSCRIPT, "improve-chatbot"): 3}, 1, 7.5, 2))
    metrics.show_figures(Figures({}, 0, 0.0, 0))
    text = generate_latest(metrics.registry).decode()
    assert 'purpose="improve-chatbot"' not in text
    assert "sordino_parts_overdue 0.0" in text


def test_no_series_tells_when_another_was_created() -> None:
    metrics = Metrics()
    metrics.ratings.labels("chatbot", "up").inc()
    metrics.redaction_seconds.observe(0.1)
    assert "_created" not in generate_latest(metrics.registry).decode()


def test_what_alerts_wait_for_is_there_before_it_happens() -> None:
    metrics = Metrics()
    ChannelMetrics(metrics, "chat")
    for name in ("sordino_requests_refused_total", "sordino_exchanges_aborted_total"):
        for reason in ("redaction_failed", "store_failed"):
            assert metrics.registry.get_sample_value(name, {"channel": "chat", "reason": reason}) == 0.0
