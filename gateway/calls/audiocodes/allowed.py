"""What a bot of AudioCodes may have done: the events and parameters that are known to be harmless, and no others.

Source: the vendor's pages on controlling calls and on speech customization
(https://techdocs.audiocodes.com/voice-ai-connect/), and what bots for it are seen to send. Left out is what records
(`startCallRecording`, `azureEnableAudioLogging`), tells a voice by its sound (`speakerVerification*`), or hands a
recogniser settings that nobody here reads (`sttOverrideConfig`, `sttGenericData`): they may name other servers.
"""

from __future__ import annotations

from typing import Any, Final

FIELDS: Final = frozenset({
    "activityParams", "delay", "id", "language", "name", "parameters", "sessionParams", "text", "timestamp", "type",
    "value",
})  # fmt: skip
PARAMETERS: Final = frozenset({"activityParams", "parameters", "sessionParams"})
TYPES: Final = frozenset({"event", "message"})
TRANSFERS: Final = frozenset({"handover", "transfer"})
EVENTS: Final = TRANSFERS | {
    "abortprompts", "answer", "config", "hangup", "pausecallrecording", "playurl", "senddtmf", "sendmetadata",
    "startrecognition", "stopcallrecording", "stoprecognition",
}  # fmt: skip
"""Names of events in small letters: bots write them as they like."""

_BARGING: Final = ("bargeIn", "bargeInMinWordCount", "bargeInOnDTMF")
_KEYS: Final = (
    "dtmf", "dtmfCollect", "dtmfCollectInterDigitTimeoutMS", "dtmfCollectMaxDigits", "dtmfCollectSubmitDigit",
    "sendDTMF", "sendDTMFAsText",
)  # fmt: skip
_WAITING: Final = (
    "botFailOnErrors", "botNoInputGiveUpTimeoutMS", "botNoInputRetries", "botNoInputSpeech", "botNoInputTimeoutMS",
    "botNoInputUrl", "expectAnotherBotMessage", "resumeRecognitionTimeoutMS", "userMaxSpeechDurationMS",
    "userNoInputGiveUpTimeoutMS", "userNoInputRetries", "userNoInputSendEvent", "userNoInputSpeech",
    "userNoInputTimeoutMS", "userNoInputUrl",
)  # fmt: skip
_HEARING: Final = (
    "alternativeLanguages", "azureSpeechRecognitionMode", "continuousASR", "continuousASRDigits",
    "continuousASRHypothesisTimeoutInMS", "continuousASRTimeoutInMS", "googleInteractionType",
    "languageDetectionActivate", "languageDetectionAutoSwitch", "sttContextBoost", "sttContextId", "sttContextPhrases",
    "sttDisablePunctuation", "sttEndpointID", "sttLanguage", "sttMinConfidence", "sttModel", "sttSpeechContexts",
)  # fmt: skip
_SPEAKING: Final = (
    "disableTtsCache", "language", "playUrlAltText", "playUrlCaching", "playUrlMediaFormat", "playUrlUrl",
    "ttsDeploymentId", "ttsEnhancedVoice", "ttsLanguage", "ttsModel", "voiceName",
)  # fmt: skip
_LEAVING: Final = (
    "handoverReason", "hangupReason", "hangupSipHeaders", "transferNotifications", "transferReferredByURL",
    "transferSipHeaders", "transferTarget",
)  # fmt: skip
_KNOWN: Final = frozenset((*_BARGING, *_KEYS, *_WAITING, *_HEARING, *_SPEAKING, *_LEAVING))
_PLAYED: Final = frozenset({"botNoInputUrl", "playUrlUrl", "userNoInputUrl"})
_OF_LANGUAGE: Final = frozenset({"language", "voiceName"})
_NUMBERS: Final = ("sip:", "sips:", "tel:")
_RECORDS: Final = ("audiologging", "record", "siprec")


def event_refused(activity: dict[str, Any]) -> str | None:
    """Return what an activity would do that it may not: `recording` or `verb`; None for one that may go on."""
    name = str(activity.get("name", "")).lower()
    if activity.get("type") == "message" or (activity.get("type") in TYPES and name in EVENTS):
        return None
    return _what(name)


def parameter_refused(name: str, value: object) -> str | None:
    """Return what a parameter would do that it may not: `recording`, `address` or `verb`; None where it may go on."""
    if name == "azureEnableAudioLogging" and value is False:
        return None
    if name not in _KNOWN or (name == "alternativeLanguages" and not _are_languages(value)):
        return _what(name.lower())
    if name in _PLAYED and not str(value).startswith(("data:", "https:")):
        return "address"
    return "address" if name == "transferReferredByURL" and not str(value).startswith(_NUMBERS) else None


def _are_languages(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and one.keys() <= _OF_LANGUAGE for one in value)


def _what(name: str) -> str:
    return "recording" if any(mark in name for mark in _RECORDS) else "verb"
