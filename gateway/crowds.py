"""How many requests of one client may be open at once, so that one does not take the place of all others.

Clients are told apart by the network of their address, /24 or /48. Addresses that are nobody's alone in the Internet
(private networks, this machine) are not counted: they are proxies and front ends that speak for many.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

from gateway.addresses import parsed, shortened
from gateway.errors import RefusedError
from gateway.logs import LOGGER


class Crowds:
    """Counts the open requests of each client."""

    def __init__(self, most: int) -> None:
        """Allow each so many; 0 allows any number."""
        self._most = most
        self._open: Counter[str] = Counter()

    @contextlib.contextmanager
    def one_more(self, address: str, channel: str) -> Iterator[None]:
        """Count one while the block runs. Raises RefusedError (429) where that is too many."""
        found = parsed(address)
        if not self._most or found is None or not found.is_global:
            yield
            return
        client = shortened(address)
        if self._open[client] >= self._most:
            raise RefusedError("too_many_streams", 429, "Too many requests of this client are open; try again later")
        self._open[client] += 1
        if self._open[client] == self._most:
            LOGGER.warning("a client has as many requests open as it may", extra={"channel": channel, "client": client})
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]
