"""Every relative link of a page leads to a file that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT)
    for path in ROOT.rglob("*.md")
    if not any(folder.startswith(".") for folder in path.relative_to(ROOT).parts)
)


def links(page: Path) -> list[str]:
    """Return the targets of links and pictures, those of other sites and of the page itself aside; code is no link."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "code", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target.partition("#")[0] for target in targets if not re.match(r"#|[a-z]+:", target)]


def test_the_pages_are_found() -> None:
    assert {Path("README.md"), Path("docs/design.md")} <= set(PAGES)
    assert "docs/notice.md" in links(Path("README.md"))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_its_links_lead_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not (ROOT / page).parent.joinpath(target).exists()] == []
