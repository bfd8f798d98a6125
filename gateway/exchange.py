"""One request and its answer, without their HTTP framework."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from gateway.consent import Decision
from gateway.recent import Heard
from gateway.sessions import Claim, Opened
from gateway.tokens import SessionToken
from redaction.findings import Finding
from redaction.pseudonyms import Pseudonyms
from storage.digests import answer_to
from storage.records import PartKind, SessionEvent, Turn, Write, Written


class Reader(Protocol):
    """Learns what is found in a request and in its answer, as it is found."""

    def found(self, text: str, findings: Sequence[Finding], kept: str) -> None:
        """Take what was found in something that was said, and how it is kept."""

    def answered(self, text: str, findings: Sequence[Finding]) -> None:
        """Take what was found in a message of the bot, as the customer gets it."""

    def lost(self) -> None:
        """Take that what the customer gets of the bot's answer is not known."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One request on a channel. `path` is what follows the channel, no slash before it.

    `suspended`: consents do not count for now. `unkept`: nothing of it is kept, whatever the notice says.
    `ended`: a session that has ended serves as well, and none is opened in its place.
    `reader`: who learns what is found. `said_at`: when it was said, where that is known to be earlier.
    """

    method: str
    path: str
    content_type: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    claim: Claim = field(default_factory=Claim)
    idempotency_key: str | None = field(default=None, repr=False)
    retried: bool = False
    language: str | None = None
    connection: Mapping[str, str] = field(default_factory=dict, repr=False)
    suspended: bool = False
    unkept: bool = False
    ended: bool = False
    reader: Reader | None = field(default=None, repr=False)
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Status, headers and, for a new session, its token: what precedes an answer's body."""

    status: int
    headers: Mapping[str, str]
    token: SessionToken | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    head: Head
    body: bytes = field(repr=False)


class Sink(Protocol):
    """Where a streamed answer goes."""

    async def write(self, data: bytes) -> None:
        """Send bytes. Raises ConnectionError when the client has left."""

    async def finish(self) -> None:
        """End the answer properly."""

    def abort(self) -> None:
        """Cut the connection, so that the client sees that the answer is not whole."""


Begin = Callable[[Head], Awaitable[Sink]]


@dataclass(slots=True)
class Exchange:
    """One request and its answer on their way.

    Attributes:
        opened: the session.
        decision: what the notice allows.
        table: the session's pseudonyms or, of a request that does not own it, those of the request.
        heard: what the bot's answer is read with.
        tell: whether the AI disclosure is put before the answer.
        said: the step that stores what is new in the request.
        answers: number of the stored turn that is answered; None where it is not known (yet).
        rounds: how many messages of the bot and its tools the request has behind that turn.
        spent_elsewhere: seconds spent on a client that reads slowly.
        reader: who learns what is found in the answer.
        storing: the step on its way to the store, alone or with the answer; None where it still waits for that.
    """

    opened: Opened
    decision: Decision
    table: Pseudonyms
    heard: Heard = field(repr=False)
    tell: bool
    said: Write
    answers: int | None
    rounds: int
    spent_elsewhere: float = 0.0
    reader: Reader | None = None
    storing: asyncio.Future[Written] | None = None

    def with_answer(self, turns: Sequence[Turn], now: datetime, events: tuple[SessionEvent, ...]) -> Write:
        """Return the step that stores an answer, together with what it answers where that is not stored yet."""
        if self.storing is None:
            return replace(self.said, now=now, turns=(*self.said.turns, *turns), events=events)
        return Write(self.opened.id, self.decision.plan, now, turns=tuple(turns), events=events)

    def place_of(self, number: int) -> tuple[str | None, int | None]:
        """Return what identifies a message of a whole answer (`Turn.once`, `Turn.answers`).

        By it the answer to a repeated request is stored once.
        """
        # Where no transcript may be kept, not even that is.
        if PartKind.TRANSCRIPT not in self.decision.plan.assignments:
            return None, None
        place = f"{self.rounds}/{number}"
        if self.answers is not None:
            return answer_to(self.answers, place), None
        if self.storing is None and self.said.turns:
            return place, len(self.said.turns) - 1
        return None, None
