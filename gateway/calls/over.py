"""The calls that their platform has ended: what still comes of one is late, and begins no other.

In memory only, for ten minutes, and bounded; a call's id stands there as a keyed digest. A call that a deadline has
ended is not among them: at its platform it may still be going on.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

_FOR: Final = timedelta(minutes=10)
_MOST: Final = 20_000
_KEY_BYTES: Final = 32


class Over:
    """The calls of one channel that are over, by the word of its platform."""

    def __init__(self) -> None:
        """Know none yet."""
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._since: OrderedDict[bytes, datetime] = OrderedDict()

    def note(self, call: str, now: datetime) -> None:
        """Note that a call has ended; the one that has been over for longest goes where there are too many."""
        blind = self._blind(call)
        self._since.pop(blind, None)
        self._since[blind] = now
        if len(self._since) > _MOST:
            self._since.popitem(last=False)

    def holds(self, call: str, now: datetime) -> bool:
        """Tell whether a call has ended, not long ago."""
        since = self._since.get(self._blind(call))
        return since is not None and now - since < _FOR

    def forget(self, now: datetime) -> None:
        """Forget the calls that have been over for so long that nothing more comes of them."""
        while self._since and now - next(iter(self._since.values())) >= _FOR:
            self._since.popitem(last=False)

    def _blind(self, call: str) -> bytes:
        return blake2b(call.encode(errors="surrogatepass"), digest_size=16, key=self._key).digest()
