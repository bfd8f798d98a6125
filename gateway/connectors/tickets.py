"""What a front end sends of written contact: support tickets, contact forms, mails. Sordino's own protocol.

Source: `docs/tickets.md`. Nothing goes on to a bot and nothing comes back from one: what was written and answered is
kept as the notice says, under the front end's own id of the ticket.

    POST /tickets   {"ticket", "title", "messages": [{"id", "speaker", "text", "time"}], "contact": {...}, "language"}
"""

from __future__ import annotations

from typing import Final

from gateway.connector import Body, Connector, Endpoint, Example, TextRule
from storage.records import Speaker

_MESSAGE: Final = "messages[*]"
_SPEAKERS: Final = tuple(
    TextRule(f"{_MESSAGE}.text", who, when={f"{_MESSAGE}.speaker": (who.value,)}) for who in Speaker
)

CONNECTOR: Final = Connector(
    name="tickets",
    endpoints=(Endpoint("POST", "/tickets"),),
    request=Body(
        texts=(TextRule("title", Speaker.SUBJECT), *_SPEAKERS),
        passes=("ticket", "language", f"{_MESSAGE}.id", f"{_MESSAGE}.speaker", f"{_MESSAGE}.time"),
        requires=("ticket",),
    ),
    response=Body(texts=()),
    event=Body(texts=()),
    conversation=("ticket",),
    one_way=True,
)

EXAMPLES: Final = (
    Example(
        "a contact form",
        CONNECTOR,
        "request",
        b'{"ticket":"T-4711","title":"Garantie","messages":[{"id":"1","speaker":"subject",'
        b'"text":"Mein Telefon l\xc3\xa4dt nicht.","time":"2026-11-26T10:00:00+01:00"}],'
        b'"contact":{"email":"anna@example.com"},"language":"de"}',
        (
            (Speaker.SUBJECT, "Garantie"),
            (Speaker.SUBJECT, "Mein Telefon l\u00e4dt nicht."),
            (None, "anna@example.com"),
        ),
        path="/tickets",
        conversation="T-4711",
    ),
    Example(
        "an answer to a mail",
        CONNECTOR,
        "request",
        b'{"ticket":"T-4711","messages":[{"speaker":"agent","text":"Wie lautet die IMEI?"}]}',
        ((Speaker.AGENT, "Wie lautet die IMEI?"),),
        path="/tickets",
        conversation="T-4711",
    ),
)
