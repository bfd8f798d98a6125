"""What commands share: work over the store that the settings name, and work until a signal comes."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import uvloop

from gateway.clock import SystemClock
from gateway.logs import set_up_logging
from gateway.settings import load_settings
from storage.records import Receipt
from storage.store import SessionStore

Work = Callable[[SessionStore, datetime], Awaitable[int]]
_STOPPING: Final = (signal.SIGINT, signal.SIGTERM)
_DRAINS: Final = 4  # two listeners; each waits for its requests to end, and once more for those that it has cancelled
_SPARE_SECONDS: Final = 5.0
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9000


def over_the_store(work: Work, now: datetime | None = None) -> int:
    """Start the store, let the work be done at `now` (by default the present), and return its exit status."""
    from gateway.stores import started  # noqa: PLC0415 - what looks after workers opens no store

    settings, clock = load_settings(), SystemClock()
    set_up_logging(settings.log_level)

    async def run() -> int:
        async with started(settings, clock) as store:
            return await work(store, now or clock.now())

    return uvloop.run(run())


def until_stopped(work: Coroutine[None, None, None], drain_seconds: float) -> int:
    """Run until the work ends or SIGINT or SIGTERM comes; then let open requests end. Returns the exit status.

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


def wrong(sentence: str) -> int:
    """Say what is wrong with the arguments; returns the exit status for it."""
    print(f"sordino: {sentence}", file=sys.stderr)
    return 2


def moment(value: str) -> datetime:
    """Read an ISO 8601 moment; without an offset it is UTC. Raises ArgumentTypeError."""
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a moment in ISO 8601, such as 2026-12-24T18:00:00+01:00") from None
    if not _FIRST_YEAR <= read.year <= _LAST_YEAR:  # behind them there is no room for what is counted from a moment
        raise argparse.ArgumentTypeError(f"must be a moment of the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).astimezone(UTC)


def an_id(value: str) -> UUID:
    """Read the id of a session, a part or whatever else has one. Raises ArgumentTypeError."""
    try:
        return UUID(value)
    except ValueError:
        raise argparse.ArgumentTypeError("must be an id as Sordino prints it, a UUID") from None


def a_number(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a number from `least` to `most`, and raises ArgumentTypeError for anything else."""

    def read(value: str) -> int:
        figures = value.isascii() and value.isdigit() and len(value) <= len(str(most))
        if not (figures and least <= int(value) <= most):
            raise argparse.ArgumentTypeError(f"must be a number from {least} to {most}")
        return int(value)

    return read


def print_receipts(receipts: tuple[Receipt, ...]) -> None:
    """Print a line for each part that was erased."""
    for receipt in receipts:
        what = f"{receipt.kind.value} {receipt.part_id}, {receipt.records} records"
        backups = f"out of backups of the keys by {receipt.backups_clean_by.date().isoformat()}"
        print(f"receipt {receipt.id}: {what}, {receipt.reason.value}, {backups}")
