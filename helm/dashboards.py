"""Writes the Grafana dashboards of the chart: `python helm/dashboards.py`. The JSON files are what is shipped."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "files" / "dashboards"
RATE = "[$__rate_interval]"
P = "sordino_"

Target = tuple[str, str]
Panel = tuple[str, str, str, list[Target]]
"""Title, kind (timeseries, stat, bargauge), unit, and for each series a query with its legend."""

_BY_CONSENT = "sum by (consent) (increase(sordino_consents_total{}[1d]))"
_COLUMNS = 24

RETENTION: list[Panel] = [
    ("Promises kept", "stat", "bool_yes_no", [(f"min by (promise) ({P}promise_kept)", "{{promise}}")]),
    ("Overdue deletions", "stat", "short", [(f"max({P}parts_overdue)", "parts")]),
    ("Oldest overdue", "stat", "s", [(f"max({P}parts_overdue_oldest_seconds)", "age")]),
    ("Last sweep", "stat", "s", [(f"time() - max({P}sweep_last_success_timestamp_seconds)", "ago")]),
    ("Last check of the promises", "stat", "s", [(f"time() - max({P}proof_last_success_timestamp_seconds)", "ago")]),
    ("Sessions kept", "stat", "short", [(f"max({P}sessions)", "sessions")]),
    ("Kept, by purpose", "timeseries", "short",
     [(f"sum by (purpose) (max by (kind, purpose) ({P}parts))", "{{purpose}}")]),
    ("Kept, by kind and purpose", "bargauge", "short",
     [(f"max by (kind, purpose) ({P}parts)", "{{kind}}: {{purpose}}")]),
    ("Kept, by state", "timeseries", "short", [(f"max by (state) ({P}part_states)", "{{state}}")]),
    ("Erased per hour, by reason", "timeseries", "short",
     [(f"sum by (reason) (increase({P}parts_erased_total[1h]))", "{{reason}}")]),
    ("Erased per day, by kind", "timeseries", "short",
     [(f"sum by (kind) (increase({P}parts_erased_total[1d]))", "{{kind}}")]),
    ("Expiring", "bargauge", "short", [(f"max by (days) ({P}parts_expiring)", "within {{days}} days")]),
    ("How old what is kept is", "bargauge", "short",
     [(f"max by (kind, days) ({P}parts_begun)", "{{kind}}, begun within {{days}} days")]),
    ("Holds and restrictions", "timeseries", "short",
     [(f"max({P}holds)", "holds"), (f"max({P}holds_overdue)", "holds to be reviewed"),
      (f"max({P}restrictions)", "restrictions")]),
    ("Consents per hour", "timeseries", "short",
     [(f"sum by (consent, state) (increase({P}consents_total[1h]))", "{{consent}}: {{state}}")]),
    ("Share of consents given (1 day)", "timeseries", "percentunit",
     [(_BY_CONSENT.format('{state="given"}') + " / " + _BY_CONSENT.format(""), "{{consent}}")]),
    ("Ledger", "timeseries", "short",
     [(f"max({P}ledger_entries)", "entries"), (f"max({P}ledger_entries_unsealed)", "waiting for a checkpoint")]),
    ("Ledger checked", "stat", "s", [(f"time() - max({P}ledger_verified_timestamp_seconds)", "ago")]),
    ("Problems in the ledger", "stat", "short", [(f"max({P}ledger_problems)", "problems")]),
    ("Requests of data subjects", "timeseries", "short",
     [(f"max by (state) ({P}rights_requests)", "{{state}}"), (f"max({P}rights_requests_due_soon)", "due within 7 days"),
      (f"max({P}rights_requests_overdue)", "overdue")]),
    ("Next request to be answered", "stat", "s",
     [(f"max({P}rights_next_due_timestamp_seconds > 0) - time()", "in")]),
    ("Messages to recipients", "timeseries", "short",
     [(f"max by (state) ({P}outbox)", "{{state}}"), (f"max({P}outbox_stuck)", "stuck")]),
    ("Recordings left at the platform", "stat", "short",
     [(f"max by (channel) ({P}platform_recordings)", "{{channel}}")]),
]  # fmt: skip

GATEWAY: list[Panel] = [
    ("Turns per second", "timeseries", "reqps",
     [(f"sum by (channel, speaker) (rate({P}turns_total{RATE}))", "{{channel}}: {{speaker}}")]),
    ("Exchanges going on", "timeseries", "short", [(f"sum({P}exchanges_in_flight)", "exchanges")]),
    ("Refused per second, by reason", "timeseries", "reqps",
     [(f"sum by (reason) (rate({P}requests_refused_total{RATE}))", "{{reason}}")]),
    ("Broken off per second, by reason", "timeseries", "reqps",
     [(f"sum by (reason) (rate({P}exchanges_aborted_total{RATE}))", "{{reason}}")]),
    ("Overhead", "timeseries", "s",
     [(f"histogram_quantile(0.5, sum by (le) (rate({P}overhead_seconds_bucket{RATE})))", "median"),
      (f"histogram_quantile(0.99, sum by (le) (rate({P}overhead_seconds_bucket{RATE})))", "p99")]),
    ("Waiting for the bot", "timeseries", "s",
     [(f"histogram_quantile(0.5, sum by (le, channel) (rate({P}upstream_seconds_bucket{RATE})))", "{{channel}} median"),
      (f"histogram_quantile(0.99, sum by (le, channel) (rate({P}upstream_seconds_bucket{RATE})))", "{{channel}} p99")]),
    ("Redaction of one text", "timeseries", "s",
     [(f"histogram_quantile(0.5, sum by (le) (rate({P}redaction_seconds_bucket{RATE})))", "median"),
      (f"histogram_quantile(0.99, sum by (le) (rate({P}redaction_seconds_bucket{RATE})))", "p99")]),
    ("Personal data found per minute, by type", "timeseries", "short",
     [(f"sum by (type) (increase({P}findings_total[1m]))", "{{type}}")]),
    ("Sessions opened per minute", "timeseries", "short",
     [(f"sum by (channel) (increase({P}sessions_opened_total[1m]))", "{{channel}}")]),
    ("AI disclosures per minute", "timeseries", "short",
     [(f"sum by (channel) (increase({P}ai_disclosures_total[1m]))", "{{channel}}")]),
    ("Ratings per hour", "timeseries", "short",
     [(f"sum by (channel, rating) (increase({P}ratings_total[1h]))", "{{channel}}: {{rating}}")]),
    ("Calls going on", "timeseries", "short", [(f"sum by (channel) ({P}calls)", "{{channel}}")]),
    ("Sound of calls per second, by what became of it", "timeseries", "short",
     [(f"sum by (outcome) (rate({P}call_audio_total{RATE}))", "{{outcome}}")]),
    ("Spool", "timeseries", "short",
     [(f"sum({P}spool_turns)", "turns waiting"), (f"sum(increase({P}spool_turns_taken_total[1m]))", "taken per minute"),
      (f"sum by (reason) (increase({P}spool_entries_dropped_total[1m]))", "{{reason}} per minute")]),
    ("Spool, bytes", "timeseries", "bytes",
     [(f"sum({P}spool_bytes)", "waiting"), (f"sum({P}spool_aside_bytes)", "kept aside"),
      (f"sum({P}spool_limit_bytes)", "limit")]),
    ("Oldest in the spool", "stat", "s", [(f"max({P}spool_oldest_seconds)", "age")]),
    ("Key provider", "stat", "bool_yes_no", [(f"min({P}key_provider_up)", "answers")]),
    ("Keys not confirmed for", "stat", "s", [(f"max({P}keys_unconfirmed_seconds)", "age")]),
    ("Root key due in", "stat", "s", [(f"max({P}root_key_due_timestamp_seconds) - time()", "left")]),
]  # fmt: skip

_INSTALLATION = {"namespace": "Namespace", "job": "Job"}
"""Labels of Prometheus by which installations are told apart: what works on one store is one job."""

_PER_ROW = {"stat": 6, "timeseries": 2, "bargauge": 2}
_HEIGHT = {"stat": 4, "timeseries": 8, "bargauge": 8}


def dashboard(title: str, uid: str, panels: list[Panel]) -> dict[str, Any]:
    """Return a dashboard as Grafana imports it; panels of one kind share rows."""
    made, x, y, height = [], 0, 0, 0
    for number, (name, kind, unit, targets) in enumerate(panels, 1):
        width = _COLUMNS // _PER_ROW[kind]
        if x + width > _COLUMNS or (height and height != _HEIGHT[kind]):
            x, y = 0, y + height
        height = _HEIGHT[kind]
        made.append(
            {
                "id": number,
                "title": name,
                "type": kind,
                "datasource": {"type": "prometheus", "uid": "${datasource}"},
                "gridPos": {"h": height, "w": width, "x": x, "y": y},
                "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
                "targets": [
                    {"refId": chr(ord("A") + at), "expr": _chosen(expr), "legendFormat": legend}
                    for at, (expr, legend) in enumerate(targets)
                ],
            }
        )
        x += width
    source = {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
    return {
        "title": title,
        "uid": uid,
        "tags": ["sordino"],
        "timezone": "browser",
        "schemaVersion": 39,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": [source, *(_choice(*each) for each in _INSTALLATION.items())]},
        "panels": made,
    }


def _chosen(expr: str) -> str:
    """Return a query of the installations that are chosen at the top of the dashboard."""
    chosen = ",".join(f'{label}=~"${label}"' for label in _INSTALLATION)
    return re.sub(rf"\b({P}\w+)(?:\{{(.*?)\}})?", lambda found: f"{found[1]}{{{chosen}{_more(found[2])}}}", expr)


def _more(selectors: str | None) -> str:
    return f",{selectors}" if selectors else ""


def _choice(label: str, shown: str) -> dict[str, Any]:
    """Return the choice of one label's value, or of all; `.*` is also where there is no such label."""
    return {
        "name": label,
        "label": shown,
        "type": "query",
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "query": {"query": f"label_values({P}sessions, {label})", "refId": label},
        "refresh": 2,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }


def dashboards() -> dict[str, str]:
    """Return the files by name."""
    both = {
        "retention.json": dashboard("Sordino: Retention", "sordino-retention", RETENTION),
        "gateway.json": dashboard("Sordino: Gateway", "sordino-gateway", GATEWAY),
    }
    return {name: json.dumps(each, indent=1) + "\n" for name, each in both.items()}


if __name__ == "__main__":
    for name, text in dashboards().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
