"""Work on long texts in a thread, so that those who wrote little need not wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LONG = 4_000
"""Characters above which a text is worked on in a thread: some ten milliseconds of searching."""
_AT_ONCE = 2


class Aside:
    """A few threads' worth of long work at a time: each takes its share of the interpreter from all others."""

    def __init__(self) -> None:
        """Start with none."""
        self._threads = asyncio.Semaphore(_AT_ONCE)

    async def do(self, characters: int, work: Callable[[], T]) -> T:
        """Do work on texts of so many characters in all, at once or in a thread, and return what it returns."""
        if characters <= LONG:
            return work()
        async with self._threads:
            return await asyncio.to_thread(work)
