"""What storing and erasing cost, on SQLite and on PostgreSQL, beside bare inserts of the same bytes.

    python -m benchmarks.storage [--engines sqlite postgresql] [--callers 64] [--seconds 4] [--parts 4000]

A turn is a chat's first message (a new session with its parts and keys) or the bot's answer to it; each is durable
in both databases before it is acknowledged. Bare inserts put the same sealed bytes into one table, with the same
durability and as many callers. `--parts` (a million in the long form) are erased in one month, before it is over,
which goes row by row, and after it, when PostgreSQL drops their content as a whole.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from datetime import timedelta
from uuid import UUID

import uvloop

from benchmarks import bare
from benchmarks.stores import ENGINES, TEXT, Measured, answer, opened, opening
from gateway.jobs import sweep
from storage.records import ErasureReason, Write

_AT_ONCE = 256
_PERSON = 100


async def turns_per_second(measured: Measured, callers: int, seconds: float) -> tuple[float, float]:
    """Return turns a second, and microseconds of CPU each."""
    count, begin, used = 0, time.perf_counter(), time.process_time()

    async def call() -> None:
        nonlocal count
        while time.perf_counter() - begin < seconds:
            asked = opening(measured.clock)
            await measured.store.write(asked)
            await measured.store.write(answer(asked, measured.clock))
            count += 2

    await asyncio.gather(*(call() for _ in range(callers)))
    took, used = time.perf_counter() - begin, time.process_time() - used
    return count / took, used / count * 1e6


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


async def main_of(engine: str, arguments: argparse.Namespace) -> None:
    """Measure an engine and print."""
    callers, seconds = arguments.callers, arguments.seconds
    sealed = bare.sealed_turn(TEXT)
    async with opened(engine) as measured:
        if engine == "sqlite":
            plain = await bare.on_sqlite(measured.directory, sealed, callers, seconds)
        else:
            plain = await bare.on_postgresql(measured.urls[0], sealed, callers, seconds)
        rate, cpu = await turns_per_second(measured, callers, seconds)
        erasing = await seconds_to_erase_a_person(measured)
    print(f"{engine}, {callers} callers:")
    print(f"  turns stored          {rate:10,.0f}/s  {cpu:.0f} microseconds of CPU each")
    print(f"  bare inserts          {plain:10,.0f}/s  of {len(sealed)} bytes; ratio {rate / plain:.2f}")
    print(f"  a person erased       {erasing * 1000:10,.0f} ms for {_PERSON} sessions")
    for over, name in ((False, "swept row by row"), (True, "swept with its month")):
        took = await seconds_to_sweep_a_month(engine, arguments.parts, over=over)
        print(f"  {name:<21} {arguments.parts / took:10,.0f} parts/s, {took:.1f} s for {arguments.parts:,} parts")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--parts", type=int, default=4_000)
    arguments = parser.parse_args()
    for engine in arguments.engines:
        uvloop.run(main_of(engine, arguments))


if __name__ == "__main__":
    main()
