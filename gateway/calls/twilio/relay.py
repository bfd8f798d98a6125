"""ConversationRelay: Twilio recognises and speaks, the bot gets and gives text over a WebSocket.

Source: https://www.twilio.com/docs/voice/twiml/connect/conversationrelay and its message reference. `prompt` holds what
the caller says (`last` is false while it may still change), `setup` the numbers of both sides, `interrupt` words of the
bot; the bot answers in `text` tokens until `last`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateway.connector import Body, Connector, Endpoint, TextRule
from storage.records import Speaker

_PASSES: Final = (
    "type", "sessionId", "callSid", "accountSid", "parentCallSid", "lang", "last", "direction", "callType",
    "callStatus", "durationUntilInterruptMs", "agentDigits",
)  # fmt: skip

RELAY: Final = Connector(
    name="twilio relay",
    endpoints=(Endpoint("POST", "/relay"),),
    request=Body(
        texts=(
            TextRule("voicePrompt", Speaker.SUBJECT),
            TextRule("digit", Speaker.SUBJECT),
            TextRule("token", Speaker.BOT),
        ),
        passes=_PASSES,
        requires=("type",),
    ),
    response=Body(texts=()),
    event=Body(texts=()),
    silent=True,
)
"""What Twilio sends, message by message, and (`token`) what the bot has said, put together."""
_FROM_BOT: Final = frozenset({"end", "language", "play", "sendDigits", "text"})


def refused(message: Mapping[str, Any]) -> str | None:
    """Return what a message of the bot would do that it may not: `address` or `verb`; None where it may go on."""
    if message.get("type") not in _FROM_BOT:
        return "verb"
    plays = message["type"] == "play"
    return "address" if plays and not str(message.get("source")).startswith("https:") else None
