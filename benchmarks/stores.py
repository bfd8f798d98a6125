"""Stores to measure, on each engine, durable as in a deployment: SQLite in a directory, PostgreSQL as a server."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.tokens import new_token
from storage.blobs.files import FileBlobs
from storage.crypto.providers import FileKeyProvider
from storage.ledger.outside import Outside
from storage.ledger.signing import make_signing_key, signing_key
from storage.ledger.sinks import FileSink
from storage.records import Assignment, DeletionClass, NewSession, PartKind, Plan, Speaker, StartEvent, Turn, Write
from storage.sql import SqlStore, open_databases
from tests.postgres import PostgresServer, empty_pair

ENGINES: Final = ("sqlite", "postgresql")
_CLASS = DeletionClass("chat-30-days", StartEvent.COLLECTION, "P30D", "Europe/Berlin")
_KEPT = tuple(Assignment(purpose, "A6-1-f", _CLASS) for purpose in ("improve-chatbot", "legal-defence"))
PLAN: Final = Plan({PartKind.TRANSCRIPT: _KEPT, PartKind.FACTS: _KEPT})
TEXT: Final = "x" * 100
_SPEAKERS: Final = (Speaker.SUBJECT, Speaker.BOT)


@dataclass
class MovableClock:
    """The time, and what it is moved by."""

    moved: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Return the moment."""
        return datetime.now(UTC) + self.moved  # noqa: TID251 - a benchmark measures real time


@dataclass(frozen=True)
class Measured:
    """A store that has been started, its clock, and the URLs of its databases."""

    store: SqlStore
    clock: MovableClock
    urls: tuple[str, str]
    directory: Path


@contextlib.asynccontextmanager
async def opened(engine: str) -> AsyncIterator[Measured]:
    """Open a new store of an engine; all of it goes at the end."""
    async with databases(engine) as (directory, urls):
        clock = MovableClock()
        make_signing_key(directory / "ledger.key")
        store = SqlStore(
            open_databases(*urls),
            FileKeyProvider.create(directory / "root.key"),
            tenant="benchmark",
            blobs=FileBlobs(directory / "blobs"),
            clock=clock,
            outside=Outside(FileSink(directory / "ledger"), signing_key(directory / "ledger.key")),
        )
        await store.start()
        try:
            yield Measured(store, clock, urls, directory)
        finally:
            await store.close()


@contextlib.asynccontextmanager
async def databases(engine: str) -> AsyncIterator[tuple[Path, tuple[str, str]]]:
    """Yield a directory and the URLs of two empty databases; all of it goes at the end."""
    with tempfile.TemporaryDirectory(prefix="sordino-bench-") as name, contextlib.ExitStack() as stack:
        directory = Path(name)
        urls = (f"sqlite:///{directory}/sessions.db", f"sqlite:///{directory}/keys.db")
        if engine == "postgresql":
            running = server(directory)
            stack.callback(running.stop)
            urls = await empty_pair(running)
        yield directory, urls


def server(directory: Path) -> PostgresServer:
    """Start a server of its own in a directory, with fsync as in a deployment."""
    directory.chmod(0o755)
    server = PostgresServer(directory / "server", fsync=True)
    server.make()
    return server


def opening(clock: MovableClock, turns: int = 1) -> Write:
    """Return the write of a chat's first message: a session, its parts and keys, a turn; with 2, its answer too."""
    now = clock.now()
    token = new_token(now)
    new = NewSession(token.id, "chatbot", "1", "0" * 64, now, token.secret)
    return Write(token.id, PLAN, now, new=new, turns=said(clock, turns))


def answer(asked: Write, clock: MovableClock) -> Write:
    """Return the write of the bot's answer."""
    return more(asked, (Turn(Speaker.BOT, TEXT, clock.now(), match=TEXT),), clock)


def more(asked: Write, turns: tuple[Turn, ...], clock: MovableClock) -> Write:
    """Return the write of further turns."""
    return Write(asked.session_id, PLAN, clock.now(), turns=turns)


def said(clock: MovableClock, turns: int) -> tuple[Turn, ...]:
    """Return turns, the customer's first."""
    now = clock.now()
    return tuple(Turn(_SPEAKERS[each % 2], TEXT, now, match=TEXT) for each in range(turns))
