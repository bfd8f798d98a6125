"""The benchmark runs and counts no failures; its figures are not judged here."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest

from benchmarks.desk import ASKED_OTHERWISE, main
from benchmarks.messages import answer_template, message
from gateway.access import TABLE


@pytest.mark.parametrize("size", [100, 200])
def test_messages_are_all_different_and_of_one_length(size: int) -> None:
    messages = {message(number, size) for number in range(5000)}
    assert len(messages) == 5000
    assert {len(text) for text in messages} == {size}
    before, after = answer_template(size)
    assert len(before) + 8 + len(after) == size


def test_bot_proxy_and_load_work_together() -> None:
    command = [sys.executable, "-m", "benchmarks.gateway", "--without-sordino", "--json"]
    command += ["--rounds", "1", "--seconds", "0.3", "--connections", "4"]
    for scenario in ("plain-100", "stream-200", "chat-200"):
        command += ["--scenario", scenario]
    run = subprocess.run(command, check=True, capture_output=True, timeout=120)
    rows = orjson.loads(run.stdout)["rows"]
    assert len(rows) == 6
    assert all(row["per_second"] > 0 and row["failed"] == 0 for row in rows)


def test_attackers_get_to_where_they_stay() -> None:
    command = [sys.executable, "-m", "benchmarks.attacks", "--json", "--rounds", "1", "--seconds", "0.3"]
    cases = ["idle WebSockets", "slow bots, streams", "slow bots, answers", "slow heads"]
    command += [argument for case in cases for argument in ("--case", case)]
    run = subprocess.run([*command, "--most", "20"], check=True, capture_output=True, timeout=400)
    assert [(row["attack"], row["failed"]) for row in orjson.loads(run.stdout)] == [(case, 0) for case in cases]
    assert b"have come" not in run.stderr


def test_calls_at_once_lose_no_frame() -> None:
    command = [sys.executable, "-m", "benchmarks.calls", "--calls", "3", "--seconds", "0.4"]
    run = subprocess.run(command, check=True, capture_output=True, timeout=120)
    figures = orjson.loads(run.stdout)
    assert (figures["frames"], figures["lost_on_the_way"], figures["not_kept"]) == (60, 0, 0)


def test_an_open_model_measures_every_target_and_memory() -> None:
    command = [sys.executable, "-m", "benchmarks.load_open", "--json", "--engine", "postgresql", "--workers", "2"]
    command += ["--rounds", "1", "--seconds", "0.3", "--clients", "8", "--streams", "5", "--hold-seconds", "4"]
    run = subprocess.run([*command, "--exchanges", "8"], check=True, capture_output=True, timeout=400)
    (figures,) = orjson.loads(run.stdout)
    targets = ["direct", "minimal proxy", "sordino"]
    assert [(row["mode"], row["target"]) for row in figures["throughput"]] == [
        (mode, target) for mode in ("plain", "stream") for target in targets
    ]
    rows = [*figures["throughput"], *figures["waiting"]]
    assert [row["failed"] for row in rows] == [0] * len(rows)
    memory = figures["memory"]
    assert [len(workers) for workers in memory["workers_mb"]] == [2] * 5
    assert (memory["streams_open"], memory["streams_broken"]) == (5, 0)
    assert memory["exchanges"] >= 8


def test_every_page_of_the_desk_is_answered_over_a_year(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["desk", "--engine", "sqlite", "--sessions", "24", "--rounds", "1", "--json"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as ended:
        main()  # in this process: what it imports is there already
    found = orjson.loads(capsys.readouterr().out)
    assert ended.value.code == 0
    assert found["failed"] == []
    assert found["proved"]
    asked = {each["what"] for each in found["timed"]}
    left = {entry.path for entry in TABLE if entry.method == "GET"} - asked
    assert left == ASKED_OTHERWISE
