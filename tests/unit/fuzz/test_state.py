"""Figures of fuzzing add up over runs; a wrong command is told."""

from pathlib import Path

import pytest

from fuzz.__main__ import main
from fuzz.page import page
from fuzz.state import Ran, read_state, write_state
from fuzz.targets import TARGETS


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "fuzz" / "state.json"
    assert read_state(path) == {}
    state = {"twiml": Ran(60.5, 1000, 1), "call-sockets": Ran(1.0, 2)}
    write_state(path, state)
    assert read_state(path) == state
    assert [each.name for each in path.parent.iterdir()] == ["state.json"]


@pytest.mark.parametrize("arguments", [["twimml"], ["twiml", "--seconds", "0"]])
def test_a_wrong_command_runs_nothing(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--place", str(tmp_path)])
    assert ended.value.code == 2
    assert ("there is no target twimml" if len(arguments) == 1 else "1 or more") in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_page_has_a_row_for_each_target_and_figures_of_those_that_ran() -> None:
    rows = [line for line in page({"twiml": Ran(1234.5, 56_789, 1, 42, 95)}).splitlines() if line.startswith("| **")]
    assert [row.split("**")[1] for row in rows] == list(TARGETS)
    (ran,) = [row for row in rows if "1,234" in row]
    assert ran.endswith("| 1,234 | 3,600 | 56,789 | 42 | 95 | 1 |")
    assert all(row.endswith("| 0 | 3,600 | 0 | 0 | 0 | 0 |") for row in rows if row != ran)
