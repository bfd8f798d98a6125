"""Writes the tables of MODEL_CARD.md from training/figures.json, between its marks.

python -m training.card
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from training.messages import CONVERSATIONS, read_folder, split
from training.train import FIGURES_PATH

CARD_PATH = Path(__file__).with_name("MODEL_CARD.md")
_COLUMNS = ("leak_rate", "over_redaction", "span_recall", "typed_recall", "clean_touched")
_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"


def main() -> None:
    """Replace the tables."""
    figures = json.loads(FIGURES_PATH.read_text(encoding="utf-8"))
    train, held = split(read_folder(CONVERSATIONS))
    how = (
        f"{len(train) + len(held):,} messages are trained on. The figures are those of a network trained without "
        f"{len(held):,} of them (`later_*.jsonl`: other writers, other people, other turns of phrase)."
    )
    lines = [
        how,
        "",
        "| `caution` | " + " | ".join(_COLUMNS) + " |",
        "|---" * (len(_COLUMNS) + 1) + "|",
        *(_row(caution, groups["all"]) for caution, groups in figures.items()),
        "",
        "| at caution 0 | " + " | ".join(_COLUMNS) + " | spans |",
        "|---" * (len(_COLUMNS) + 2) + "|",
        *(_row(name, group) + f" {group['spans']} |" for name, group in sorted(figures["0.0"].items())),
    ]
    card = CARD_PATH.read_text(encoding="utf-8")
    tables = _BEGIN + "\n" + "\n".join(lines) + "\n" + _END
    CARD_PATH.write_text(re.sub(f"{_BEGIN}.*{_END}", lambda _: tables, card, flags=re.DOTALL), encoding="utf-8")


def _row(name: str, group: dict[str, float]) -> str:
    by_type = name.startswith("type=")
    cells = ("-" if by_type and column in ("over_redaction", "clean_touched") else f"{group[column]:.3f}"
             for column in _COLUMNS)  # fmt: skip
    return f"| {name} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
