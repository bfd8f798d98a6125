"""Twilio Voice: webhooks as forms, answers in TwiML.

Source: https://www.twilio.com/docs/voice/twiml and https://www.twilio.com/docs/voice/twiml/gather. What the caller
says comes as `SpeechResult`, what they press as `Digits`; what the bot says stands in `<Say>`. The numbers of caller
and line, and the towns that Twilio guesses from them, are context: they are redacted like any text, so that a bot sees
them only where the notice lists PHONE under `asks_for`. Its WebSockets are in `gateway.calls.twilio`.
"""

from __future__ import annotations

from typing import Final

from gateway.connector import Body, Connector, Endpoint, Example, Markup, TextRule
from storage.records import Speaker

_IDS: Final = (
    "AccountSid", "AnsweredBy", "ApiVersion", "CallDuration", "CallSid", "CallStatus", "CallbackSource",
    "ConferenceSid", "Confidence", "DialBridged", "DialCallDuration", "DialCallSid", "DialCallStatus", "Direction",
    "Duration", "ErrorCode", "FinishedOnKey", "Language", "MachineDetectionDuration", "ParentCallSid", "QueueResult",
    "QueueSid", "QueueTime", "RecordingChannels", "RecordingDuration", "RecordingSid", "RecordingSource",
    "RecordingStartTime", "RecordingStatus", "RecordingTrack", "SequenceNumber", "SipResponseCode", "SpeechModel",
    "StirVerstat", "StreamError", "StreamEvent", "StreamName", "StreamSid", "Timestamp",
)  # fmt: skip

_NAMED: Final = frozenset({
    "Client", "Conference", "Enqueue", "Number", "Play", "Queue", "Redirect", "Sip", "Task", "Uri", "WhatsApp",
})  # fmt: skip

CONNECTOR: Final = Connector(
    name="twilio",
    endpoints=tuple(Endpoint("POST", path) for path in ("/", "/{one}", "/{one}/{two}", "/{one}/{two}/{three}")),
    request=Body(
        texts=(TextRule("SpeechResult", Speaker.SUBJECT), TextRule("Digits", Speaker.SUBJECT)),
        passes=_IDS,
        requires=("CallSid",),
    ),
    response=Body(texts=()),
    event=Body(texts=()),
    conversation=("CallSid",),
    forms=True,
    markup=Markup(spoken=frozenset({"Say"}), passes=_NAMED),
    any_query=True,
    silent=True,
)

_FORM: Final = "application/x-www-form-urlencoded"
EXAMPLES: Final = (
    Example(
        "a call that begins",
        CONNECTOR,
        "request",
        b"CallSid=CA0b1c&AccountSid=AC01&From=%2B4915123984712&To=%2B49800000000&CallStatus=ringing&Direction=inbound",
        ((None, "+4915123984712"), (None, "+49800000000")),
        path="/voice",
        content_type=_FORM,
        conversation="CA0b1c",
    ),
    Example(
        "what the caller has said, and what was pressed",
        CONNECTOR,
        "request",
        b"CallSid=CA0b1c&SpeechResult=Wo+ist+mein+Paket%3F&Confidence=0.91&Digits=4711",
        ((Speaker.SUBJECT, "Wo ist mein Paket?"), (Speaker.SUBJECT, "4711")),
        path="/voice/answer",
        content_type=_FORM,
        conversation="CA0b1c",
    ),
    Example(
        "an answer that asks",
        CONNECTOR,
        "response",
        b'<?xml version="1.0" encoding="UTF-8"?><Response><Gather input="speech dtmf" action="/voice/answer">'
        b'<Say language="de-DE">Guten Tag. <break time="1s"/>Was kann ich tun?</Say></Gather>'
        b"<Redirect>/voice</Redirect></Response>",
        ((Speaker.BOT, "Guten Tag. "), (Speaker.BOT, "Was kann ich tun?")),
        content_type="text/xml",
    ),
)
