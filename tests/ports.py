"""Ports for servers that take a number, where the system takes none for connections meanwhile."""

from __future__ import annotations

import secrets
import socket

_FIRST = 12_000
_BELOW = 32_768  # from here on Linux gives ports to connections and to who asks for any


def free_port() -> int:
    """Return a port of loopback on which nothing listens."""
    while True:
        port = _FIRST + secrets.randbelow(_BELOW - _FIRST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
