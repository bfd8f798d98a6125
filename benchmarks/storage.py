"""What storing and erasing cost, on SQLite and on PostgreSQL, beside bare inserts of the same bytes.

    python -m benchmarks.storage [--engines sqlite postgresql] [--callers 64] [--seconds 1] [--rounds 4] [--parts 4000]

A session begins with its parts and keys, which lie in two databases; each step is durable in both before it is
acknowledged. Three kinds of sessions: a message and its answer in one step, as the gateway stores them when the answer
comes soon; the same in two steps; and ten messages with their answers, a step each. Bare inserts put the same sealed
turns into one table, in as many steps by as many callers, committed together and as durably. Store and bare inserts
take turns, round after round, so that both meet the same machine. `--parts` are erased in one month, before it is over,
which goes row by row, and after it, when PostgreSQL drops their content as a whole (`benchmarks.month` looks at that
alone).
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import uvloop

from benchmarks import bare
from benchmarks.bare import Bare
from benchmarks.stores import ENGINES, TEXT, Measured, answer, more, opened, opening, said
from gateway.jobs import sweep
from gateway.serving import calm_the_collector
from storage.records import ErasureReason, Write

_AT_ONCE: Final = 256
_PERSON: Final = 100
_SESSIONS: Final[Mapping[str, Sequence[int]]] = {
    "an exchange, one step": (2,),
    "an exchange, two": (1, 1),
    "ten exchanges": (2,) * 10,
}


Session = Callable[[Sequence[int]], Awaitable[None]]
"""Stores a session: for each step, which is durable before the next, its number of turns."""


@dataclass
class Pace:
    """What was stored, in which time, with how much CPU time of this process."""

    turns: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Turns a second."""
        return self.turns / self.seconds

    @property
    def cpu_each(self) -> float:
        """Microseconds of CPU time a turn."""
        return self.cpu / self.turns * 1e6

    async def go_on(self, session: Session, steps: Sequence[int], callers: int, seconds: float) -> None:
        """Store sessions by so many callers for so long."""
        begin, used = time.perf_counter(), time.process_time()

        async def call() -> None:
            while time.perf_counter() - begin < seconds:
                await session(steps)
                self.turns += sum(steps)

        await asyncio.gather(*(call() for _ in range(callers)))
        self.seconds += time.perf_counter() - begin
        self.cpu += time.process_time() - used


def sessions_of(measured: Measured) -> Session:
    """Return what stores a session."""

    async def session(steps: Sequence[int]) -> None:
        asked = opening(measured.clock, steps[0])
        await measured.store.write(asked)
        for turns in steps[1:]:
            await measured.store.write(more(asked, said(measured.clock, turns), measured.clock))

    return session


async def turns_per_second(measured: Measured, callers: int, seconds: float) -> float:
    """Return the turns a second of exchanges in two steps."""
    pace = Pace()
    await pace.go_on(sessions_of(measured), (1, 1), callers, seconds)
    return pace.rate


async def fill(measured: Measured, sessions: int) -> list[UUID]:
    """Store exchanges, many at once; returns their sessions."""
    written: list[UUID] = []
    while len(written) < sessions:
        asked: list[Write] = [opening(measured.clock) for _ in range(min(_AT_ONCE, sessions - len(written)))]
        await asyncio.gather(*(measured.store.write(each) for each in asked))
        await asyncio.gather(*(measured.store.write(answer(each, measured.clock)) for each in asked))
        written += [each.session_id for each in asked]
    return written


async def seconds_to_erase_a_person(measured: Measured) -> float:
    """Return how long the erasure of a person with 100 sessions takes, receipts and ledger included."""
    sessions = await fill(measured, _PERSON)
    parts = [part for session_id in sessions for part in await measured.store.part_ids(session_id)]
    begin = time.perf_counter()
    receipts = await measured.store.erase(parts, ErasureReason.REQUESTED, measured.clock.now(), "benchmark")
    assert len(receipts) == len(parts) == 2 * _PERSON  # noqa: S101 - a wrong result has no speed
    return time.perf_counter() - begin


async def seconds_to_sweep_a_month(engine: str, parts: int, *, over: bool) -> float:
    """Return how long a sweep of so many parts takes: when their month is over, or before."""
    async with opened(engine) as measured:
        now = measured.clock.now()
        begin_of_month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        measured.clock.moved = begin_of_month - now  # so that all are due early in one month
        await fill(measured, parts // 2)
        measured.clock.moved += timedelta(days=70 if over else 33)
        began = time.perf_counter()
        swept = await sweep(measured.store, measured.clock.now())
        assert len(swept.receipts) == parts // 2 * 2  # noqa: S101
        return time.perf_counter() - began


async def beside_bare(measured: Measured, bare_one: Bare, arguments: argparse.Namespace) -> None:
    """Measure storing beside bare inserts, and print."""
    for name, steps in _SESSIONS.items():
        stored, plain = Pace(), Pace()
        for at in range(arguments.rounds + 1):
            if at == 1:  # the first round warms up
                stored, plain = Pace(), Pace()
            await plain.go_on(bare_one.session, steps, arguments.callers, arguments.seconds)
            await stored.go_on(sessions_of(measured), steps, arguments.callers, arguments.seconds)
        print(
            f"  {name:<21} {stored.rate:8,.0f} turns/s, {stored.cpu_each:4.0f} us CPU each;"
            f" bare {plain.rate:8,.0f}, {plain.cpu_each:4.0f} us; ratio {stored.rate / plain.rate:.2f}"
        )


async def main_of(engine: str, arguments: argparse.Namespace) -> None:
    """Measure an engine and print."""
    sealed = bare.sealed_turn(TEXT)
    async with opened(engine) as measured:
        print(f"{engine}, {arguments.callers} callers, turns of {len(sealed)} bytes:")
        on_engine = bare.on_sqlite(measured.directory, sealed)
        if engine == "postgresql":
            on_engine = bare.on_postgresql(measured.urls[0], sealed)
        async with on_engine as bare_one:
            await beside_bare(measured, bare_one, arguments)
        erasing = await seconds_to_erase_a_person(measured)
    print(f"  a person erased       {erasing * 1000:8,.0f} ms for {_PERSON} sessions")
    for over, name in ((False, "swept row by row"), (True, "swept with its month")):
        took = await seconds_to_sweep_a_month(engine, arguments.parts, over=over)
        print(f"  {name:<21} {arguments.parts / took:8,.0f} parts/s, {took:.1f} s for {arguments.parts:,} parts")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--parts", type=int, default=4_000)
    arguments = parser.parse_args()
    calm_the_collector()  # as the gateway does
    for engine in arguments.engines:
        uvloop.run(main_of(engine, arguments))


if __name__ == "__main__":
    main()
