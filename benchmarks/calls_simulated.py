"""Simulated calls: `python -m benchmarks.calls_simulated [CALLS] [SEED]` (10,000 by default).

Each call goes its own way: answers by key, by word and from the desk, clear and unclear, commits that take their
time or fail, stops, pauses, transfers, repeats of all of these, audio all the while, a platform that speaks the
question late or not at all, and an end that may never come. A judge that knows nothing of the state machine looks at
each frame that is kept: were all who speak asked, is their yes durable, did nothing stop it since? And at each yes of
a caller: had the question been spoken?
"""

from __future__ import annotations

import asyncio
import random  # noqa: TID251 - a seed makes a run repeatable
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from time import perf_counter

from gateway.calls.events import Commit, Desk, Ended, Event, Heard, Joined, Offered, Party, Pause, Pressed, Resume, Stop
from gateway.calls.live import LiveCall
from gateway.calls.script import Patience, Prompts, Script
from gateway.calls.session import Call, State
from gateway.calls.sound import Sound
from gateway.notice.answers import Words
from gateway.notice.model import Notice
from storage.audio import AudioCodec, AudioFormat
from storage.errors import StoreUnavailableError

FRAME = timedelta(milliseconds=20)
_BEGAN = datetime(2026, 11, 26, 12, tzinfo=UTC)
_SOUND = Sound(AudioFormat(AudioCodec.PCMU), (bytes(160),))
_SCRIPT = Script(
    question="recording",
    agent="agent",
    keys={"1": True, "2": False},
    words={"de": Words(given=("ja",), refused=("nein",)), "en": Words(given=("yes",), refused=("no",))},
    confidence=0.6,
    stop_keys="*9",
    pause_keys="*1",
    resume_keys="*2",
    stop_words=("stopp",),
)
_NOTICE = Notice.model_validate(
    {
        "notice": "simulated", "version": "1", "language": "de",
        "controller": {"name": "n", "address": "a", "email": "e"},
        "purposes": {"p": {"legal_basis": "A6-1-c"}},
        "channels": {"c": {"kind": "chat", "connector": "json"}},
        "rights": {"contact": "c", "articles": ("15",)},
    }
)  # fmt: skip
_PROMPTS = Prompts(_NOTICE, {"de": "Aufnehmen?", "en": "Record?"}, None, {"de": "Nichts wird aufgenommen."})
_PATIENCE = Patience(timedelta(seconds=10), timedelta(seconds=60), timedelta(minutes=2), timedelta(minutes=10))


@dataclass
class World:
    """One call with everything around it: a clock, a store that answers when it is told to, a tape, and the judge.

    `wrong` lists each frame that should not have been kept and each yes that was none, `kept` counts frames.
    `agreed`: what is durable of whether everybody agrees.
    `asked`: after how many others had joined the question was spoken last; -1: never.
    """

    agent: bool
    moment: datetime = _BEGAN
    kept: int = 0
    wrong: list[str] = field(default_factory=list)
    waiting: list[tuple[Commit, asyncio.Future[None], int]] = field(default_factory=list)
    durable: dict[Party, tuple[bool, datetime, int]] = field(default_factory=dict)
    running: list[asyncio.Future[None]] = field(default_factory=list)
    joined: int = 0
    asked: int = -1
    stopped: bool = False
    paused: bool = False
    ended: bool = False
    armed: bool = False
    agreed: bool = False

    def __post_init__(self) -> None:
        """Pick up the telephone."""
        call = Call("de", agent_speaks=self.agent)
        self.live = LiveCall(_SCRIPT, _PROMPTS, _PATIENCE, call, commits=self, tape=self, clock=self)

    # --- clock, store and tape, as the gateway sees them

    def now(self) -> datetime:
        """Tell the time."""
        return self.moment

    async def commit(self, commit: Commit, language: str) -> None:
        """Wait until the world says that the answer is durable, or is not."""
        del language
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((commit, future, self.joined))
        await future

    async def stand(self, *, agreed: bool) -> None:
        """Note what a recording of the platform's own would be kept by."""
        self.agreed = agreed

    def heard(self, parties: Collection[Party], at: datetime) -> None:
        """Judge what is noted as the first sound: somebody's who is in the call, and of now."""
        if set(parties) != {Party.CALLER, *((Party.AGENT,) if self.agent else ())} or at != self.moment:
            self.wrong.append("the first sound is noted wrongly")

    async def write_heard(self) -> None:
        """Have it written."""

    def arm(self, now: datetime) -> None:
        """Begin."""
        del now
        self.armed = True

    def disarm(self, now: datetime) -> None:
        """Stop."""
        del now
        self.armed = False

    async def take(self, sound: Sound, now: datetime) -> bool:
        """Judge a frame that is kept."""
        del sound
        self.kept += 1
        for party in (Party.CALLER, *((Party.AGENT,) if self.agent else ())):
            given, since, joined = self.durable.get(party, (False, now, -1))
            if not given or joined != self.joined or now - FRAME < since:
                self.wrong.append(f"no durable yes of the {party} for this frame")
        if self.stopped or self.paused or self.ended or not self.armed:
            self.wrong.append("stopped, paused, ended or not armed")
        return True

    async def finish(self, now: datetime) -> None:
        """Close nothing."""

    async def missed(self, now: datetime) -> None:
        """Silence nothing."""

    # --- what people and platforms do

    def send(self, event: Event) -> None:
        """Let something happen; what it brings about may still be under way afterwards."""
        self._note(event)
        if isinstance(event, (Pressed, Heard)):
            event = replace(event, answers=not self.live.unasked)
        before = self.live.call.answered
        self.running.append(asyncio.ensure_future(self.live.happen(event)))
        if self.live.call.answered and not before and self.asked != self.joined:
            self.wrong.append("a yes to a question that nobody has spoken")

    def speak(self) -> None:
        """Have the platform speak what there is to be spoken."""
        if any(prompt.kind == "question" for prompt in self.live.speak()):
            self.asked = self.joined

    async def frame(self) -> bool:
        """Send 20 ms of audio, which end at the next tick of the platform's clock; tells whether they were kept."""
        self.moment += FRAME - (self.moment - _BEGAN) % FRAME
        return bool(await self.live.keep(_SOUND))

    def answer(self, *, well: bool) -> None:
        """Let the store finish what it has waited with the longest."""
        commit, future, joined = self.waiting.pop(0)
        if future.done():
            return
        self.moment += FRAME / 3  # in the middle of a frame
        if well:
            given, _, before = self.durable.get(commit.of, (False, self.moment, -1))
            if not (given and commit.given and before == joined):  # the same answer again is as old as it was
                self.durable[commit.of] = commit.given, self.moment, joined
            future.set_result(None)
        else:
            future.set_exception(StoreUnavailableError("the disk is full"))

    def due(self) -> None:
        """Let time bring about what it brings about."""
        for event in list(self.live.due(self.moment)):
            self.send(event)

    async def settle(self) -> None:
        """Let everything that can go on go on."""
        for _ in range(6):
            await asyncio.sleep(0)
        for done in [each for each in self.running if each.done()]:
            self.running.remove(done)
            done.result()

    async def hang_up(self) -> None:
        """End, and let the store finish."""
        self.send(Ended())
        while self.running:
            if self.waiting:
                self.answer(well=True)
            await self.settle()

    def _note(self, event: Event) -> None:
        if isinstance(event, Joined):
            self.joined += 1
            self.agent = self.agent or event.agent
        keys = event.keys if isinstance(event, Pressed) else ""
        self.stopped |= isinstance(event, Stop) or (isinstance(event, Heard) and "stopp" in event.text) or keys == "*9"
        self.ended |= isinstance(event, Ended)
        pauses, resumes = isinstance(event, Pause) or keys == "*1", isinstance(event, Resume) or keys == "*2"
        self.paused = (self.paused or pauses) and not resumes


_EVENTS: tuple[tuple[int, Callable[[], Event]], ...] = (
    (6, lambda: Pressed("1")),
    (2, lambda: Pressed("2")),
    (1, lambda: Pressed("5")),
    (1, lambda: Pressed("*9")),
    (1, lambda: Pressed("*1")),
    (2, lambda: Pressed("*2")),
    (5, lambda: Heard("ja", 0.9)),
    (1, lambda: Heard("ja", 0.4)),
    (2, lambda: Heard("nein", 0.9)),
    (1, lambda: Heard("ja also ich habe da eine Frage", 0.9)),
    (5, lambda: Desk(given=True)),
    (1, lambda: Desk(given=False)),
    (1, Stop),
    (1, lambda: Heard("bitte stopp", 0.8)),
    (2, Pause),
    (3, Resume),
    (1, lambda: Joined(agent=True)),
    (1, lambda: Joined(agent=False)),
    (1, Ended),
)


async def simulate(dice: random.Random) -> World:
    """Play one call to its end."""
    world = World(agent=dice.random() < 0.5)
    world.send(Offered())
    for _ in range(dice.randrange(5, 80)):
        await _something(world, dice)
        await world.settle()
    await world.hang_up()
    await world.frame()
    return world


async def _something(world: World, dice: random.Random) -> None:
    steps: list[tuple[int, Callable[[], Awaitable[object] | None]]] = [
        (12, world.frame),
        (4, lambda: _talk(world)),
        (5, lambda: _event(world, dice)),
        (4, lambda: world.answer(well=dice.random() < 0.9) if world.waiting else None),
        (4, world.speak),
        (1, lambda: _pass(world, dice)),
    ]
    (_, step), *_ = dice.choices(steps, [weight for weight, _ in steps])
    done = step()
    if done is not None:
        await done


async def _talk(world: World) -> None:
    for _ in range(25):
        await world.frame()


def _event(world: World, dice: random.Random) -> None:
    ((_, make),) = dice.choices(_EVENTS, [weight for weight, _ in _EVENTS])
    for _ in range(dice.choice((1, 1, 1, 2))):  # platforms repeat themselves
        world.send(make())


def _pass(world: World, dice: random.Random) -> None:
    world.moment += timedelta(seconds=dice.choice((1, 5, 12, 70)))
    world.due()


async def run(calls: int, seed: int) -> Counter[str]:
    """Play calls; returns what came of them. `wrong` must be 0."""
    dice, found = random.Random(seed), Counter[str]()
    for _ in range(calls):
        world = await simulate(dice)
        found["calls"] += 1
        found["frames kept"] += world.kept
        found["calls with audio"] += world.kept > 0
        found["wrong"] += len(world.wrong)
        found["not ended"] += world.live.call.state is not State.ENDED
    return found


def main() -> None:
    """Print what came of the calls; exit 1 if one frame was kept that should not have been."""
    numbers = [int(argument) for argument in sys.argv[1:3]]
    calls, seed = [*numbers, *(10_000, 1)[len(numbers) :]]
    began = perf_counter()
    found = asyncio.run(run(calls, seed))
    print(", ".join(f"{name}: {count}" for name, count in found.items()), f"in {perf_counter() - began:.1f} s")
    sys.exit(1 if found["wrong"] or found["not ended"] else 0)


if __name__ == "__main__":
    main()
