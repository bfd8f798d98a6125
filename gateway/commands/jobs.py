"""`sordino jobs`: what one process does for all the others."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from gateway.command_line import until_stopped
from gateway.logs import set_up_logging
from gateway.notice.load import load_notice
from gateway.serving import running
from gateway.settings import load_settings


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    jobs = commands.add_parser("jobs", help="run what one process does for all: sweeps, promises, ledger, key rotation")
    jobs.add_argument("--notice", type=Path, required=True, help="the privacy notice (YAML)")
    jobs.set_defaults(run=_jobs)


def _jobs(arguments: argparse.Namespace) -> int:
    loaded, settings = load_notice(arguments.notice), load_settings()
    set_up_logging(settings.log_level)

    async def work() -> None:
        async with running(settings, loaded, public=False) as addresses:
            print(f"internal {addresses.internal}", flush=True)
            await asyncio.Event().wait()

    return until_stopped(work(), settings.drain_seconds)
