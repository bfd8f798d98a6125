"""A bar chart as numbers: the template writes them as SVG attributes, so that no style is needed in the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 160
_GAP: Final = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the units of the view box."""

    x: float
    y: float
    width: float
    height: float
    value: int


def bars(values: Sequence[int]) -> tuple[Bar, ...]:
    """Return a bar for each value, from left to right; the highest fills the height."""
    if not values:
        return ()
    step, top = WIDTH / len(values), max(*values, 1)
    return tuple(
        Bar(round(at * step, 2), round(HEIGHT - height, 2), round(step - _GAP, 2), round(height, 2), value)
        for at, value in enumerate(values)
        for height in (HEIGHT * value / top,)
    )
