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
from tests.torture.places import Place
from tests.torture.talking import ANSWER, Told, check, count, load_until_killed

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
