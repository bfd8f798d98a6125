"""What a jambonz bot may have done: the verbs and properties that are known to be harmless, and no others.

Source: the verbs and their properties as `@jambonz/verb-specifications` 0.1 lists them (specs.json). Left out is what
sends the sound or its transcript elsewhere (`listen`, `transcribe`, `dub`, `proxy`), what names another server or other
credentials for a recogniser (`uri`, `host`, `apiKey`), and what nobody here has looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

Check = Callable[[object], str | None]
"""Returns what a value would do that it may not: `recording`, `address` or `verb`; None for one that is in order."""
Shape = Mapping[str, "Check | Shape"]
"""The properties of an object, or of each object of a list, with what each may be."""

_WHEN_LATE: Final = frozenset({"hangup", "pause", "play", "redirect", "say"})
_ENDS_RECORDING: Final = frozenset({"pauseCallRecording", "stopCallRecording"})


def _open(value: object) -> str | None:
    """Take what the bot's own names and values are: headers, marks."""
    del value
    return None


def _plain(value: object) -> str | None:
    """Take a text, a number, a switch, or a list of them."""
    each = value if isinstance(value, list) else [value]
    return "verb" if any(isinstance(one, (dict, list)) for one in each) else None


def _tuning(value: object) -> str | None:
    """Take what a vendor of voices knows, of any form, without an address."""
    each = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, str) and "//" in value:
        return "address"
    return next((wrong for one in each if (wrong := _tuning(one)) is not None), None)


def _hook(value: object) -> str | None:
    """Take a name that comes back over the socket; an address would carry what callers say around the gateway."""
    name = value.get("url") if isinstance(value, dict) else value
    parts = urlsplit(name.strip()) if isinstance(name, str) else None
    return "address" if parts is None or parts.scheme or parts.netloc else None


def _played(value: object) -> str | None:
    """Take sound that is fetched over https."""
    each = value if isinstance(value, list) else [value]
    return None if all(str(one).startswith("https:") for one in each) else "address"


def ends_recording(value: object) -> str | None:
    """Take what pauses or stops a recording of the platform's."""
    return None if isinstance(value, dict) and value.get("action") in _ENDS_RECORDING else "recording"


def _off(value: object) -> str | None:
    """Take what ends listening in."""
    return None if isinstance(value, dict) and value.get("enable") is False else "recording"


def _late(value: object) -> str | None:
    """Take verbs that are in order as they are, and bring nobody in."""
    stripped = Counter[str]()
    for verb in value if isinstance(value, list) else [value]:
        if not isinstance(verb, dict) or verb.get("verb") not in _WHEN_LATE:
            return "verb"
        cleaned(verb, stripped)
    return next(iter(stripped), None)


def _no(value: object) -> str | None:
    """Take a switch that is off: on, the recogniser's vendor would keep the sound."""
    return None if value is False else "recording"


def _yes(value: object) -> str | None:
    """Take a switch that is on: off, the recogniser's vendor would keep the sound."""
    return None if value is True else "recording"


def _names(names: str, check: Check = _plain) -> dict[str, Check | Shape]:
    return dict.fromkeys(names.split(), check)


_VAD: Final[Shape] = _names("enable voiceMs silenceMs strategy mode vendor threshold speechPadMs")
_SYNTHESIZER: Final[Shape] = {
    **_names("vendor label language fallbackVendor fallbackLabel fallbackLanguage engine gender"),
    **_names("voice fallbackVoice options", _tuning),
}
_RECOGNIZER: Final[Shape] = {
    **_names(
        "vendor label language fallbackVendor fallbackLabel fallbackLanguage autogeneratePrompt hintsBoost altLanguages"
        " profanityFilter interim singleUtterance dualChannel separateRecognitionPerChannel punctuation enhancedModel"
        " words diarization diarizationMinSpeakers diarizationMaxSpeakers interactionType naicsCode identifyChannels"
        " vocabularyName vocabularyFilterName filterMethod model outputFormat profanityOption requestSnr"
        " initialSpeechTimeoutMs azureSttEndpointId asrDtmfTerminationDigit asrTimeout fastRecognitionTimeout"
        " minConfidence"
    ),
    "hints": _open,
    "vad": _VAD,
    "audioLogging": _no,
    "azureOptions": {
        **_names("speechSegmentationSilenceTimeoutMs postProcessing languageIdMode speechRecognitionMode"),
        "audioLogging": _no,
    },
    "awsOptions": _names("vocabularyName vocabularyFilterName vocabularyFilterMethod languageModelName"),
    "googleOptions": _names("serviceVersion speechStartTimeoutMs speechEndTimeoutMs enableVoiceActivityEvents"),
    "deepgramOptions": {
        **_names(
            "tier model customModel version punctuate smartFormatting noDelay profanityFilter redact diarize ner"
            " alternatives numerals keywords keyterms endpointing utteranceEndMs shortUtterance vadTurnoff fillerWords"
            " eotThreshold eotTimeoutMs eagerEotThreshold entityPrompt languageHints"
        ),
        "mipOptOut": _yes,
    },
    "nvidiaOptions": _names("maxAlternatives profanityFilter punctuation wordTimeOffsets verbatimTranscripts"),
    "sonioxOptions": _names("model endpointDetection profanityFilter speechContext"),
    "openaiOptions": {
        **_names("model prompt language input_audio_noise_reduction"),
        "turn_detection": _names("type eagerness threshold prefix_padding_ms silence_duration_ms"),
    },
    "elevenlabsOptions": {
        **_names("includeTimestamps commitStrategy vadSilenceThresholdSecs vadThreshold minSpeechDurationMs"),
        **_names("minSilenceDurationMs"),
        "enableLogging": _no,
    },
    "assemblyAiOptions": _names(
        "serviceVersion speechModel formatTurns endOfTurnConfidenceThreshold minEndOfTurnSilenceWhenConfident"
        " maxTurnSilence minTurnSilence keyterms prompt languageDetection vadThreshold inactivityTimeout"
    ),
}
_SAY: Final[Shape] = {
    **_names("verb id text instructions loop earlyMedia disableTtsCache"),
    "synthesizer": _SYNTHESIZER,
}
_PLAY: Final[Shape] = {
    **_names("verb id loop earlyMedia seekOffset timeoutSecs"),
    "url": _played,
    "actionHook": _hook,
}
_NOISE: Final[Shape] = {**_names("enable startDelaySecs"), "url": _played}
_LATE: Final[Shape] = {
    **_names("enabled noResponseTimeout noResponseGiveUpTimeout retries"),
    **_names("actions giveUpActions", _late),
}
"""What jambonz does by itself where the bot is slow."""
_BARGE_IN: Final[Shape] = {
    **_names("enable sticky input finishOnKey numDigits minDigits maxDigits interDigitTimeout dtmfBargein"),
    **_names("minBargeinWordCount"),
    **_names("actionHook partialResultHook", _hook),
}
_AMD: Final[Shape] = {
    **_names("thresholdWordCount digitCount"),
    "timers": _names("noSpeechTimeoutMs decisionTimeoutMs toneTimeoutMs greetingCompletionTimeoutMs"),
    "actionHook": _hook,
    "recognizer": _RECOGNIZER,
}
_TARGET: Final[Shape] = {
    **_names("type method name number sipUri vmail tenant trunk overrideTo"),
    "from": _names("user host"),
    "auth": _names("username password"),
    "headers": _open,
    "confirmHook": _hook,
}
_LISTENING: Final[Shape] = _names("listen stream transcribe", _off)
_CONFIG: Final[Shape] = {
    **_LISTENING,
    **_names("notifyEvents notifySttLatency reset boostAudioSignal earlyMedia autoStreamTts disableTtsCache"),
    **_names("trackTtsPlayout"),
    **_names("sipRequestWithinDialogHook referHook", _hook),
    "amd": _AMD,
    "bargeIn": _BARGE_IN,
    "actionHookDelayAction": _LATE,
    "fillerNoise": _NOISE,
    "noiseIsolation": _names("enable vendor level model"),
    "onHoldMusic": _played,
    "recognizer": _RECOGNIZER,
    "record": ends_recording,
    "synthesizer": _SYNTHESIZER,
    "turnTaking": _names("enable vendor threshold model"),
    "vad": _VAD,
}
_GATHER: Final[Shape] = {
    **_names("finishOnKey input numDigits minDigits maxDigits interDigitTimeout speechTimeout listenDuringPrompt"),
    **_names("dtmfBargein bargein minBargeinWordCount timeout"),
    **_names("actionHook partialResultHook", _hook),
    "actionHookDelayAction": _LATE,
    "fillerNoise": _NOISE,
    "play": _PLAY,
    "recognizer": _RECOGNIZER,
    "say": _SAY,
}
_DIAL: Final[Shape] = {
    **_LISTENING,
    **_names("answerOnBridge callerId callerName anchorMedia exitMediaPath boostAudioSignal timeLimit timeout"),
    **_names("forwardPAI srtpEncryption"),
    **_names("headers tag dtmfCapture", _open),
    **_names("actionHook confirmHook dtmfHook onHoldHook referHook", _hook),
    "amd": _AMD,
    "dialMusic": _played,
    "target": _TARGET,
}
_CONFERENCE: Final[Shape] = {
    **_names("name beep memberTag speakOnlyTo startConferenceOnEnter endConferenceOnExit endConferenceDuration"),
    **_names("maxParticipants joinMuted statusEvents distributeDtmf"),
    **_names("actionHook enterHook statusHook waitHook", _hook),
}
VERBS: Final[Mapping[str, Shape]] = {
    "alert": _names("message"),
    "answer": {},
    "conference": _CONFERENCE,
    "config": _CONFIG,
    "dequeue": {**_names("name timeout beep callSid"), "actionHook": _hook},
    "dial": _DIAL,
    "dtmf": _names("dtmf duration"),
    "enqueue": {**_names("name priority"), "_": _open, **_names("actionHook waitHook", _hook)},
    "gather": _GATHER,
    "hangup": {"headers": _open},
    "leave": {},
    "pause": _names("length"),
    "play": _PLAY,
    "redirect": _names("actionHook statusHook", _hook),
    "say": _SAY,
    "sip:decline": {**_names("status reason"), "headers": _open},
    "sip:refer": {
        **_names("referTo referredBy referredByDisplayName"),
        "headers": _open,
        **_names("actionHook eventHook", _hook),
    },
    "tag": {"data": _open},
}
COMMANDS: Final[Mapping[str, Shape | None]] = {
    "call:status": _names("call_status"),
    "conf:hold-status": {**_names("conf_hold_status"), "wait_hook": _hook},
    "conf:mute-status": _names("conf_mute_status"),
    "dtmf": _names("digit digits dtmf duration"),
    "mute:status": _names("mute_status"),
    "tag": None,
}
"""Commands that say in an object what is to be done; of `tag` that is the bot's own, as of the verb."""
_OF_EVERY_VERB: Final[Shape] = _names("verb id")
_RECORDS: Final = frozenset({"dub", "listen", "record", "stream", "transcribe"})


def verb_refused(kind: str) -> str | None:
    """Return what a verb, or a command of its name, would do that it may not; None for one that is known."""
    return None if kind in VERBS else _what(kind)


def cleaned(verb: Mapping[str, Any], stripped: dict[str, int]) -> dict[str, Any]:
    """Return a known verb with those of its properties that may go on; the others are counted."""
    return _cleaned(verb, {**_OF_EVERY_VERB, **VERBS[verb["verb"]]}, stripped)


def command_cleaned(kind: str, told: object, stripped: dict[str, int]) -> object:
    """Return what a command says with those of its properties that may go on; the others are counted."""
    shape = COMMANDS.get(kind)
    return told if shape is None or not isinstance(told, dict) else _cleaned(told, shape, stripped)


def _cleaned(value: Mapping[str, Any], shape: Shape, stripped: dict[str, int]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, below in value.items():
        known = shape.get(name)
        wrong = _what(name) if known is None else _wrong(known, below)
        if wrong is not None:
            stripped[wrong] += 1
        elif isinstance(known, Mapping):
            kept[name] = (
                [_cleaned(one, known, stripped) for one in below]
                if isinstance(below, list)
                else _cleaned(below, known, stripped)
            )
        else:
            kept[name] = below
    return kept


def _wrong(known: Check | Shape, below: object) -> str | None:
    if not isinstance(known, Mapping):
        return known(below)
    each = below if isinstance(below, list) else [below]
    return None if all(isinstance(one, dict) for one in each) else "verb"


def _what(name: str) -> str:
    if name.partition(":")[0] in _RECORDS:
        return "recording"
    return "address" if name.lower().endswith(("endpoint", "hook", "host", "uri", "url", "proxy")) else "verb"
