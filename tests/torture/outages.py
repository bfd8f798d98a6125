"""What a gateway needs goes away under load, and comes back.

Nothing that was acknowledged is lost, nothing lies in clear, and a minute later customers are answered again.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import secrets
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import aiohttp

from storage.sql.sqlite import BUSY_SECONDS
from tests.e2e.conftest import NOTICE, bot_server
from tests.fakes import FakeBot
from tests.torture.places import Gateway, Place
from tests.torture.proxy import Proxy
from tests.torture.talking import ANSWER, CLIENTS, QUESTIONS, Told, answered, check, count, customers

BACK_SECONDS = 60
_AWAY_SECONDS = 2.0
_MORE_ROUNDS = 4
_HOUR = 3600.0

Outage = Callable[[Place, Gateway], contextlib.AbstractAsyncContextManager[None]]


async def suffer(place: Place, outage: Outage, rounds: int, *, goes_on: bool = False) -> Counter[str]:
    """Load one gateway, have the outage begin and end again and again, and see what is kept and what lies about.

    `goes_on`: turns of who is in a conversation wait in the spool, some at least.
    """
    told: list[Told] = []
    slowest = waited = 0.0
    async with bot_server(FakeBot(says=ANSWER)) as bot:
        gateway = await place.serve(bot)
        try:
            for number in range(rounds + _MORE_ROUNDS):
                if number >= rounds and (not goes_on or await taken(gateway)):
                    break  # with luck everybody was about to begin a conversation each time it was away
                async with customers(gateway, told):
                    # Two answers each, for what opens a conversation or says the disclosure can't wait.
                    await answered(told, 2 * CLIENTS if goes_on else 1)
                    async with outage(place, gateway):
                        await asyncio.sleep(_AWAY_SECONDS)
                    began = time.monotonic()
                    await answered(told)
                    slowest = max(slowest, time.monotonic() - began)
                assert slowest < BACK_SECONDS
            waited = await drained(gateway)
            await check(gateway, told)
            see_nothing_left(place)
        finally:
            await gateway.stop()
    counted = Counter({"answered": count(told), "slowest return in ms": round(slowest * 1000)})
    if goes_on:
        assert waited, "nothing has waited in the spool, in any round"
        counted["turns that waited"] = round(waited)
    return counted


def see_nothing_left(place: Place) -> None:
    """See that nothing lies in clear in any file, and that the spool keeps nothing aside."""
    clear = place.in_clear(QUESTIONS)
    assert not clear, f"in clear: {clear}"
    aside = sorted(path.stat().st_size for path in place.home.parent.rglob("*.broken"))
    assert not aside, f"kept aside by the spool, in bytes: {aside}"


async def drained(gateway: Gateway) -> float:
    """Wait until nothing waits in the spool; returns how many turns have waited there."""
    async with asyncio.timeout(BACK_SECONDS):
        while True:
            metrics = await metrics_of(gateway)
            if not metrics["sordino_spool_turns"]:
                return metrics["sordino_spool_turns_taken_total"]
            await asyncio.sleep(0.1)


async def taken(gateway: Gateway) -> float:
    """Return how many turns have gone into the spool."""
    return (await metrics_of(gateway))["sordino_spool_turns_taken_total"]


async def metrics_of(gateway: Gateway) -> dict[str, float]:
    """Return the gateway's metrics, by name and labels."""
    async with aiohttp.ClientSession() as client, client.get(f"{gateway.internal}/metrics") as response:
        rows = [line.rsplit(" ", 1) for line in (await response.text()).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in rows}


@contextlib.asynccontextmanager
async def locked(place: Place, _gateway: Gateway) -> AsyncIterator[None]:
    """Another process holds SQLite's lock for longer than the gateway waits for it."""
    with contextlib.closing(sqlite3.connect(place.home / "sessions.db", isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(5)
        yield
        other.execute("ROLLBACK")


@contextlib.asynccontextmanager
async def held(place: Place, _gateway: Gateway) -> AsyncIterator[None]:
    """Another process holds SQLite's lock, from now on."""
    with contextlib.closing(sqlite3.connect(place.home / "sessions.db", isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(BUSY_SECONDS + 1)  # so long does the first wait for it
        yield
        other.execute("ROLLBACK")


@contextlib.asynccontextmanager
async def full(place: Place, gateway: Gateway) -> AsyncIterator[None]:
    """No file of the gateway's may grow any more, as on a disk that is full."""
    largest = max(path.stat().st_size for path in place.home.glob("*.db*"))
    before = resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (min(largest, 64 * 1024), before[1]))
    try:
        yield
    finally:
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, before)


@contextlib.asynccontextmanager
async def keyless(place: Place, _gateway: Gateway) -> AsyncIterator[None]:
    """The root key's file is away: who starts now must not serve, who serves has its keys in memory."""
    aside = place.home.parent / "root.key.aside"
    (place.home / "root.key").rename(aside)
    try:
        process, log = await place.start("serve", "--notice", str(NOTICE), SORDINO_PUBLIC_LISTEN="127.0.0.1:0",
                                         SORDINO_INTERNAL_LISTEN="127.0.0.1:0")  # fmt: skip
        async with asyncio.timeout(BACK_SECONDS):
            await process.wait()
        assert "internal http" not in log.read_text(encoding="utf-8")
        yield
    finally:
        aside.rename(place.home / "root.key")


def away(proxy: Proxy) -> Outage:
    """Return the outage in which connections to the database are cut, and none is accepted."""

    @contextlib.asynccontextmanager
    async def outage(_place: Place, _gateway: Gateway) -> AsyncIterator[None]:
        await proxy.close()
        yield
        await proxy.open()

    return outage


def slow(proxy: Proxy, seconds: float = 0.2) -> Outage:
    """Return the outage in which all that goes to the database and back takes its time."""

    @contextlib.asynccontextmanager
    async def outage(_place: Place, _gateway: Gateway) -> AsyncIterator[None]:
        proxy.delay_seconds = seconds
        yield
        proxy.delay_seconds = 0

    return outage


async def shift_the_clock(place: Place, rounds: int) -> Counter[str]:
    """Start the gateway with its clock an hour ahead, an hour behind and right, on one store."""
    told: list[Told] = []
    async with bot_server(FakeBot(says=ANSWER)) as bot:
        for number in range(rounds):
            for off in (_HOUR, -_HOUR, 0) if number % 2 else (-_HOUR, _HOUR, 0):
                gateway = await place.serve(bot, clock_off_seconds=off)
                try:
                    async with customers(gateway, told):
                        await answered(told, 10)
                finally:
                    await gateway.stop()
        gateway = await place.serve(bot)
        try:
            await check(gateway, told)
            see_nothing_left(place)
        finally:
            await gateway.stop()
    return Counter(answered=count(told))


@contextlib.asynccontextmanager
async def through_a_proxy(place: Place) -> AsyncIterator[tuple[Place, Proxy]]:
    """Have a place reach its databases through a proxy."""
    proxy = Proxy(place.settings["SORDINO_DATABASE_URL"])
    await proxy.open()
    try:
        yield replace(place, settings={name: proxy.instead_of(url) for name, url in place.settings.items()}), proxy
    finally:
        await proxy.close()


async def lose_the_database(place: Place, rounds: int) -> Counter[str]:
    """Cut the connections to PostgreSQL, or hold SQLite's lock."""
    if place.server is None:
        return await suffer(place, locked, rounds)
    async with through_a_proxy(place) as (proxied, proxy):
        return await suffer(proxied, away(proxy), rounds)


def spooling(place: Place) -> Place:
    """Give a place a spool."""
    return replace(place, settings={**place.settings, "SORDINO_SPOOL": f"file://{place.home.parent / 'spool'}"})


@contextlib.asynccontextmanager
async def without_databases(place: Place) -> AsyncIterator[tuple[Place, Outage]]:
    """Return a place with a spool, and the outage of its databases."""
    if place.server is None:
        yield spooling(place), held
        return
    async with through_a_proxy(place) as (proxied, proxy):
        yield spooling(proxied), away(proxy)


async def lose_the_database_with_a_spool(place: Place, rounds: int) -> Counter[str]:
    """Do as `lose_the_database`, where turns of open sessions may wait on another disk."""
    async with without_databases(place) as (spooled, outage):
        return await suffer(spooled, outage, rounds, goes_on=True)


async def kill_while_turns_wait(place: Place, rounds: int) -> Counter[str]:
    """Kill the gateway while its databases are away, give them back and start it again."""
    told: list[Told] = []
    killed_with = 0
    async with bot_server(FakeBot(says=ANSWER)) as bot, without_databases(place) as (spooled, outage):
        for _ in range(rounds):
            gateway = await spooled.serve(bot)
            async with customers(gateway, told):
                await answered(told, 10)
                async with outage(spooled, gateway):
                    await asyncio.sleep(secrets.randbelow(1000) / 1000)
                    gateway.process.kill()
                    await gateway.process.wait()
                    killed_with += any(path.stat().st_size for path in place.home.parent.rglob("*.spool"))
        gateway = await spooled.serve(bot)
        try:
            await check(gateway, told)
            see_nothing_left(place)
            assert not list(place.home.parent.rglob("*.spool")), "something waits in the spool"
        finally:
            await gateway.stop()
    return Counter({"answered": count(told), "killed while turns waited": killed_with})


async def slow_the_database(place: Place, rounds: int) -> Counter[str]:
    """Make every piece that goes to PostgreSQL or comes from there late."""
    async with through_a_proxy(place) as (proxied, proxy):
        return await suffer(proxied, slow(proxy), rounds)


async def fill_the_disk(place: Place, rounds: int) -> Counter[str]:
    """Let no file of the gateway's grow."""
    return await suffer(place, full, rounds)


async def lose_the_root_key(place: Place, rounds: int) -> Counter[str]:
    """Take the root key's file away."""
    return await suffer(place, keyless, rounds)
