"""The benchmark runs and counts no failures; its figures are not judged here."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest

from benchmarks.messages import answer_template, message


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


def test_calls_at_once_lose_no_frame() -> None:
    command = [sys.executable, "-m", "benchmarks.calls", "--calls", "3", "--seconds", "0.4"]
    run = subprocess.run(command, check=True, capture_output=True, timeout=120)
    figures = orjson.loads(run.stdout)
    assert (figures["frames"], figures["lost_on_the_way"], figures["not_kept"]) == (60, 0, 0)
