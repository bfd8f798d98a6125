"""Freshchat's webhooks: every turn of a conversation, and what becomes of it, as JSON that Freshchat has signed.

Source: Freshchat's help pages, "Webhooks: payload structure and authentication". An event has an `action`:
`message_create` holds a message of the customer, an agent or a bot, also one that was left while nobody was there;
`conversation_resolution`, `conversation_reopen` and `conversation_assignment` tell of the conversation. Messages are
asynchronous: nobody waits for an answer. What agents write to each other (`private`) is not said to the customer: it
is context, and not kept. Signatures and what an event does are in `gateway.webhooks`.
"""

from __future__ import annotations

from typing import Final

from gateway.connector import Body, Connector, Endpoint, Example, TextRule
from storage.records import Speaker

_MESSAGE: Final = "data.message"
_TEXT: Final = f"{_MESSAGE}.message_parts[*].text.content"
_SPEAKERS: Final = {Speaker.SUBJECT: "user", Speaker.AGENT: "agent", Speaker.BOT: "bot"}
_IDS: Final = (
    "app_id", "actor_id", "org_actor_id", "id", "channel_id", "conversation_id", "interaction_id", "message_type",
    "actor_type", "created_time", "user_id", "message_source",
)  # fmt: skip
_OF_CONVERSATIONS: Final = ("resolve", "reopen", "assignment")
_WHO: Final = (
    "resolver", "resolver_id", "reopener", "reopener_id", "assignor", "assignor_id", "to_agent_id", "from_agent_id",
    "to_group_id", "from_group_id", "interaction_id", "conversation",
)  # fmt: skip

CONNECTOR: Final = Connector(
    name="freshchat",
    endpoints=(Endpoint("POST", "/"), Endpoint("POST", "/{one}"), Endpoint("POST", "/{one}/{two}")),
    request=Body(
        texts=(
            TextRule(_TEXT, when={f"{_MESSAGE}.message_type": ("private",)}),
            *(TextRule(_TEXT, who, when={f"{_MESSAGE}.actor_type": (name,)}) for who, name in _SPEAKERS.items()),
        ),
        passes=(
            "action",
            "action_time",
            "actor",
            *(f"{_MESSAGE}.{name}" for name in _IDS),
            *(f"data.{what}.{name}" for what in _OF_CONVERSATIONS for name in _WHO),
        ),
        attachments={
            f"{_MESSAGE}.message_parts[*].{name}": kind
            for name, kind in (("image", "image"), ("audio", "audio"), ("video", "file"), ("file", "file"))
        },
        requires=("action",),
    ),
    response=Body(texts=()),
    event=Body(texts=()),
    conversation=(
        f"{_MESSAGE}.conversation_id",
        *(f"data.{what}.conversation.conversation_id" for what in _OF_CONVERSATIONS),
    ),
    message_id=f"{_MESSAGE}.id",
    silent=True,
    one_way=True,
)


def _said(actor: str, text: str, more: str = "") -> bytes:
    return (
        f'{{"actor":{{"actor_type":"{actor}","actor_id":"5b3"}},"action":"message_create",'
        '"action_time":"2026-11-26T08:06:22.824Z","data":{"message":{"message_parts":[{"text":{"content":'
        f'"{text}"}}}}],"app_id":"a15","actor_id":"5b3","id":"6896","channel_id":"eae","conversation_id":"ac21",'
        f'{more}"actor_type":"{actor}","created_time":"2026-11-26T08:06:22.803Z","user_id":"f00"}}}}}}'
    ).encode()


EXAMPLES: Final = (
    Example(
        "a message of the customer",
        CONNECTOR,
        "request",
        _said("user", "Mijn toestel laadt niet.", '"message_type":"normal",'),
        ((Speaker.SUBJECT, "Mijn toestel laadt niet."),),
        conversation="ac21",
    ),
    Example(
        "an answer of an agent",
        CONNECTOR,
        "request",
        _said("agent", "Wat is het IMEI-nummer?"),
        ((Speaker.AGENT, "Wat is het IMEI-nummer?"),),
        conversation="ac21",
    ),
    Example(
        "an answer of a bot",
        CONNECTOR,
        "request",
        _said("bot", "Kies een onderwerp."),
        ((Speaker.BOT, "Kies een onderwerp."),),
        path="/hook",
        conversation="ac21",
    ),
    Example(
        "what agents write to each other",
        CONNECTOR,
        "request",
        _said("agent", "Klant belt terug.", '"message_type":"private",'),
        ((None, "Klant belt terug."),),
        conversation="ac21",
    ),
    Example(
        "a conversation that is resolved",
        CONNECTOR,
        "request",
        b'{"actor":{"actor_type":"agent","actor_id":"5b3"},"action":"conversation_resolution","action_time":'
        b'"2026-11-26T09:00:00.000Z","data":{"resolve":{"resolver":"agent","resolver_id":"5b3","conversation":'
        b'{"conversation_id":"ac21","app_id":"a15","status":"resolved","channel_id":"eae"},"interaction_id":"51-16"}}}',
        (),
        conversation="ac21",
    ),
)
