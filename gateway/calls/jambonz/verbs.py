"""The verbs of a jambonz bot: a question put before them, and only what is known to be harmless goes on.

What sends the sound or its transcript elsewhere is taken out, and so is the start of a recording: it would be kept
where nothing can stop it in the instant or delete it. Which verbs and properties are harmless stands in `allowed`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.calls.jambonz.allowed import COMMANDS, cleaned, ends_recording, verb_refused
from gateway.calls.live import Prompt
from gateway.calls.locales import locale_of

ANSWER: Final = "/sordino/answer"
SURVEY: Final = "/sordino/survey"
_DIALS: Final = frozenset({"conference", "dequeue", "dial", "enqueue", "sip:refer"})
SPEAKS: Final = frozenset({"redirect", "whisper"})
"""Commands that are verbs."""


@dataclass(slots=True)
class Guarded:
    """A bot's verbs made safe.

    `stripped` counts what was taken out: `recording`, `address` and `verb` (what is not known to be harmless).
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
        refused = verb_refused(str(verb["verb"]))
        if refused is not None:
            stripped[refused] += 1
            continue
        safe = cleaned(verb, stripped)
        kept.append(safe)
        said += [text for text in _spoken(safe) if text.strip()]
    return Guarded(kept, stripped, any(verb["verb"] in _DIALS for verb in kept), said)


def allowed(command: dict[str, Any], stripped: Counter[str]) -> bool:
    """Tell whether a command of the bot's may go on; what may not is counted."""
    kind = str(command["command"])
    ends = kind == "record" and ends_recording(command.get("data")) is None
    refused = None if ends or kind in SPEAKS or kind in COMMANDS else verb_refused(kind) or "verb"
    if refused is not None:
        stripped[refused] += 1
    return refused is None


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


def _spoken(verb: dict[str, Any]) -> list[str]:
    """Return what a verb speaks: the text of `say`, also of one inside `gather`."""
    say = verb if verb["verb"] == "say" else verb.get("say")
    texts = say.get("text") if isinstance(say, dict) else None
    return [str(text) for text in texts] if isinstance(texts, list) else [str(texts)] if texts is not None else []
