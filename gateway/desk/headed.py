"""Rows of a table whose cells name their column, for pages that are too narrow for columns: each row is a block there.

The templates write the rows, so tags can be found by how they are written; what is shown in them is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Final

_TAG: Final = re.compile(r"<tr\b|<th\b[^>]*>|<td\b[^>]*>")


def headed(rows: str, heads: Sequence[str]) -> str:
    """Return rows, which are markup, with the head of its column in `data-head` of each cell but the row's own head."""
    place = 0

    def mark(found: re.Match[str]) -> str:
        nonlocal place
        tag = found[0]
        if tag == "<tr":
            place = 0
            return tag
        place += 1
        if tag.startswith("<th") or "colspan" in tag:
            return tag
        return f'<td data-head="{escape(heads[place - 1])}"{tag.removeprefix("<td")}'

    return _TAG.sub(mark, rows)
