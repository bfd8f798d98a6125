"""Plans are counted and carried out beside the requests: who asks is answered at once, and what breaks off goes on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.consent import Rules, promises
from gateway.desk.planning import Planner, check_counted
from gateway.errors import RefusedError
from gateway.notice.load import Loaded, parse_notice
from gateway.tokens import new_token
from storage.access import APPROVAL_PERIOD, Approval, ApprovalState
from storage.errors import AccessRefusedError, RetentionRefusedError, StoreUnavailableError
from storage.ids import uuid7
from storage.memory import MemoryStore
from storage.memory.retaining import MemoryRetention
from storage.planning import SILENT, Count
from storage.records import ErasureReason, NewSession, PartKind, Speaker, Turn, Write
from storage.retaining import Progress, unwatched
from storage.shortening import Shortening, plan_id
from tests.fakes import FakeClock
from tests.integration.conftest import NOTICE

SHORTER = NOTICE.replace("P30D", "P10D").replace('"2026-11"', '"2026-12"')


class SlowRetention(MemoryRetention):
    """Looks at nothing before it may, and not at all while the store is away."""

    def __init__(self, *parts: Any) -> None:  # noqa: ANN401 - as what it extends
        super().__init__(*parts)
        self.may, self.away, self.counts = asyncio.Event(), False, 0

    async def shortening(
        self,
        promises: Mapping[str, Any],
        digest: str,
        now: datetime,
        *,
        apply: str | None = None,
        progress: Progress = unwatched,
    ) -> Shortening:
        self.counts += 1
        await self.may.wait()
        if self.away:
            raise StoreUnavailableError("away")
        return await super().shortening(promises, digest, now, apply=apply, progress=progress)


class Store(MemoryStore):
    """A store whose plans take their time."""

    def __init__(self) -> None:
        super().__init__()
        self.retention = self.slow = SlowRetention(self._sessions, self._take, self.ledger.append)


@dataclass
class Bench:
    """A planner over a store with one conversation."""

    store: Store = field(default_factory=Store)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.planner = Planner(self.store, self.clock)

    async def say(self) -> None:
        loaded, now = _read(NOTICE), self.clock.now()
        token = new_token(now)
        plan = Rules(loaded.notice, loaded.notice.channels["chat"]).decide({}, disclosed=True).plan
        new = NewSession(token.id, "chat", loaded.notice.version, loaded.digest, now, token.secret)
        said = Turn(Speaker.SUBJECT, "Hallo", now)
        await self.store.write(Write(token.id, plan, now, new=new, turns=(said,)))

    async def until_counted(self, plan: str) -> Count:
        async with asyncio.timeout(60):
            while (found := await self.planner.look(plan)) is None or found.found is None:  # noqa: ASYNC110 - the planner does it
                await asyncio.sleep(0.01)
        return found


def _read(text: str) -> Loaded:
    return parse_notice(text.encode(), Path("notice"))


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    one = Bench()
    await one.say()
    work = asyncio.ensure_future(one.planner.run())
    yield one
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def test_what_is_counted_soon_is_told_at_once(bench: Bench) -> None:
    bench.store.slow.may.set()
    count = await bench.planner.begin(_read(SHORTER), SHORTER)
    assert count.found is not None
    assert (count.found.parts, count.found.id, count.looked_at) == (2, count.plan, 1)
    check_counted(count)


async def test_who_asks_does_not_wait_for_a_long_count_and_the_same_is_counted_once(bench: Bench) -> None:
    begun = await bench.planner.begin(_read(SHORTER), SHORTER)
    assert begun.found is None
    with pytest.raises(RetentionRefusedError, match="still being counted"):
        check_counted(begun)
    bench.clock.move(seconds=1)
    assert (await bench.planner.begin(_read(SHORTER), SHORTER)).plan == begun.plan
    assert await bench.planner.look(begun.plan) == begun
    bench.store.slow.may.set()
    assert (await bench.until_counted(begun.plan)).found is not None
    assert bench.store.slow.counts == 1
    assert (await bench.planner.begin(_read(SHORTER), SHORTER)).plan != begun.plan, "a later look is another plan"


async def test_a_count_that_died_with_its_process_is_taken_up(bench: Bench) -> None:
    bench.store.slow.may.set()
    new, now = _read(SHORTER), bench.clock.now()
    plan = plan_id(promises(new.notice), new.digest, now)
    await bench.store.plans.begin(Count(plan, SHORTER, now, now))
    bench.clock.move(seconds=SILENT.total_seconds() - 1)
    assert bench.store.slow.counts == 0
    found = await bench.planner.look(plan)
    assert found is not None
    assert found.found is None
    bench.clock.move(seconds=1)
    found = await bench.planner.look(plan)
    assert found is not None
    assert found.found is not None
    assert found.found.id == plan


async def test_a_count_that_fails_is_told_and_taken_up_later(bench: Bench) -> None:
    bench.store.slow.away = True
    bench.store.slow.may.set()
    with pytest.raises(StoreUnavailableError):
        await bench.planner.begin(_read(SHORTER), SHORTER)
    bench.store.slow.away = False
    plan = plan_id(promises(_read(SHORTER).notice), _read(SHORTER).digest, bench.clock.now())
    bench.clock.move(seconds=SILENT.total_seconds())
    assert (await bench.until_counted(plan)).found is not None


async def test_plans_that_wait_are_bounded(bench: Bench) -> None:
    for days in range(1, 21):
        text = NOTICE.replace("P30D", f"P{days}D")
        assert (await bench.planner.begin(_read(text), text)).found is None
    with pytest.raises(RefusedError) as refused:
        await bench.planner.begin(_read(SHORTER), SHORTER)
    assert refused.value.reason == "plans_waiting"


async def test_a_plan_is_carried_out_beside_the_requests_and_its_approval_is_done_then(bench: Bench) -> None:
    bench.store.slow.may.set()
    count = await bench.planner.begin(_read(SHORTER), SHORTER)
    bench.store.slow.may.clear()
    now = bench.clock.now()
    asked = Approval(uuid7(now), "shorten", {"plan": count.plan}, "less", "ann", now, document=SHORTER)
    await bench.store.access.ask(asked)
    approved = await bench.store.access.decide(asked.id, "ben", now, approve=True)
    for _ in range(2):
        assert (await bench.planner.shorten(approved)).state is ApprovalState.APPROVED
    bench.store.slow.may.set()
    async with asyncio.timeout(60):
        while (await bench.store.access.approval(asked.id)).state is not ApprovalState.DONE:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert bench.store.slow.counts == 2
    bench.clock.move(days=11)
    due = await bench.store.due(bench.clock.now())
    assert {part.kind for part in due} == {PartKind.TRANSCRIPT, PartKind.FACTS}
    await bench.store.erase([part.part_id for part in due], ErasureReason.EXPIRED, bench.clock.now(), "sweep")


async def test_nothing_is_shortened_by_an_approval_whose_time_is_over(bench: Bench) -> None:
    bench.store.slow.may.set()
    count = await bench.planner.begin(_read(SHORTER), SHORTER)
    now = bench.clock.now()
    asked = Approval(uuid7(now), "shorten", {"plan": count.plan}, "less", "ann", now, document=SHORTER)
    await bench.store.access.ask(asked)
    approved = await bench.store.access.decide(asked.id, "ben", now, approve=True)
    counts, sealed = bench.store.slow.counts, await bench.store.ledger.figures()
    bench.clock.move(seconds=APPROVAL_PERIOD.total_seconds())
    with pytest.raises(AccessRefusedError):
        await bench.planner.shorten(approved)
    assert bench.store.slow.counts == counts
    assert await bench.store.ledger.figures() == sealed


async def test_an_approval_that_lapses_while_its_plan_waits_shortens_nothing(bench: Bench) -> None:
    bench.store.slow.may.set()
    count = await bench.planner.begin(_read(SHORTER), SHORTER)
    now = bench.clock.now()
    asked = Approval(uuid7(now), "shorten", {"plan": count.plan}, "less", "ann", now, document=SHORTER)
    await bench.store.access.ask(asked)
    approved = await bench.store.access.decide(asked.id, "ben", now, approve=True)
    bench.store.slow.may.clear()
    other = NOTICE.replace("P30D", "P20D")
    assert (await bench.planner.begin(_read(other), other)).found is None  # it is counted first
    counts = bench.store.slow.counts
    bench.clock.move(seconds=APPROVAL_PERIOD.total_seconds() - 1)
    await bench.planner.shorten(approved)
    bench.clock.move(seconds=1)
    bench.store.slow.may.set()
    last = NOTICE.replace("P30D", "P15D")
    await bench.until_counted((await bench.planner.begin(_read(last), last)).plan)  # behind it
    assert bench.store.slow.counts == counts + 1
    assert (await bench.store.access.approval(asked.id)).state is ApprovalState.APPROVED


async def test_what_another_process_has_counted_meanwhile_is_not_counted_again(bench: Bench) -> None:
    texts = [NOTICE.replace("P30D", f"P{days}D") for days in (20, 15, 10)]
    await bench.planner.begin(_read(texts[0]), texts[0])
    waits = await bench.planner.begin(_read(texts[1]), texts[1])
    await bench.store.plans.finish(Shortening(waits.plan, parts=7), 1, bench.clock.now())
    bench.store.slow.may.set()
    await bench.until_counted((await bench.planner.begin(_read(texts[2]), texts[2])).plan)
    assert bench.store.slow.counts == 2
    shown = await bench.planner.look(waits.plan)
    assert shown is not None
    assert shown.found == Shortening(waits.plan, parts=7)
