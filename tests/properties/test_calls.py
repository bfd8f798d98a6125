"""However a call goes, no audio is kept before a durable consent, none after a stop, none at all on a refusal.

The long form is `python -m benchmarks.calls_simulated`.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from benchmarks.calls_simulated import _SOUND, World, run
from gateway.calls.events import Desk, Ended, Heard, Joined, Offered, Pause, Pressed, Resume, Stop

EVENTS = st.one_of(
    st.builds(Pressed, st.text("12459*#", min_size=1, max_size=3).filter(lambda keys: "*" not in keys)),
    st.builds(Heard, st.sampled_from(["ja", "nein", "ja gern", "ja ich habe eine Frage", "bitte stopp", ""]),
              st.sampled_from([None, 0.2, 0.9])),
    st.builds(Desk, st.booleans()),
    st.builds(Joined, st.booleans()),
    st.sampled_from([Stop(), Pause(), Resume(), Ended(), Offered()]),
)  # fmt: skip


class AnyCall(RuleBasedStateMachine):
    """One call, in whatever order things happen."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()

    @initialize(agent=st.booleans())
    def begin(self, agent: bool) -> None:  # noqa: FBT001 - hypothesis passes it
        async def make() -> World:
            return World(agent)

        self.world = self.loop.run_until_complete(make())
        self.happen(Offered())

    @rule(event=EVENTS)
    def happen(self, event: Pressed | Heard | Desk | Joined | Stop | Pause | Resume | Ended | Offered) -> None:
        async def send() -> None:
            self.world.send(event)
            await self.world.settle()

        self.loop.run_until_complete(send())

    @rule()
    def the_platform_speaks(self) -> None:
        self.world.speak()

    @rule()
    def audio_comes(self) -> None:
        self.loop.run_until_complete(self.world.frame())

    @precondition(lambda self: bool(self.world.waiting))
    @rule(well=st.booleans())
    def the_store_answers(self, well: bool) -> None:  # noqa: FBT001 - hypothesis passes it
        async def answer() -> None:
            self.world.answer(well=well)
            await self.world.settle()

        self.loop.run_until_complete(answer())

    @rule(seconds=st.sampled_from([1, 11, 61, 130]))
    def time_passes(self, seconds: int) -> None:
        async def wait() -> None:
            self.world.moment += timedelta(seconds=seconds)
            self.world.due()
            await self.world.settle()

        self.loop.run_until_complete(wait())

    @invariant()
    def nothing_was_kept_that_should_not_have_been(self) -> None:
        assert getattr(self, "world", None) is None or self.world.wrong == []

    @invariant()
    def what_is_durable_is_what_may_be_recorded(self) -> None:
        world = getattr(self, "world", None)
        assert world is None or world.ended or world.agreed is world.live.call.armed

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.loop.run_until_complete(self.world.hang_up())
            before = self.world.kept
            assert not self.loop.run_until_complete(self.world.frame())
            assert self.world.kept == before
        self.loop.close()


def test_any_order_of_things() -> None:
    run_state_machine_as_test(AnyCall, settings=settings(max_examples=60, stateful_step_count=40))


async def test_simulated_calls() -> None:
    found = await run(200, seed=7)
    assert (found["calls"], found["wrong"], found["not ended"]) == (200, 0, 0)
    assert found["calls with audio"] > 10


async def test_a_call_that_is_refused_keeps_nothing() -> None:
    world = World(agent=False)
    for event in (Offered(), Pressed("2")):
        world.send(event)
        world.speak()
        await world.settle()
    world.answer(well=True)
    await world.settle()
    for _ in range(50):
        await world.frame()
    await world.hang_up()
    assert (world.kept, world.wrong) == (0, [])


async def test_the_judge_sees_a_yes_to_a_question_that_nobody_has_spoken() -> None:
    world = World(agent=False)
    world.send(Offered())
    world.speak()
    world.asked = -1
    world.send(Pressed("1"))
    await world.hang_up()
    assert world.wrong == ["a yes to a question that nobody has spoken"]


async def test_the_judge_sees_a_frame_that_should_not_have_been_kept() -> None:
    world = World(agent=False)
    await world.take(_SOUND, datetime(2026, 11, 26, tzinfo=UTC))
    assert len(world.wrong) == 2
