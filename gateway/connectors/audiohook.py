"""Genesys: the audio comes over AudioHook, everything else by the API of calls; a bot is spoken to as with `calls`.

Source: `docs/calls.md` and https://developer.genesys.cloud/devapps/audiohook. The messages of AudioHook itself are in
`gateway.calls.audiohook`.
"""

from __future__ import annotations

from typing import Final

from gateway.connector import Body, Connector, Endpoint, EndRule, Example, TextRule
from storage.records import Speaker

CONNECTOR: Final = Connector(
    name="audiohook",
    endpoints=(Endpoint("POST", "/turns"), Endpoint("POST", "/hypotheses")),
    request=Body(
        texts=tuple(TextRule("text", who, when={"speaker": (who.value,)}) for who in Speaker),
        passes=("call", "id", "speaker", "language", "confidence"),
        requires=("call",),
    ),
    response=Body(texts=(TextRule("text", Speaker.BOT),), passes=("end", "transfer")),
    event=Body(texts=(TextRule("text", Speaker.BOT),), passes=("end", "transfer")),
    conversation=("call",),
    message_id="id",
    ends=(EndRule("done"),),
)

EXAMPLES: Final = (
    Example(
        "a turn of a person of the service, as the platform's transcript has it",
        CONNECTOR,
        "request",
        b'{"call":"9d4c2f4e-2f1c-4b8e-a1a5-8d7f0c1e2b3a","speaker":"agent","text":"Wie kann ich helfen?"}',
        ((Speaker.AGENT, "Wie kann ich helfen?"),),
        path="/turns",
        conversation="9d4c2f4e-2f1c-4b8e-a1a5-8d7f0c1e2b3a",
    ),
    Example("an answer", CONNECTOR, "response", b'{"text":"Einen Moment."}', ((Speaker.BOT, "Einen Moment."),)),
    Example(
        "an answer in pieces",
        CONNECTOR,
        "stream",
        b'{"text":"Einen "}\n{"text":"Moment."}\n{"done":true}\n',
        ((Speaker.BOT, "Einen Moment."),),
        content_type="application/x-ndjson",
    ),
)
