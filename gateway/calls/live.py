"""A call that is going on: carries out what the state machine says, in memory, and tells what is to be spoken.

What is durable is written elsewhere (`Commits`); what a process forgets when it ends is only that it may record: the
calls that were going on then are recorded no further.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Collection, Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from gateway.calls.events import (
    Arm,
    Ask,
    Command,
    Commit,
    CommitFailed,
    Committed,
    Disarm,
    Ended,
    Event,
    Party,
    Resume,
    Silent,
    TellNotRecorded,
)
from gateway.calls.script import Patience, Prompts, Script
from gateway.calls.session import Call, advance, interrupts, waits
from gateway.calls.sound import Sound
from gateway.clock import Clock
from gateway.logs import LOGGER, place_of
from storage.errors import ProviderDownError, StorageError, StoreUnavailableError

ON_ITS_WAY: Final = timedelta(milliseconds=200)
"""How long audio may have been on its way, in networks and queues, when it is taken."""
_AWAY: Final = (ProviderDownError, StoreUnavailableError)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something to be spoken to the caller; a question waits for an answer."""

    kind: Literal["question", "notice"]
    text: str
    language: str


class Commits(Protocol):
    """Makes answers durable."""

    async def commit(self, commit: Commit, language: str) -> None:
        """Write one answer. Raises StorageError where it is not durable."""

    async def stand(self, *, agreed: bool) -> None:
        """Write that everybody agrees from now on, or not any more. Raises StorageError."""

    def heard(self, parties: Collection[Party], at: datetime) -> None:
        """Note when the first sound was kept by the yes of these parties."""

    async def write_heard(self) -> None:
        """Write what was noted so. Raises StorageError where it is not durable."""


class Tape(Protocol):
    """Keeps the audio of one call, while it is armed."""

    def arm(self, now: datetime) -> None:
        """Begin, or go on."""

    def disarm(self, now: datetime) -> None:
        """Stop in this instant: nothing that comes later is kept."""

    async def take(self, sound: Sound, now: datetime) -> bool:
        """Keep audio that was admitted; False where nothing of it is kept. Raises StorageError."""

    async def finish(self, now: datetime) -> None:
        """Close what was recorded. Raises StorageError; then it is called again."""

    async def missed(self, now: datetime) -> None:
        """Take that something was said too late to be silent: while it is closed, or after. Raises StorageError."""


class LiveCall:
    """One call that is going on. `settled` is set while no question waits for an answer, or the call is over."""

    def __init__(
        self,
        script: Script,
        prompts: Prompts,
        patience: Patience,
        call: Call,
        *,
        commits: Commits,
        tape: Tape | None,
        clock: Clock,
    ) -> None:
        """Begin with a call to which nothing has happened yet; without a tape there is nothing to arm."""
        self._script = script
        self._prompts = prompts
        self._patience = patience
        self._commits = commits
        self._tape = tape
        self._clock = clock
        self._order = asyncio.Lock()
        self._owed: deque[Commit] = deque()
        self._writing = asyncio.Lock()
        self._finishing = asyncio.Lock()
        self._carrying: set[asyncio.Future[None]] = set()
        self.call = call
        self.unspoken: deque[Prompt] = deque()
        self.spoke = asyncio.Event()
        self.settled = asyncio.Event()
        now = clock.now()
        self._began_at = self._seen_at = self._asked_at = self._paused_at = now
        self._armed_at: datetime | None = None
        self.first_armed_at: datetime | None = None
        self._unwritten: deque[bool] = deque()
        self._heard: tuple[int, int] | None = None

    def happen(self, event: Event) -> Coroutine[None, None, None]:
        """Let an event happen in this instant, before anything is waited for; what is returned carries out the rest.

        Who waits for it may be gone before it is done: an answer is written all the same.
        """
        self._seen_at = self._clock.now()
        return self._to_its_end(self._step(event))

    def seen(self) -> None:
        """Note a sign of life of the platform."""
        self._seen_at = self._clock.now()

    def admits(self, lasting: timedelta, came: datetime) -> bool:
        """Tell whether audio that came then and lasts so long was spoken while everybody had consented.

        What began before the tape was armed does not count, whatever the platform says of its time, nor what may have
        been on its way at that moment.
        """
        if not self.call.armed or self._armed_at is None:
            return False
        return came - lasting >= self._armed_at + ON_ITS_WAY

    async def keep(self, sound: Sound, came: datetime | None = None) -> bool | None:
        """Keep audio if it is admitted; None if it is not, False where nothing of it is kept. Raises StorageError.

        `came`: when it came, at the earliest; now, where it was not waited for.
        """
        self._seen_at = self._clock.now()
        if self._tape is None or not self.admits(sound.lasting, came or self._seen_at):
            return None
        at = self._seen_at
        kept = await self._tape.take(sound, at)
        answers = (self.call.round, self.call.agent_round)
        if kept and answers != self._heard:
            self._heard = answers
            self._commits.heard((Party.CALLER, Party.AGENT) if self.call.agent_speaks else (Party.CALLER,), at)
            with contextlib.suppress(StorageError):  # it is tried again, before the next answer is written
                await self._commits.write_heard()
        return kept

    async def write_down(self) -> None:
        """Make durable where the call stands, if it is not yet. Raises StorageError."""
        while unwritten := self._unwritten:
            async with self._writing:
                if unwritten is not self._unwritten or not unwritten:
                    continue  # something has come in between, or it was written meanwhile
                await self._commits.stand(agreed=unwritten[0])
                unwritten.popleft()
        await self._commits.write_heard()
        if self._owed:
            async with self._order:
                await self._write_owed()

    async def finish(self) -> None:
        """Close the recording, once nothing more is recorded and the last answer is written. Raises StorageError."""
        if self._carrying:
            await asyncio.wait(self._carrying)
        await self.write_down()
        if self._tape is not None:
            async with self._finishing:
                await self._tape.finish(self._clock.now())

    async def missed(self) -> None:
        """Take that something was said too late to be silent. Raises StorageError."""
        if self.recorded is not None:
            await asyncio.shield(asyncio.ensure_future(self.recorded.missed(self._clock.now())))

    @property
    def recorded(self) -> Tape | None:
        """Where sound of this call has gone; None where it may hold none."""
        return self._tape if self.first_armed_at is not None else None

    @property
    def unasked(self) -> bool:
        """Whether the question waits, and nobody has fetched it to speak it: what is said or pressed is no answer."""
        put = sum(prompt.kind == "question" for prompt in self.unspoken)
        return waits(self.call) and put >= self.call.asked

    @property
    def may_keep(self) -> bool:
        """Whether what rests on the consent may be kept now; a transfer suspends it until the caller was asked."""
        return self.call.allowed

    def due(self, now: datetime) -> Iterator[Event]:
        """Yield what has become due by the passing of time."""
        patience, call = self._patience, self.call
        if call.ended:
            return
        if now - self._began_at >= patience.longest or now - self._seen_at >= patience.silence:
            yield Ended()
            return
        if call.paused and now - self._paused_at >= patience.pause:
            yield Resume()
        if waits(call) and not self.unasked and now - self._asked_at >= patience.answer:
            yield Silent()

    def open_question(self) -> tuple[Prompt, ...]:
        """Return the question that has been put and not answered, to be put once more where it may have got lost."""
        if not waits(self.call):
            return ()
        language = self._prompts.language(self.call.language)
        return (Prompt("question", self._prompts.question(language, again=False), language),)

    def speak(self, *, asks: bool = True) -> tuple[Prompt, ...]:
        """Return what is to be spoken now, once; a question waits for somebody who `asks` it."""
        left = [] if asks else [prompt for prompt in self.unspoken if prompt.kind == "question"]
        said = tuple(prompt for prompt in self.unspoken if asks or prompt.kind != "question")
        if asks and self.unasked:
            self._asked_at = self._clock.now()
        self.unspoken = deque(left)
        if not left:
            self.spoke.clear()
        return said

    def _step(self, event: Event) -> tuple[Command, ...]:
        before = self.call
        self.call, commands = advance(self._script, before, event)
        if self.call.ended or not waits(self.call):
            self.settled.set()
        else:
            self.settled.clear()
        now = self._clock.now()
        if self.call.paused and not before.paused:
            self._paused_at = now
        if interrupts(before, self.call):
            self._unwritten = deque([False])
        for command in commands:
            if isinstance(command, Arm):
                self._armed_at = now
                self.first_armed_at = self.first_armed_at or now
                self._unwritten.append(True)
                if self._tape is not None:
                    self._tape.arm(now)
            elif isinstance(command, Disarm):
                self._armed_at = None
                if self._tape is not None:
                    self._tape.disarm(now)
            elif isinstance(command, (Ask, TellNotRecorded)):
                self._say(command, now)
        return commands

    async def _to_its_end(self, commands: tuple[Command, ...]) -> None:
        carrying = asyncio.ensure_future(self._carry_out(commands))
        self._carrying.add(carrying)
        carrying.add_done_callback(self._carrying.discard)
        try:
            await asyncio.shield(carrying)
        except asyncio.CancelledError:
            carrying.add_done_callback(_tell_failure)
            raise

    async def _carry_out(self, commands: tuple[Command, ...]) -> None:
        with contextlib.suppress(StorageError):  # it is tried again, at the end at the latest
            await self.write_down()
        for command in commands:
            if isinstance(command, Commit):
                await self._carry_out(self._step(await self._commit(command)))

    async def _commit(self, commit: Commit) -> Committed | CommitFailed:
        """Write an answer; one after the other, for the store must end with the last.

        A no that can't be written is none the less one: it is tried again while the store is away.
        """
        async with self._order:
            try:
                await self._write_owed()
                await self._commits.commit(commit, self.call.language)
            except StorageError as error:
                if not commit.given and isinstance(error, _AWAY):
                    self._owed.append(commit)
                return CommitFailed(commit.of, commit.round)
        return Committed(commit.of, commit.given, commit.round)

    async def _write_owed(self) -> None:
        """Write what could not be written. Raises StorageError while the store is away."""
        while self._owed:
            try:
                await self._commits.commit(self._owed[0], self.call.language)
            except StorageError as error:
                if isinstance(error, _AWAY):
                    raise
            self._owed.popleft()

    def _say(self, command: Ask | TellNotRecorded, now: datetime) -> None:
        language = self._prompts.language(self.call.language)
        if isinstance(command, Ask):
            self._asked_at = now
            self.unspoken.append(Prompt("question", self._prompts.question(language, again=command.again), language))
        elif self._prompts.not_recorded is not None:
            text = self._prompts.notice.wording(self._prompts.not_recorded, language)
            self.unspoken.append(Prompt("notice", text, language))
        self.spoke.set()


def _tell_failure(carrying: asyncio.Future[None]) -> None:
    """Log what has failed when nobody waited for it any more."""
    error = None if carrying.cancelled() else carrying.exception()
    if error is not None:
        LOGGER.error("call failed", extra={"error": type(error).__name__, "where": place_of(error)})
