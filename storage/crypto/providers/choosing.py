"""The provider that an address names.

file:///absolute/path             a key file, `FileKeyProvider`
env:NAME                          an environment variable, `EnvKeyProvider`
openbao+https://host/mount/key    a transit key, `OpenBaoKeyProvider`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from storage.crypto.providers.env import EnvKeyProvider
from storage.crypto.providers.file import FileKeyProvider
from storage.crypto.providers.provider import KeyProvider
from storage.crypto.providers.transit import SCHEME, transit_address
from storage.errors import KeyUnavailableError

if TYPE_CHECKING:
    from storage.crypto.providers.openbao import OpenBaoKeyProvider

_FILE: Final = "file://"
_ENV: Final = "env:"
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_address(address: str) -> None:
    """Raise ValueError unless this is the address of a root key."""
    if address.startswith(_ENV):
        if not _VARIABLE.fullmatch(address.removeprefix(_ENV)):
            msg = "must be env:NAME, NAME being an environment variable"
            raise ValueError(msg)
    elif address.startswith(SCHEME):
        transit_address(address)
    elif not address.startswith(_FILE + "/"):
        msg = "must be file:///absolute/path, env:NAME or openbao+https://host/mount/key"
        raise ValueError(msg)


def provider_at(address: str, environment: Mapping[str, str], token: Callable[[], str]) -> KeyProvider:
    """Return the provider at an address that `check_address` has passed; `token` gives OpenBao's.

    Raises KeyUnavailableError if its file or variable does not hold a key.
    """
    if address.startswith(_ENV):
        return EnvKeyProvider(environment, address.removeprefix(_ENV))
    if address.startswith(SCHEME):
        return _openbao(address, token)
    return FileKeyProvider(address.removeprefix(_FILE))


async def make_root_key(address: str, token: Callable[[], str]) -> None:
    """Make the root key at an address. Raises KeyUnavailableError if there is one, or it can't be made there."""
    if address.startswith(_ENV):
        name = address.removeprefix(_ENV)
        msg = f"a variable can't be made from here: set {name} to the output of `openssl rand -base64 32`"
        raise KeyUnavailableError(msg)
    if address.startswith(SCHEME):
        provider = _openbao(address, token)
        try:
            await provider.create()
        finally:
            await provider.close()
    else:
        FileKeyProvider.create(address.removeprefix(_FILE))


def _openbao(address: str, token: Callable[[], str]) -> OpenBaoKeyProvider:
    # Its HTTP client is a good part of what a command would otherwise have to import before it begins.
    from storage.crypto.providers.openbao import OpenBaoKeyProvider  # noqa: PLC0415

    return OpenBaoKeyProvider(address, token)
