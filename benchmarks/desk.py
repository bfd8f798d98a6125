"""How long the desk's pages and its API take over a year of traffic, and how long `sordino prove` takes.

    python -m benchmarks.desk [--engine postgresql] [--sessions 20000] [--rounds 20] [--json]

The year (`benchmarks.desk_year`) is written by the gateway's own writes; then a gateway with all its jobs serves the
desk, and every GET of the table of endpoints is asked for, the lists also as far back and as narrowly as they go. Up
to `--rounds` times each; the slowest stand first. On PostgreSQL the tables are analysed before, as autovacuum does.
Exit status 1 if something was not answered as it should be.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import aiohttp
import asyncpg
import orjson
import uvloop

from benchmarks.desk_year import NOTICE, YEAR, Year, YearClock, fill
from benchmarks.stores import ENGINES, databases
from gateway.access import TABLE, Role, written_secret
from gateway.clock import SystemClock
from gateway.desk.state import Desk
from gateway.notice.load import load_notice
from gateway.serving import Addresses, calm_the_collector, running
from gateway.settings import Settings, ensure_home
from gateway.stores import create_root_key, open_store
from storage.access import ApiToken, new_secret
from storage.ids import uuid7

_SETTLED_SECONDS: Final = 1800
_LONGEST_SECONDS: Final = 20.0  # what is that slow is asked for no more often
ASKED_OTHERWISE: Final = frozenset({
    "/desk/sign-in/provider",  # there is no identity provider
    "/desk/sign-in/return",
    "/desk/static/{name}",
    "/sessions/{id}/recording",  # nothing was recorded
    "/approvals/{item}/export",  # can be fetched once
})  # fmt: skip
_NARROWED: Final = (
    "channel=app", "channel=repairs", "channel=none", "purpose=quality", "purpose=prove-consent", "purpose=repair",
    "purpose=none", "channel=app&purpose=repair", "after={middle}", "channel=app&purpose=quality&after={middle}",
    "after={oldest}",
)  # fmt: skip


@dataclass(frozen=True)
class Timed:
    """How long one address took, and its CPU time in this process on average, in milliseconds."""

    what: str
    cpu: float
    p50: float
    p99: float
    rounds: int


@dataclass(frozen=True)
class Measured:
    """What a run found; `failed` are addresses that were not answered as they should be.

    `plan_seconds`: how long the plan of a shorter notice was counted at most, while the pages were asked for.
    """

    filled_seconds: float
    count_seconds: float
    plan_seconds: float
    prove_seconds: float
    prove_cpu_seconds: float
    proved: bool
    timed: list[Timed]
    failed: list[str]


async def run(engine: str, sessions: int, rounds: int) -> Measured:
    """Fill a store and measure."""
    async with databases(engine) as (directory, urls):
        path = directory / "notice.yaml"
        path.write_text(NOTICE, encoding="utf-8")
        loaded, settings = load_notice(path), _settings(directory, urls)
        ensure_home(settings)
        create_root_key(settings)
        begin, now = time.perf_counter(), SystemClock().now()
        clock = YearClock(now - YEAR - timedelta(hours=1))
        store = open_store(settings, clock, loaded.notice.notice)
        await store.start()
        made = await fill(store, loaded, clock, sessions)
        await store.close()
        await _analyse(urls)
        filled = time.perf_counter() - begin
        async with running(settings, loaded, public=False) as addresses:
            await _settle(addresses.desk)
            calm_the_collector()  # as the gateway does; else the slowest of twenty is a collection
            timed, failed, planned = await _ask_all(addresses, made, rounds)
            begin = time.perf_counter()
            await addresses.desk.figures.count()
            counted = time.perf_counter() - begin
        begin, before = time.perf_counter(), _children_seconds()
        proved = await _prove(path, settings, urls)
        took, used = time.perf_counter() - begin, _children_seconds() - before
    return Measured(filled, counted, planned, took, used, proved, timed, failed)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _settings(directory: Path, urls: tuple[str, str]) -> Settings:
    home = directory / "home"
    return Settings.model_validate({
        "home": home, "internal_listen": "127.0.0.1:0", "key_rotation": "manual",
        "database_url": urls[0], "keys_url": urls[1],
    })  # fmt: skip


async def _analyse(urls: tuple[str, str]) -> None:
    for url in urls:
        if url.startswith("postgresql"):
            connection = await asyncpg.connect(url)
            await connection.execute("VACUUM ANALYZE")
            await connection.close()


async def _settle(desk: Desk) -> None:
    """Wait until the first proof is there, which every gateway makes when it starts."""
    until = time.monotonic() + _SETTLED_SECONDS
    while desk.figures.proof is None:
        if time.monotonic() > until:
            raise TimeoutError("the first proof of the gateway takes too long")
        await asyncio.sleep(0.5)


async def _ask_all(addresses: Addresses, made: Year, rounds: int) -> tuple[list[Timed], list[str], float]:
    header, now = {}, SystemClock().now()
    secret = new_secret()
    roles = tuple(role.value for role in Role)
    await addresses.gateway.store.access.create_token(
        ApiToken(uuid7(now), "benchmark", roles, "command-line", now, now + YEAR), secret
    )
    header["Authorization"] = f"Bearer {written_secret(secret)}"
    timed, failed = list[Timed](), list[str]()
    async with aiohttp.ClientSession(addresses.internal, headers=header) as client:
        shorter = NOTICE.replace("P13M", "P12M").replace('version: "1"', 'version: "2"')
        begun = time.perf_counter()
        plan = await _begin_plan(client, shorter)
        for what, path, form in _addresses(made, plan, shorter):
            used = time.process_time()
            took = await _ask(client, path, form, rounds)
            if took is None:
                failed.append(what)
            else:
                cpu = (time.process_time() - used) * 1000 / len(took)
                timed.append(Timed(what, cpu, statistics.median(took), _p99(took), len(took)))
        counted = await _until_counted(client, plan) - begun
    return sorted(timed, key=lambda each: -each.p99), failed, counted


async def _begin_plan(client: aiohttp.ClientSession, shorter: str) -> str:
    async with client.post("/notice/plan", json={"notice": shorter}) as response:
        return str((await response.json())["plan"])


async def _until_counted(client: aiohttp.ClientSession, plan: str) -> float:
    """Return when the plan is counted, at the earliest when it is asked for."""
    while True:
        async with client.get(f"/notice/plans/{plan}") as response:
            if (await response.json())["state"] == "counted":
                return time.perf_counter()
        await asyncio.sleep(0.1)


def _p99(took: list[float]) -> float:
    return sorted(took)[min(len(took) - 1, int(len(took) * 0.99))]


async def _ask(
    client: aiohttp.ClientSession, path: str, form: Mapping[str, str] | None, rounds: int
) -> list[float] | None:
    took: list[float] = []
    while len(took) < rounds and sum(took) < _LONGEST_SECONDS * 1000:
        begin = time.perf_counter()
        method = "GET" if form is None else "POST"
        async with client.request(
            method, path, data=form, allow_redirects=False, headers={"Sec-Fetch-Site": "same-origin"}
        ) as response:
            await response.read()
            if response.status not in {200, 303}:
                return None
        took.append((time.perf_counter() - begin) * 1000)
    return took


def _addresses(made: Year, plan: str, shorter: str) -> Iterator[tuple[str, str, Mapping[str, str] | None]]:
    """Yield every GET of the table, the lists also with what narrows them, and the pages that a form leads to."""
    middle, newest = made.sessions[len(made.sessions) // 2], made.sessions[-1]
    ids = {"{id}": str(made.requests[0]), "{part}": str(made.erased), "{plan}": plan}
    for entry in TABLE:
        if entry.method != "GET" or entry.path in ASKED_OTHERWISE:
            continue
        path = entry.path
        if path.startswith(("/sessions/{id}", "/desk/sessions/{id}")):
            path = path.replace("{id}", str(middle))
        for name, value in ids.items():
            path = path.replace(name, value)
        yield entry.path, f"{path}?purpose=defend" if entry.path == "/sessions/{id}" else path, None
    for query in _NARROWED:
        places = {"middle": middle, "oldest": made.sessions[0]}
        yield f"/desk/sessions?{query}", f"/desk/sessions?{query.format(**places)}", None
    yield "/sessions?limit=1000", "/sessions?limit=1000", None
    yield "POST /desk/sessions/{id}", f"/desk/sessions/{newest}", {"purpose": "defend"}
    yield "POST /desk/notice/change", "/desk/notice/change", {"notice": shorter}


async def _prove(notice: Path, settings: Settings, urls: tuple[str, str]) -> bool:
    """Run the command as an operator does."""
    environment = os.environ | {
        "SORDINO_HOME": str(settings.home), "SORDINO_DATABASE_URL": urls[0], "SORDINO_KEYS_URL": urls[1],
    }  # fmt: skip
    with tempfile.TemporaryFile() as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "prove", "--notice", str(notice), env=environment, stdout=out
        )
        return await process.wait() == 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--engine", choices=ENGINES, default="postgresql")
    parser.add_argument("--sessions", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = uvloop.run(run(arguments.engine, arguments.sessions, arguments.rounds))
    if arguments.json:
        print(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        print(f"{arguments.engine}, {arguments.sessions:,} sessions, written in {found.filled_seconds:.0f} s")
        for each in found.timed:
            times = f"{each.p50:8.1f} ms {each.p99:8.1f} ms at p99 of {each.rounds:3} {each.cpu:7.1f} ms of CPU"
            print(f"  {times}  {each.what}")
        print(f"  the figures of the overview, counted beside the requests: {found.count_seconds:.2f} s")
        print(f"  the plan of a shorter notice, counted beside all this: {found.plan_seconds:.1f} s at most")
        verdict = "every promise kept" if found.proved else "BROKEN"
        print(f"  sordino prove: {found.prove_seconds:.1f} s, {found.prove_cpu_seconds:.1f} s of CPU, {verdict}")
        for what in found.failed:
            print(f"  not answered: {what}")
    sys.exit(0 if found.proved and not found.failed else 1)


if __name__ == "__main__":
    main()
