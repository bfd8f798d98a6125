"""A call that is going on, as its platform offers it and as what is said in it comes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

from gateway.calls.book import Connection
from gateway.calls.card import CardWatch
from gateway.calls.live import LiveCall
from gateway.calls.quiet import Quiet, Word
from gateway.calls.sound import Backlog
from gateway.errors import RefusedError

_MOST_REMEMBERED: Final = 1_000
_MOST_WAITING: Final = 1_000


@dataclass(frozen=True, slots=True)
class CallOffer:
    """What a platform says of a call that begins; `agent`: a person of the service answers it."""

    call: str | None = field(default=None, repr=False)
    caller: str | None = field(default=None, repr=False)
    line: str | None = field(default=None, repr=False)
    language: str | None = None
    agent: bool = False


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said in a call, as a speech recognition heard it; `final` is false while it may still change."""

    text: str = field(repr=False)
    speaker: Literal["subject", "agent", "bot"] = "subject"
    final: bool = True
    confidence: float | None = None
    id: str | None = None
    words: tuple[Word, ...] = ()


@dataclass(slots=True)
class OnLine:
    """A call that is going on, with the session that it belongs to.

    `held`: what the platform gets once the question is answered. `listening`: the platform sends its audio here.
    `card`: what was heard of a card's number. `waiting`: messages of the platform that the bot gets after the answer.
    `quiet`: what is to be silent in its recording. `in_turn`: who holds it hands the bot what has waited.
    `looking`: goes on once the question is answered, where the platform says nothing of it.
    `transcripts`: takes what was said, and how it is kept, where the platform wants it.
    `asked_after`: its platform will be asked what it has recorded of it. `backlog`: what of its sound waits there.
    """

    connection: Connection
    session: UUID
    live: LiveCall
    held: bytes | None = field(default=None, repr=False)
    listening: bool = False
    card: CardWatch = field(default_factory=CardWatch)
    waiting: list[dict[str, Any]] = field(default_factory=list, repr=False)
    quiet: Quiet = field(default_factory=Quiet, repr=False)
    looking: asyncio.Task[None] | None = field(default=None, repr=False)
    transcripts: Callable[[Utterance, str], Awaitable[None]] | None = field(default=None, repr=False)
    asked_after: bool = False
    backlog: Backlog = field(default_factory=Backlog, repr=False)
    in_turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    _taken: OrderedDict[str, None] = field(default_factory=OrderedDict, repr=False)

    def wait(self, *messages: dict[str, Any]) -> None:
        """Let messages of the platform wait for the answer. Raises RefusedError (503): so many can't, and none does."""
        if len(self.waiting) + len(messages) > _MOST_WAITING:
            raise RefusedError("too_much_waits", 503, "More waits for the answer to the question than can")
        self.waiting.extend(messages)

    def first_time(self, message: str) -> bool:
        """Tell whether a message of the platform comes for the first time, by its id; the last thousand are known."""
        if message in self._taken:
            return False
        self._taken[message] = None
        if len(self._taken) > _MOST_REMEMBERED:
            self._taken.popitem(last=False)
        return True

    def untake(self, message: str) -> None:
        """Forget a message that could not be dealt with: when it comes again, it is new."""
        self._taken.pop(message, None)
