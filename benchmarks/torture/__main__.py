"""Torture gateway and store until all of it was done or the time is over, and go on from there the next time.

    python -m benchmarks.torture [--seconds N] [--only WORD] [--state FILE] [--write docs/reliability.md]

One batch of each campaign after the other. Exit status 1 if anything was lost, twice, half or in clear.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from pathlib import Path

from benchmarks.torture.campaigns import CAMPAIGNS, Campaign
from benchmarks.torture.page import page
from benchmarks.torture.state import Done, read_state, write_state
from tests.postgres import PostgresServer
from tests.torture.forking import Forks, forks


async def torture(state: dict[str, Done], path: Path, only: str, seconds: float) -> bool:
    """Run batches in turn; returns whether all went well."""
    until, well = time.monotonic() + seconds, True
    with tempfile.TemporaryDirectory(prefix="sordino-torture-") as folder:
        directory = Path(folder)
        await asyncio.to_thread(directory.chmod, 0o755)  # the server runs as another user
        server = PostgresServer(directory / "server")
        await asyncio.to_thread(server.make)
        try:
            with forks() as forking:
                while open_ones := [each for each in _open(state) if only in each.name]:
                    for campaign in open_ones:
                        if time.monotonic() >= until:
                            return well
                        well &= await _batch(campaign, state, directory, forking, server)
                        write_state(path, state)
        finally:
            await asyncio.to_thread(server.stop)
    return well


def _open(state: dict[str, Done]) -> list[Campaign]:
    return [each for each in CAMPAIGNS if state.setdefault(each.name, Done()).rounds < each.rounds]


async def _batch(
    campaign: Campaign, state: dict[str, Done], directory: Path, forking: Forks, server: PostgresServer
) -> bool:
    done, began = state[campaign.name], time.monotonic()
    rounds = min(campaign.batch, campaign.rounds - done.rounds)
    try:
        counted = await campaign.run(directory, forking, server, rounds)
    except Exception as error:  # noqa: BLE001 - it is counted, and the other campaigns go on
        done.fail("".join(traceback.format_exception(error, limit=-4)))
        print(f"{campaign.name}: FAILED\n{done.failures[-1]}", flush=True)
        return False
    done.add(rounds, time.monotonic() - began, counted)
    print(f"{campaign.name}: {done.rounds} of {campaign.rounds}, {dict(counted)}", flush=True)
    return True


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no batch after so long")
    parser.add_argument("--only", default="", help="only campaigns with this in their name")
    parser.add_argument("--state", type=Path, default=Path(".cache/torture.json"))
    parser.add_argument("--write", type=Path, help="write the page with all that was done")
    arguments = parser.parse_args()
    state = read_state(arguments.state)
    well = asyncio.run(torture(state, arguments.state, arguments.only, arguments.seconds))
    if arguments.write is not None:
        arguments.write.write_text(page(state), encoding="utf-8")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
