"""Media Streams: what Twilio and the bot say over the WebSocket of a call's audio, 20 ms at a time.

Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages. Audio is mu-law, 8000 samples a second;
`timestamp` is milliseconds since the stream began. What the bot sends has no time: it is played when it has come, after
what came before, until `clear` throws away what was not played yet.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.calls.sound import Sound
from storage.audio import AudioCodec, AudioFormat

AUDIO: Final = AudioFormat(AudioCodec.PCMU, 8000, 2)
CALLER, OTHER_SIDE = 0, 1
_LATEST_MS: Final = 7 * 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message says: that the stream begins in a call, a key, audio, or that it stops.

    `wrong`: it holds audio that can't be read.
    """

    call: str | None = None
    key: str | None = None
    sound: Sound | None = None
    stops: bool = False
    wrong: bool = False


class MediaStream:
    """One stream: reads the messages of both sides."""

    def __init__(self) -> None:
        """Start at its beginning."""
        self._heard_until = 0
        self._said_until = 0
        self._stream = ""

    def from_platform(self, text: str) -> Heard:
        """Read a message of Twilio. Raises ValueError or KeyError for what is none."""
        message = _read(text)
        match message.get("event"):
            case "start":
                begun = _object(message, "start")
                self._stream = str(message.get("streamSid") or begun.get("streamSid") or "")
                return Heard(call=str(begun["callSid"]))
            case "dtmf":
                return Heard(key=str(_object(message, "dtmf")["digit"]))
            case "stop":
                return Heard(stops=True)
            case "media":
                return self._frame(message)
            case _:
                return Heard()

    def _frame(self, message: dict[str, Any]) -> Heard:
        try:
            media = _object(message, "media")
            channel = OTHER_SIDE if media.get("track") == "outbound" else CALLER
            sound = Sound(
                AUDIO, (_audio(media),), AUDIO.samples(_milliseconds(media["timestamp"])), channel, self._stream
            )
        except (ValueError, KeyError, TypeError):
            return Heard(wrong=True)
        self._heard_until = max(self._heard_until, (sound.offset or 0) + sound.samples)
        return Heard(sound=sound)

    def from_bot(self, text: str) -> Heard:
        """Read a message of the bot. Raises ValueError for what is none."""
        message = _read(text)
        if message.get("event") == "clear":
            self._said_until = 0
        if message.get("event") != "media":
            return Heard()
        begins = max(self._heard_until, self._said_until)
        try:
            sound = Sound(AUDIO, (_audio(_object(message, "media")),), begins, OTHER_SIDE, self._stream)
        except (ValueError, KeyError):
            return Heard(wrong=True)
        self._said_until = begins + sound.samples
        return Heard(sound=sound)


def _read(text: str) -> dict[str, Any]:
    message = orjson.loads(text)
    if not isinstance(message, dict):
        msg = "a message is an object"
        raise ValueError(msg)  # noqa: TRY004 - what a peer sends, not what a caller passes
    return message


def _object(message: dict[str, Any], name: str) -> dict[str, Any]:
    inside = message[name]
    if not isinstance(inside, dict):
        msg = f"{name} is an object"
        raise ValueError(msg)  # noqa: TRY004 - what a peer sends, not what a caller passes
    return inside


def _milliseconds(value: Any) -> int:  # noqa: ANN401 - what a peer sends
    number = int(value)
    if not 0 <= number <= _LATEST_MS:
        msg = "a timestamp lies within the call"
        raise ValueError(msg)
    return number


def _audio(media: dict[str, Any]) -> bytes:
    try:
        raw = b64decode(media["payload"], validate=True)
    except (binascii.Error, TypeError):
        raw = b""
    if not raw:
        msg = "audio is base64"
        raise ValueError(msg)
    return raw
