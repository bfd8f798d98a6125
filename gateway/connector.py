"""What a connector says: where text, ids and ends sit in the bodies of one wire protocol. Data, no code.

A place in a body is written as a path: field names with dots, `[*]` for every item of a list, `*` for any
field: `messages[*].content`, `choices[*].delta.*`, `[*].text`. The more exact of two places wins.

Every string of a body falls under one of these, in this order:

    passes, drops    it goes on as it is; what is dropped goes as soon as any text of the body was changed
    texts            a text with a speaker (it becomes a turn), or without one (context: redacted, not kept)
    anything else    context, too: nothing gets past the redaction because nobody thought of its field

Numbers go on as they are, unless a text rule names their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from storage.records import Speaker


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path of the bot's API that is handled; `{name}` in it stands for one step.

    `passes`: nothing personal can be in it: the request must be without a body, and the answer is not read.
    """

    method: str
    path: str
    passes: bool = False


@dataclass(frozen=True, slots=True)
class TextRule:
    """A place where text sits.

    Attributes:
        at: the place.
        who: who speaks; None for context.
        when: places in the same body, each with the values that it must have one of.
        form: `text`; `json`: a JSON document in a string, whose strings are the texts; `identifier`: a name
            that the protocol allows letters, digits, `_` and `-` in only.
        name: in a stream, the name of the text.
        key: in a stream, places whose values tell texts of one name apart.
        whole: in a stream, whether each event holds a text of its own, rather than the next piece of one.
        result: whether it is what a tool returned; what stands before it was said in an earlier request.
    """

    at: str
    who: Speaker | None = None
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    form: Literal["text", "json", "identifier"] = "text"
    name: str = "text"
    key: tuple[str, ...] = ()
    whole: bool = False
    result: bool = False


@dataclass(frozen=True, slots=True)
class PartRule:
    """A list of typed parts: `at` is an item, `type` the field that names its type.

    Attributes:
        text: types that hold text.
        kinds: types that are not text, each with its kind (`image`, `audio`, `file`); any other is refused.
    """

    at: str
    type: str
    text: frozenset[str]
    kinds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Body:
    """Where things sit in one kind of body: a request, an answer, or one event of a streamed answer.

    Attributes:
        texts: where text sits.
        passes: places that go on as they are, with all they hold.
        drops: places that repeat text in another form, such as the log probabilities of its tokens.
        parts: lists of typed parts.
        attachments: places that hold something that is not text, each with its kind.
        requires: places of which one must be there; a body without them is not of this protocol.
    """

    texts: tuple[TextRule, ...]
    passes: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    parts: tuple[PartRule, ...] = ()
    attachments: Mapping[str, str] = field(default_factory=dict)
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Markup:
    """Where text sits in an answer that is XML: by the names of elements.

    `spoken`: elements whose words, with those of the elements in them, are the bot's; each is a message. `passes`:
    elements whose text goes on as it is. The text of any other is context. Attributes go on as they are.
    """

    spoken: frozenset[str]
    passes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EndRule:
    """The event that ends texts of a stream: `at` holds one of `values` or, without any, something not empty or false.

    `key`: places whose values tell which texts end; without any, all do.
    """

    at: str
    values: tuple[str, ...] = ()
    key: tuple[str, ...] = ()


OWN_TEXT: Final = "{text}"


@dataclass(frozen=True, slots=True)
class Own:
    """How the gateway answers by itself: JSON in which `OWN_TEXT` stands for its words; `events` make a stream."""

    answer: Any
    events: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Connector:
    """One wire protocol.

    Attributes:
        name: the connector's name in a notice.
        endpoints: the paths that are handled; any other is refused.
        request, response, event: where things sit in each kind of body.
        conversation: places of the protocol's own conversation id in a request, the first that is filled counts.
        message_id: place of an id that a repeated message has again.
        asks_stream: place in a request that is true when a streamed answer is wanted.
        history: whether a request repeats the earlier messages.
        choices: whether the messages of one answer are choices, of which a customer sees one.
        query: names of the query parameters that may reach the bot.
        forms: whether a request may be a form (`application/x-www-form-urlencoded`).
        end_marks: data of an event that is no JSON and ends the stream, such as `[DONE]`.
        ends: events that end texts.
        markup: where text sits in answers that are XML, where they are.
        any_query: whether all query parameters may reach the bot, being its own: it has written the address.
        silent: whether a request may say nothing, as a call platform's do that tell of an event.
        own: how the gateway answers by itself, where it can.
        one_way: whether nothing that is said to the customer comes back as an answer.
    """

    name: str
    endpoints: tuple[Endpoint, ...]
    request: Body
    response: Body
    event: Body
    conversation: tuple[str, ...] = ()
    message_id: str | None = None
    asks_stream: str | None = None
    history: bool = False
    choices: bool = False
    query: tuple[str, ...] = ()
    forms: bool = False
    end_marks: tuple[str, ...] = ()
    ends: tuple[EndRule, ...] = ()
    markup: Markup | None = None
    any_query: bool = False
    silent: bool = False
    one_way: bool = False
    own: Own | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A recorded exchange, and what the engine must find in it; every connector has some, the tests run them.

    Attributes:
        about: what it shows.
        connector: the connector that reads it.
        direction: which kind of body it is.
        raw: the bytes; of a stream, all of its events.
        texts: the texts in order, each with its speaker (None for context); of a stream, the kept texts.
        path: what follows the channel in a request's address.
        content_type: the header's value.
        conversation: the conversation id of a request.
        ends: whether the stream has an end mark of its own.
    """

    about: str
    connector: Connector
    direction: Literal["request", "response", "stream"]
    raw: bytes
    texts: tuple[tuple[Speaker | None, str], ...]
    path: str = "/"
    content_type: str = "application/json"
    conversation: str | None = None
    ends: bool = True
