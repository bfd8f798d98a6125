"""How often somebody may try in a time, in memory and bounded; who it is stands there as a keyed digest only."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

_MOST_REMEMBERED: Final = 20_000


class Attempts:
    """Allows so many attempts of one name within a span; the names heard least recently are forgotten first."""

    def __init__(self, most: int, within: timedelta) -> None:
        """Take the limit; the key of the digests lives as long as the process."""
        self._most = most
        self._within = within
        self._key = secrets.token_bytes(32)
        self._seen: OrderedDict[bytes, deque[datetime]] = OrderedDict()

    def allow(self, name: str, now: datetime) -> bool:
        """Count an attempt; False if there were too many."""
        key = hmac.digest(self._key, name.encode(errors="surrogatepass"), "sha256")
        times = self._seen.setdefault(key, deque(maxlen=self._most))
        self._seen.move_to_end(key)
        while len(self._seen) > _MOST_REMEMBERED:
            self._seen.popitem(last=False)
        while times and times[0] <= now - self._within:
            times.popleft()
        if len(times) >= self._most:
            return False
        times.append(now)
        return True
