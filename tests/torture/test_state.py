"""The counts of `make torture` add up over runs, and its page tells them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.torture.campaigns import CAMPAIGNS
from benchmarks.torture.page import page
from benchmarks.torture.state import Done, read_state, write_state


def test_runs_add_up(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.json"
    for slowest in (900, 700):
        state = read_state(path)
        done = state.setdefault("disk full, SQLite", Done())
        done.add(2, 1.5, Counter({"answered": 10, "slowest return in ms": slowest}))
        write_state(path, state)
    done = read_state(path)["disk full, SQLite"]
    assert done == Done(rounds=4, seconds=3.0, failed=0, counted={"answered": 20, "slowest return in ms": 900})


def test_what_went_wrong_last_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    for number in range(7):
        state = read_state(path)
        state.setdefault("disk full, SQLite", Done()).fail(f"failure {number}")
        write_state(path, state)
    done = read_state(path)["disk full, SQLite"]
    assert (done.failed, done.failures) == (7, [f"failure {number}" for number in range(2, 7)])


def test_the_page_tells_what_was_done_and_what_was_not() -> None:
    lines = page({"disk full, SQLite": Done(4, 3.0, 1, {"answered": 20})}).splitlines()
    (done,) = [line for line in lines if "disk full, SQLite" in line]
    assert done.endswith("| 4 | 20 | 1 | 20 answered |")
    (not_done,) = [line for line in lines if "power lost, SQLite" in line]
    assert not_done.endswith("| 0 | 100 | 0 |  |")


def test_names_of_campaigns_differ() -> None:
    assert len({each.name for each in CAMPAIGNS}) == len(CAMPAIGNS)
