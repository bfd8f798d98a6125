"""Who is asking: the bearer of a token, or a browser that is signed in.

A token is shown as `sordino_` and 43 letters (256 bits, base64url), so that scanners for leaked secrets know it. The
bootstrap token is a setting or a file instead; whoever has it is `dpo` and `admin`, and creates the first tokens.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from aiohttp import web

from gateway.access.roles import Role
from storage.access import AccessStore, ApiToken

BOOTSTRAP: Final = "bootstrap"
COMMAND_LINE: Final = "command-line"
NOBODYS: Final = frozenset({BOOTSTRAP, COMMAND_LINE})
"""Who makes the first tokens. That two come from there does not make their bearers one person."""
_PREFIX: Final = "sordino_"
_SECRET_BYTES: Final = 32
_KNOWN: Final = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asking. `reference` goes to the ledger, `name` to the pages alone.

    `created_by`: who created the token that is shown; the two are one pair of eyes, as are all whom they lead back to.
    `until`: when that token expires.
    """

    reference: str
    name: str
    roles: frozenset[Role]
    created_by: str = ""
    token_id: UUID | None = None
    by_cookie: bool = False
    until: datetime | None = None

    def may(self, roles: frozenset[Role]) -> bool:
        """Tell whether one of their roles is among these."""
        return not self.roles.isdisjoint(roles)


PERSON: Final = web.RequestKey("person", Person)
"""Under this key a request carries who is allowed to make it."""


class Doors:
    """Knows people by what they show."""

    def __init__(self, access: AccessStore, bootstrap: str, idle: timedelta) -> None:
        """Take the store of tokens, the bootstrap token (empty: there is none), and after what pause a sign-in ends."""
        self._access = access
        self._bootstrap = bootstrap
        self._idle = idle

    async def bearer(self, shown: str, now: datetime) -> Person | None:
        """Return who bears this token; None if nobody does."""
        expected = self._bootstrap.encode()
        if expected and hmac.compare_digest(shown.encode(errors="replace"), expected):
            return Person(BOOTSTRAP, BOOTSTRAP, frozenset({Role.DPO, Role.ADMIN}))
        secret = read_secret(shown)
        token = None if secret is None else await self._access.token(secret, now)
        return None if token is None else _bearer_of(token)

    async def signed_in(self, cookie: str, now: datetime) -> Person | None:
        """Return who is signed in with this cookie; None if that is over."""
        secret = read_secret(cookie)
        found = None if secret is None else await self._access.signed_in(secret, now, self._idle)
        if found is None:
            return None
        reference, _, created_by = found.person.partition(" ")
        return Person(reference, found.name, roles_in(found.roles), created_by, found.token_id, by_cookie=True)


def roles_in(names: tuple[str, ...]) -> frozenset[Role]:
    """Return the roles among these names; others mean nothing here."""
    return frozenset(Role(name) for name in names if name in _KNOWN)


def read_secret(shown: str) -> bytes | None:
    """Return the secret that is written like this; None for what is none."""
    text = shown.strip().removeprefix(_PREFIX)
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return None
    return raw if len(raw) == _SECRET_BYTES else None


def written_secret(secret: bytes) -> str:
    """Return how a secret is shown."""
    return _PREFIX + urlsafe_b64encode(secret).rstrip(b"=").decode()


def _bearer_of(token: ApiToken) -> Person:
    return Person(
        f"token:{token.id}", token.name, roles_in(token.roles), token.created_by, token.id, until=token.expires_at
    )
