"""Places in a message body, as they are written in a notice: their steps, and one place seen from another."""

from __future__ import annotations

import re
from typing import Final

Names = tuple[str, ...]

ITEMS: Final = "[*]"
ANY: Final = "*"
_STEP: Final = re.compile(r"\[\*\]|[^.\[\]]+")


def steps(path: str) -> Names:
    """Return the steps of a path: names, `*`, `[*]`."""
    return tuple(_STEP.findall(path))


def seen_from(path: str, other: str) -> tuple[int, Names] | None:
    """Return how many steps both places share, and the names from there to `path`.

    None where these are not plain names: of the items of a list nobody could tell which is meant.
    """
    wanted, here = steps(path), steps(other)
    shared = 0
    while shared < min(len(wanted), len(here) - 1) and wanted[shared] == here[shared]:
        shared += 1
    names = wanted[shared:]
    return None if ITEMS in names or ANY in names else (shared, names)
