"""One Twilio channel at the edge of the gateway: its token, its addresses, and the way to its bot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr

from gateway.calls.links import Links
from gateway.calls.twilio.signature import HEADER, sign, verifies
from gateway.upstream import Upstream


@dataclass(frozen=True, slots=True)
class TwilioEdge:
    """What verifies Twilio's requests, signs ours to the bot, and knows where everything is.

    `bot`: what is signed with for the bot, where it has a secret of its own.
    """

    token: SecretStr
    links: Links
    upstream: Upstream
    bot: SecretStr | None = None

    def verifies(
        self, raw_path: str, fields: Sequence[tuple[str, str]], signature: str, *, socket: bool = False
    ) -> bool:
        """Tell whether a request that came to this path and query is Twilio's."""
        public = urlsplit(self.links.public)
        origins = [f"{public.scheme}://{public.netloc}"]
        if socket:
            origins.append(f"{'wss' if public.scheme == 'https' else 'ws'}://{public.netloc}")
        path = public.path.rstrip("/") + raw_path
        token = self.token.get_secret_value()
        return any(verifies(token, origin + path, fields, signature) for origin in origins)

    def signed(self, url: str, body: bytes) -> Mapping[str, str]:
        """Return the header that lets the bot see that a request has come this way."""
        fields = parse_qsl(body.decode(), keep_blank_values=True) if body else []
        return {HEADER: sign((self.bot or self.token).get_secret_value(), url, fields)}
