"""The values that the store takes and gives: frozen, without I/O.

A session has parts; a part is what is sealed and expires on its own. Why a part may exist, and until
when, is said by its assignments. When the assignments allowed for a kind change within a session (a
consent given or withdrawn), what follows goes into a new part of that kind, so that nothing said
before a consent becomes readable for the purpose that rests on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from storage.audio import RecordingFigures, RecordingStep
from storage.key_material import SecretBytes
from storage.marks import TurnMarks


class PartKind(StrEnum):
    """What a part holds."""

    TRANSCRIPT = "transcript"
    ORIGINAL = "original"
    RECORDING = "recording"
    PSEUDONYMS = "pseudonyms"
    CONNECTION = "connection"
    CONSENT = "consent"
    FACTS = "facts"


class Speaker(StrEnum):
    """Who said a turn."""

    SUBJECT = "subject"
    BOT = "bot"
    AGENT = "agent"


class StartEvent(StrEnum):
    """What starts the period of a deletion class (DIN 66398, ISO/IEC 27555)."""

    COLLECTION = "collection"
    SESSION_END = "session-end"
    MATTER_RESOLVED = "matter-resolved"
    CONSENT_END = "consent-end"
    RELATION_END = "relation-end"


class ClassKind(StrEnum):
    """Why a deletion class keeps: for the controller's own use, or because a law says so.

    What only statutory classes still keep is blocked (Section 35(3) BDSG): nothing but their purpose reads it.
    """

    OPERATIONAL = "operational"
    STATUTORY = "statutory"


class RoundTo(StrEnum):
    """To which moment the start of a period is put off (Section 147(4) AO, Section 257(5) HGB)."""

    YEAR_END = "year-end"


class AssignmentState(StrEnum):
    """How an assignment stands. What is active or objected to keeps its part; the rest is over."""

    ACTIVE = "active"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"


class PartState(StrEnum):
    """What may be done with a part now; see `storage.retention.state`."""

    RESTRICTED = "restricted"
    ACTIVE = "active"
    BLOCKED = "blocked"
    ERASE = "erase"


class ConsentState(StrEnum):
    """State of a consent (ISO/IEC TS 27560, event state)."""

    REQUESTED = "requested"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ErasureReason(StrEnum):
    """Why a part was erased."""

    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REQUESTED = "requested"
    OBJECTED = "objected"
    ENDED = "ended"
    ADMIN = "admin"


class SessionEvent(StrEnum):
    """What happened to a session, besides its turns."""

    AI_DISCLOSED = "ai-disclosed"
    SESSION_END = "session-end"
    MATTER_RESOLVED = "matter-resolved"
    CONSENT_END = "consent-end"
    RELATION_END = "relation-end"


@dataclass(frozen=True, slots=True)
class DeletionClass:
    """Start event x period (ISO 8601, on the calendar of `time_zone`); `round_to` goes with statutory classes only."""

    name: str
    start: StartEvent
    period: str
    time_zone: str
    maximum_open: str = "P1Y"
    kind: ClassKind = ClassKind.OPERATIONAL
    round_to: RoundTo | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Why a part may exist: purpose x legal basis x deletion class, and the consent it rests on.

    `legal_claims`: the purpose is to establish, exercise or defend legal claims, so that it may be read while the
    session is restricted (Art. 18(2)) and an objection to everything does not cover it (Art. 21(1)).
    """

    purpose: str
    legal_basis: str
    deletion_class: DeletionClass
    consent: str | None = None
    legal_claims: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What may be kept of a session now: for each kind of part its assignments. A kind not listed is not written."""

    assignments: Mapping[PartKind, tuple[Assignment, ...]]


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to open. `conversations` are a protocol's own ids, kept only as blind tokens of the channel.

    `imported`: it was held in another system, and nobody knows what was told before.
    """

    id: UUID
    channel: str
    notice_version: str
    notice_digest: str
    started_at: datetime
    token: bytes = field(repr=False)
    conversations: tuple[str, ...] = field(default=(), repr=False)
    language: str | None = None
    imported: bool = False


@dataclass(frozen=True, slots=True)
class Locator:
    """How a session is found: by its id with its token, or by a protocol's conversation id in a channel."""

    channel: str
    id: UUID | None = None
    token: bytes | None = field(default=None, repr=False)
    conversation: str | None = field(default=None, repr=False)
    before: UUID | None = None
    """Of the sessions of a conversation not the newest is found, but the newest that was opened before this one."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """What a session can be found by: a kind that the notice lists, such as PHONE, and a value in canonical form."""

    kind: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as it may be kept: `text` is redacted already.

    `match` is what a client would send again in a history (the words as delivered); only a keyed digest
    of it is stored. `once` identifies the message (an idempotency key, a message id, its place in a
    history); of the turns of a session with one `once` only the first is stored. `answers` is the place, in
    the same write, of an earlier turn that this one answers: `once` then identifies it among the answers to that
    turn (see `storage.digests.answer_to`). `original` is written only where the plan has that part.
    Of `identifiers` the parts that keep the turn get blind tokens, by which their session is found. `marks` stand in
    for `match`, `once` and `identifiers` where the words are gone already.
    """

    speaker: Speaker
    text: str = field(repr=False)
    at: datetime
    match: str = field(default="", repr=False)
    once: str | None = field(default=None, repr=False)
    original: str | None = field(default=None, repr=False)
    answers: int | None = None
    identifiers: tuple[Identifier, ...] = field(default=(), repr=False)
    marks: TurnMarks | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """Evidence of one consent event (fields after ISO/IEC TS 27560)."""

    consent: str
    state: ConsentState
    at: datetime
    notice: str
    notice_version: str
    notice_digest: str
    language: str
    wording: str = field(repr=False)
    method: str
    purposes: tuple[str, ...]
    evidence: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Write:
    """All that one durable, atomic step adds to a session. `new` opens the session in the same step.

    By `identifiers` the session is found as long as the part with this `connection` is there, as by those of a turn.
    `agreed`: from `now` on, if not before, everybody in the call agrees to what is asked; False: not any more.
    `evidence`: for a consent, what proves its last yes further; kept with it, before the answers of this write.
    """

    session_id: UUID
    plan: Plan
    now: datetime
    new: NewSession | None = None
    turns: tuple[Turn, ...] = ()
    consents: tuple[ConsentRecord, ...] = ()
    events: tuple[SessionEvent, ...] = ()
    pseudonyms: bytes | None = field(default=None, repr=False)
    connection: Mapping[str, str] | None = field(default=None, repr=False)
    identifiers: tuple[Identifier, ...] = field(default=(), repr=False)
    ratings: tuple[bool, ...] = ()
    recordings: tuple[RecordingStep, ...] = ()
    agreed: bool | None = None
    evidence: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Written:
    """For each turn of a write its number in the session; None where it was not stored, being a repeat."""

    sequences: tuple[int | None, ...]

    @property
    def turns(self) -> tuple[bool, ...]:
        """Tell for each turn whether it was stored."""
        return tuple(sequence is not None for sequence in self.sequences)


@dataclass(frozen=True, slots=True)
class TurnRef:
    """A stored turn as history alignment sees it: keyed digests, no text."""

    sequence: int
    speaker: Speaker
    digest: bytes
    once: bytes | None


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: what one read brings before a message is handled.

    `remembered`: the databases are away or behind, and this is what the process knows; others may know more.
    `agreed_since`: since when everybody in the call has agreed, without a break; see `Write.agreed`.
    `answered_at`: of each consent the time of its last answer. `map_hidden`: pseudonyms are there, not to be read now.
    """

    id: UUID
    channel: str
    started_at: datetime
    last_turn_at: datetime | None
    ended_at: datetime | None
    disclosed_at: datetime | None
    consents: Mapping[str, ConsentState]
    history: tuple[TurnRef, ...]
    digest_key: SecretBytes
    pseudonyms: bytes | None = field(default=None, repr=False)
    language: str | None = None
    remembered: bool = False
    agreed_since: datetime | None = None
    answered_at: Mapping[str, datetime] = field(default_factory=dict)
    map_hidden: bool = False


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn read back; `original` only for a purpose for which the original is kept."""

    sequence: int
    speaker: Speaker
    text: str = field(repr=False)
    at: datetime
    original: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """The non-personal figures of a session."""

    started_at: datetime
    last_turn_at: datetime | None
    messages: int
    ratings_positive: int
    ratings_negative: int
    recordings: RecordingFigures = field(default_factory=RecordingFigures)


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session in a list: no content. `purposes`: purpose -> the moment its last part ends."""

    id: UUID
    channel: str
    started_at: datetime
    purposes: Mapping[str, datetime]
    parts: tuple[PartKind, ...]
    expires_at: datetime | None
    facts: Facts | None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a purpose may see of a session."""

    summary: SessionSummary
    purpose: str
    turns: tuple[StoredTurn, ...]
    consents: tuple[ConsentRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class DuePart:
    """A part whose last purpose has ended but which has not been erased yet."""

    part_id: UUID
    session_id: UUID
    kind: PartKind
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the system attests of one erasure. No personal data, no session token.

    `ciphertext_root` is the root (RFC 6962, in hexadecimal digits) over the part's sealed records in their order.
    From `backups_clean_by` on, a copy of the key database made before the erasure opens nothing by itself.
    """

    id: UUID
    part_id: UUID
    kind: PartKind
    deletion_classes: tuple[str, ...]
    reason: ErasureReason
    actor: str
    notice_version: str
    records: int
    ciphertext_root: str
    method: str
    erased_at: datetime
    backups_clean_by: datetime


@dataclass(frozen=True, slots=True)
class KeyState:
    """Whether what holds the root key answered when it was last asked, and how long ago it last did."""

    serves: bool
    unconfirmed_seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What is kept now, for the metrics. `holds_overdue`: holds whose review date has passed; they stay in force."""

    parts: Mapping[tuple[PartKind, str], int]
    overdue: int
    oldest_overdue_seconds: float
    sessions: int
    states: Mapping[PartState, int] = field(default_factory=dict)
    holds: int = 0
    holds_overdue: int = 0
    restrictions: int = 0
