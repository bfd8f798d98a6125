"""What a call bot is sent for a turn of a call, and what it answers: Sordino's own protocol for call platforms.

Source: `docs/calls.md`. The platform speaks the API of calls with Sordino; behind it the bot gets each turn as

    POST /turns        {"call", "id", "speaker", "text", "language", "confidence"}   -> {"text": "..."}
    POST /hypotheses   the same for what is not finished yet                           -> anything; it is not read

and may answer as server-sent events or lines of JSON, `{"text": "piece"}` and at the end `{"done": true}`. `end` and
`transfer` in an answer are for the platform and go on as they are.
"""

from __future__ import annotations

from typing import Final

from gateway.connector import Body, Connector, Endpoint, EndRule, Example, TextRule
from storage.records import Speaker

_SPEAKERS: Final = tuple(TextRule("text", who, when={"speaker": (who.value,)}) for who in Speaker)
_FOR_THE_PLATFORM: Final = ("end", "transfer")

CONNECTOR: Final = Connector(
    name="calls",
    endpoints=(Endpoint("POST", "/turns"), Endpoint("POST", "/hypotheses")),
    request=Body(
        texts=_SPEAKERS,
        passes=("call", "id", "speaker", "language", "confidence"),
        requires=("call",),
    ),
    response=Body(texts=(TextRule("text", Speaker.BOT),), passes=_FOR_THE_PLATFORM),
    event=Body(texts=(TextRule("text", Speaker.BOT),), passes=_FOR_THE_PLATFORM),
    conversation=("call",),
    message_id="id",
    ends=(EndRule("done"),),
)

EXAMPLES: Final = (
    Example(
        "a turn of the caller",
        CONNECTOR,
        "request",
        b'{"call":"c-1","id":"t-1","speaker":"subject","text":"Wo ist mein Paket?","language":"de","confidence":0.91}',
        ((Speaker.SUBJECT, "Wo ist mein Paket?"),),
        path="/turns",
        conversation="c-1",
    ),
    Example(
        "a turn of a person of the service",
        CONNECTOR,
        "request",
        b'{"call":"c-1","speaker":"agent","text":"Wie lautet Ihre Kundennummer?"}',
        ((Speaker.AGENT, "Wie lautet Ihre Kundennummer?"),),
        path="/turns",
        conversation="c-1",
    ),
    Example(
        "an answer that hands over",
        CONNECTOR,
        "response",
        b'{"text":"Ich verbinde Sie.","transfer":"desk-2"}',
        ((Speaker.BOT, "Ich verbinde Sie."),),
    ),
    Example(
        "an answer in pieces",
        CONNECTOR,
        "stream",
        b'{"text":"Ihr Paket "}\n{"text":"ist unterwegs."}\n{"done":true}\n',
        ((Speaker.BOT, "Ihr Paket ist unterwegs."),),
        content_type="application/x-ndjson",
    ),
)
