"""AudioCodes VoiceAI Connect: its Bot API over HTTP, JSON both ways, and over a WebSocket.

Source: https://techdocs.audiocodes.com/voice-ai-connect/Content/VAIG_Combined/API_1.htm and, for the WebSocket,
.../Content/Bot-API/ac-bot-api-streaming.htm. What the caller says is an activity of the type `message`, what they press
the event `DTMF`; numbers in the event `start` are context. Over a WebSocket `alternatives` are what a voice bot has
recognised; what the bot says (`said`) is read as a message of its own.
"""

from __future__ import annotations

from typing import Final

from gateway.connector import Body, Connector, Endpoint, Example, TextRule
from storage.records import Speaker

_OF_ACTIVITY: Final = ("id", "timestamp", "type", "name", "language")
_OF_MESSAGE: Final = (
    "type", "conversationId", "participant", "botName", "supportedMediaFormats", "mediaFormat", "reasonCode",
    "alternatives[*].confidence",
)  # fmt: skip

CONNECTOR: Final = Connector(
    name="audiocodes",
    endpoints=tuple(Endpoint("POST", path) for path in ("/{one}", "/{one}/{two}", "/{one}/{two}/{three}")),
    request=Body(
        texts=(
            TextRule("activities[*].text", Speaker.SUBJECT, when={"activities[*].type": ("message",)}),
            TextRule("activities[*].value", Speaker.SUBJECT, when={"activities[*].name": ("DTMF", "dtmf")}),
            TextRule("alternatives[*].text", Speaker.AGENT, when={"participant": ("agent",)}),
            TextRule("alternatives[*].text", Speaker.SUBJECT),
            TextRule("said", Speaker.BOT),
        ),
        passes=("conversation", *(f"activities[*].{name}" for name in _OF_ACTIVITY), *_OF_MESSAGE),
        requires=("activities", "type"),
    ),
    response=Body(
        texts=(
            TextRule("activities[*].text", Speaker.BOT, when={"activities[*].type": ("message",)}),
            TextRule("activities[*].activityParams.playUrlAltText", Speaker.BOT),
        ),
        passes=(
            "conversation",
            *(f"activities[*].{name}" for name in (*_OF_ACTIVITY, "activityParams", "sessionParams", "parameters")),
        ),
    ),
    event=Body(texts=()),
    conversation=("conversation", "conversationId"),
    silent=True,
)

EXAMPLES: Final = (
    Example(
        "a call that begins",
        CONNECTOR,
        "request",
        b'{"conversation":"cv-1","activities":[{"id":"a-1","type":"event","name":"start",'
        b'"parameters":{"caller":"+4915123984712","callee":"+49800000000"}}]}',
        ((None, "+4915123984712"), (None, "+49800000000")),
        path="/conversation/cv-1/activities",
        conversation="cv-1",
    ),
    Example(
        "what the caller has said, and what was pressed",
        CONNECTOR,
        "request",
        b'{"conversation":"cv-1","activities":[{"id":"a-2","type":"message","text":"Wo ist mein Paket?",'
        b'"parameters":{"confidence":0.91}},{"id":"a-3","type":"event","name":"DTMF","value":"4711"}]}',
        ((Speaker.SUBJECT, "Wo ist mein Paket?"), (Speaker.SUBJECT, "4711")),
        path="/conversation/cv-1/activities",
        conversation="cv-1",
    ),
    Example(
        "a WebSocket that begins",
        CONNECTOR,
        "request",
        b'{"type":"session.initiate","conversationId":"cv-1","botName":"shop","caller":"+4915123984712",'
        b'"expectAudioMessages":true,"supportedMediaFormats":["raw/lpcm16"]}',
        ((None, "+4915123984712"),),
        path="/socket",
        conversation="cv-1",
    ),
    Example(
        "what a voice bot has recognised",
        CONNECTOR,
        "request",
        b'{"type":"userStream.speech.recognition","conversationId":"cv-1","participant":"caller",'
        b'"alternatives":[{"text":"Wo ist mein Paket?","confidence":0.95}]}',
        ((Speaker.SUBJECT, "Wo ist mein Paket?"),),
        path="/socket",
        conversation="cv-1",
    ),
    Example(
        "an answer that hands over",
        CONNECTOR,
        "response",
        b'{"conversation":"cv-1","activities":[{"type":"message","text":"Ich verbinde Sie."},'
        b'{"type":"event","name":"transfer","activityParams":{"transferTarget":"tel:+49301234"}}]}',
        ((Speaker.BOT, "Ich verbinde Sie."),),
    ),
    Example(
        "an answer that is played",
        CONNECTOR,
        "response",
        b'{"conversation":"cv-1","activities":[{"type":"event","name":"playUrl","activityParams":'
        b'{"playUrlUrl":"https://voice.example/a.wav","playUrlAltText":"Was kann ich tun?"}}]}',
        ((Speaker.BOT, "Was kann ich tun?"),),
    ),
)
