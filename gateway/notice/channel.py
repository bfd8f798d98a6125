"""A channel of a notice: one bot, hotline or desk, and what may be kept of what is said there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.notice.block import Block
from gateway.notice.call import CallRules
from gateway.notice.fields import (
    Address,
    BodyPath,
    BodyPaths,
    FieldPath,
    Language,
    Localised,
    Patterns,
    Pause,
    Region,
    Slug,
    Text,
    UrlPaths,
)
from redaction.findings import EntityType
from storage.records import PartKind


class Tell(Block):
    """What the customer is told before the first answer (AI Act, Article 50(1))."""

    ai_disclosure: Localised = Field(description="That a machine answers, in each language.")
    deliver: Literal["prepend", "frontend"] = Field(
        default="prepend",
        description="`prepend`: put before the first answer. `frontend`: 428 until the front end has confirmed it.",
    )


class Speakers(Block):
    """Which value of a field says that the customer, the bot or a person of the service has spoken."""

    at: BodyPath = Field(description="Where the field sits, such as `messages[*].role`.")
    subject: tuple[Text, ...] = Field(default=("user",), description="Values that mean the customer.")
    bot: tuple[Text, ...] = Field(default=("assistant", "bot", "ai"), description="Values that mean the bot.")
    agent: tuple[Text, ...] = Field(default=(), description="Values that mean a person of the customer service.")


class JsonPaths(Block):
    """Where text and ids sit in the bodies of a bot that is spoken to with the connector `json`."""

    text: BodyPaths = Field(min_length=1, description="The customer's words in a request; each place is a message.")
    response: BodyPaths = Field(min_length=1, description="The bot's words in an answer.")
    post: UrlPaths = Field(
        min_length=1, default=("/",), description="Paths behind the channel that take messages (POST)."
    )
    get: UrlPaths = Field(default=(), description="Paths behind the channel that are passed through (GET, no body).")
    query: tuple[Text, ...] = Field(
        default=("stream",), description="Query parameters that reach the bot; others do not."
    )
    conversation: FieldPath | None = Field(
        default=None, description="The bot's own conversation id; it passes unchanged."
    )
    message_id: FieldPath | None = Field(default=None, description="An id that is the same when a message is repeated.")
    history: bool = Field(default=False, description="Whether a request repeats the earlier messages.")
    speaker: Speakers | None = Field(
        default=None, description="Who has spoken, where a request holds several messages."
    )
    stream: BodyPaths = Field(default=(), description="The bot's words in one event of a streamed answer.")
    stream_mode: Literal["append", "messages"] = Field(
        default="append",
        description="`append`: each event continues the text. `messages`: each event is a message of its own.",
    )
    stream_key: FieldPath | None = Field(
        default=None, description="What tells texts apart that are streamed side by side."
    )
    stream_end: dict[FieldPath, Text] = Field(
        default={}, description="The field and value of the event that ends a stream."
    )
    context: BodyPaths = Field(default=(), description="Places that are redacted but not kept, numbers too.")
    files: BodyPaths = Field(default=(), description="Places of attached files; a request that fills one is refused.")
    passes: BodyPaths = Field(default=(), alias="pass", description="Places that pass unchanged, with all they hold.")


class Channel(Block):
    """One bot, hotline or desk behind the gateway."""

    kind: Literal["chat", "call", "ticket"] = Field(description="What is spoken here.")
    connector: Slug = Field(description="The protocol that the bot speaks; see `docs/connectors.md`.")
    upstream: Address | None = Field(
        default=None,
        description="The bot's address, http or https, without credentials; a hotline may have none, tickets none.",
    )
    paths: JsonPaths | None = Field(default=None, description="For the connector `json` only: where text and ids sit.")
    conversation: FieldPath | None = Field(
        default=None, description="Where the protocol's own conversation id sits, if not in its usual place."
    )
    language: Language | None = Field(
        default=None, description="The language spoken here; without it, each message's own."
    )
    tell: Tell | None = Field(default=None, description="What is told before the first answer.")
    asks_for: tuple[EntityType, ...] = Field(
        default=(),
        description="Personal data that the bot asks for: it reaches the bot and is not counted as imposed.",
    )
    forward: Literal["original", "redacted", "pseudonyms"] = Field(
        default="redacted",
        description="What the bot sees of personal data that it did not ask for.",
    )
    deliver: Literal["original", "redacted"] = Field(
        default="original", description="What the customer gets of the bot's words."
    )
    operators: dict[EntityType, Literal["mask", "pseudonym", "keep", "partial", "drop"]] = Field(
        default={},
        description="How a type is forwarded other than by default (mask; pseudonym with `forward: pseudonyms`). "
        "`mask`, `partial` and `drop` hold for what is kept, too, unless `keep_operators` is given.",
    )
    keep_operators: dict[EntityType, Literal["mask", "partial", "drop"]] = Field(
        default={},
        description="How a type is treated in what is kept and in `deliver: redacted`, other than masked.",
    )
    keep_types: tuple[EntityType, ...] = Field(
        default=(),
        description="Types of `asks_for` that also stay readable in the stored transcript.",
    )
    index: tuple[EntityType, ...] = Field(
        default=(),
        description="Identifiers by which this channel's sessions can be found: what the customer says, who writes a "
        "ticket, the caller's number where `connection` is kept.",
    )
    region: Region = Field(
        default="DE", description="The country whose phone numbers are meant, for `index`, where none is said."
    )
    normalise: dict[EntityType, Literal["alphanumeric", "digits", "exact"]] = Field(
        default={},
        description="What of a number counts when sessions are found by it (`index`): letters and figures whatever "
        "their case (`alphanumeric`, otherwise), figures alone, or all but blanks at its ends.",
    )
    pass_parts: tuple[Literal["image", "audio", "file"], ...] = Field(
        default=(),
        description="Parts that are not text and reach the bot unredacted; they are never stored.",
    )
    session_idle: Pause = Field(
        default="PT30M",
        description="How long nothing is said before a session ends; without it a ticket may stay open a year.",
    )
    caution: Literal["low", "normal", "high"] = Field(
        default="normal",
        description="How early a doubtful value counts as personal data.",
    )
    own: tuple[Text, ...] = Field(
        default=(),
        description="The controller's own hotlines, mailboxes and names: not personal data.",
    )
    patterns: dict[EntityType, Patterns] = Field(
        default={},
        description="The forms of the controller's own numbers, as RE2 patterns, such as `R-[0-9]{7}`.",
    )
    call: CallRules | None = Field(
        default=None, description="For the kind `call` only: how consent is asked, and what stops or pauses."
    )
    hear_original: tuple[Slug, ...] = Field(
        default=(),
        description="Purposes that hear a recording as it was; others hear it with what redaction found silenced.",
    )
    keep: dict[PartKind, dict[Slug, Slug]] = Field(
        default={},
        description="For each part its purposes, each with a deletion class. What is not listed is not kept.",
    )
