"""What is done to the store and the gateway, and how often it is to be done altogether."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import PostgresServer
from tests.torture import backups, kills, outages, power, remains
from tests.torture.forking import Forks
from tests.torture.places import Place, discard, new_place

Scenario = Callable[[Place, int], Awaitable[Counter[str]]]
_TAMPERED = re.compile(r"(\d+) of what is sealed and its keys\n(\d+) alterations, (\d+) missed")


@dataclass(frozen=True, slots=True)
class Campaign:
    """`rounds` are wanted altogether, `batch` of them are done on one store; `what` is for the page."""

    name: str
    what: str
    rounds: int
    batch: int
    run: Callable[[Path, Forks, PostgresServer, int], Awaitable[Counter[str]]]


def _on(engine: str, scenario: Scenario) -> Callable[[Path, Forks, PostgresServer, int], Awaitable[Counter[str]]]:
    async def run(directory: Path, forks: Forks, server: PostgresServer, rounds: int) -> Counter[str]:
        place = await new_place(directory, forks, server if engine == "PostgreSQL" else None)
        counted = await scenario(place, rounds)
        await discard(place)
        return counted

    return run


def _both(name: str, what: str, rounds: int, batch: int, scenario: Scenario) -> list[Campaign]:
    return [
        Campaign(f"{name}, {engine}", what, rounds, batch, _on(engine, scenario)) for engine in ("SQLite", "PostgreSQL")
    ]


def _one(name: str, what: str, rounds: int, batch: int, engine: str, scenario: Scenario) -> Campaign:
    return Campaign(f"{name}, {engine}", what, rounds, batch, _on(engine, scenario))


async def _tamper(_directory: Path, _forks: Forks, _server: PostgresServer, rounds: int) -> Counter[str]:
    # Another seed each time, so that the rounds of several runs are different ones.
    said = await _benchmark("benchmarks.tamper", "--rounds", str(rounds), "--seed", secrets.token_hex(8))
    found = _TAMPERED.search(said)
    if found is None or found[3] != "0":
        raise RuntimeError(said)
    return Counter({"altered": int(found[2]), "of them sealed records, segments and keys": int(found[1])})


async def _years(_directory: Path, _forks: Forks, _server: PostgresServer, rounds: int) -> Counter[str]:
    seed = str(secrets.randbelow(2**31))
    said = await _benchmark("benchmarks.retention_years", "--parts", str(rounds), "--seed", seed, "--json")
    found = json.loads(said)
    return Counter({name: found[name] for name in ("parts", "erased", "sweeps", "compared")})


async def _benchmark(module: str, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(said.decode())
    return said.decode()


CAMPAIGNS = (
    *_both("gateway killed", "kill -9 under load; all that was answered is kept, once", 1000, 20, kills.kill_gateways),
    *_both("sweep killed", "kill -9; all goes with one receipt each, nothing else does", 1000, 10, kills.kill_sweepers),
    *_both("rotation killed", "kill -9; the next finishes it, all still opens", 1000, 10, kills.kill_rotations),
    _one("power lost", "what was not synced is gone", 100, 10, "SQLite", power.lose_power),
    _one(
        "power lost while turns wait", "with the database away", 20, 2, "SQLite", power.lose_power_while_turns_wait
    ),
    *_both("database away", "two seconds and more, under load", 20, 2, outages.lose_the_database),
    *_both(
        "database away, with a spool", "open conversations go on", 20, 2, outages.lose_the_database_with_a_spool
    ),
    *_both("killed while turns wait", "kill -9 with the database away", 20, 2, outages.kill_while_turns_wait),
    _one("database slow", "0.2 s for each piece on the way", 20, 2, "PostgreSQL", outages.slow_the_database),
    _one("disk full", "no file may grow (RLIMIT_FSIZE)", 20, 2, "SQLite", outages.fill_the_disk),
    *_both("root key away", "nobody may start; who serves goes on", 20, 2, outages.lose_the_root_key),
    *_both("clock an hour off", "ahead, behind and right again", 20, 2, outages.shift_the_clock),
    *_both("value erased", "no value, no wrapped key in any byte", 10_000, 500, remains.erase_and_search),
    *_both("old backup put back", "no erased session shows itself", 20, 5, backups.put_backups_back),
    Campaign("tampered", "bytes, records, keys, entries, objects; each has to be found", 100_000, 5_000, _tamper),
    Campaign("parts over twelve years", "none early, late or held, by a plain oracle", 1_000_000, 100_000, _years),
)  # fmt: skip
