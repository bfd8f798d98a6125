"""The figures on the gold messages do not fall; `make quality` prints them in full."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from redaction import Redactor
from redaction.filter import find_in_record

GOLD = Path(__file__).parents[2] / "gold"
FILES = sorted(GOLD.glob("dev_*.jsonl"))


def figures(
    tmp_path: Path, redactor: Redactor, files: Sequence[Path] = FILES, **changes: str | None
) -> dict[str, dict[str, float]]:
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    found = tmp_path / "findings.jsonl"
    found.write_text("\n".join(json.dumps(find_in_record(redactor, row | changes)) for row in rows), encoding="utf-8")
    score = [sys.executable, str(GOLD / "score.py"), str(found), *map(str, files), "--json"]
    report: dict[str, dict[str, float]] = json.loads(subprocess.run(score, capture_output=True, check=True).stdout)
    return report


def test_rules_and_model(tmp_path: Path) -> None:
    report = figures(tmp_path, Redactor())
    assert report["all"]["leak_rate"] < 0.016
    assert report["all"]["over_redaction"] < 0.010
    assert report["all"]["clean_touched"] < 0.05
    assert report["all"]["typed_recall"] > 0.93
    assert report["channel=call"]["leak_rate"] < 0.020
    for language, leak in {"de": 0.013, "en": 0.028, "nl": 0.013}.items():
        assert report[f"lang={language}"]["leak_rate"] < leak
        assert report[f"lang={language}"]["clean_touched"] < 0.1
    for language, typed in {"de": 0.92, "en": 0.89, "nl": 0.95}.items():
        assert report[f"lang={language}"]["typed_recall"] > typed
    page = (GOLD.parents[1] / "docs" / "quality.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith("| all |"))
    told = [float(cell) for cell in row.strip("|").split("|")[1:6]]
    names = ("leak_rate", "over_redaction", "span_recall", "typed_recall", "clean_touched")
    assert told == [round(report["all"][name], 3) for name in names], "docs/quality.md is old: make quality"


@dataclass(frozen=True)
class Floor:
    """What the figures of some messages must not fall behind; each of the languages leaks less than `each`."""

    leak: float
    over: float
    touched: float
    typed: float
    calls: float
    languages: tuple[str, ...] = ()
    each: float = 1.0


UNTRAINED = {
    (1, 2, 3, 4, 5, 6, 7, 8): Floor(0.016, 0.014, 0.1, 0.94, 0.022),
    (9,): Floor(0.04, 0.038, 0.13, 0.85, 0.038, ("fr", "it", "pl", "tr", "es", "pt", "ro"), 0.1),
    (10,): Floor(0.036, 0.016, 0.05, 0.9, 0.03, ("de", "en", "nl"), 0.05),
    (11,): Floor(0.02, 0.015, 0.08, 0.93, 0.026, ("de", "en", "nl", "fr", "it", "pl", "tr"), 0.05),
    (13,): Floor(0.019, 0.012, 0.09, 0.93, 0.024, ("de", "en", "nl", "fr", "it", "pl", "tr", "es"), 0.05),
    (12,): Floor(0.02, 0.014, 0.11, 0.94, 0.026, ("de", "en", "nl", "fr", "it", "pl", "tr"), 0.05),
}


@pytest.mark.parametrize("numbers", UNTRAINED)
def test_messages_that_nothing_is_trained_on(tmp_path: Path, numbers: tuple[int, ...]) -> None:
    floor = UNTRAINED[numbers]
    report = figures(tmp_path, Redactor(), [GOLD.parent / "unseen" / f"{number}.jsonl" for number in numbers])
    assert report["all"]["leak_rate"] < floor.leak
    assert report["all"]["over_redaction"] < floor.over
    assert report["all"]["clean_touched"] < floor.touched
    assert report["all"]["typed_recall"] > floor.typed
    assert report["channel=call"]["leak_rate"] < floor.calls
    for language in floor.languages:
        assert report[f"lang={language}"]["leak_rate"] < floor.each


def test_rules_alone(tmp_path: Path) -> None:
    report = figures(tmp_path, Redactor(names=None))
    assert report["all"]["leak_rate"] < 0.36
    assert report["all"]["over_redaction"] < 0.015


@pytest.mark.parametrize(("caution", "leak", "over"), [("low", 0.1, 0.014), ("high", 0.04, 0.04)])
def test_caution_trades_leaks_for_innocent_words(tmp_path: Path, caution: str, leak: float, over: float) -> None:
    report = figures(tmp_path, Redactor(caution=caution))  # type: ignore[arg-type]
    assert report["all"]["leak_rate"] < leak
    assert report["all"]["over_redaction"] < over


def test_without_a_language(tmp_path: Path) -> None:
    assert figures(tmp_path, Redactor(), lang=None)["all"]["leak_rate"] < 0.06
