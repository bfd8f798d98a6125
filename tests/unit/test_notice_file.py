"""The NOTICE says whose data the weights and the gazetteer were made with."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_source_of_others_is_named_with_its_authors_and_its_licence() -> None:
    table = (ROOT / "training" / "ATTRIBUTION.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("|")]
    named = {f"- {source}: {by}; {licence}" for source, _, licence, by in rows[2:] if by != "this project"}
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8").splitlines()
    assert named == {line for line in notice if line.startswith("- ")}
