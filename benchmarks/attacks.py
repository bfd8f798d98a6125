"""What others wait for while somebody attacks: p99 under each attack over the quiet p99 before it, in one run.

    python -m benchmarks.attacks [--seconds 5] [--rounds 3] [--json]

A few customers write as they do in `benchmarks.load`, first alone, then beside an attacker on the public listener.
Quiet and attacked runs take turns, so that what else the machine does hits both. The attacker's own work (heads that
trickle, bodies that never end, answers nobody reads, bodies that unpack to fifty megabytes) shares the machine's
cores with the gateway, so a ratio on few cores is an upper bound.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import statistics
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import orjson

from benchmarks.gateway import NOTICE, Scenario, load
from benchmarks.processes import Cores, Stage, staged

QUIET = Scenario("plain-100", "plain", 100)
POST = b"POST /chatbot/v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
BOMB = gzip.compress(b'{"messages": [{"role": "user", "content": "' + b"a" * 50_000_000 + b'"}]}')
STREAM = b'{"model": "bench-4000", "stream": true, "messages": [{"role": "user", "content": "Hallo"}]}'
Attack = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def slow_heads(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a head byte by byte."""
    for byte in POST:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.2)


async def endless_bodies(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send chunks without an end."""
    writer.write(POST + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"40\r\n" + b" " * 64 + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)


async def unread_streams(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask for a stream and never read it."""
    writer.write(POST + b"Content-Length: %d\r\n\r\n" % len(STREAM) + STREAM)
    await writer.drain()
    await asyncio.sleep(3600)


async def idle_connections(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask once and stay."""
    writer.write(b"GET /nobody/x HTTP/1.1\r\nHost: a\r\n\r\n")
    await reader.readuntil(b"}")
    await asyncio.sleep(3600)


async def bombs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a body that grows a thousand times when it is unpacked, and another when that one was refused."""
    writer.write(POST + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB)
    await reader.readuntil(b"\r\n\r\n")


ATTACKS: dict[str, tuple[Attack, int]] = {
    "slow heads": (slow_heads, 200),
    "endless bodies": (endless_bodies, 200),
    "unread streams": (unread_streams, 100),
    "idle connections": (idle_connections, 1000),
    "bombs": (bombs, 4),
}


@contextlib.asynccontextmanager
async def attacked(url: str, attack: Attack, connections: int) -> AsyncIterator[None]:
    """Attack on so many connections while the block runs; one that is closed is opened again."""
    parts = urlsplit(url)

    async def attacker() -> None:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
                try:
                    await attack(reader, writer)
                finally:
                    writer.close()
            await asyncio.sleep(0.05)

    tasks = [asyncio.ensure_future(attacker()) for _ in range(connections)]
    try:
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

    for name, (attack, connections) in ATTACKS.items():
        pairs = []
        for _ in range(options.rounds):
            quiet = await run()
            async with attacked(url, attack, connections):
                pairs.append((quiet, await run()))
        rows.append(row(name, connections, pairs))
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
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cores = Cores.split(pin=False)
    with staged(NOTICE, cores) as stage:
        rows = asyncio.run(measure(stage, options, cores))
    if options.json:
        print(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        return
    for each in rows:
        print("  ".join(f"{name} {value}" for name, value in each.items()))


if __name__ == "__main__":
    main()
