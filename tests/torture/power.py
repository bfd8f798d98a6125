"""The power goes under load: of the files stays what was synced, and nothing else."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

from tests.e2e.conftest import bot_server
from tests.fakes import FakeBot
from tests.torture.forking import forks
from tests.torture.outages import held
from tests.torture.places import Place
from tests.torture.talking import ANSWER, Told, answered, check, count, customers, load_until_killed

COMPILER = shutil.which("cc")
_SOURCE = Path(__file__).with_name("synced.c")


async def lose_power(place: Place, rounds: int) -> Counter[str]:
    """Kill a gateway under load, put its files back to what was synced, and go on with those."""
    shadow = place.home.parent / "synced"
    shutil.copytree(place.home, shadow)
    library = await asyncio.to_thread(compiled, place.home.parent)
    told: list[Told] = []
    lost = 0
    environment = {"LD_PRELOAD": str(library), "TORTURE_ROOT": str(place.home), "TORTURE_SHADOW": str(shadow)}
    with forks(**environment) as forking:
        async with bot_server(FakeBot(says=ANSWER)) as bot:
            there = replace(place, forks=forking)
            for _ in range(rounds):
                told += await load_until_killed(await there.serve(bot))
                lost += _drop_what_was_not_synced(place.home, shadow)
                gateway = await there.serve(bot)
                try:
                    await check(gateway, told)
                finally:
                    gateway.process.kill()
                    await gateway.process.wait()
                lost += _drop_what_was_not_synced(place.home, shadow)
    return Counter({"answered": count(told), "files that lost something": lost})


async def lose_power_while_turns_wait(place: Place, rounds: int) -> Counter[str]:
    """Do so with the database away, so that what was answered last is in the spool, and nowhere else."""
    shadow = place.home.parent / "synced"
    shutil.copytree(place.home, shadow)
    library = await asyncio.to_thread(compiled, place.home.parent)
    told: list[Told] = []
    waited = 0
    environment = {"LD_PRELOAD": str(library), "TORTURE_ROOT": str(place.home), "TORTURE_SHADOW": str(shadow)}
    settings = {**place.settings, "SORDINO_SPOOL": f"file://{place.home / 'spool'}"}
    with forks(**environment) as forking:
        async with bot_server(FakeBot(says=ANSWER)) as bot:
            there = replace(place, forks=forking, settings=settings)
            for _ in range(rounds):
                gateway = await there.serve(bot)
                async with customers(gateway, told):
                    await answered(told, 10)
                    async with held(there, gateway):
                        gateway.process.kill()
                        await gateway.process.wait()
                _drop_what_was_not_synced(place.home, shadow)
                waited += any(path.stat().st_size for path in place.home.rglob("*.spool"))
                gateway = await there.serve(bot)
                try:
                    await check(gateway, told)
                    assert not list(place.home.rglob("*.spool"))
                    assert not list(place.home.rglob("*.broken"))
                finally:
                    gateway.process.kill()
                    await gateway.process.wait()
                _drop_what_was_not_synced(place.home, shadow)
    return Counter({"answered": count(told), "power lost while turns waited": waited})


def compiled(directory: Path) -> Path:
    """Return the library that notes what is synced."""
    assert COMPILER is not None, "a C compiler is needed"
    library = directory / "synced.so"
    subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", library, _SOURCE, "-ldl"], check=True)
    return library


def _drop_what_was_not_synced(home: Path, shadow: Path) -> int:
    """Put the files back to what was synced; returns how many were different."""
    for unfinished in shadow.rglob("*.copying"):
        unfinished.unlink()
    names = {path.relative_to(top) for top in (home, shadow) for path in top.rglob("*") if path.is_file()}
    different = sum(_content(home / name) != _content(shadow / name) for name in names)
    shutil.rmtree(home)
    shutil.copytree(shadow, home)
    return different


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
