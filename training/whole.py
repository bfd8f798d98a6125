"""The whole engine on messages that its model has not seen: the honest figure beside the gold messages.

    python -m training.train --measure --save WEIGHTS.pt
    python -m training.whole WEIGHTS.pt

Packs the network that was trained without the held-out files, puts it into the engine in place of the one that
ships, and scores its findings on those files with tests/gold/score.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from redaction.engine import Redactor
from redaction.filter import find_in_record
from redaction.names import NamesModel
from training import gazetteer
from training.export import pack
from training.messages import CONVERSATIONS, read_folder, split

SCORE = Path(__file__).parent.parent / "tests" / "gold" / "score.py"


def main() -> None:
    """Score and print."""
    saved = torch.load(sys.argv[1])
    redactor = Redactor(names=NamesModel(pack(saved["state"], saved["rows"], gazetteer.read())))
    _, held = split(read_folder(CONVERSATIONS))
    rows = [
        {
            "id": number,
            "lang": message.language,
            "channel": message.channel,
            "speaker": "",
            "previous": message.previous,
            "text": message.text,
            "spans": [list(span) for span in message.spans],
        }
        for number, message in enumerate(held)
    ]
    with tempfile.TemporaryDirectory() as directory:
        gold, found = Path(directory) / "held.jsonl", Path(directory) / "found.jsonl"
        gold.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        found.write_text("".join(json.dumps(find_in_record(redactor, row)) + "\n" for row in rows), encoding="utf-8")
        command = [sys.executable, str(SCORE), str(found), str(gold), *sys.argv[2:]]
        subprocess.run(command, check=True)  # noqa: S603 - our own script


if __name__ == "__main__":
    main()
