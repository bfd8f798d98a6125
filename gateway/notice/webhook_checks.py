"""What must hold for a chat whose platform tells of each turn after it was said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.notice.channel import Channel
from gateway.notice.source import Where

WEBHOOK_CONNECTORS: Final = frozenset({"freshchat"})


def check_webhooks(channel: Channel, where: Where) -> Iterator[tuple[Where, str]]:
    """Yield what is wrong with a channel whose connector takes webhooks."""
    if channel.connector not in WEBHOOK_CONNECTORS:
        return
    if channel.kind != "chat":
        yield (*where, "connector"), "does not go with this kind; it is for chats"
    if channel.tell is not None and channel.tell.deliver != "frontend":
        yield (*where, "tell", "deliver"), "must be frontend here; the customer has an answer before the gateway has it"
    if channel.deliver != "original":
        yield (*where, "deliver"), "must be original here; the customer has an answer before the gateway has it"
