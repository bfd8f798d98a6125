"""jambonz: JSON over a WebSocket, between the platform and a bot that speaks the same.

Source: https://docs.jambonz.org/reference/websocket-api. What is in the messages is in `gateway.calls.jambonz`; the
bot's answers are messages of its own.
"""

from __future__ import annotations

from typing import Final

from gateway.connector import Body, Connector, Endpoint, Example, TextRule
from storage.records import Speaker

_SPEECH: Final = "data.speech"
_OF_CALL: Final = (
    "account_sid", "application_sid", "call_id", "call_sid", "call_status", "direction", "parent_call_sid", "reason",
    "sip_reason", "sip_status", "trace_id", "verb", "status",
)  # fmt: skip

CONNECTOR: Final = Connector(
    name="jambonz",
    endpoints=(Endpoint("POST", "/socket"),),
    request=Body(
        texts=(
            TextRule(f"{_SPEECH}.alternatives[*].transcript", Speaker.SUBJECT),
            TextRule("data.digits", Speaker.SUBJECT),
            TextRule("said", Speaker.BOT),
        ),
        passes=(
            "type", "msgid", "call_sid", "b3", "hook", *(f"data.{name}" for name in _OF_CALL),
            f"{_SPEECH}.language_code", f"{_SPEECH}.is_final", f"{_SPEECH}.channel_tag",
            f"{_SPEECH}.alternatives[*].confidence",
        ),
        requires=("type",),
    ),
    response=Body(texts=()),
    event=Body(texts=()),
    silent=True,
    one_way=True,
)  # fmt: skip
"""What jambonz sends and (`said`) what the bot has said. What is said comes back as messages of its own."""

EXAMPLES: Final = (
    Example(
        "a call that begins",
        CONNECTOR,
        "request",
        b'{"type":"session:new","msgid":"m-1","call_sid":"c-1","data":{"call_sid":"c-1","direction":"inbound",'
        b'"from":"+4915123984712","to":"+49800000000","call_status":"trying"}}',
        ((None, "+4915123984712"), (None, "+49800000000")),
        path="/socket",
    ),
    Example(
        "what the caller has said",
        CONNECTOR,
        "request",
        b'{"type":"verb:hook","msgid":"m-2","call_sid":"c-1","hook":"/next","data":{"reason":"speechDetected",'
        b'"speech":{"language_code":"de-DE","is_final":true,"alternatives":[{"confidence":0.91,'
        b'"transcript":"Wo ist mein Paket?"}]}}}',
        ((Speaker.SUBJECT, "Wo ist mein Paket?"),),
        path="/socket",
    ),
    Example(
        "what was pressed",
        CONNECTOR,
        "request",
        b'{"type":"verb:hook","msgid":"m-3","call_sid":"c-1","hook":"/next","data":{"reason":"dtmfDetected",'
        b'"digits":"4711"}}',
        ((Speaker.SUBJECT, "4711"),),
        path="/socket",
    ),
)
