"""AudioHook's messages: what Genesys says, and what it is answered. Pure.

Source: https://developer.genesys.cloud/devapps/audiohook/protocol-reference. Audio is mu-law at 8000 samples a second;
of two channels the caller (external) is the first. What Genesys has thrown away or not sent shows in `discarded` and
`resumed`, so that what follows is at its place. Transcripts are entities of an `event`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from gateway.calls.on_line import CallOffer, Utterance
from gateway.calls.quiet import Word
from storage.audio import AudioCodec, AudioFormat

_DURATION: Final = re.compile(r"PT(\d{1,9}(?:\.\d{1,9})?)S", re.ASCII)
_RATE: Final = 8000
_SECOND_MS: Final = 1000
_LONGEST_ID: Final = 128
_SPEAKERS: Final[Mapping[str, Literal["subject", "agent"]]] = {"external": "subject", "internal": "agent"}
_LAST_NUMBER: Final = 2**63 - 1  # it is said back, and JSON is written with no larger one
_BEST_FIRST: Final = (["external", "internal"], ["external"], ["internal"])


@dataclass(frozen=True, slots=True)
class Opened:
    """What an `open` asks for: the call, and the form of the audio that is chosen of those offered."""

    offer: CallOffer
    organization: str
    audio: AudioFormat
    media: Mapping[str, Any]


@dataclass(slots=True)
class AudioHook:
    """One session: its numbers, and where in the audio it is."""

    session: str = ""
    position: int = 0
    audio: AudioFormat = field(default_factory=lambda: AudioFormat(AudioCodec.PCMU))
    _sent: int = 0
    _heard: int = 0

    def opened(self, message: Mapping[str, Any]) -> Opened:
        """Read an `open`. Raises ValueError, KeyError or TypeError where it is none that can be served."""
        parameters = message["parameters"]
        media = [one for one in parameters["media"] if isinstance(one, dict)]
        offered = [one for one in media if one.get("format") == "PCMU" and one.get("rate") == _RATE]
        found = [one for channels in _BEST_FIRST for one in offered if one.get("channels") == channels]
        if not found:
            msg = "mu-law at 8000 samples a second has to be among what is offered"
            raise ValueError(msg)
        chosen, participant = found[0], parameters["participant"]
        if not isinstance(participant, dict):
            msg = "the participant is an object"
            raise ValueError(msg)  # noqa: TRY004 - what a peer sends, not what a caller passes
        self.audio = AudioFormat(AudioCodec.PCMU, _RATE, len(chosen["channels"]))
        language = str(parameters.get("language") or "")[:2].lower()
        offer = CallOffer(
            call=str(parameters["conversationId"]),
            caller=str(participant.get("ani") or "") or None,
            line=str(participant.get("dnis") or "") or None,
            language=language or None,
            agent=True,
        )
        return Opened(offer, str(parameters["organizationId"]), self.audio, chosen)

    def hear(self, message: Mapping[str, Any]) -> None:
        """Note a message's number, and what of the audio will not come. Raises as `opened` does."""
        self._heard = _number(message["seq"])
        self.session = str(message["id"])
        if message["type"] in {"discarded", "resumed"}:
            parameters = message["parameters"]
            self.position = _samples(parameters["start"]) + _samples(parameters["discarded"])

    def say(self, kind: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return a message of ours."""
        self._sent += 1
        return {
            "version": "2",
            "id": self.session,
            "type": kind,
            "seq": self._sent,
            "clientseq": self._heard,
            "parameters": parameters or {},
        }


def utterances_in(message: Mapping[str, Any]) -> Iterator[Utterance]:
    """Yield what was said, as the transcripts of an `event` tell it. Raises as `AudioHook.opened` does."""
    for entity in message["parameters"]["entities"]:
        if entity["type"] != "transcript":
            continue
        told = entity["data"]
        alternative = told["alternatives"][0]
        spoken, sure = alternative["interpretations"][0], alternative.get("confidence")
        text = str(spoken["transcript"])
        if text.strip():
            yield Utterance(
                text,
                _SPEAKERS[told["channel"]],
                final=told["isFinal"] is True,
                confidence=float(sure) if isinstance(sure, (int, float)) else None,
                id=str(told["id"])[:_LONGEST_ID],
                words=tuple(_word(token) for token in spoken.get("tokens") or ()),
            )


def transcript(said: Utterance, kept: str, new_id: str) -> dict[str, Any]:
    """Return the parameters of an `event` that tells what was said, as it is kept."""
    data: dict[str, Any] = {
        "id": new_id,
        "channel": "external" if said.speaker == "subject" else "internal",
        "isFinal": said.final,
    }
    if said.words:
        start, end = min(word.start_ms for word in said.words), max(word.end_ms for word in said.words)
        data |= {"offset": f"PT{start / _SECOND_MS:.3f}S", "duration": f"PT{(end - start) / _SECOND_MS:.3f}S"}
    sure = 1.0 if said.confidence is None else said.confidence
    data["alternatives"] = [{"confidence": sure, "interpretations": [{"type": "display", "transcript": kept}]}]
    return {"entities": [{"type": "transcript", "data": data}]}


def _word(token: Mapping[str, Any]) -> Word:
    start, lasting = _milliseconds(token["offset"]), _milliseconds(token["duration"])
    return Word(str(token["value"]), start, start + lasting)


def _milliseconds(duration: object) -> int:
    return round(_samples(duration) * _SECOND_MS / _RATE)


def _number(value: Any) -> int:  # noqa: ANN401 - what a peer sends
    number = int(value)
    if not 0 <= number <= _LAST_NUMBER:
        msg = "a message's number is a count of messages"
        raise ValueError(msg)
    return number


def _samples(duration: object) -> int:
    found = _DURATION.fullmatch(str(duration))
    if found is None:
        msg = "a duration is written as PT1.2S"
        raise ValueError(msg)
    return round(float(found[1]) * _RATE)
