"""AudioCodes' Bot API over a WebSocket: which messages there are, and what of a message is whose words.

Source: https://techdocs.audiocodes.com/voice-ai-connect/Content/Bot-API/ac-bot-api-streaming.htm and the vendor's own
SDK (`@audiocodes/ac-bot-api`). Messages are JSON with `type`; `activities` are those of the HTTP mode. A voice bot gets
the caller's sound (`userStream.chunk`), tells what it has recognised (`userStream.speech.*`), and plays sound
(`playStream.*`, whose `altText` says what is spoken).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateway.calls.on_line import CallOffer

BEGINS: Final = frozenset({"session.initiate", "session.resume"})
FROM_PLATFORM: Final = BEGINS | {
    "activities", "connection.validate", "session.end", "session.resumed", "userStream.chunk", "userStream.start",
    "userStream.stop",
}  # fmt: skip
_HYPOTHESIS: Final = "userStream.speech.hypothesis"
_RECOGNITION: Final = "userStream.speech.recognition"
HEARD: Final = frozenset({_HYPOTHESIS, _RECOGNITION})
SPEAKS: Final = frozenset({"activities", "playStream.chunk", "playStream.start", "playStream.stop"})
FROM_BOT: Final = HEARD | SPEAKS | {
    "connection.validated", "session.accepted", "session.error", "userStream.speech.committed",
    "userStream.speech.started", "userStream.speech.stopped", "userStream.started", "userStream.stopped",
}  # fmt: skip
CALLER: Final = "caller"


def offer_of(message: Mapping[str, Any]) -> CallOffer:
    """Return the call that begins. Raises KeyError or TypeError for what is no message of this protocol."""
    if not isinstance(message["conversationId"], str) or not message["conversationId"]:
        raise TypeError("a conversation has an id")
    caller = message.get("caller")
    return CallOffer(message["conversationId"], str(caller) if caller else None)


def is_final(message: Mapping[str, Any]) -> bool:
    """Tell whether what was recognised stays as it is."""
    return bool(message["type"] == _RECOGNITION)


def best(message: dict[str, Any]) -> dict[str, Any]:
    """Return what was recognised with its first alternative alone; the others are copies of what was said.

    Some bots write `text` and `confidence` beside the type; it is put where the vendor has it. Raises KeyError,
    TypeError or IndexError for what is none.
    """
    alternatives = message.get("alternatives") or [message]
    first = {name: alternatives[0][name] for name in ("text", "confidence") if name in alternatives[0]}
    return {
        **{name: value for name, value in message.items() if name not in {"text", "confidence"}},
        "alternatives": [{**first, "text": str(first["text"])}],
    }


def confidence_in(message: Mapping[str, Any]) -> float | None:
    """Return what the recognition says of itself, 0 to 1."""
    sure = message["alternatives"][0].get("confidence")
    return float(sure) if isinstance(sure, (int, float)) else None


def is_callers(message: Mapping[str, Any]) -> bool:
    """Tell whether it is the caller who speaks; beside them there may be a person of the service."""
    return bool(message.get("participant", CALLER) == CALLER)


def said_in(message: Mapping[str, Any]) -> list[str]:
    """Return what the bot has spoken by a message that was made safe."""
    if message["type"] == "activities":
        return [text for one in message["activities"] if (text := _said_by(one))]
    spoken = message.get("altText")
    return [str(spoken)] if spoken and message["type"] == "playStream.start" else []


def _said_by(activity: Mapping[str, Any]) -> str:
    if activity.get("type") == "message":
        return str(activity.get("text") or "")
    return str((activity.get("activityParams") or {}).get("playUrlAltText") or "")
