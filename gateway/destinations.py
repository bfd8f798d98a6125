"""Where connections to bots may end: checked on the very address that is connected to, so no name can lead elsewhere.

A name is looked up and each address it gives is looked at again when its socket is made; nothing is resolved in
between. Addresses of private networks are allowed, since bots of one's own cluster are there. The own machine is
meant only by its own names (`localhost`, `127.0.0.1`): a name that leads there from elsewhere does not.
"""

from __future__ import annotations

import socket
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from gateway.addresses import is_forbidden, parsed


class Resolver(AbstractResolver):
    """Looks names up, and leaves out the own machine where it is not named."""

    def __init__(self, names: AbstractResolver | None = None) -> None:
        """Take what looks names up; by default the system does."""
        self._names = names or DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name. Raises OSError where none may be contacted."""
        found = await self._names.resolve(host, port, family)
        own = host.lower().rstrip(".")
        if own == "localhost" or own.endswith(".localhost"):
            return found
        allowed = [one for one in found if not _is_own(one["host"])]
        if not allowed:
            raise OSError(None, "the name leads to this machine")
        return allowed

    async def close(self) -> None:
        """Close what looks names up."""
        await self._names.close()


def open_socket(found: tuple[Any, ...]) -> socket.socket:
    """Make the socket for one resolved address. Raises OSError for one where no bot may be."""
    family, kind, protocol, _, place = found
    address = parsed(str(place[0]))
    if address is None or is_forbidden(address):
        raise OSError(None, "no bot may be at this address")
    return socket.socket(family, kind, protocol)


def _is_own(host: str) -> bool:
    address = parsed(host)
    return address is None or address.is_loopback or address.is_unspecified
