"""An old backup is put back, again and again: no session that was erased since shows itself."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp
import asyncpg

from tests.e2e.conftest import bot_server
from tests.fakes import FakeBot
from tests.torture.places import Gateway, Place
from tests.torture.talking import ANSWER, Told, answered, check, customers

_BOTH = ("sessions", "keys")
_SESSIONS_ALONE = ("sessions",)


async def put_backups_back(place: Place, rounds: int) -> Counter[str]:
    """Make one backup; then, each round, erase of it and of what is newer, kill, and put the backup back.

    Both databases are put back, or that of the sessions alone.
    """
    gone: list[str] = []
    counted: Counter[str] = Counter()
    async with bot_server(FakeBot(says=ANSWER)) as bot:
        old = await _talked(place, bot, rounds + 1)
        backup = await _back_up(place)
        for _ in range(rounds):
            async with _serving(place, bot) as gateway:
                new: list[Told] = []
                async with customers(gateway, new):
                    await answered(new)
                erased = [_id(old.pop(secrets.randbelow(len(old)))), *(_id(each) for each in new if each.session)]
                for session in erased:
                    await _erase(gateway, session)  # acknowledged, and killed at once
                gone += erased
            names = secrets.choice((_BOTH, _SESSIONS_ALONE))
            await _put_back(place, backup, names)
            async with _serving(place, bot) as gateway:
                await _see_none(gateway, gone)
                await check(gateway, old)
            counted[f"with the {' and the '.join(names)}"] += 1
        async with place.store() as store:
            assert [each for each in gone if await store.part_ids(UUID(each))] == []
            assert (await store.ledger.verify()).problems == ()
    return counted + Counter({"sessions erased": len(gone)})


async def _talked(place: Place, bot: str, sessions: int) -> list[Told]:
    told: list[Told] = []
    async with _serving(place, bot) as gateway, customers(gateway, told):
        while sum(bool(each.session) for each in told) < sessions:
            await answered(told)
    return [each for each in told if each.session]


@contextlib.asynccontextmanager
async def _serving(place: Place, bot: str) -> AsyncIterator[Gateway]:
    """Serve during the block, at whose end it is killed."""
    gateway = await place.serve(bot)
    try:
        yield gateway
    finally:
        gateway.process.kill()
        await gateway.process.wait()


def _id(told: Told) -> str:
    return told.session.partition(".")[0]


async def _erase(gateway: Gateway, session: str) -> None:
    url = f"{gateway.internal}/sessions/{session}/erasure"
    async with aiohttp.ClientSession(headers=gateway.bearer()) as client, client.post(url) as response:
        assert response.status == 200, await response.text()


async def _see_none(gateway: Gateway, gone: Collection[str]) -> None:
    """See that sessions are neither found nor listed."""
    async with aiohttp.ClientSession(headers=gateway.bearer()) as client:
        for session in gone:
            url = f"{gateway.internal}/sessions/{session}"
            async with client.get(url, params={"purpose": "legal-defence"}) as response:
                assert response.status == 404, f"an erased session came back: {response.status}"
        async with client.get(f"{gateway.internal}/sessions", params={"limit": "1000"}) as response:
            listed = {each["id"] for each in (await response.json())["sessions"]}
        assert not listed & set(gone)


async def _back_up(place: Place) -> dict[str, str]:
    """Copy both databases; returns where the copies are."""
    if place.server is None:
        copies = {name: str(place.home.parent / f"{name}.backup") for name in _BOTH}
        for name, copy in copies.items():
            await asyncio.to_thread(_copy, place.home / f"{name}.db", Path(copy))
        return copies
    copies = {name: f"{database}_backup" for name, database in _databases(place).items()}
    for name, copy in copies.items():
        await _made(place, copy, _databases(place)[name])
    return copies


def _copy(database: Path, copy: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as one, contextlib.closing(sqlite3.connect(copy)) as other:
        one.backup(other)


async def _put_back(place: Place, copies: dict[str, str], names: Collection[str]) -> None:
    for name in names:
        if place.server is None:
            database = place.home / f"{name}.db"
            shutil.copyfile(copies[name], database)
            for log in ("-wal", "-shm"):
                database.with_name(f"{database.name}{log}").unlink(missing_ok=True)
        else:
            await _made(place, _databases(place)[name], copies[name])


def _databases(place: Place) -> dict[str, str]:
    urls = (place.settings["SORDINO_DATABASE_URL"], place.settings["SORDINO_KEYS_URL"])
    return {name: urlsplit(url).path.removeprefix("/") for name, url in zip(_BOTH, urls, strict=True)}


async def _made(place: Place, database: str, of: str) -> None:
    """Make a database as a copy of another, in place of what it was."""
    assert place.server is not None
    admin = await asyncpg.connect(place.server.url())
    try:
        await admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", of)
        await admin.execute(f'CREATE DATABASE "{database}" TEMPLATE "{of}"')
    finally:
        await admin.close()
