"""What storing costs: exchanges a second and CPU time each, with many callers at once, on SQLite.

    python -m benchmarks.storage [--callers 64] [--seconds 4]

An exchange is what a chat's first message makes: a new session with its parts and keys and the customer's turn, then
the bot's turn; each step durable in both databases before it is acknowledged.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from gateway.clock import SystemClock
from gateway.tokens import new_token
from storage.blobs.files import FileBlobs
from storage.crypto.providers import FileKeyProvider
from storage.ledger.outside import Outside
from storage.ledger.signing import signing_key
from storage.ledger.sinks import FileSink
from storage.records import (
    Assignment,
    DeletionClass,
    NewSession,
    PartKind,
    Plan,
    SessionEvent,
    Speaker,
    StartEvent,
    Turn,
    Write,
)
from storage.sql import SqlStore

_CLASS = DeletionClass("chat-30-days", StartEvent.COLLECTION, "P30D", "Europe/Berlin")
_KEPT = tuple(Assignment(purpose, "A6-1-f", _CLASS) for purpose in ("improve-chatbot", "legal-defence"))
PLAN = Plan({PartKind.TRANSCRIPT: _KEPT, PartKind.FACTS: _KEPT})
TEXT = "x" * 100


async def exchange(store: SqlStore) -> None:
    """Store one exchange."""
    now = datetime.now(UTC)  # noqa: TID251 - a benchmark has no fake clock
    token = new_token(now)
    new = NewSession(token.id, "chatbot", "1", "0" * 64, now, token.secret)
    asked = Turn(Speaker.SUBJECT, TEXT, now, match=TEXT)
    await store.write(Write(token.id, PLAN, now, new=new, turns=(asked,)))
    answered = Turn(Speaker.BOT, TEXT, now, match=TEXT)
    await store.write(Write(token.id, PLAN, now, turns=(answered,), events=(SessionEvent.AI_DISCLOSED,)))


async def measure(callers: int, seconds: float, directory: Path) -> tuple[float, float]:
    """Return exchanges a second, and microseconds of CPU each."""
    store = SqlStore(
        f"sqlite:///{directory}/sessions.db",
        f"sqlite:///{directory}/keys.db",
        FileKeyProvider.create(directory / "root.key"),
        tenant="benchmark",
        blobs=FileBlobs(directory / "blobs"),
        clock=SystemClock(),
        outside=Outside(FileSink(directory / "ledger"), signing_key(directory / "ledger.key")),
    )
    await store.start()
    count, begin, used = 0, time.perf_counter(), time.process_time()

    async def call() -> None:
        nonlocal count
        while time.perf_counter() - begin < seconds:
            await exchange(store)
            count += 1

    await asyncio.gather(*(call() for _ in range(callers)))
    took, used = time.perf_counter() - begin, time.process_time() - used
    await store.close()
    return count / took, used / count * 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=4.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sordino-bench-") as directory:
        rate, cpu = uvloop.run(measure(arguments.callers, arguments.seconds, Path(directory)))
    print(f"{arguments.callers} callers: {rate:,.0f} exchanges/s, {cpu:.0f} microseconds of CPU each")


if __name__ == "__main__":
    main()
