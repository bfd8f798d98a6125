"""One channel of AudioCodes at the edge of the gateway: its token, and where its bot is.

The Bot API shows a shared token as `Authorization: Bearer`; requests are not signed. Source:
https://techdocs.audiocodes.com/voice-ai-connect/Content/VAIG_Combined/API_1.htm
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


@dataclass(frozen=True, slots=True)
class AudioCodesEdge:
    """What verifies AudioCodes, and leads to the bot; ValueError for an empty token.

    `bot`: the token that the bot is shown, where it has one of its own.
    """

    token: SecretStr
    links: Links
    upstream: Upstream
    bot: SecretStr | None = None

    def __post_init__(self) -> None:
        """Refuse a token that anybody could show."""
        if not self.token.get_secret_value():
            raise ValueError("name the token of the provider")

    def verifies(self, authorization: str) -> bool:
        """Tell whether a request shows the token."""
        return hmac.compare_digest(_bearer(self.token).encode(), authorization.encode(errors="replace"))

    def shown(self) -> Mapping[str, str]:
        """Return the header by which the bot sees that a request has come this way: as AudioCodes shows it."""
        return {HEADER: _bearer(self.bot or self.token)}


def _bearer(token: SecretStr) -> str:
    return f"Bearer {token.get_secret_value()}"
