"""One jambonz channel at the edge of the gateway: its credentials, and where its bot is.

jambonz signs webhooks only (`Jambonz-Signature`). At the handshake of a WebSocket it shows the user name and the
password of the application, as HTTP basic authentication. Source:
https://docs.jambonz.org/guides/features/securing-http-endpoints and `lib/utils/ws-requestor.js` of its feature server.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from gateway.calls.links import Links
from gateway.upstream import Upstream

PROTOCOL: Final = "ws.jambonz.org"
HEADER: Final = "Authorization"


@dataclass(frozen=True, slots=True)
class JambonzEdge:
    """What verifies jambonz, and leads to the bot. `credentials` are `user:password`; ValueError for others.

    `bot`: those that the bot is shown, where it has its own.
    """

    credentials: SecretStr
    links: Links
    upstream: Upstream
    bot: SecretStr | None = None

    def __post_init__(self) -> None:
        """Refuse credentials that anybody could show."""
        for credentials in (self.credentials, self.bot or self.credentials):
            user, _, password = credentials.get_secret_value().partition(":")
            if not user or not password:
                raise ValueError("name the user and the password of the application: `user:password`")

    def verifies(self, authorization: str) -> bool:
        """Tell whether a handshake shows the credentials."""
        return hmac.compare_digest(_basic(self.credentials).encode(), authorization.encode(errors="replace"))

    def signed(self) -> Mapping[str, str]:
        """Return the header by which the bot sees that a socket has come this way: as jambonz shows it."""
        return {HEADER: _basic(self.bot or self.credentials)}


def _basic(credentials: SecretStr) -> str:
    return "Basic " + b64encode(credentials.get_secret_value().encode()).decode()
