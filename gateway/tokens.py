"""How a session's owner shows that it is theirs: `X-Sordino-Session: <uuid>.<token>`, or a cookie in browsers.

The token is 256 random bits; the store holds its hash only. The cookie goes to browsers alone (they send Fetch
metadata): the jar of an API client would merge its customers into one session.
"""

from __future__ import annotations

import binascii
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from storage.ids import uuid7

SESSION_HEADER = "X-Sordino-Session"
SECRET_HEADER = "X-Sordino-Channel-Secret"  # noqa: S105 - a header's name
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class SessionToken:
    """A session's id and the secret of its owner."""

    id: UUID
    secret: bytes = field(repr=False)

    def __str__(self) -> str:
        """Return the form that goes over the wire."""
        return f"{self.id}.{urlsafe_b64encode(self.secret).rstrip(b'=').decode()}"


def new_token(now: datetime) -> SessionToken:
    """Return a fresh UUIDv7 with a fresh secret."""
    return SessionToken(uuid7(now), secrets.token_bytes(_TOKEN_BYTES))


def derived_token(identifier: UUID, known_to_client: str) -> SessionToken:
    """Return the token of a session that was opened by something that its client alone knows and sends again."""
    secret = hmac.digest(
        known_to_client.encode(errors="surrogatepass"), b"session token\0" + identifier.bytes, "sha256"
    )
    return SessionToken(identifier, secret)


def parse_token(value: str) -> SessionToken | None:
    """Read the form of the wire; None for anything else."""
    identifier, _, secret = value.strip().partition(".")
    try:
        raw = urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        return SessionToken(UUID(identifier), raw) if len(raw) == _TOKEN_BYTES else None
    except (ValueError, binascii.Error):
        return None


def is_browser(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from a browser (Fetch metadata; scripts can't set these headers)."""
    return "Sec-Fetch-Site" in headers and "Sec-Fetch-Mode" in headers


def cookie_name(channel: str) -> str:
    """Return the cookie of a channel; `__Host-` binds it to this host over TLS (or localhost)."""
    return f"__Host-sordino-{channel}"
