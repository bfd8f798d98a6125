"""The Dockerfile as its linter sees it; each exception stands in it with its reason."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HADOLINT = Path(sys.executable).with_name("hadolint")


def lint(path: Path) -> subprocess.CompletedProcess[str]:
    command = [str(HADOLINT), "--no-color", "--failure-threshold", "style", str(path)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint has no wheel for this platform")
def test_hadolint_finds_nothing() -> None:
    assert lint(ROOT / "Dockerfile").stdout == ""


@pytest.mark.skipif(not HADOLINT.exists(), reason="hadolint has no wheel for this platform")
def test_hadolint_would_find_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text("FROM debian:latest\nRUN cd /src\n", encoding="ascii")
    found = lint(wrong)
    assert found.returncode == 1
    assert "DL3007" in found.stdout
