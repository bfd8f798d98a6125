"""JSON bodies whose places the notice gives: Rasa REST, n8n chat, deep-chat, in-house widgets.

Source: the places are the operator's word (`paths:` in the notice, see `docs/connectors.md`). Requests are JSON
or forms, streamed answers server-sent events or lines of JSON. What the notice does not name is context.

    Rasa REST   https://rasa.com/docs/reference/channels/your-own-website/
    n8n chat    https://docs.n8n.io/integrations/builtin/core-nodes/n8n-nodes-langchain.chattrigger/
    deep-chat   https://deepchat.dev/docs/connect/
"""

from __future__ import annotations

from typing import Any, Final

from gateway.connector import OWN_TEXT, Body, Connector, Endpoint, EndRule, Example, Own, TextRule
from gateway.notice.channel import JsonPaths
from gateway.notice.places import ANY, ITEMS, steps
from storage.records import Speaker


def connector(paths: JsonPaths) -> Connector:
    """Return the connector of a channel whose notice gives these places."""
    return Connector(
        name="json",
        endpoints=(
            *(Endpoint("POST", path) for path in paths.post),
            *(Endpoint("GET", path, passes=True) for path in paths.get),
        ),
        request=_request(paths),
        response=Body(
            texts=(*(TextRule(at, Speaker.BOT) for at in paths.response), *_context(paths)),
            passes=paths.passes,
        ),
        event=Body(
            texts=(*(_streamed(at, paths) for at in paths.stream), *_context(paths)),
            passes=(*paths.passes, *((paths.stream_key,) if paths.stream_key else ())),
        ),
        conversation=(paths.conversation,) if paths.conversation else (),
        message_id=paths.message_id,
        history=paths.history,
        query=paths.query,
        forms=True,
        ends=tuple(EndRule(at, (value,)) for at, value in paths.stream_end.items()),
        own=_own(paths.response[0]),
    )


def _own(at: str) -> Own | None:
    """Return an answer that has a text in this place and nothing else; None where the place is any field."""
    answer: Any = OWN_TEXT
    for step in reversed(steps(at)):
        if step == ANY:
            return None
        answer = [answer] if step == ITEMS else {step: answer}
    return Own(answer)


def _request(paths: JsonPaths) -> Body:
    ids = tuple(path for path in (paths.conversation, paths.message_id) if path)
    named = paths.speaker
    texts: tuple[TextRule, ...]
    if named is None:
        texts = tuple(TextRule(at, Speaker.SUBJECT) for at in paths.text)
    else:
        speakers = ((Speaker.SUBJECT, named.subject), (Speaker.BOT, named.bot), (Speaker.AGENT, named.agent))
        texts = tuple(
            TextRule(at, who, when={named.at: values}) for at in paths.text for who, values in speakers if values
        )
    return Body(
        texts=(*texts, *_context(paths)),
        passes=(*ids, *((named.at,) if named else ()), *paths.passes),
        attachments=dict.fromkeys(paths.files, "file"),
    )


def _context(paths: JsonPaths) -> tuple[TextRule, ...]:
    return tuple(TextRule(at, whole=True, name="context") for at in paths.context)


def _streamed(at: str, paths: JsonPaths) -> TextRule:
    key = (paths.stream_key,) if paths.stream_key else ()
    return TextRule(at, Speaker.BOT, name=at, key=key, whole=paths.stream_mode == "messages")


_RASA: Final = connector(
    JsonPaths.model_validate(
        {
            "post": "/webhooks/rest/webhook",
            "text": "message",
            "conversation": "sender",
            "message_id": "metadata.message_id",
            "response": "[*].text",
            "stream": "text",
            "stream_mode": "messages",
            "pass": ["[*].recipient_id", "recipient_id"],
        },
    ),
)
_N8N: Final = connector(
    JsonPaths.model_validate(
        {
            "post": "/webhook/{id}/chat",
            "text": "chatInput",
            "conversation": "sessionId",
            "response": "output",
            "stream": "content",
            "stream_end": {"type": "end"},
            "pass": ["action", "metadata"],
        },
    ),
)
_DEEP_CHAT: Final = connector(
    JsonPaths.model_validate(
        {
            "text": "messages[*].text",
            "history": True,
            "speaker": {"at": "messages[*].role", "subject": ["user"], "bot": ["ai"]},
            "files": "messages[*].files",
            "response": "text",
            "stream": "text",
        },
    ),
)

EXAMPLES: Final = (
    Example(
        "Rasa: a message; metadata that nobody named is context",
        _RASA,
        "request",
        b'{"sender":"web-1","message":"Wo ist mein Paket?","metadata":{"message_id":"m1","page":"Hilfe"}}',
        ((Speaker.SUBJECT, "Wo ist mein Paket?"), (None, "Hilfe")),
        path="/webhooks/rest/webhook",
        conversation="web-1",
    ),
    Example(
        "Rasa: an answer of two messages with a button",
        _RASA,
        "response",
        b'[{"recipient_id":"web-1","text":"Einen Moment."},{"recipient_id":"web-1","text":"Unterwegs.",'
        b'"buttons":[{"title":"Danke","payload":"/thanks"}]}]',
        ((Speaker.BOT, "Einen Moment."), (Speaker.BOT, "Unterwegs."), (None, "Danke"), (None, "/thanks")),
    ),
    Example(
        "Rasa: a streamed answer, lines of JSON under the wrong name",
        _RASA,
        "stream",
        b'{"recipient_id": "web-1", "text": "Einen Moment."}\n{"recipient_id": "web-1", "text": "Unterwegs."}\n',
        ((Speaker.BOT, "Einen Moment."), (Speaker.BOT, "Unterwegs.")),
        content_type="text/event-stream",
        ends=False,
    ),
    Example(
        "n8n: a form",
        _N8N,
        "request",
        b"action=sendMessage&sessionId=s-1&chatInput=Gr%C3%BC%C3%9Fe+aus+Ulm",
        ((Speaker.SUBJECT, "Grüße aus Ulm"),),
        path="/webhook/0b1c/chat",
        content_type="application/x-www-form-urlencoded",
        conversation="s-1",
    ),
    Example(
        "n8n: a streamed answer in pieces",
        _N8N,
        "stream",
        b'{"type":"begin","metadata":{"nodeName":"Agent"}}\n{"type":"item","content":"Guten "}\n'
        b'{"type":"item","content":"Tag."}\n{"type":"end","metadata":{"nodeName":"Agent"}}\n',
        ((Speaker.BOT, "Guten Tag."),),
        content_type="application/x-ndjson",
    ),
    Example(
        "deep-chat: a history",
        _DEEP_CHAT,
        "request",
        b'{"messages":[{"role":"user","text":"Hallo"},{"role":"ai","text":"Guten Tag."},'
        b'{"role":"user","text":"Hilfe"}]}',
        ((Speaker.SUBJECT, "Hallo"), (Speaker.BOT, "Guten Tag."), (Speaker.SUBJECT, "Hilfe")),
    ),
)
