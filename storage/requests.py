"""What data subjects ask for (Art. 15 to 21 and 7(3) GDPR), its clock, and who is told of it (Art. 19).

Implementations: `storage.memory` (the reference) and `storage.sql`. Every method is all or nothing and durable when
it returns. All raise `StoreUnavailableError` when the store can't be reached or written, and `RequestRefusedError`
for a step that the state of the request does not allow; nothing has changed then.

    received -> identity-pending -> open -> extended -> answered
                                                        refused, from any of them

What a request says of its subject (`Matter`) is sealed under a key of the request's own, which goes when the request
expires; no column names a session. What a step does to sessions, the messages that it causes, its event and the new
state are one transaction: nobody is erased without the recipients being told, and nobody is told in vain.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from storage.holds import Ground, Verdict
from storage.records import Identifier, Receipt

MOST_CODE_ATTEMPTS: Final = 5
SENDER: Final = ""
"""In place of a recipient: the message is a letter to who sent the request, whose address its matter has."""


class Right(StrEnum):
    """What is asked for; the article stands in the notice."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"


class RequestState(StrEnum):
    """How far a request has come. `received`: nobody has begun to look who asks."""

    RECEIVED = "received"
    IDENTITY_PENDING = "identity-pending"
    OPEN = "open"
    EXTENDED = "extended"
    ANSWERED = "answered"
    REFUSED = "refused"


UNPROVEN: Final = frozenset({RequestState.RECEIVED, RequestState.IDENTITY_PENDING})
RUNNING: Final = frozenset({RequestState.OPEN, RequestState.EXTENDED})
UNANSWERED: Final = UNPROVEN | RUNNING
RESTRICTING: Final = frozenset({Right.RESTRICTION, Right.RECTIFICATION, Right.OBJECTION})
OWED: Final = RUNNING | {RequestState.RECEIVED}
"""States in which it is the controller's turn, as it is once the first of two people has looked who asks."""
DUE_SOON: Final = timedelta(days=7)
TOLD_WITHIN: Final = timedelta(days=3)
"""How long a recipient may be out of reach before a message to it counts as stuck."""
LATE_COUNTS: Final = timedelta(days=92)
"""How long an answer that came late counts: three months, the longest that a request may take."""


class Proof(StrEnum):
    """By what the subject's identity is proven (Art. 12(6))."""

    TOKEN = "token"  # noqa: S105 - the kind of proof
    CODE = "code"
    DESK = "desk"


class MessageState(StrEnum):
    """How it stands with a message to a recipient. `told`: it was delivered, and nobody has acknowledged it."""

    WAITING = "waiting"
    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    GIVEN_UP = "given-up"


class MessageKind(StrEnum):
    """What a message says, without whom it is about: to recipients what is done, to the sender what became of it."""

    ERASURE = "erasure"
    RECTIFICATION = "rectification"
    RESTRICTION_BEGUN = "restriction-begun"
    RESTRICTION_ENDED = "restriction-ended"
    ANSWERED = "answered"
    REFUSED = "refused"
    EXTENDED = "extended"
    LIFTING = "lifting"


@dataclass(frozen=True, slots=True)
class Matter:
    """What a request says of its subject, sealed.

    Attributes:
        contact: where the answer goes: an e-mail address, or nothing.
        identifiers: by what the sessions were looked for.
        sessions: whose subject is proven to ask, or will be with the proof that is waited for.
        linked: found by an identifier that one of these shares with them; the desk looks at them.
        statement: the subject's own words, such as what is wrong (Art. 16).
        scope: what the request is about where that is needed: a purpose, a consent, a ground of Art. 18(1).
        answer: what the controller has answered, or why it takes longer.
        lifts: sessions whose restriction ends once the sender has been told (Art. 18(3)).
        lifted: sessions whose restriction this request asks for no longer.
        alone: nothing but these sessions is meant, so that nothing linked with them is looked for.
    """

    contact: str = field(default="", repr=False)
    identifiers: tuple[Identifier, ...] = field(default=(), repr=False)
    sessions: tuple[UUID, ...] = ()
    linked: tuple[UUID, ...] = ()
    statement: str = field(default="", repr=False)
    scope: str = ""
    answer: str = field(default="", repr=False)
    lifts: tuple[UUID, ...] = ()
    lifted: tuple[UUID, ...] = ()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request to open. `secret`: 256 bits that its sender holds; stored hashed. `delete_by`: if never answered."""

    id: UUID
    right: Right
    language: str
    due_at: datetime
    delete_by: datetime
    secret: bytes = field(repr=False)
    matter: Matter
    state: RequestState = RequestState.RECEIVED
    channel: str | None = None
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request without what it says of its subject. `attested_by`: the first of the two who look at the desk."""

    id: UUID
    right: Right
    channel: str | None
    language: str
    state: RequestState
    proof: Proof | None
    received_at: datetime
    due_at: datetime
    delete_by: datetime
    answered_at: datetime | None = None
    attested_by: str | None = None


class Place(NamedTuple):
    """Where a request stands in a list, whether or not it is there any more."""

    due_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """Something that happened to a request: words of this program, and the reference of who did it."""

    at: datetime
    what: str
    by: str


@dataclass(frozen=True, slots=True)
class Erase:
    """Erase a session, as far as nothing bars it (Art. 17)."""

    session_id: UUID


@dataclass(frozen=True, slots=True)
class Restrict:
    """Restrict a session (Art. 18)."""

    session_id: UUID
    ground: Ground


@dataclass(frozen=True, slots=True)
class ObjectTo:
    """Enter an objection of a session to a purpose, or to all that can be objected to (Art. 21).

    One that covers nothing (any more) is passed over.
    """

    session_id: UUID
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class EndConsent:
    """End what rests on a consent, whose withdrawal is recorded already (Art. 7(3))."""

    session_id: UUID
    consent: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Decide the open objections of a session to a purpose, or those to all that can be objected to (Art. 21)."""

    session_id: UUID
    verdict: Verdict
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Lift:
    """End the restrictions of a session on a ground (Art. 18(3)), none perhaps."""

    session_id: UUID
    ground: Ground


@dataclass(frozen=True, slots=True)
class EndPurpose:
    """End an operational purpose of a session, also for later turns."""

    session_id: UUID
    purpose: str


Deed = Erase | Restrict | ObjectTo | EndConsent | Decide | Lift | EndPurpose


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to a recipient of the notice (its name), or to `SENDER`. `content` is sealed.

    `waits_until`: it is not `waiting` before that, for who has made it sends it; None: at once.
    """

    id: UUID
    recipient: str
    content: str = field(repr=False)
    kind: MessageKind
    waits_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it waits, or as it went. `content` is empty in lists."""

    id: UUID
    request_id: UUID
    recipient: str
    kind: MessageKind
    state: MessageState
    made_at: datetime
    attempts: int
    next_at: datetime
    content: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class RequestStep:
    """One step of a request: in which states it may be taken, what it does, and what the request is afterwards.

    Fields that are None leave what they name as it is. `known`: the matter that the step goes by; it is refused if that
    has changed meanwhile, and with `once` also if a step of this name was taken before.
    """

    expects: Collection[RequestState]
    state: RequestState
    what: str
    by: str
    deeds: tuple[Deed, ...] = ()
    messages: tuple[NewMessage, ...] = ()
    matter: Matter | None = None
    known: Matter | None = field(default=None, repr=False)
    once: bool = False
    proof: Proof | None = None
    due_at: datetime | None = None
    delete_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class RequestFigures:
    """How it stands with requests and messages.

    Attributes:
        states: how many requests are in each state.
        due_soon: unanswered ones whose day comes within `DUE_SOON`.
        overdue: those whose day has passed and with which it is the controller's turn.
        late: those answered or refused after their day, within the last `LATE_COUNTS`.
        next_due_at: the next day of an unanswered one.
        messages: how many messages to recipients are in each state.
        letters: how many letters to senders are in each state.
        stuck: messages to recipients given up, or not delivered within `TOLD_WITHIN`.
    """

    states: Mapping[RequestState, int] = field(default_factory=dict)
    due_soon: int = 0
    overdue: int = 0
    late: int = 0
    next_due_at: datetime | None = None
    messages: Mapping[MessageState, int] = field(default_factory=dict)
    letters: Mapping[MessageState, int] = field(default_factory=dict)
    stuck: int = 0


class RequestStore(Protocol):
    """Requests of data subjects and messages to recipients."""

    async def open(self, new: NewRequest, now: datetime) -> Request:
        """Keep a new request."""

    async def enter(self, new: NewRequest, step: RequestStep, now: datetime) -> tuple[Receipt, ...]:
        """Keep a new request and take a step of it, all at once; returns the receipts of what it has erased."""

    async def get(self, request_id: UUID, secret: bytes | None = None) -> Request | None:
        """Return a request; with a secret None also where it is another's."""

    async def matter(self, request_id: UUID) -> Matter:
        """Return what a request says of its subject. Raises RequestRefusedError if there is no such request."""

    async def read(self, request_id: UUID, by: str, now: datetime) -> Matter:
        """Return what a request says, for a person (a reference); the ledger has it before they do.

        Raises RequestRefusedError if there is no such request.
        """

    async def requests(
        self,
        states: Collection[RequestState] = (),
        *,
        limit: int = 100,
        due_first: bool = False,
        after: Place | None = None,
    ) -> tuple[Request, ...]:
        """List requests in these states (in all, if none is named): the newest first, or those that are due first.

        With `after`, the place of a request in that order, only those behind it.
        """

    async def restricting(self, since: datetime, *, limit: int = 100, after: UUID | None = None) -> tuple[Request, ...]:
        """List what may ask for a restriction that began at a moment, the newest first; behind one with `after`.

        Of the requests whose right restricts: those that run, restrictions granted since, and decided ones whose
        sender has not been told yet.
        """

    async def take(self, request_id: UUID, step: RequestStep, now: datetime) -> tuple[Receipt, ...]:
        """Take a step; returns the receipts of what it has erased. Sessions that are gone are passed over."""

    async def events(self, request_id: UUID) -> tuple[RequestEvent, ...]:
        """Return what happened to a request, in order."""

    async def receipts(self, request_id: UUID) -> tuple[Receipt, ...]:
        """Return the receipts of all that steps of a request have erased so far."""

    async def put_code(self, request_id: UUID, code: str, until: datetime, now: datetime) -> None:
        """Keep a one-time code, hashed and sealed, in place of an earlier one; the request waits for it."""

    async def check_code(self, request_id: UUID, code: str, now: datetime) -> bool:
        """Tell whether this is the code; it counts once, until its time and for five attempts. Opens the request."""

    async def attest(self, request_id: UUID, by: str, now: datetime) -> Request:
        """Say for the desk that the identity is proven; the second of two different people opens the request."""

    async def expire(self, now: datetime) -> int:
        """Delete requests whose time is over, their keys first; returns how many."""

    async def waiting(self, now: datetime, limit: int = 100) -> tuple[Message, ...]:
        """Return messages whose time has come, with their content, the oldest first."""

    async def messages(self, request_id: UUID) -> tuple[Message, ...]:
        """List the messages of a request."""

    async def settle(self, message_id: UUID, state: MessageState, *, retry_at: datetime | None = None) -> None:
        """Write down what became of an attempt, or an acknowledgement; `retry_at` with WAITING."""

    async def figures(self, now: datetime) -> RequestFigures:
        """Count requests and messages."""
