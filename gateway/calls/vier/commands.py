"""Commands of a bot at VIER's Call API: only those that are known go on, with what is known of each.

Source: the Call API and the Dialog API (https://cognitivevoice.io/specs/). `call/recording/start` is refused, with a
yes as without: VIER would keep the sound where no pause and no stop reaches it in the instant. So is what would give
the bot the words of the call on another way (`GET dialog/...`, `recording/...`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from re import compile as pattern
from typing import Any, Final

from gateway.calls.live import Prompt
from gateway.calls.locales import locale_of

_SPEECH: Final = ("text", "interpretAs", "language", "synthesizers", "bargeIn")
_OUTBOUND: Final = (
    "callerId", "customSipHeaders", "acceptAnsweringMachines", "ringTimeout", "whispering",
    "experimental-enableRingingTone",
)  # fmt: skip
_COMMANDS: Final = {
    "call/say": _SPEECH,
    "call/prompt": (*_SPEECH, "timeout", "type"),
    "call/play": ("url", "fallbackText", "bargeIn"),
    "call/transcription/switch": ("language", "transcribers"),
    "call/recording/stop": ("recordingId", "terminate"),
    "call/bridge": ("headNumber", "extensionLength", *_OUTBOUND),
    "call/forward": ("destinationNumber", *_OUTBOUND),
    "call/drop": (),
}
_BRINGS_IN: Final = frozenset({"call/bridge", "call/forward"})
_SAID: Final = {"call/say": "text", "call/prompt": "text", "call/play": "fallbackText"}
_TAG: Final = pattern(r"<[^>]*>")
_ANSWERED: Final = ("status", "ringTime", "ringStartTimestamp", "reason", "dialogId")


@dataclass(slots=True)
class Guarded:
    """A command made safe; None as `body` where it may not go on.

    `stripped` counts `recording`, `address` and `verb` (what is not known). `brings_in`: a person comes into the call.
    `speaks`: something is heard on the line. `said`: what is spoken, without markup.
    """

    body: dict[str, Any] | None = field(repr=False)
    stripped: Counter[str]
    brings_in: bool = False
    speaks: bool = False
    said: str = field(default="", repr=False)


def guard(path: str, message: dict[str, Any]) -> Guarded:
    """Make a command safe."""
    stripped = Counter[str]()
    known = _COMMANDS.get(path)
    if known is None:
        stripped["recording" if "recording" in path else "verb"] += 1
        return Guarded(None, stripped)
    if path == "call/play" and not str(message.get("url", "")).startswith("https:"):
        stripped["address"] += 1
        return Guarded(None, stripped)
    unknown = message.keys() - {*known, "dialogId"}
    if unknown:
        stripped["verb"] += len(unknown)
    body = {name: value for name, value in message.items() if name not in unknown}
    said = _spoken(body, _SAID[path]) if path in _SAID else ""
    return Guarded(body, stripped, path in _BRINGS_IN, path in _SAID, said)


def say(dialog: str, prompt: Prompt) -> dict[str, Any]:
    """Return the body of `call/say` that speaks a prompt."""
    return {"dialogId": dialog, "text": prompt.text, "interpretAs": "TEXT", "language": locale_of(prompt.language)}


def answered(document: object) -> dict[str, Any]:
    """Return what the bot gets of VIER's answer to a command."""
    known = document if isinstance(document, dict) else {}
    return {name: known[name] for name in _ANSWERED if name in known}


def _spoken(body: dict[str, Any], name: str) -> str:
    text = str(body.get(name) or "").strip()
    marked = body.get("interpretAs") == "SSML" or (body.get("interpretAs") != "TEXT" and text.startswith("<"))
    return unescape(_TAG.sub(" ", text)).strip() if marked else text
