"""`sordino migrate`: the schemas of the databases, brought up to date."""

from __future__ import annotations

import argparse

import uvloop

from gateway.clock import SystemClock
from gateway.logs import set_up_logging
from gateway.settings import load_settings
from gateway.stores import started


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    migrate = commands.add_parser("migrate", help="bring the databases' schemas up to date, before an upgrade")
    migrate.set_defaults(run=_migrate)


def _migrate(_arguments: argparse.Namespace) -> int:
    settings = load_settings()
    set_up_logging(settings.log_level)

    async def run() -> None:
        async with started(settings, SystemClock()):
            pass

    uvloop.run(run())
    print("the databases are up to date")
    return 0
