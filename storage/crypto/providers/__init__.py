"""Where root keys come from. A root key never leaves its provider: it wraps and unwraps for the store.

provider  what each can do
file      a file that only its owner may read
env       an environment variable, for development
openbao   the transit engine of an OpenBao server
transit   the address of a transit key
choosing  the provider that an address names; OpenBao's is imported when it is
"""

from __future__ import annotations

from storage.crypto.providers.choosing import check_address, make_root_key, provider_at
from storage.crypto.providers.env import EnvKeyProvider
from storage.crypto.providers.file import FileKeyProvider
from storage.crypto.providers.provider import KeyProvider, WrappedByRoot

__all__ = [
    "EnvKeyProvider",
    "FileKeyProvider",
    "KeyProvider",
    "WrappedByRoot",
    "check_address",
    "make_root_key",
    "provider_at",
]
