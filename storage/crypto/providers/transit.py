"""Where a transit key of OpenBao is: `openbao+https://host:8200/MOUNT/KEY`; plain http only for this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

SCHEME: Final = "openbao+"
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")
_MOUNT: Final = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class TransitAddress:
    """Where a transit key is."""

    server: str
    mount: str
    key: str


def transit_address(address: str) -> TransitAddress:
    """Read an address. Raises ValueError that says what is wrong with it."""
    url = urlsplit(address.removeprefix(SCHEME))
    mount, _, key = url.path.strip("/").rpartition("/")
    if url.scheme not in {"http", "https"} or not url.hostname or url.username or url.query or url.fragment:
        msg = "must be openbao+https://host:port/mount/key, without credentials"
        raise ValueError(msg)
    if not _MOUNT.fullmatch(mount) or not _NAME.fullmatch(key) or ".." in url.path:
        msg = "must name the mount of the transit engine and the key: openbao+https://host:port/transit/sordino"
        raise ValueError(msg)
    if url.scheme == "http" and url.hostname not in _HERE:
        msg = "must be openbao+https: keys and the token must not cross a network in clear"
        raise ValueError(msg)
    return TransitAddress(f"{url.scheme}://{url.netloc}", mount, key)
