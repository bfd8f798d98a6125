"""Alerts by promtool, and that every metric that a rule or a panel uses exists in the code."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import Gauge
from prometheus_client.metrics_core import Metric

from gateway.metrics import Metrics
from tests.helm.conftest import CHART

FILES = CHART / "files"
QUIET, FIRING = (Path(__file__).with_name(name) for name in ("alerts.test.yaml", "alerts_firing.test.yaml"))
PROMTOOL = shutil.which("promtool")
_SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}


def _rules() -> list[dict[str, str]]:
    return [rule for group in yaml.safe_load((FILES / "alerts.yaml").read_text())["groups"] for rule in group["rules"]]


def _queries() -> list[str]:
    panels = [panel for path in FILES.glob("dashboards/*.json") for panel in json.loads(path.read_text())["panels"]]
    return [rule["expr"] for rule in _rules()] + [each["expr"] for panel in panels for each in panel["targets"]]


def _known() -> set[str]:
    found: list[Metric] = list(Metrics().registry.collect())
    return {metric.name + suffix for metric in found for suffix in _SUFFIXES.get(metric.type, ("",))}


def test_every_metric_that_is_used_exists() -> None:
    used = {name for query in _queries() for name in re.findall(r"\bsordino_\w+", query)}
    assert len(used) > 20
    assert used <= _known()


def test_what_every_process_tells_of_the_whole_store_is_not_added_up() -> None:
    totals = {
        each._name for each in vars(Metrics()).values()
        if isinstance(each, Gauge) and each._multiprocess_mode not in {"sum", "livesum"}
    }  # fmt: skip
    assert {"sordino_parts", "sordino_platform_recordings"} <= totals
    added = {name for query in _queries() for name in re.findall(r"\bsum(?: by \([^)]*\))? ?\((sordino_\w+)", query)}
    assert "sordino_calls" in added
    assert not added & totals


def test_no_alert_is_of_several_installations_together() -> None:
    for rule in _rules():
        added = re.findall(r"\b(?:sum|min|max|count)\b[^(]*\([^)]*\)", rule["expr"])
        assert added, rule["alert"]
        assert [each for each in added if "by (namespace, job" not in each] == [], rule["alert"]


def test_a_dashboard_shows_the_installation_that_is_chosen() -> None:
    for path in FILES.glob("dashboards/*.json"):
        board = json.loads(path.read_text())
        chosen = {each["name"] for each in board["templating"]["list"]}
        for target in (target for panel in board["panels"] for target in panel["targets"]):
            for selectors in re.findall(r"\bsordino_\w+\{?([^}]*)", target["expr"]):
                used = set(re.findall(r'(\w+)=~"\$\1"', selectors))
                assert used == {"namespace", "job"} <= chosen, target["expr"]


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool on this machine (Debian: prometheus)")
def test_promtool_finds_the_rules_in_order_and_each_alert_fires_and_does_not(tmp_path: Path) -> None:
    shutil.copy(FILES / "alerts.yaml", tmp_path)
    for tests in (QUIET, FIRING):
        shutil.copy(tests, tmp_path)
    for command in (["check", "rules", "alerts.yaml"], ["test", "rules", QUIET.name, FIRING.name]):
        done = subprocess.run([str(PROMTOOL), *command], check=False, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


def test_no_alert_is_left_out_of_the_tests() -> None:
    alerts = {rule["alert"] for rule in _rules()}
    quiet, loud = (yaml.safe_load(tests.read_text())["tests"][0] for tests in (QUIET, FIRING))
    assert {each["alertname"] for each in quiet["alert_rule_test"]} == alerts
    assert {re.findall(r'"(\w+)"', each["labels"])[0] for each in loud["promql_expr_test"][0]["exp_samples"]} == alerts


def test_the_dashboards_are_what_their_source_says() -> None:
    spec = importlib.util.spec_from_file_location("dashboards", CHART / "dashboards.py")
    assert spec is not None
    assert spec.loader is not None
    source = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(source)
    for name, text in source.dashboards().items():
        assert (FILES / "dashboards" / name).read_text(encoding="utf-8") == text, "run: python helm/dashboards.py"
