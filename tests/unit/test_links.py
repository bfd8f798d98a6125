"""Every relative link of a page leads to a file, and to a heading, that is there."""

from __future__ import annotations

import os
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
    """Return the targets of links and pictures, those of other sites aside; code is no link."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "code", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    """Return what GitHub makes of a page's headings: lower case, no punctuation but hyphens, hyphens for blanks."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(page: Path, target: str) -> bool:
    """Return whether the file is there, and the heading in it if the link names one."""
    file, _, anchor = target.partition("#")
    place = (ROOT / page).parent / file if file else ROOT / page
    return place.exists() and (not anchor or anchor in anchors(place))


def test_the_pages_are_found() -> None:
    assert {Path("README.md"), Path("docs/design.md")} <= set(PAGES)
    assert "docs/notice.md" in links(Path("README.md"))


def test_the_readme_leads_to_every_page_for_users() -> None:
    meant = {os.fspath(page) for page in PAGES if page.parent == Path("docs")} | {"helm/README.md", "THREAT_MODEL.md"}
    assert meant - set(links(Path("README.md"))) == set()


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_its_links_lead_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not leads_somewhere(page, target)] == []
