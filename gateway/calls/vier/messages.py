"""What VIER tells a bot of a call, and what of it the bot gets.

Source: the Bot API (https://cognitivevoice.io/specs/) and the vendor's own channel for Rasa (`rasa-vier-cvg` 1.3). What
is said comes as `message` with `type` (SPEECH or DTMF), `text` and `confidence` (0 to 100), the end of a prompt as
`answer` with `type` (an object: MultipleChoice, Number or Timeout).
"""

from __future__ import annotations

from typing import Any, Final

import gateway.calls.events as happening
from gateway.calls.on_line import CallOffer

TOLD: Final = frozenset({"session", "message", "answer", "inactivity", "terminated", "recording"})
SPOKEN: Final = frozenset({"message", "answer"})
_TONE: Final = "DTMF_"
_LANGUAGES: Final = ("transcriberLanguage", "language")
_PERCENT: Final = 100


def offer_of(message: dict[str, Any]) -> CallOffer:
    """Return the call that a message belongs to. Raises KeyError or TypeError for what is no message of VIER's."""
    if not isinstance(message["dialogId"], str) or not message["dialogId"]:
        raise TypeError("a dialog has an id")
    spoken = next((str(message[name]) for name in _LANGUAGES if message.get(name)), "")
    remote, local = message.get("remote"), message.get("local")
    return CallOffer(
        message["dialogId"],
        str(remote) if remote else None,
        str(local) if local else None,
        spoken[:2].lower() or None,
    )


def for_bot(message: dict[str, Any], callback: str) -> dict[str, Any]:
    """Return a message as the bot may have it: its callback leads here, and it has no headers of the telephone."""
    return {**{name: value for name, value in message.items() if name != "customSipHeaders"}, "callback": callback}


def text_of(message: dict[str, Any]) -> str | None:
    """Return what was said in words; None for keys and for what says nothing."""
    if message.get("type") == "SPEECH":
        return str(message["text"])
    kind = message.get("type")
    if isinstance(kind, dict) and not str(kind.get("synonym", _TONE)).startswith(_TONE):
        return str(kind["synonym"])
    return None


def confidence_of(message: dict[str, Any]) -> float | None:
    """Return what the recognition says of itself, 0 to 1."""
    sure = message.get("confidence")
    return sure / _PERCENT if isinstance(sure, (int, float)) else None


def pressed_in(message: dict[str, Any]) -> happening.Pressed | None:
    """Return the keys that a message tells of; None where it tells of none."""
    kind = message.get("type")
    if kind == "DTMF":
        keys = str(message["text"])
    elif isinstance(kind, dict):
        keys = str(kind.get("value") or kind.get("synonym") or "")
    else:
        return None
    bare = keys.replace(_TONE, "").replace(" ", "")
    return happening.Pressed(bare) if bare and all(key in "0123456789*#" for key in bare) else None


def is_silence(name: str, message: dict[str, Any]) -> bool:
    """Tell whether a message says that nothing came."""
    kind = message.get("type")
    return name == "inactivity" or (isinstance(kind, dict) and kind.get("name") == "Timeout")
