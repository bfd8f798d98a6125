"""What others wait for while somebody attacks: p99 under each attack over the quiet p99 before it, in one run.

    python -m benchmarks.attacks [--seconds 5] [--rounds 3] [--case NAME ...] [--json]

A few customers write as they do in `benchmarks.load`, first alone, then beside an attacker on the public listener.
Quiet and attacked runs take turns, so that what else the machine does hits both. The attacker's own work (heads that
trickle, bodies that never end, answers nobody reads, bodies that unpack to fifty megabytes, callers who say nothing)
shares the machine's cores with the gateway, so a ratio on few cores is an upper bound.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import orjson

from benchmarks.attackers import CASES, SECRET, Case
from benchmarks.gateway import NOTICE, Scenario, load
from benchmarks.processes import Cores, Stage, staged
from gateway.process import allow_many_files

QUIET = Scenario("plain-100", "plain", 100)
_ARRIVAL_SECONDS = 60.0


@contextlib.asynccontextmanager
async def attacked(url: str, case: Case) -> AsyncIterator[None]:
    """Attack while the block runs, which begins when all are there; a connection that is closed is opened again."""
    parts, arrivals, all_there = urlsplit(url), 0, asyncio.Event()

    def arrived() -> None:
        nonlocal arrivals
        arrivals += 1
        if arrivals >= case.connections:
            all_there.set()

    async def attacker() -> None:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
                try:
                    await case.act(reader, writer, arrived)
                finally:
                    writer.close()
            await asyncio.sleep(0.05)

    tasks = [asyncio.ensure_future(attacker()) for _ in range(case.connections)]
    try:
        try:
            await asyncio.wait_for(all_there.wait(), _ARRIVAL_SECONDS)
        except TimeoutError:
            print(f"attacks: only {arrivals} of {case.connections} have come", file=sys.stderr)
        await asyncio.sleep(1)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def measure(stage: Stage, options: argparse.Namespace, cores: Cores) -> list[dict[str, Any]]:
    """Return a row for each attack: medians over the rounds."""
    url, rows, first = stage.targets["sordino"], [], 1

    async def run() -> dict[str, Any]:
        nonlocal first
        first += 1_000_000
        return await asyncio.to_thread(load, url, QUIET, options, cores, first)

    for name in options.case or CASES:
        whole, pairs = CASES[name], list[tuple[dict[str, Any], dict[str, Any]]]()
        case = replace(whole, connections=min(whole.connections, options.most))
        for _ in range(options.rounds):
            quiet = await run()
            async with attacked(url, case):
                pairs.append((quiet, await run()))
        rows.append(row(name, case.connections, pairs))
        print(rows[-1], file=sys.stderr)
    return rows


def row(name: str, connections: int, pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    """Put the runs of one attack together; a run in which nobody was answered has no p99, and counts as `starved`."""
    answered = [(quiet["p99_ms"], other["p99_ms"]) for quiet, other in pairs if quiet["p99_ms"] and other["p99_ms"]]
    return {
        "attack": name,
        "connections": connections,
        "quiet_p99_ms": round(statistics.median(quiet for quiet, _ in answered), 2) if answered else None,
        "p99_ms": round(statistics.median(other for _, other in answered), 2) if answered else None,
        "ratio": round(statistics.median(other / quiet for quiet, other in answered), 2) if answered else None,
        "starved": len(pairs) - len(answered),
        "failed": sum(sum(other["failed"].values()) for _, other in pairs),
    }


def main() -> None:
    """Read the arguments, run, print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="measured time of one run")
    parser.add_argument("--connections", type=int, default=8, help="customers")
    parser.add_argument("--most", type=int, default=1000, help="connections of an attacker")
    parser.add_argument("--case", action="append", choices=list(CASES), help="again for several; default: all")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    allow_many_files()
    cores = Cores.split(pin=False)
    settings = {"SORDINO_CHANNEL_SECRETS": orjson.dumps({"hotline": SECRET}).decode()}
    with staged(NOTICE, cores, settings=settings) as stage:
        rows = asyncio.run(measure(stage, options, cores))
    if options.json:
        print(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    for each in rows:
        print("  ".join(f"{name} {value}" for name, value in each.items()))


if __name__ == "__main__":
    main()
