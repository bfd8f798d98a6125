"""Chats whose platform tells of every turn after it was said: verified, kept as the notice says, and handed on.

What is not signed by the platform is refused before anything of it is read. A turn is durable before the controller's
own endpoint gets it; if that fails the platform is told so and tells again, and what it repeats is kept once.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import orjson
from pydantic import SecretStr

from gateway.channel_kit import ChannelKit
from gateway.connectors.freshchat import CONNECTOR
from gateway.conversation import Conversation
from gateway.engine import parse_request
from gateway.errors import RefusedError, UpstreamError
from gateway.exchange import Incoming
from gateway.sessions import Claim
from storage.crypto.signatures import RsaVerifier
from storage.records import Plan, SessionEvent, Write

SIGNATURE_HEADER: Final = "X-Freshchat-Signature"
OWN_HEADER: Final = "X-Sordino-Signature"
_RESOLUTION: Final = "conversation_resolution"
_ENDED: Final = (SessionEvent.MATTER_RESOLVED, SessionEvent.SESSION_END)
_FIRST_ERROR: Final = 400


class Webhooks:
    """The webhooks of one Freshchat channel. `secret`: the channel's, with which what is handed on is signed."""

    def __init__(
        self, kit: ChannelKit, verifier: RsaVerifier, conversation: Conversation, secret: SecretStr | None
    ) -> None:
        """Take the channel's parts."""
        self._kit = kit
        self._verifier = verifier
        self._conversation = conversation
        self._secret = secret

    async def take(self, incoming: Incoming, signature: str) -> None:
        """Take an event. Raises RefusedError (403) for one that is not signed, and as `Conversation.note`."""
        if not self._verifies(incoming.body, signature):
            raise RefusedError("bad_signature", 403, "The request is not signed by this channel's platform")
        incoming = replace(incoming, claim=Claim(front_end=True))
        parsed = parse_request(CONNECTOR, incoming.content_type, incoming.body, path=incoming.path, query={})
        if any(slot.kept for slot in parsed.slots):
            body = await self._conversation.note(incoming)
        else:
            body = await self._conversation.without_keeping(incoming)
        if parsed.conversation is not None and orjson.loads(incoming.body).get("action") == _RESOLUTION:
            await self._resolve(parsed.conversation)
        await self._hand_on(incoming, body, signature)

    async def _resolve(self, conversation: str) -> None:
        now = self._kit.clock.now()
        session = await self._kit.sessions.latest(conversation, now)
        if session is not None:
            await self._kit.store.write(Write(session.id, Plan({}), now, events=_ENDED))

    async def _hand_on(self, incoming: Incoming, body: bytes, signature: str) -> None:
        url = f"{self._kit.bot}/{incoming.path}"
        signed = self._signed(body, signature if body == incoming.body else None)
        with await self._kit.upstream.send("POST", url, incoming.headers, body, own=signed) as reply:
            if reply.status >= _FIRST_ERROR:
                raise UpstreamError("upstream_status", 502)

    def _signed(self, body: bytes, signature: str | None) -> Mapping[str, str]:
        """Return the platform's signature where the bytes are its own, and ours where there is a secret for it."""
        headers = {} if signature is None else {SIGNATURE_HEADER: signature}
        if self._secret is not None:
            digest = hmac.digest(self._secret.get_secret_value().encode(), body, "sha256")
            headers[OWN_HEADER] = b64encode(digest).decode()
        return headers

    def _verifies(self, body: bytes, signature: str) -> bool:
        try:
            raw = b64decode("".join(signature.split()), validate=True)
        except (binascii.Error, ValueError):
            return False
        return self._verifier.verifies(body, raw)
