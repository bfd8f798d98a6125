"""Twilio's request signature: HMAC-SHA1 with the account's auth token, base64.

Source: https://www.twilio.com/docs/usage/security#validating-requests. What is signed is the full address followed by
the form's fields in the order of their names, each name and value put together; of a WebSocket the address alone.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha1
from urllib.parse import urlsplit, urlunsplit

HEADER = "X-Twilio-Signature"
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def sign(token: str, url: str, fields: Iterable[tuple[str, str]] = ()) -> str:
    """Return the signature of a request."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    return b64encode(hmac.new(token.encode(), signed.encode(), sha1).digest()).decode()


def verifies(token: str, url: str, fields: Sequence[tuple[str, str]], signature: str) -> bool:
    """Tell whether a signature is Twilio's; it signs an address with the port or without, and we are not told."""
    right = False
    for one in _with_and_without_port(url):
        right |= hmac.compare_digest(sign(token, one, fields).encode(), signature.encode(errors="replace"))
    return right


def _with_and_without_port(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = parts.port or _PORTS.get(parts.scheme, 443)
    return urlunsplit(parts._replace(netloc=host)), urlunsplit(parts._replace(netloc=f"{host}:{port}"))
