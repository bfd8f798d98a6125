"""The commands of docs/operations.md, run one after the other in a home of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.clock import SystemClock
from tests.e2e.conftest import NOTICE, ROOT, clean_environment, sordino
from tests.ports import free_port

PAGE = ROOT / "docs" / "operations.md"
STAND_INS = f"""
set -euo pipefail
sordino() {{ "{sys.executable}" -m gateway "$@"; }}
python3() {{ "{sys.executable}" "$@"; }}
gateway=
systemctl() {{
  if [ "$1" = start ]; then
    "{sys.executable}" -m gateway serve --notice notice.yaml >>log 2>&1 & gateway=$!
    for _ in $(seq 600); do
      (exec 3<>"/dev/tcp/${{SORDINO_INTERNAL_LISTEN/://}}") 2>/dev/null && sordino health >/dev/null 2>&1 && return
      kill -0 $gateway; sleep 0.1
    done
    return 1
  fi
  kill "$gateway"; wait "$gateway"; gateway=
}}
trap '[ -z "$gateway" ] || kill -9 "$gateway"' EXIT
"""
IMPORT = "sordino import logs.jsonl --notice notice.yaml --channel chatbot --redact\n"
ERASE = "echo ERASING\nsordino sweep --now 2100-01-01T00:00:00Z\n"
LEFT = "echo LEFT\nsordino keys affected --root 2\n"


def blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "notice.yaml").write_bytes(NOTICE.read_bytes())
    at = SystemClock().now() - timedelta(days=2)
    lines = [
        {"conversation": name, "speaker": "user", "text": "Wann haben Sie offen?", "time": at.isoformat()}
        for name in ("one", "two", "three")
    ]
    (tmp_path / "logs.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return tmp_path


def run(script: str, place: Path) -> subprocess.CompletedProcess[str]:
    ports = {f"SORDINO_{name}_LISTEN": f"127.0.0.1:{free_port()}" for name in ("PUBLIC", "INTERNAL")}
    environment = clean_environment(place / "unused", SORDINO_DRAIN_SECONDS="1", **ports)
    return subprocess.run(
        ["bash", "-c", STAND_INS + script],  # noqa: S607 - whichever bash there is
        cwd=place, env=environment | {"PYTHONPATH": os.fspath(ROOT)}, capture_output=True, text=True, check=False,
        timeout=900,
    )  # fmt: skip


def test_every_command_of_the_page_does_what_it_says(place: Path) -> None:
    """Sessions are imported after the installation, and erased between backup and restore."""
    steps = []
    for block in blocks():
        steps.append(f"echo '{block.splitlines()[0].split(chr(39))[0]}'\n{block}")
        if "keys init" in block:
            steps.append(IMPORT)
        elif "VACUUM INTO" in block:
            steps.append(ERASE)
        elif "sordino prove" in block:
            steps.append(LEFT)
    done = run("".join(steps), place)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    said = done.stdout
    assert "3 stored, 0 stored before" in said
    assert "6 parts erased" in said.partition("ERASING")[2]
    restored = said.partition("LEFT")[2]
    assert re.search(r"^0 epoch keys, 0 sessions; parts: none$", restored, re.MULTILINE), "the backup brought it back"
    assert "nothing was changed, taken away or moved" in said
    assert "is to be told by 2026-11-29 08:00 UTC" in said


def opened_two_days_ago(place: Path) -> Path:
    """Return a home in which sessions lie."""
    home = place / "home"
    assert sordino("keys", "init", home=home).returncode == 0
    done = sordino(*IMPORT.split()[1:], home=home)
    assert done.returncode == 0, done.stderr
    return home


def test_what_a_leaked_key_opens_is_counted_by_day(place: Path) -> None:
    asked = "keys affected --root 1 --sessions --aware 2026-11-26T09:00:00+01:00"
    done = sordino(*asked.split(), home=opened_two_days_ago(place))
    assert done.returncode == 0, done.stderr
    day = (SystemClock().now() - timedelta(days=2)).date().isoformat()
    said = done.stdout
    assert len(re.findall(rf"^{day} chatbot [0-9a-f-]{{36}}$", said, re.MULTILINE)) == 3
    assert f"{day}: 3 sessions" in said
    assert re.search(r"^\d epoch keys, 3 sessions; parts: .*transcript 3", said, re.MULTILINE)
    assert "is to be told by 2026-11-29 08:00 UTC" in said


def test_a_key_that_is_not_there_is_no_answer(place: Path) -> None:
    home = opened_two_days_ago(place)
    wrong = ("--root 9", "--root 0", "--epoch 1", f"--epoch {uuid4()}", "--root 1 --aware gestern", "")
    done = [sordino("keys", "affected", *each.split(), home=home) for each in wrong]
    assert [each.returncode for each in done] == [2] * len(wrong)
    assert [each.stdout for each in done] == [""] * len(wrong)
    told = "".join(each.stderr for each in done)
    assert "Traceback" not in told
    assert "there is no such key" in told
