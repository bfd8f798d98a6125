"""The threat model names the test that holds each defence: each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = re.findall(r"^\| (?!---|threat )(.+) \|$", (ROOT / "THREAT_MODEL.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_defence_is_held_by_a_test_that_exists() -> None:
    assert len(ROWS) >= 10
    for row in ROWS:
        named = re.findall(r"`(tests/[^`]+)`", row.rpartition(" | ")[2])
        assert named, row
        for path in named:
            assert re.search(r"(?m)^ *(async )?def test_", (ROOT / path).read_text(encoding="utf-8")), path
