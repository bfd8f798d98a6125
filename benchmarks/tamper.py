"""Random bytes, records, keys and entries of a store are altered, and whoever uses it has to find each.

    python -m benchmarks.tamper [--rounds 100000] [--of ledger records] [--seed WORD] [--processes N]

Each round alters one thing, looks, and puts the thing back. Stores are made anew in temporary directories, one for each
thousand rounds. Of the rounds two fifths are of the ledger and its sink (`benchmarks.tamper_ledger`), and three of
what is sealed and of its keys (`benchmarks.tamper_records`). The whole ledger is checked each time: nineteen of twenty
rounds are in ledgers of 12 sessions (70 entries), where that takes a tenth of the time that it takes with 120 (700
entries); but only those have roots of parts of the tree kept by themselves (`ledger_tiers`). Prints how many
alterations of each kind were made and found; exit status 1 if one was missed. `python -m benchmarks.torture --only
tampered` does the same in batches, and goes on from where it stopped.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvloop

from benchmarks import tamper_ledger, tamper_records
from benchmarks.pieces import counted, parts_of
from tests.unit.storage.builders import prepared

_AT_ONCE: Final = 1_000
_LONG: Final = 20
_OF: Final = ("ledger", "records")
_OF_FIVE: Final = 2
_TOGETHER: Final = 4
"""Pieces that share a process: where a checkpoint is missing the check waits whether it is just being made."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Rounds on one store of so many sessions, made anew; of its ledger, or of what is sealed in it."""

    rounds: int
    seed: str
    sessions: int
    of: str = "ledger"


async def _run(pieces: Sequence[Piece]) -> Counter[str]:
    whole: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        await prepared(Path(folder))  # before they begin together: one process migrates one database at a time
    for count in await asyncio.gather(*(_piece(each) for each in pieces)):
        whole.update(count)
    return whole


async def _piece(piece: Piece) -> Counter[str]:
    tampered = tamper_ledger.tampered if piece.of == "ledger" else tamper_records.tampered
    return await tampered(piece.rounds, piece.seed, piece.sessions)


def run(pieces: Sequence[Piece]) -> Counter[str]:
    """Alter and look; returns how many alterations of each kind were made, and found."""
    return uvloop.run(_run(pieces))


def pieces_of(rounds: int, seed: str, of: Sequence[str] = _OF) -> list[Piece]:
    """Return the rounds in pieces, the long ones first."""
    ledger = 0 if "ledger" not in of else rounds if "records" not in of else rounds * _OF_FIVE // 5
    few = ledger // _LONG
    plan = [(120, count, "ledger") for count in parts_of(few, _AT_ONCE // 10)] if few else []
    plan += [(12, count, "ledger") for count in parts_of(ledger - few, _AT_ONCE)] if ledger else []
    plan += [(6, count, "records") for count in parts_of(rounds - ledger, _AT_ONCE)] if rounds > ledger else []
    return [Piece(count, f"{seed} {number}", sessions, of) for number, (sessions, count, of) in enumerate(plan)]


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=100_000)
    parser.add_argument("--of", nargs="+", choices=_OF, default=_OF)
    parser.add_argument("--seed", default="sordino")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    begin = time.perf_counter()
    pieces = pieces_of(arguments.rounds, arguments.seed, arguments.of)
    together = [pieces[at :: -(-len(pieces) // _TOGETHER)] for at in range(-(-len(pieces) // _TOGETHER))]
    count = counted(run, together, arguments.processes)
    kinds = sorted(name.removeprefix("altered ") for name in count if name.startswith("altered "))
    missed = sum(count[f"altered {what}"] - count[f"found {what}"] for what in kinds)
    for what in kinds:
        print(f"{what:48} {count[f'altered {what}']:7} altered {count[f'found {what}']:7} found")
    print(f"{count['of sealed']} of what is sealed and its keys")
    altered = sum(count[f"altered {what}"] for what in kinds)
    print(f"{altered} alterations, {missed} missed, {time.perf_counter() - begin:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
