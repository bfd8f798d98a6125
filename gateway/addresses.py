"""Addresses: which of them no bot has, who a client behind proxies is, and how much of it may be told.

Sources: RFC 6890 and IANA's special-purpose registries; the metadata services are documented by their clouds.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNKNOWN: Final = "unknown"
_SHORT: Final = {4: 24, 6: 48}
_METADATA: Final = frozenset(
    map(ip_address, ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"))
)
"""Services of clouds that tell a machine's credentials and are not link-local: Alibaba, Azure, Oracle, AWS, Google."""
_NAT64: Final = ip_network("64:ff9b::/96")
_MOST_HOPS: Final = 20


def parsed(text: str) -> Address | None:
    """Return an address, None for what is none; a zone is left out, and an IPv4 address in IPv6 is taken out."""
    try:
        address = ip_address(text.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_forbidden(address: Address) -> bool:
    """Whether no bot may be there: link-local and metadata services, multicast, broadcast, and no address at all.

    What is packed into another address (NAT64, 6to4, Teredo) counts as well.
    """
    if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
        return True
    if isinstance(address, IPv4Address):
        return address.is_reserved or address in ip_network("0.0.0.0/8")
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inner.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    return any(one is not None and is_forbidden(one) for one in inner)


def shortened(text: str) -> str:
    """Return the network of an address that may be logged or counted by: /24, for IPv6 /48."""
    address = parsed(text)
    return UNKNOWN if address is None else str(ip_network((address, _SHORT[address.version]), strict=False))


def of_one(text: str) -> str:
    """Return what one client is counted by: its address, of IPv6 the network /48, all of which may be its own."""
    address = parsed(text)
    return shortened(text) if isinstance(address, IPv6Address) else text


def is_among(text: str, networks: Sequence[Network]) -> bool:
    """Whether a text is an address in one of the networks."""
    address = parsed(text)
    return address is not None and _is_in(address, networks)


def client_of(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the address of a client: the peer's, or the last that the trusted proxies have not made up.

    `forwarded`: the values of `X-Forwarded-For`, each a list, oldest first. What is left of the first address that
    is not trusted may be anybody's invention and is not looked at; neither is what stands beyond a non-address.
    """
    address = parsed(peer)
    if address is None or not _is_in(address, trusted):
        return peer
    hops = ",".join(forwarded).split(",") if forwarded else []
    for hop in reversed(hops[-_MOST_HOPS:]):
        found = parsed(_without_port(hop.strip()))
        if found is None:
            break
        address = found
        if not _is_in(address, trusted):
            break
    return str(address)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _without_port(hop: str) -> str:
    """Some proxies write `address:port` or `[address]:port`."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
