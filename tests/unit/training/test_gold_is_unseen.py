"""The gold messages measure: nothing of theirs is trained on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_no_gold_sentence_or_person_stands_in_the_conversations() -> None:
    command = [sys.executable, "-m", "training.check_gold"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "360 gold messages" in done.stdout
