"""The short form of the power loss, and whether what stands for it tells synced from not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.torture.places import Place
from tests.torture.power import COMPILER, compiled, lose_power, lose_power_while_turns_wait

pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C compiler to build what notes the syncs")


async def test_what_was_answered_is_there_after_the_power_was_lost(on_sqlite: Place) -> None:
    counted = await lose_power(on_sqlite, 2)
    assert counted["answered"] > 0
    assert counted["files that lost something"] > 0


async def test_what_was_answered_while_the_database_was_away_is_there_after_the_power_was_lost(
    on_sqlite: Place,
) -> None:
    counted = await lose_power_while_turns_wait(on_sqlite, 2)
    assert counted["answered"] > 0
    assert counted["power lost while turns waited"] > 0


def test_only_what_was_synced_is_noted(tmp_path: Path) -> None:
    root, shadow = tmp_path / "root", tmp_path / "shadow"
    root.mkdir()
    library = compiled(tmp_path)
    program = """
import os, sys
def write(name, text, sync):
    with open(name, "w") as file:
        file.write(text); file.flush()
        if sync: os.fsync(file.fileno())
os.chdir(sys.argv[1]); here = os.getcwd()
def sync_directory():
    directory = os.open(here, os.O_RDONLY); os.fsync(directory); os.close(directory)
write("kept", "one", True); write("kept", "one and two", False); write("never", "x", False)
write("a", "moved", True); os.rename(here + "/a", here + "/b"); write("c", "goes", True); write("d", "stays", True)
write("e", "", False); os.rename(here + "/e", here + "/empty")
os.unlink(here + "/c"); sync_directory(); os.unlink(here + "/d"); os.rename(here + "/b", here + "/z")
"""
    environment = os.environ | {"LD_PRELOAD": str(library), "TORTURE_ROOT": str(root), "TORTURE_SHADOW": str(shadow)}
    subprocess.run([sys.executable, "-c", program, str(root)], check=True, env=environment)
    noted = {path.name: path.read_text() for path in shadow.iterdir()}
    assert noted == {"kept": "one", "b": "moved", "d": "stays", "empty": ""}
