"""Attempts to sign in are limited: ten that fail in five minutes from one address, a hundred from all.

The address is the client's, behind proxies that the settings trust.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Final

_WITHIN: Final = timedelta(minutes=5)
_EACH: Final = 10
_ALL: Final = 100


class Attempts:
    """Counts attempts that failed, in this process."""

    def __init__(self) -> None:
        """Start with none."""
        self._failed: deque[tuple[datetime, str]] = deque()

    def too_many(self, address: str, now: datetime) -> bool:
        """Tell whether another attempt from this address has to wait."""
        while self._failed and self._failed[0][0] <= now - _WITHIN:
            self._failed.popleft()
        return len(self._failed) >= _ALL or sum(of == address for _, of in self._failed) >= _EACH

    def failed(self, address: str, now: datetime) -> None:
        """Count an attempt that failed."""
        self._failed.append((now, address))
