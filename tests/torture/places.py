"""Where a store lies that is tortured: a home, and databases of one of the two engines."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import asyncpg

from gateway.clock import SystemClock
from gateway.demo.plaintext import forms
from gateway.settings import Settings
from gateway.stores import create_root_key, open_store
from storage.sql import SqlStore
from tests.e2e.conftest import NOTICE, clean_environment
from tests.postgres import PostgresServer, empty_pair
from tests.torture.forking import Forked, Forks
from tests.torture.searching import found
from tests.unit.storage.builders import TENANT

ENGINES = ("sqlite", "postgresql")
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway that serves."""

    process: Forked
    public: str
    internal: str
    home: Path

    def bearer(self) -> dict[str, str]:
        """Return the header that opens the internal listener."""
        token = (self.home / "internal.token").read_text(encoding="ascii").strip()
        return {"Authorization": f"Bearer {token}"}

    async def stop(self) -> None:
        """End it in order."""
        self.process.terminate()
        await self.process.wait()


@dataclass(frozen=True, slots=True)
class Place:
    """A home, what starts programs there, and the settings that lead to the databases."""

    home: Path
    forks: Forks
    settings: dict[str, str] = field(default_factory=dict)
    server: PostgresServer | None = None

    async def start(self, *arguments: str, clock_off_seconds: float = 0, **more: str) -> tuple[Forked, Path]:
        """Start a command; returns its process and its log."""
        log = self.home.parent / f"log-{secrets.token_hex(4)}"
        environment = {
            name: value
            for name, value in clean_environment(self.home, **self.settings, **more).items()
            if name.startswith("SORDINO_")
        }
        process = await self.forks.start(arguments, log, environment, clock_off_seconds=clock_off_seconds)
        return process, log

    async def serve(self, bot: str, *, clock_off_seconds: float = 0, **more: str) -> Gateway:
        """Start a gateway on ports that are free, and wait until it is ready."""
        process, log = await self.start(
            "serve", "--notice", str(NOTICE), clock_off_seconds=clock_off_seconds, **more,
            SORDINO_PUBLIC_LISTEN="127.0.0.1:0", SORDINO_INTERNAL_LISTEN="127.0.0.1:0",
            SORDINO_UPSTREAMS=f'{{"chatbot": "{bot}"}}', SORDINO_DRAIN_SECONDS="2",
        )  # fmt: skip
        async with asyncio.timeout(_START_SECONDS), aiohttp.ClientSession() as client:
            while True:
                said = log.read_text(encoding="utf-8") if log.exists() else ""
                assert process.alive, said
                told = re.search(r"^public (.+)\ninternal (.+)\n", said, re.MULTILINE)
                if told is not None:
                    async with client.get(f"{told[2]}/health/ready") as response:
                        if response.status == 200:
                            return Gateway(process, f"{told[1]}/chatbot", told[2], self.home)
                await asyncio.sleep(0.02)

    @contextlib.asynccontextmanager
    async def store(self) -> AsyncIterator[SqlStore]:
        """Open the store itself, which finishes what was left open."""
        fields = {name.removeprefix("SORDINO_").lower(): value for name, value in self.settings.items()}
        store = open_store(Settings.model_validate({"home": self.home, **fields}), SystemClock(), TENANT)
        assert isinstance(store, SqlStore)
        await store.start()
        try:
            yield store
        finally:
            await store.close()

    def in_clear(self, texts: tuple[str, ...]) -> list[str]:
        """Return those of the texts that stand in any file here, in any encoding."""
        written = {text: {form for _, form in forms(text)} for text in texts}
        there = found(self.all_bytes(), set().union(*written.values()))
        return [text for text in texts if written[text] & there]

    def all_bytes(self) -> bytes:
        """Return the bytes of every file here, and of every file of the server's."""
        paths = [*self.home.parent.rglob("*"), *(self.server.data.rglob("*") if self.server is not None else ())]
        return b"\0".join([content for path in paths if (content := _content(path)) is not None])


async def discard(place: Place) -> None:
    """Delete a place and its databases, which nothing uses any more."""
    await asyncio.to_thread(shutil.rmtree, place.home.parent)
    if place.server is None:
        return
    admin = await asyncpg.connect(place.server.url())
    try:
        for url in place.settings.values():
            await admin.execute(f'DROP DATABASE "{urlsplit(url).path.removeprefix("/")}" WITH (FORCE)')
    finally:
        await admin.close()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() else None
    except FileNotFoundError:  # gone meanwhile
        return None


async def new_place(directory: Path, forks: Forks, server: PostgresServer | None) -> Place:
    """Make a home with a root key; with a server, on two databases of their own there."""
    name = secrets.token_hex(4)
    home = directory / f"store-{name}" / "home"
    home.mkdir(parents=True, mode=0o700)
    create_root_key(Settings.model_validate({"home": home}))
    if server is None:
        return Place(home, forks)
    sessions, keys = await empty_pair(server, f"torture_{name}")
    return Place(home, forks, {"SORDINO_DATABASE_URL": sessions, "SORDINO_KEYS_URL": keys}, server)
