from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.notice import Loaded, load_notice
from gateway.notice.pending import PENDING, Pending, pending

ROOT = Path(__file__).parents[4]
KEEP = "    keep:\n"


def test_what_nothing_acts_on_yet_is_named_with_its_place(load: Callable[..., Loaded]) -> None:
    notice = load("", "").notice
    entry = Pending("channels.*.kind", "is not served", frozenset({"chat"}))
    assert list(pending(notice, [entry])) == [(("channels", "chat", "kind"), "is not served")]
    assert list(pending(notice, [replace(entry, values=frozenset({"call"}))])) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("start: collection", "start: session-end"),
        ("start: collection", "start: consent-end"),
        ("start: collection", "start: matter-resolved"),
        ("start: collection", "start: relation-end"),
        ("    ask: {de", '    answers: {dtmf: {"1": given}}\n    ask: {de'),
        (KEEP, "    index: [EMAIL]\n" + KEEP),
    ],
)
def test_what_is_in_effect_is_not_named(load: Callable[..., Loaded], old: str, new: str) -> None:
    assert load(old, new).pending == ()


@pytest.mark.parametrize("path", sorted((ROOT / "notices").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_notices_that_are_shipped_are_in_effect_throughout(path: Path) -> None:
    assert load_notice(path).pending == ()


def test_the_page_lists_them_all() -> None:
    page = (ROOT / "docs" / "notice.md").read_text(encoding="utf-8")
    table = page.partition("## What is not in effect yet")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(.+?)` \| (.*?) \| (.*) \|$", table, re.MULTILINE)
    assert rows == [
        (entry.place, ", ".join(f"`{value}`" for value in sorted(entry.values)) or "any", entry.meanwhile)
        for entry in PENDING
    ]
