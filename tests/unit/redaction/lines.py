"""Lines as people write them, from the conversations that the names model learns from."""

from __future__ import annotations

import json
from pathlib import Path

_CONVERSATIONS = Path(__file__).parents[3] / "training" / "conversations"


def written_lines(count: int) -> list[str]:
    """Return `count` messages of every language and channel, evenly from all files."""
    lines = [line for path in sorted(_CONVERSATIONS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines[:: max(1, len(lines) // count)]]
    return [row["text"] for row in rows if "text" in row][:count]
