"""How much each target has been run so far, in a file; runs add to it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(slots=True)
class Ran:
    """All runs of one target: CPU seconds, inputs that are kept, and how many runs libFuzzer ended with an error."""

    seconds: float = 0.0
    executions: int = 0
    failed: int = 0
    inputs: int = 0
    peak_mb: int = 0


def read_state(path: Path) -> dict[str, Ran]:
    """Return what was run by target; nothing without a file."""
    if not path.exists():
        return {}
    return {name: Ran(**each) for name, each in json.loads(path.read_text(encoding="utf-8")).items()}


def write_state(path: Path, state: dict[str, Ran]) -> None:
    """Replace the file, so that a run that is killed leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    document = {name: asdict(each) for name, each in sorted(state.items())}
    beside.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)
