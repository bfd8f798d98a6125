"""Chats whose platform tells of every turn after it was said: verified, kept as the notice says, and handed on.

What is not signed by the platform is refused before anything of it is read. A turn is durable before the controller's
own endpoint gets it; if that fails the platform is told so and tells again, and what it repeats is kept once and ends
nothing that began later.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from pydantic import SecretStr

from gateway.channel_kit import ChannelKit
from gateway.connectors.freshchat import CONNECTOR
from gateway.conversation import Conversation
from gateway.engine import Parsed, parse_request
from gateway.errors import RefusedError, UpstreamError
from gateway.exchange import Incoming
from gateway.preparing import claim_in
from gateway.sessions import Claim
from storage.crypto.signatures import RsaVerifier
from storage.digests import once_digest
from storage.records import Plan, SessionEvent, Write

SIGNATURE_HEADER: Final = "X-Freshchat-Signature"
OWN_HEADER: Final = "X-Sordino-Signature"
_RESOLUTION: Final = "conversation_resolution"
_ENDED: Final = (SessionEvent.MATTER_RESOLVED, SessionEvent.SESSION_END)
_FIRST_ERROR: Final = 400
_DONE_AT: Final = "action_time"
_SAID_AT: Final = ("data", "message", "created_time")


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
        event = orjson.loads(incoming.body)
        said_at = _time(event, *_SAID_AT)
        if any(slot.kept for slot in parsed.slots) and not await self._is_kept(incoming, parsed, said_at):
            body = await self._conversation.note(replace(incoming, said_at=said_at))
        else:
            body = await self._conversation.without_keeping(incoming)
        if parsed.conversation is not None and event.get("action") == _RESOLUTION:
            await self._resolve(parsed.conversation, _time(event, _DONE_AT))
        await self._hand_on(incoming, body, signature)

    async def _is_kept(self, incoming: Incoming, parsed: Parsed, said_at: datetime | None) -> bool:
        """Tell whether a message is in a session of its conversation, also after that has ended and another began."""
        message = claim_in(incoming, parsed).message
        if message is None or parsed.conversation is None:
            return False
        async for matter in self._kit.sessions.matters(parsed.conversation, self._kit.clock.now()):
            if once_digest(matter.digest_key, message) in {ref.once for ref in matter.history}:
                return True
            if said_at is not None and said_at >= matter.started_at:
                return False  # it is no older than this one, so none before it has it
        return False

    async def _resolve(self, conversation: str, at: datetime | None) -> None:
        """End the matter; one that began after it was resolved is another, and goes on."""
        now = self._kit.clock.now()
        session = await self._kit.sessions.latest(conversation, now)
        if session is not None and (at is None or at >= session.started_at):
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


def _time(event: Any, *path: str) -> datetime | None:  # noqa: ANN401 - a part of a JSON document
    """Return the time at a place of an event, if there is one that has a zone."""
    for name in path:
        event = event.get(name) if isinstance(event, dict) else None
    try:
        at = datetime.fromisoformat(event) if isinstance(event, str) else None
    except ValueError:
        return None
    return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
