"""Why something is refused: every reason in the code stands in docs/api.md, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from gateway.middlewares import _STATUS_REASONS

ROOT = Path(__file__).parents[3]
RAISED = {"RefusedError": 0, "UpstreamError": 0, "refuse": 0, "_refuse": 1, "_again": 2}
"""What is called with a reason, and at which place it stands."""


def test_the_page_lists_every_reason() -> None:
    used = {reason for path in (ROOT / "gateway").rglob("*.py") for reason in reasons(path)}
    assert set(on_the_page()) == used | set(_STATUS_REASONS.values())


def test_a_reason_is_listed_once() -> None:
    assert len(on_the_page()) == len(set(on_the_page()))


def on_the_page() -> list[str]:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    return re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| [\dx, ]+ \| ([^|]+) \|", text, re.MULTILINE)))


def reasons(path: Path) -> Iterator[str]:
    """Yield the reasons in a source file: of what is raised or refused, and of the errors that `refusal` tells."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in RAISED and len(node.args) > RAISED[name]:
                yield from strings(node.args[RAISED[name]])
        elif isinstance(node, ast.FunctionDef) and node.name == "refusal":
            for below in ast.walk(node):
                if isinstance(below, ast.Return) and isinstance(below.value, ast.Tuple):
                    yield from strings(below.value.elts[0])


def strings(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.IfExp):
        yield from strings(value.body)
        yield from strings(value.orelse)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
