"""Plans of changed notices, counted and carried out beside the requests: both look at every part that is kept.

Whoever asks waits for a moment, which is enough for a small store; else the answer says how far it has come. A count is
known to all processes (`storage.planning`). What breaks off is taken up again by who looks at it next, or approves it
once more: counting anew changes nothing, and what was shortened already stays so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final

from gateway.clock import Clock
from gateway.consent import promises
from gateway.errors import RefusedError
from gateway.logs import LOGGER, place_of
from gateway.notice.load import Loaded, parse_notice
from storage.access import Approval, check_use
from storage.errors import RetentionRefusedError
from storage.planning import PLANS_KEPT, Count
from storage.shortening import plan_id, planned_at
from storage.store import SessionStore

_MOMENT_SECONDS: Final = 0.15
_NOTED_SECONDS: Final = 1.0
_FAR_AHEAD: Final = 20
"""How many plans may wait in a process; somebody who asks for more is sent away."""


@dataclass(eq=False, slots=True)
class _Work:
    """Something that is done beside the requests. `about`: the text of the notice."""

    about: str
    do: Callable[[], Awaitable[None]]
    plan: str = ""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    failed: BaseException | None = None


class Planner:
    """Counts plans and shortens by them, one after the other, until it is cancelled."""

    def __init__(self, store: SessionStore, clock: Clock) -> None:
        """Take the store."""
        self._store = store
        self._clock = clock
        self._waiting: asyncio.Queue[_Work] = asyncio.Queue()
        self._open: dict[str, _Work] = {}

    async def run(self) -> None:
        """Do what is asked for. What fails is told to who waits for it, and logged."""
        while True:
            work = await self._waiting.get()
            try:
                await self._store.plans.forget(self._clock.now() - PLANS_KEPT)
                await work.do()
            except Exception as error:  # noqa: BLE001 - told to who waits; the log has it for the others
                work.failed = error
                LOGGER.error("plan failed", extra={"error": type(error).__name__, "where": place_of(error)})
            finally:
                self._open = {key: each for key, each in self._open.items() if each is not work}
                work.over.set()

    async def begin(self, new: Loaded, text: str) -> Count:
        """Begin to count what a notice shortens, or return the count of the same text that is under way."""
        under_way = next((each for each in self._open.values() if each.plan and each.about == text), None)
        if under_way is None:
            now, promised = self._clock.now(), promises(new.notice)
            plan = plan_id(promised, new.digest, now)
            count = Count(plan, text, planned_at(plan, promised, new.digest, now), now)
            await self._store.plans.begin(count)
            under_way = self._put(plan, _Work(text, lambda: self._count(count), plan))
        await _for_a_moment(under_way)
        found = await self._store.plans.count(under_way.plan)
        if found is None:
            raise unknown_plan()
        return found

    async def look(self, plan: str) -> Count | None:
        """Return a count, and take it up if the process that counted has died."""
        found = await self._store.plans.count(plan)
        if found is None or plan in self._open or not found.silent(self._clock.now()):
            return found
        if await self._store.plans.take_over(plan, found.heard_at, self._clock.now()):
            await _for_a_moment(self._put(plan, _Work(found.document, lambda: self._count(found), plan)))
        return await self._store.plans.count(plan)

    async def shorten(self, approval: Approval) -> Approval:
        """Shorten by an approved plan; returns the approval as it stands after a moment.

        Raises what the store raises: StoreUnavailableError, RetentionRefusedError, AccessRefusedError.
        """
        check_use(approval, self._clock.now())
        key = str(approval.id)
        work = self._open.get(key) or self._put(key, _Work(approval.document, lambda: self._shorten(approval)))
        await _for_a_moment(work)
        return await self._store.access.approval(approval.id)

    def _put(self, key: str, work: _Work) -> _Work:
        if len(self._open) >= _FAR_AHEAD:
            raise RefusedError("plans_waiting", 503, "Other plans are counted now; try again later")
        self._open[key] = work
        self._waiting.put_nowait(work)
        return work

    async def _count(self, count: Count) -> None:
        kept = await self._store.plans.count(count.plan)
        if kept is not None and kept.found is not None:
            return  # while it waited another process has counted, and somebody may have seen its figures
        new, noted, looked_at = _read(count.document), monotonic(), 0

        async def note(so_far: int) -> None:
            nonlocal noted, looked_at
            looked_at = so_far
            if monotonic() >= noted + _NOTED_SECONDS:
                noted = monotonic()
                await self._store.plans.note(count.plan, so_far, self._clock.now())

        found = await self._store.retention.shortening(promises(new.notice), new.digest, count.begun_at, progress=note)
        await self._store.plans.finish(found, looked_at, self._clock.now())

    async def _shorten(self, approval: Approval) -> None:
        new, now = _read(approval.document), self._clock.now()
        check_use(await self._store.access.approval(approval.id), now)  # it may have waited, or another has used it
        promised = promises(new.notice)
        await self._store.retention.shortening(promised, new.digest, now, apply=approval.facts["plan"])
        await self._store.access.use(approval.id, now)  # as of its beginning: it may take its time


def unknown_plan() -> RefusedError:
    """Return the error for a plan that is not there."""
    return RefusedError("unknown_plan", 404, "There is no such plan (any more); compare the notice again")


def check_counted(count: Count | None) -> None:
    """Raise RetentionRefusedError or RefusedError unless the plan has been counted, and shortens something."""
    if count is None:
        raise RetentionRefusedError("this is no plan of this notice, or it was made too long ago: look at it again")
    if count.found is None:
        raise RetentionRefusedError("this plan is still being counted: look at it first")
    if not count.found.parts:
        raise RefusedError("nothing_to_shorten", 409, "This notice shortens nothing that is kept")


def _read(text: str) -> Loaded:
    return parse_notice(text.encode(), Path("notice"))


async def _for_a_moment(work: _Work) -> None:
    """Wait until something is done, but not long. Raises what it has failed with by then."""
    try:
        async with asyncio.timeout(_MOMENT_SECONDS):
            await work.over.wait()
    except TimeoutError:
        return
    if work.failed is not None:
        raise work.failed
