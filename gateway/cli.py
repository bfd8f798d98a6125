"""`sordino`: the command line.

Exit status: 0 done, 1 the answer is no, 2 it could not be done (wrong input, no key).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path

import orjson
import uvloop

from gateway import commands as others
from gateway import supervising
from gateway.demo import call, once
from gateway.demo.run import serve_demo
from gateway.errors import GatewayError
from gateway.logs import set_up_logging
from gateway.notice.load import load_notice
from gateway.process import die_with_parent
from gateway.serving import calm_the_collector, running
from gateway.settings import load_settings
from redaction.errors import RedactionError
from storage.errors import StorageError

_STOPPING = (signal.SIGINT, signal.SIGTERM)
_DRAINS = 4  # two listeners; each waits for its requests to end, and once more for those that it has cancelled
_SPARE_SECONDS = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    parsed = build_parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except (GatewayError, StorageError, RedactionError) as error:
        print(f"sordino: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1


def build_parser() -> argparse.ArgumentParser:
    """Describe every command."""
    parser = argparse.ArgumentParser(prog="sordino", description=__doc__.split("\n", 1)[0] if __doc__ else None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="run the gateway; deployment settings are SORDINO_* variables")
    serve.add_argument("--notice", type=Path, required=True, help="the privacy notice (YAML)")
    serve.add_argument("--workers", type=_workers, default=1, help="processes that share the listeners (Linux)")
    serve.add_argument("--worker-of", type=int, help=argparse.SUPPRESS)  # by the supervisor only
    serve.set_defaults(run=_serve)

    jobs = commands.add_parser("jobs", help="run what one process does for all: sweeps, promises, ledger, key rotation")
    jobs.add_argument("--notice", type=Path, required=True, help="the privacy notice (YAML)")
    jobs.set_defaults(run=_jobs)

    demo = commands.add_parser("demo", help="run a demo shop bot with Sordino in front of it")
    demo.add_argument("--once", action="store_true", help="play a scripted conversation, show what is kept, and end")
    demo.add_argument("--call", action="store_true", help="play a scripted call, show what is kept, and end")
    demo.add_argument("--json", action="store_true", help="with --once or --call: print one JSON object")
    demo.set_defaults(run=_demo)

    others.add_all(commands)
    return parser


def _workers(text: str) -> int:
    number = int(text)
    if not 1 <= number <= supervising.MOST:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {supervising.MOST}")
    return number


def _serve(arguments: argparse.Namespace) -> int:
    loaded, settings = load_notice(arguments.notice), load_settings()
    set_up_logging(settings.log_level)
    if arguments.worker_of is None and arguments.workers > 1:
        supervising.check(loaded, arguments.workers)
        supervisor = supervising.Supervisor(settings, arguments.notice, arguments.workers)
        return _until_stopped(supervisor.run(), settings.drain_seconds)
    if arguments.worker_of is not None:
        die_with_parent(arguments.worker_of, signal.SIGTERM)

    async def serve() -> None:
        async with running(settings, loaded, shared=arguments.worker_of is not None) as addresses:
            calm_the_collector()
            print(f"public {addresses.public}\ninternal {addresses.internal}", flush=True)
            await asyncio.Event().wait()

    return _until_stopped(serve(), settings.drain_seconds)


def _jobs(arguments: argparse.Namespace) -> int:
    loaded, settings = load_notice(arguments.notice), load_settings()
    set_up_logging(settings.log_level)

    async def work() -> None:
        async with running(settings, loaded, public=False) as addresses:
            print(f"internal {addresses.internal}", flush=True)
            await asyncio.Event().wait()

    return _until_stopped(work(), settings.drain_seconds)


def _demo(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    if not arguments.once and not arguments.call:
        set_up_logging("warning")
        return _until_stopped(serve_demo(settings), settings.drain_seconds)
    played = call if arguments.call else once
    report = played.run(settings)
    if arguments.json:
        sys.stdout.buffer.write(orjson.dumps(report.document, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        print(played.in_words(report))
    for sentence in report.broken:
        print(f"sordino: not as the notice promises: {sentence}", file=sys.stderr)
    return 1 if report.broken else 0


def _until_stopped(work: Coroutine[None, None, None], drain_seconds: float) -> int:
    """Run until the work ends or SIGINT or SIGTERM comes; then let open requests end.

    Further signals change nothing, so that what was said is kept, until the drain is long over: then they kill.
    """

    async def run() -> None:
        loop, working = asyncio.get_running_loop(), asyncio.ensure_future(work)

        def give_up() -> None:
            for name in _STOPPING:
                loop.remove_signal_handler(name)

        def stop() -> None:
            for name in _STOPPING:
                loop.add_signal_handler(name, lambda: None)
            loop.call_later(_DRAINS * drain_seconds + _SPARE_SECONDS, give_up)
            working.cancel()

        for name in _STOPPING:
            loop.add_signal_handler(name, stop)
        with contextlib.suppress(asyncio.CancelledError):
            await working

    uvloop.run(run())
    return 0
