"""What a session costs in bytes, and whether looking up, storing and sweeping slow down as sessions grow in number.

    python -m benchmarks.scale [--engine postgresql] [--sessions 10000] [--steps 3] [--copies 0]

A session is an exchange: two parts (a transcript of two turns, and figures), their keys, four assignments. Sessions
are added step by step, each ten times as many as before; after each step the same things are measured. Then bytes a
session are multiplied: that line is arithmetic, not measured. With `--copies` the last step adds so many copies of
each session, on PostgreSQL (`benchmarks.multiplying`); what is read and erased are never copies.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import uvloop

from benchmarks.multiplying import multiply
from benchmarks.storage import fill, turns_per_second
from benchmarks.stores import ENGINES, Measured, opened
from storage.records import ErasureReason

_LOOKUPS = 200
_SIZES = (
    "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
    " WHERE relkind IN ('r') AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC"
)


async def size_of(measured: Measured) -> dict[str, int]:
    """Return how many bytes tables and their indexes take; on SQLite, files."""
    if measured.urls[0].startswith("sqlite"):
        return {name: sizes(measured.directory, name) for name in ("sessions.db", "keys.db")}
    found: dict[str, int] = {}
    for url in measured.urls:
        connection = await asyncpg.connect(url)
        found |= {row[0]: row[1] for row in await connection.fetch(_SIZES)}
        await connection.close()
    return found


def sizes(directory: Path, name: str) -> int:
    """Return how large a SQLite database is, its log included."""
    return sum(path.stat().st_size for path in directory.iterdir() if path.name in {name, f"{name}-wal"})


async def milliseconds_each(work: Any, ids: list[UUID]) -> float:  # noqa: ANN401 - any method of a store
    """Return the mean time of a call, one after the other."""
    begin = time.perf_counter()
    for each in ids:
        await work(each)
    return (time.perf_counter() - begin) / len(ids) * 1000


async def run(engine: str, most: int, steps: int, copies: int) -> None:
    """Measure step by step, and print."""
    print(f"{engine}: sessions, parts, ms to read one, ms to erase one, turns/s of 64 callers, bytes a session")
    async with opened(engine) as measured:
        written, added = list[UUID](), dict[str, float]()
        for step in range(steps):
            before, wanted = await size_of(measured), most // 10 ** (steps - 1 - step) - len(written)
            written += await fill(measured, wanted)
            after = await size_of(measured)
            added = {name: (after[name] - before.get(name, 0)) / wanted for name in after}
            reading, erasing = await times(measured, written)
            rate = await turns_per_second(measured, 64, 2.0)
            number, each = len(written), sum(added.values())
            print(f"  {number:>10,} {2 * number:>11,} {reading:>8.2f} {erasing:>8.1f} {rate:>8,.0f} {each:>8,.0f}")
        if copies:
            await copied(measured, written, copies)
    for name, each in sorted(added.items(), key=lambda item: -item[1])[:8]:
        print(f"    {name:<20} {each:8,.0f} bytes a session")
    for number in (10_000_000, 1_000_000_000):
        print(f"  {number:>13,} sessions, by arithmetic: {number * sum(added.values()) / 1e9:10,.0f} GB")


async def copied(measured: Measured, written: list[UUID], copies: int) -> None:
    """Add copies of all sessions, and measure among them."""
    bytes_before, there = sum((await size_of(measured)).values()), await measured.store.figures(measured.clock.now())
    began = time.perf_counter()
    await multiply(measured.urls, copies)
    took, number = time.perf_counter() - began, (copies + 1) * there.sessions
    each = (sum((await size_of(measured)).values()) - bytes_before) / (copies * there.sessions)
    first, erasing = await times(measured, written)
    rate = await turns_per_second(measured, 64, 10.0)
    reading, _ = await times(measured, written)
    print(f"  {number:>10,} {2 * number:>11,} {reading:>8.2f} {erasing:>8.1f} {rate:>8,.0f} {each:>8,.0f}")
    print(f"    copied in {took:,.0f} s; read from the disk in {first:.0f} ms each, once they were copied")
    print(f"    a check, what is due, a list, all figures: {await others(measured)} ms")


async def others(measured: Measured) -> str:
    """Return the milliseconds of what looks at all sessions: a check, a sweep of nothing, a list, the figures."""
    store, now, took = measured.store, measured.clock.now(), []
    for work in (store.check(), store.due(now), store.sessions(now), store.figures(now)):
        began = time.perf_counter()
        await work
        took.append(f"{(time.perf_counter() - began) * 1000:,.0f}")
    return ", ".join(took)


async def times(measured: Measured, written: list[UUID]) -> tuple[float, float]:
    """Return the milliseconds that reading one of the sessions takes, and erasing one."""
    store, now = measured.store, measured.clock.now()
    some = written[:: max(1, len(written) // _LOOKUPS)][:_LOOKUPS]
    reading = await milliseconds_each(lambda each: store.read(each, "legal-defence", now), some)
    parts = {each: list(await store.part_ids(each)) for each in some[:20]}
    erasing = await milliseconds_each(
        lambda each: store.erase(parts[each], ErasureReason.ADMIN, now, "benchmark"), list(parts)
    )
    written[:] = [each for each in written if each not in parts]
    return reading, erasing


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--engine", choices=ENGINES, default="postgresql")
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--copies", type=int, default=0)
    arguments = parser.parse_args()
    uvloop.run(run(arguments.engine, arguments.sessions, arguments.steps, arguments.copies))


if __name__ == "__main__":
    main()
