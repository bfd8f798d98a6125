"""What jambonz says of a call over its WebSocket, message by message.

Source: https://docs.jambonz.org/reference/websocket-api (session:new, verb:hook, call:status) and the messages that
its feature server sends (`lib/utils/ws-requestor.js`). `data` of a hook holds `speech.alternatives[*].transcript` with
`confidence`, or `digits`; of an event of a dialled call `dtmf`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from gateway.calls.on_line import CallOffer

BEGINS: Final = frozenset({"session:new", "session:reconnect", "session:adulting"})
_OVER: Final = frozenset({"completed", "failed", "busy", "no-answer"})


@dataclass(frozen=True, slots=True)
class Hook:
    """What the caller did, as a hook tells it; all None where nothing came."""

    keys: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
    confidence: float | None = None
    final: bool = True


def offer_of(message: dict[str, Any]) -> CallOffer:
    """Return the call that begins. Raises KeyError or TypeError for what is no message of this protocol."""
    about = message["data"]
    return CallOffer(str(message["call_sid"]), about.get("from"), about.get("to"))


def is_over(status: dict[str, Any], call: str) -> bool:
    """Tell whether a status is the end of this call; a dialled leg has an id of its own."""
    return status.get("call_status") in _OVER and status.get("call_sid") in {None, call}


def hook_of(message: dict[str, Any]) -> Hook:
    """Return what a hook tells of the caller. Raises KeyError or TypeError."""
    data = message.get("data") or {}
    speech = data.get("speech")
    if speech:
        best = _best(speech)
        sure = best.get("confidence")
        confidence = float(sure) if isinstance(sure, (int, float)) else None
        return Hook(text=str(best["transcript"]), confidence=confidence, final=speech.get("is_final") is not False)
    keys = data.get("digits") or data.get("dtmf")
    return Hook(keys=str(keys) if keys else None)


def for_bot(message: dict[str, Any], msgid: str | None = None) -> dict[str, Any]:
    """Return a message without the copies of what is said in it, and of the caller's number in the SIP headers.

    One alternative of the recognition stays. `msgid`: the message that the bot's answer will be an answer to.
    """
    data = {name: value for name, value in (message.get("data") or {}).items() if name not in {"sip", "speech"}}
    speech = (message.get("data") or {}).get("speech")
    if speech:
        kept = {name: speech[name] for name in ("language_code", "is_final", "channel_tag") if name in speech}
        data["speech"] = {**kept, "alternatives": [_best(speech)]}
    named = {"msgid": msgid} if msgid is not None else {}
    return {**message, **named, "data": data}


def _best(speech: dict[str, Any]) -> dict[str, Any]:
    """Return the first alternative; some versions put the alternatives below `transcripts`."""
    alternatives = speech.get("alternatives") or [one for part in speech["transcripts"] for one in part["alternatives"]]
    return {name: value for name, value in alternatives[0].items() if name in {"transcript", "confidence"}}
