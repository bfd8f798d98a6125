"""The privacy notice as values: what the controller promises, as `load_notice` reads it from YAML.

Every model is frozen and refuses fields that it does not know. `docs/notice.md` describes each field.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from gateway.notice.answers import Answers
from gateway.notice.block import Block
from gateway.notice.channel import Channel
from gateway.notice.fields import (
    Contact,
    Language,
    LegalBasis,
    Localised,
    Period,
    Slug,
    Text,
    TextOrLocalised,
    TimeZone,
)
from storage.records import ClassKind, RoundTo, StartEvent

Article = Literal["7(3)", "15", "16", "17", "18", "19", "20", "21", "22", "77"]


class Controller(Block):
    """Who decides about the data (GDPR Articles 4(7) and 13(1)(a), (b))."""

    name: Text = Field(description="Name of the company or authority.")
    address: Text = Field(description="Postal address, or at least the seat.")
    email: Text = Field(description="Mailbox for questions about personal data.")
    phone: Text | None = Field(default=None, description="Telephone number.")
    data_protection_officer: Text | None = Field(
        default=None, description="How the data protection officer is reached."
    )


class Purpose(Block):
    """What data are used for (GDPR Article 13(1)(c), (d))."""

    legal_basis: LegalBasis = Field(description="`A6-1-a` to `A6-1-f` or `A9-2-a` to `A9-2-j`, as in W3C DPV.")
    consent: Slug | None = Field(
        default=None, description="The consent it rests on; needed with `A6-1-a` and `A9-2-a` only."
    )
    interest: TextOrLocalised | None = Field(default=None, description="The legitimate interest; needed with `A6-1-f`.")
    description: Localised | None = Field(default=None, description="The purpose in words for customers.")
    legal_claims: bool = Field(
        default=False,
        description="Whether it is to establish, exercise or defend legal claims (Articles 18(2) and 21(1)).",
    )


class DeletionRule(Block):
    """A deletion class (DIN 66398, ISO/IEC 27555): what starts the period, and how long it is."""

    start: StartEvent = Field(description="What starts the period.")
    period: Period = Field(description="How long after the start the part is erased, ISO 8601, such as `P30D`.")
    maximum_open: Period = Field(default="P1Y", description="The longest time that a part waits for its start event.")
    kind: ClassKind = Field(
        default=ClassKind.OPERATIONAL, description="`statutory`: a law obliges the controller to keep it so long."
    )
    round_to: RoundTo | None = Field(
        default=None, description="`year-end`: the period starts when the year of its event is over; statutory only."
    )


class Consent(Block):
    """A consent that customers are asked for."""

    ask: Localised = Field(description="The question, in each language; the answer is recorded with this wording.")
    answers: Answers | None = Field(default=None, description="How a caller answers; a chat answers by its buttons.")
    required: bool = Field(default=False, description="Whether the channel can't be used without it.")
    template: Text | None = Field(
        default=None,
        description="Its id at the site's consent platform (Usercentrics: templateId); it then counts as signed only.",
    )


class Rights(Block):
    """How customers use their rights (GDPR Article 13(2)(b) to (d))."""

    contact: Text = Field(description="Where requests go.")
    articles: tuple[Article, ...] = Field(description="The articles of the GDPR that are promised.")
    authority: TextOrLocalised | None = Field(default=None, description="The supervisory authority for complaints.")
    keep: Slug | None = Field(
        default=None,
        description="Deletion class of the requests themselves: from their coming (`collection`) or their answer "
        "(`matter-resolved`). Without it the gateway takes no requests.",
    )
    doubt: Localised | None = Field(
        default=None, description="What is said if it stays in doubt who asks (Article 12(6)); needed with `keep`."
    )


class Recipient(Block):
    """Who else gets data (GDPR Article 13(1)(e), (f))."""

    name: TextOrLocalised = Field(
        description="Its name, or what kind of recipient it is; in the notice's own language no two have the same."
    )
    role: Literal["processor", "controller", "joint-controller"] = Field(default="processor", description="Its role.")
    purposes: tuple[Slug, ...] = Field(default=(), description="What it gets data for.")
    channels: tuple[Slug, ...] = Field(
        default=(), description="From which channels it gets data; from all that have its purposes, if none is named."
    )
    categories: TextOrLocalised | None = Field(default=None, description="Which categories of data it gets.")
    country: TextOrLocalised | None = Field(default=None, description="Where it processes them, when outside the EEA.")
    safeguard: TextOrLocalised | None = Field(
        default=None, description="What the transfer rests on, when outside the EEA."
    )
    inform: Contact | None = Field(
        default=None,
        description="Where it is told of rectification, erasure and restriction (Article 19): a mailbox, or an address "
        "that takes a signed POST.",
    )


WORDINGS: Final = ("text", "provision", "automated_decisions")
"""The fields of a notice that are words for customers."""


class Notice(Block):
    """The whole file."""

    notice: Slug = Field(description="Id of the notice; written on every session and consent record.")
    version: Text = Field(description="Version, such as `2025-07`; written on every session and consent record.")
    language: Language = Field(description="The language that every wording has.")
    time_zone: TimeZone = Field(default="Europe/Berlin", description="Where periods are counted, an IANA name.")
    controller: Controller = Field(description="Who decides about the data.")
    purposes: dict[Slug, Purpose] = Field(min_length=1, description="What data are used for.")
    deletion_classes: dict[Slug, DeletionRule] = Field(default={}, description="How long parts are kept.")
    consents: dict[Slug, Consent] = Field(default={}, description="What customers are asked for.")
    channels: dict[Slug, Channel] = Field(min_length=1, description="The bots, hotlines and desks behind the gateway.")
    text: Localised | None = Field(
        default=None, description="The notice's words for customers, paragraphs without markup."
    )
    provision: Localised | None = Field(
        default=None,
        description="Whether data have to be given, by law or contract or to be helped, and what follows if they are "
        "not (Article 13(2)(e)).",
    )
    automated_decisions: Localised | None = Field(
        default=None,
        description="Whether decisions are made by machines alone, profiling included; if so by what logic and with "
        "what effect (Article 13(2)(f)).",
    )
    rights: Rights = Field(description="How customers use their rights.")
    recipients: tuple[Recipient, ...] = Field(default=(), description="Who else gets data.")
    not_for: tuple[Slug, ...] = Field(
        default=(),
        description="Uses that the controller rules out, such as `training`; no purpose may have such a name.",
    )

    def wording(self, texts: Localised | str, language: str | None) -> str:
        """Return the text in `language`, or in the notice's own language where it has none."""
        if isinstance(texts, str):
            return texts
        return texts.get(language or self.language) or texts[self.language]
