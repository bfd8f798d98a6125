"""VIER Cognitive Voice Gateway: what the platform tells the bot, and (`said`) what the bot has the platform say.

Source: the Bot API (https://cognitivevoice.io/specs/) and the vendor's own channel for Rasa (`rasa-vier-cvg` 1.3). The
bot's commands are requests of its own (`gateway.calls.vier`); nothing that is said comes back as an answer.
"""

from __future__ import annotations

from typing import Final

from gateway.connector import Body, Connector, Endpoint, Example, TextRule
from storage.records import Speaker

_OF_CALL: Final = (
    "dialogId", "projectContext", "timestamp", "callback", "callType", "configuration", "language",
    "transcriberLanguage", "synthesizerLanguage", "vendor", "duration", "reason", "type.name", "type.id",
)  # fmt: skip
_TOLD: Final = ("session", "message", "answer", "inactivity", "terminated")

CONNECTOR: Final = Connector(
    name="vier",
    endpoints=tuple(Endpoint("POST", f"/{name}") for name in _TOLD),
    request=Body(
        texts=(
            TextRule("text", Speaker.SUBJECT, when={"type": ("SPEECH", "DTMF")}),
            TextRule("type.synonym", Speaker.SUBJECT),
            TextRule("type.value", Speaker.SUBJECT),
            TextRule("said", Speaker.BOT),
        ),
        passes=("type", *_OF_CALL),
        requires=("dialogId",),
    ),
    response=Body(texts=()),
    event=Body(texts=()),
    conversation=("dialogId",),
    silent=True,
    one_way=True,
)

_DIALOG: Final = "09e59647-5c77-4c02-a1c5-7fb2b47060f1"
_HEAD: Final = (
    '{"dialogId":"' + _DIALOG + '","projectContext":{"projectToken":"p-1","resellerToken":"r-1"},'
    '"timestamp":1535546718115,"callback":"https://cognitivevoice.io/v1",'
).encode()
EXAMPLES: Final = (
    Example(
        "a call that begins",
        CONNECTOR,
        "request",
        _HEAD + b'"local":"+49800000000","remote":"+4915123984712","language":"de-DE","transcriberLanguage":"de-DE",'
        b'"synthesizerLanguage":"de-DE","configuration":{"greeting":"kurz"},"callType":"INBOUND",'
        b'"customDialogData":{"name":"Katharina Brandhorst"}}',
        ((None, "+49800000000"), (None, "+4915123984712"), (None, "Katharina Brandhorst")),
        path="/session",
        conversation=_DIALOG,
    ),
    Example(
        "what the caller has said",
        CONNECTOR,
        "request",
        _HEAD + b'"type":"SPEECH","text":"Wo ist mein Paket?","confidence":91,"vendor":"GOOGLE","language":"de-DE"}',
        ((Speaker.SUBJECT, "Wo ist mein Paket?"),),
        path="/message",
        conversation=_DIALOG,
    ),
    Example(
        "a number that was asked for",
        CONNECTOR,
        "request",
        _HEAD + b'"type":{"name":"Number","value":"8645"},"confidence":100,"language":"de-DE"}',
        ((Speaker.SUBJECT, "8645"),),
        path="/answer",
        conversation=_DIALOG,
    ),
    Example(
        "what the bot says",
        CONNECTOR,
        "request",
        b'{"dialogId":"' + _DIALOG.encode() + b'","said":"Wie lautet Ihre Kundennummer?"}',
        ((Speaker.BOT, "Wie lautet Ihre Kundennummer?"),),
        path="/message",
        conversation=_DIALOG,
    ),
)
