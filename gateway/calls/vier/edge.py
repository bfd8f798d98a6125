"""One channel of VIER at the edge of the gateway: its token, where its bot is, and where the bot's commands go.

VIER shows the bot's token as `Authorization: Bearer`; requests are not signed. The bot shows nothing when it calls
`{callback}/call/say`, so the address that it is given is itself what it shows: made for its call, with the token.
Commands go to the one address that the settings name, never to one that a message brings. Source: the Bot API and the
Call API (https://cognitivevoice.io/specs/) and the vendor's own channel for Rasa (`rasa-vier-cvg`).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from gateway.calls.links import Links
from gateway.upstream import Upstream

HEADER: Final = "Authorization"
CALLBACK_PATH: Final = "sordino/callback"


@dataclass(frozen=True, slots=True)
class VierEdge:
    """What verifies VIER and its bot, and leads to both; `api` is where VIER takes commands.

    `bot`: the token that the bot is shown, where it has one of its own. ValueError for an empty token.
    """

    token: SecretStr
    links: Links
    api: str
    upstream: Upstream
    bot: SecretStr | None = None

    def __post_init__(self) -> None:
        """Refuse a token that anybody could show."""
        if not self.token.get_secret_value():
            raise ValueError("name the token of the bot")

    def verifies(self, authorization: str) -> bool:
        """Tell whether a request shows the token."""
        return hmac.compare_digest(_bearer(self.token).encode(), authorization.encode(errors="replace"))

    def shown(self) -> Mapping[str, str]:
        """Return the header by which the bot sees that a request has come this way: as VIER shows it."""
        return {HEADER: _bearer(self.bot or self.token)}

    def is_api(self, callback: str) -> bool:
        """Tell whether a callback is the address that the settings name."""
        return callback.rstrip("/") == self.api.rstrip("/")

    def callback(self, dialog: str) -> str:
        """Return the address at which the bot gives the commands of one call, and of no other."""
        return self.links.to(f"{CALLBACK_PATH}/{self._mark(dialog)}")

    def opens(self, mark: str, dialog: str) -> bool:
        """Tell whether an address that was called is the one of this call."""
        return hmac.compare_digest(self._mark(dialog).encode(), mark.encode(errors="replace"))

    def _mark(self, dialog: str) -> str:
        raw = b"callback\0" + dialog.encode(errors="replace")
        return hmac.digest(self.token.get_secret_value().encode(), raw, "sha256").hex()


def _bearer(token: SecretStr) -> str:
    return f"Bearer {token.get_secret_value()}"
