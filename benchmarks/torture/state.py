"""What has been done so far, in a file; runs add to it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

_KEPT_FAILURES = 5


@dataclass(slots=True)
class Done:
    """What was done of one campaign; `failed` are batches in which something was not as it has to be.

    `failures` tell of the last of them what was wrong, and where it was seen: nobody may be there to read it.
    """

    rounds: int = 0
    seconds: float = 0.0
    failed: int = 0
    counted: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def fail(self, what: str) -> None:
        """Note a batch that went wrong."""
        self.failed += 1
        self.failures = [*self.failures, what][-_KEPT_FAILURES:]

    def add(self, rounds: int, seconds: float, counted: Counter[str]) -> None:
        """Add a batch that went well. Of what is the slowest of something, the slowest stays."""
        self.rounds += rounds
        self.seconds += seconds
        for name, value in counted.items():
            before = self.counted.get(name, 0)
            self.counted[name] = max(before, value) if name.startswith("slowest") else before + value


def read_state(path: Path) -> dict[str, Done]:
    """Return what was done by campaign; nothing without a file."""
    if not path.exists():
        return {}
    return {name: Done(**each) for name, each in json.loads(path.read_text(encoding="utf-8")).items()}


def write_state(path: Path, state: dict[str, Done]) -> None:
    """Replace the file, so that a run that is killed leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    document = {name: asdict(each) for name, each in sorted(state.items())}
    beside.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)
