"""The verbs of a jambonz bot: a question put before them, and what would record or lead around the gateway taken out.

Source: the verbs and their properties as `@jambonz/verb-specifications` lists them (specs.json). Only verbs that are
known to be harmless go on. What sends the sound or its transcript elsewhere is taken out, and so is the start of a
recording: it would be kept where nothing can stop it in the instant or delete it. Hooks are names that come back over
this socket; one that is an address would carry what callers say around everything here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from gateway.calls.live import Prompt
from gateway.calls.locales import locale_of

ANSWER: Final = "/sordino/answer"
SURVEY: Final = "/sordino/survey"
_HARMLESS: Final = frozenset({
    "alert", "answer", "conference", "config", "dequeue", "dial", "dtmf", "enqueue", "gather", "hangup", "leave",
    "pause", "play", "redirect", "say", "sip:decline", "sip:refer", "tag",
})  # fmt: skip
_LISTENING: Final = frozenset({"listen", "record", "stream", "transcribe"})
_DIALS: Final = frozenset({"conference", "dequeue", "dial", "enqueue", "sip:refer"})
_ENDS_RECORDING: Final = frozenset({"pauseCallRecording", "stopCallRecording"})
_PLAYED: Final = frozenset({"dialmusic", "onholdmusic", "play", "url"})
_SENT: Final = ("endpoint", "hook", "uri", "url")
_NUMBERS: Final = frozenset({"sipuri", "passdtmfashook"})
_COMMANDS: Final = frozenset({
    "call:status", "conf:hold-status", "conf:mute-status", "dtmf", "mute:status", "redirect", "tag", "whisper",
})  # fmt: skip


@dataclass(slots=True)
class Guarded:
    """A bot's verbs made safe.

    `stripped` counts what was taken out: `recording`, `address` and `verb` (one that is not known to be harmless).
    `dials`: somebody else is put into the call. `said`: what is spoken, in order.
    """

    verbs: list[dict[str, Any]] = field(repr=False)
    stripped: Counter[str]
    dials: bool
    said: list[str] = field(repr=False)


def guard(verbs: object) -> Guarded:
    """Make the verbs of an answer safe. Raises TypeError or KeyError for what is none."""
    stripped = Counter[str]()
    kept: list[dict[str, Any]] = []
    said: list[str] = []
    for verb in [verbs] if isinstance(verbs, dict) else _listed(verbs):
        kind = str(verb["verb"])
        if kind in _HARMLESS:
            safe = _cleaned(verb, stripped)
            kept.append(safe)
            said += [text for text in _spoken(safe) if text.strip()]
        else:
            stripped["recording" if kind in _LISTENING else "verb"] += 1
    return Guarded(kept, stripped, any(verb["verb"] in _DIALS for verb in kept), said)


def allowed(command: dict[str, Any], stripped: Counter[str]) -> bool:
    """Tell whether a command of the bot's may go on; what may not is counted."""
    kind, data = command["command"], command.get("data")
    ends = kind == "record" and isinstance(data, dict) and data.get("action") in _ENDS_RECORDING
    may = ends or kind in _COMMANDS
    if not may:
        stripped["recording" if str(kind).partition(":")[0] in _LISTENING else "verb"] += 1
    return may


def hangs_up(message: dict[str, Any]) -> bool:
    """Tell whether a message of the bot's is the command that ends the call."""
    data = message.get("data")
    ends = isinstance(data, dict) and data.get("call_status") == "completed"
    return message["type"] == "command" and message.get("command") == "call:status" and ends


def survey_at_end(verbs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Have the call go on with the survey where a bot's verbs would hang up."""
    ends = next((at for at, verb in enumerate(verbs) if verb["verb"] == "hangup"), None)
    return verbs if ends is None else [*verbs[:ends], {"verb": "redirect", "actionHook": SURVEY}]


def question(
    prompts: Sequence[Prompt], *, seconds: int, hook: str = ANSWER, most_keys: int = 1
) -> list[dict[str, Any]]:
    """Return the verbs that speak prompts and, after a question, wait for a key or a word, which go to `hook`."""
    verbs = spoken([prompt for prompt in prompts if prompt.kind != "question"])
    for prompt in prompts:
        if prompt.kind == "question":
            language = locale_of(prompt.language)
            verbs.append({
                "verb": "gather", "input": ["digits", "speech"], "numDigits": most_keys, "timeout": seconds,
                "actionHook": hook, "recognizer": {"vendor": "default", "language": language},
                "say": _say(prompt),
            })  # fmt: skip
    return verbs


def spoken(prompts: Sequence[Prompt]) -> list[dict[str, Any]]:
    """Return the verbs that speak prompts."""
    return [{"verb": "say", **_say(prompt)} for prompt in prompts]


def _say(prompt: Prompt) -> dict[str, Any]:
    return {"text": prompt.text, "synthesizer": {"vendor": "default", "language": locale_of(prompt.language)}}


def _listed(verbs: object) -> list[dict[str, Any]]:
    if not isinstance(verbs, list) or not all(isinstance(verb, dict) for verb in verbs):
        raise TypeError("verbs are a list of objects")
    return verbs


def _cleaned(value: dict[str, Any], stripped: Counter[str]) -> dict[str, Any]:
    """Return a verb, or what is in it, without what listens and what leads elsewhere."""
    kept: dict[str, Any] = {}
    for name, below in value.items():
        what = _wrong(name, below)
        if what is not None:
            stripped[what] += 1
        elif isinstance(below, dict):
            kept[name] = below if name.lower().endswith("hook") else _cleaned(below, stripped)
        elif isinstance(below, list):
            kept[name] = [_cleaned(one, stripped) if isinstance(one, dict) else one for one in below]
        else:
            kept[name] = below
    return kept


def _wrong(name: str, below: object) -> str | None:
    """Return what a property would do that it may not; None for one that is in order."""
    lower = name.lower()
    if lower in _LISTENING:
        ends = isinstance(below, dict) and (below.get("action") in _ENDS_RECORDING or below.get("enable") is False)
        return None if ends else "recording"
    if lower.endswith("logging"):  # the recogniser's vendor would keep the sound
        return None if below is False else "recording"
    if lower in _PLAYED and not isinstance(below, dict):
        heard = below if isinstance(below, list) else [below]
        return None if all(str(one).startswith("https:") for one in heard) else "address"
    if lower.endswith(_SENT) and lower not in _NUMBERS:
        hook = below.get("url") if isinstance(below, dict) else below
        return "address" if not isinstance(hook, str) or _leads_away(hook) else None
    return None


def _leads_away(hook: str) -> bool:
    parts = urlsplit(hook.strip())
    return bool(parts.scheme or parts.netloc)


def _spoken(verb: dict[str, Any]) -> list[str]:
    """Return what a verb speaks: the text of `say`, also of one inside `gather`."""
    say = verb if verb["verb"] == "say" else verb.get("say")
    texts = say.get("text") if isinstance(say, dict) else None
    return [str(text) for text in texts] if isinstance(texts, list) else [str(texts)] if texts is not None else []
