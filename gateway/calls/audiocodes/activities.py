"""Activities of the AudioCodes Bot API: what the caller did, and what a bot may have done.

Source: https://techdocs.audiocodes.com/voice-ai-connect/Content/VAIG_Combined/API_1.htm and call-recording.htm beside
it; checked against the vendor's own channel for Rasa (`rasa-audiocodes` 1.0.0). An activity is a `message` with `text`,
or an `event` with `name`: `start` (`parameters.caller`, `callee`), `DTMF` (`value`), `noUserInput`. It may come again,
with the same `id`. `startCallRecording` would record where nothing can stop it in the instant or delete it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.calls.audiocodes.allowed import FIELDS, PARAMETERS, TRANSFERS, event_refused, parameter_refused
from gateway.calls.events import Pressed
from gateway.calls.links import Links
from gateway.calls.live import Prompt
from gateway.calls.locales import locale_of
from gateway.calls.survey_talk import Reply, Step

_COPIES: Final = frozenset({"recognitionOutput", "recognitions"})
_URLS: Final = frozenset({"activitiesURL", "disconnectURL", "refreshURL"})


@dataclass(slots=True)
class Guarded:
    """A bot's activities made safe; `dials`: a person comes in.

    `stripped` counts what was taken out: `recording`, `address`, and `verb` (what is not known to be harmless).
    """

    activities: list[dict[str, Any]] = field(repr=False)
    stripped: Counter[str]
    dials: bool


def activities_in(message: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the activities of a message of the platform; None where it has none, but tells of a conversation.

    Raises TypeError or KeyError for what is none.
    """
    activities = message.get("activities")
    if activities is None:
        return None
    if not isinstance(activities, list) or not all(isinstance(one, dict) for one in activities):
        raise TypeError("activities are a list of objects")
    for one in activities:
        read = one["id"], pressed_in(one), one["text"] if one.get("type") == "message" else ""
        if None in read[::2] or not isinstance(one.get("parameters") or {}, dict):
            raise TypeError("an activity has an id, its text, and parameters that are an object")
    return activities


def caller_in(activities: Sequence[dict[str, Any]]) -> tuple[str | None, str | None]:
    """Return the numbers of the caller and of the line, as the activity `start` tells them."""
    told = next((one.get("parameters") or {} for one in activities if one.get("name") == "start"), {})
    caller, line = told.get("caller"), told.get("callee")
    return str(caller) if caller else None, str(line) if line else None


def for_bot(activity: dict[str, Any]) -> dict[str, Any]:
    """Return an activity without the recogniser's own copies of what was said."""
    parameters = activity.get("parameters")
    if not isinstance(parameters, dict):
        return activity
    return {**activity, "parameters": {name: value for name, value in parameters.items() if name not in _COPIES}}


def confidence_of(activity: dict[str, Any]) -> float | None:
    """Return what the recognition says of itself, 0 to 1."""
    sure = (activity.get("parameters") or {}).get("confidence")
    return float(sure) if isinstance(sure, (int, float)) else None


def pressed_in(activity: dict[str, Any]) -> Pressed | None:
    """Return the keys that an activity tells of; None where it tells of none."""
    return Pressed(str(activity["value"])) if str(activity.get("name", "")).lower() == "dtmf" else None


def guard(activities: object) -> Guarded:
    """Make a bot's activities safe. Raises TypeError for what is none."""
    stripped = Counter[str]()
    kept: list[dict[str, Any]] = []
    if not isinstance(activities, list):
        raise TypeError("activities are a list")
    for activity in activities:
        refused = event_refused(activity)
        if refused is not None:
            stripped[refused] += 1
        else:
            kept.append(_cleaned(activity, stripped))
    return Guarded(kept, stripped, dials=any(str(one.get("name", "")).lower() in TRANSFERS for one in kept))


def until_hangup(activities: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """Return what comes before the activity that hangs up; None where none does."""
    ends = next((at for at, one in enumerate(activities) if str(one.get("name", "")).lower() == "hangup"), None)
    return None if ends is None else activities[:ends]


def through(answer: dict[str, Any], links: Links, path: str, stripped: Counter[str]) -> dict[str, Any]:
    """Return the answer to a conversation that begins, its addresses leading through the gateway; others are counted.

    Without `websocketURL` AudioCodes stays with HTTP.
    """
    led: dict[str, Any] = {}
    for name, value in answer.items():
        if not name.lower().endswith("url"):
            led[name] = value
            continue
        url = links.through(str(value), path) if name in _URLS else None
        if url is not None:
            led[name] = url
        else:
            stripped["address"] += 1
    return led


def reply_in(activity: dict[str, Any]) -> Reply | None:
    """Return what an activity answers to a question of the survey; None where it answers nothing."""
    if activity.get("type") == "message":
        return Reply(words=str(activity["text"]))
    pressed = pressed_in(activity)
    if pressed is not None:
        return Reply(keys=pressed.keys)
    return Reply() if activity.get("name") == "noUserInput" else None


def asked_by(step: Step | None) -> list[dict[str, Any]]:
    """Return the activities that speak a step of the survey, and hang up where nothing more is asked."""
    if step is None or step.over:
        return [*spoken(step.prompts if step is not None else ()), {"type": "event", "name": "hangup"}]
    said = spoken(step.prompts)
    if step.most_keys > 1:  # else each key would come by itself, and be an answer
        said[-1]["activityParams"] = {"dtmfCollect": True, "dtmfCollectMaxDigits": step.most_keys}
    return said


def spoken(prompts: Sequence[Prompt]) -> list[dict[str, Any]]:
    """Return the activities that speak prompts."""
    return [{"type": "message", "text": one.text, "language": locale_of(one.language)} for one in prompts]


def _cleaned(activity: dict[str, Any], stripped: Counter[str]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for field_name, value in activity.items():
        if field_name not in FIELDS or (field_name in PARAMETERS and not isinstance(value, dict)):
            stripped["verb"] += 1
        elif field_name in PARAMETERS:
            cleaned[field_name] = _known(value, stripped)
        else:
            cleaned[field_name] = value
    return cleaned


def _known(parameters: dict[str, Any], stripped: Counter[str]) -> dict[str, Any]:
    refused = {name: parameter_refused(name, value) for name, value in parameters.items()}
    stripped.update(what for what in refused.values() if what is not None)
    return {name: value for name, value in parameters.items() if refused[name] is None}
