"""`sordino serve`: the gateway."""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

from gateway import supervising
from gateway.command_line import a_number, until_stopped
from gateway.logs import set_up_logging
from gateway.notice.load import load_notice
from gateway.process import die_with_parent
from gateway.settings import load_settings
from gateway.sharing import Share


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    serve = commands.add_parser("serve", help="run the gateway; deployment settings are SORDINO_* variables")
    serve.add_argument("--notice", type=Path, required=True, help="the privacy notice (YAML)")
    serve.add_argument(
        "--workers", type=a_number(1, supervising.MOST), default=1, help="processes that share the listeners (Linux)"
    )
    serve.add_argument("--worker-of", type=int, help=argparse.SUPPRESS)  # this and those below by the supervisor only
    serve.add_argument("--number", type=int, default=0, help=argparse.SUPPRESS)
    serve.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    serve.set_defaults(run=_serve)


def _serve(arguments: argparse.Namespace) -> int:
    loaded, settings = load_notice(arguments.notice), load_settings()
    set_up_logging(settings.log_level)
    if arguments.worker_of is None and arguments.workers > 1:
        supervising.check(settings, arguments.workers)
        supervisor = supervising.Supervisor(settings, arguments.notice, arguments.workers)
        return until_stopped(supervisor.run(), settings.drain_seconds)
    from gateway.serving import calm_the_collector, running  # noqa: PLC0415 - what looks after workers serves nothing

    share = None
    if arguments.worker_of is not None:
        die_with_parent(arguments.worker_of, signal.SIGTERM)
        share = Share(arguments.number, arguments.workers, arguments.place)

    async def serve() -> None:
        async with running(settings, loaded, share=share) as addresses:
            calm_the_collector()
            print(f"public {addresses.public}\ninternal {addresses.internal}", flush=True)
            await asyncio.Event().wait()

    return until_stopped(serve(), settings.drain_seconds)
