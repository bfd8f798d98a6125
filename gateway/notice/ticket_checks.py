"""What must hold for a channel of tickets: nothing goes on to a bot, so nothing can be told or changed on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.notice.channel import Channel
from gateway.notice.source import Where

TICKET_CONNECTOR: Final = "tickets"


def check_ticket(channel: Channel, where: Where) -> Iterator[tuple[Where, str]]:
    """Yield what is wrong with a channel where it is about tickets."""
    tickets = channel.kind == "ticket"
    if tickets != (channel.connector == TICKET_CONNECTOR):
        yield (*where, "connector"), f"does not go with this kind; tickets have the connector {TICKET_CONNECTOR}"
    if not tickets:
        return
    if channel.upstream is not None:
        yield (*where, "upstream"), "goes with chats and calls; nothing of a ticket goes on to a bot"
    if channel.tell is not None:
        yield (*where, "tell"), "goes with chats and calls; what answers a ticket tells its customer by itself"
