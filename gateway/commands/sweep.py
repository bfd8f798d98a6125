"""`sordino sweep`: what has expired is erased, and what a new notice shortens."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from gateway.command_line import moment, over_the_store, print_receipts, wrong
from gateway.consent import promises
from gateway.jobs import sweep
from gateway.notice.load import load_notice
from storage.shortening import Shortening
from storage.store import SessionStore


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    sweeping = commands.add_parser("sweep", help="erase what has expired, with a receipt each")
    sweeping.add_argument("--dry-run", action="store_true", help="only show what would be erased or shortened")
    sweeping.add_argument("--now", type=moment, metavar="TIME", help="take this moment (ISO 8601) as the present")
    sweeping.add_argument("--verify", action="store_true", help="compute every day anew from the rules and compare")
    sweeping.add_argument(
        "--notice", type=Path, metavar="NEW.yaml", help="what this notice shortens: with --dry-run or --apply-plan"
    )
    sweeping.add_argument("--apply-plan", metavar="ID", help="shorten what the plan of this id has shown")
    sweeping.set_defaults(run=_sweep)


def _sweep(arguments: argparse.Namespace) -> int:
    if arguments.notice is not None and not (arguments.dry_run or arguments.apply_plan):
        return wrong("--notice goes with --dry-run, which shows its plan, or with --apply-plan ID")
    if arguments.apply_plan is not None and (arguments.notice is None or arguments.dry_run):
        return wrong("--apply-plan goes with --notice, and without --dry-run")
    if arguments.verify and (arguments.notice is not None or arguments.dry_run):
        return wrong("--verify goes alone")
    if arguments.verify:
        return over_the_store(_verify, arguments.now)
    if arguments.notice is not None:
        return over_the_store(lambda store, now: _shorten(store, now, arguments), arguments.now)
    return over_the_store(lambda store, now: _erase(store, now, dry_run=arguments.dry_run), arguments.now)


async def _erase(store: SessionStore, now: datetime, *, dry_run: bool) -> int:
    def show(count: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{count} parts erased", end="", file=sys.stderr, flush=True)

    swept = await sweep(store, now, dry_run=dry_run, progress=show)
    for part in swept.due if dry_run else ():
        print(f"{part.due_at.isoformat()} {part.kind.value} {part.part_id} of session {part.session_id}")
    print_receipts(swept.receipts)
    print(f"{len(swept.due)} parts would be erased" if dry_run else f"{len(swept.receipts)} parts erased")
    return 0


async def _verify(store: SessionStore, _now: datetime) -> int:
    found = await store.retention.verify()
    for kind, count in sorted(found.items()):
        print(f"{kind.value}: {count}")
    print("differences found" if found else "every day is as the rules say")
    return 1 if found else 0


async def _shorten(store: SessionStore, now: datetime, arguments: argparse.Namespace) -> int:
    loaded = load_notice(arguments.notice)
    promised = promises(loaded.notice)
    planned = await store.retention.shortening(promised, loaded.digest, now, apply=arguments.apply_plan)
    _show(planned)
    if arguments.apply_plan is not None:
        print(f"plan {planned.id} applied: {planned.parts} parts")
    else:
        print(f"plan {planned.id}: {planned.parts} parts would be shortened; apply it with --apply-plan {planned.id}")
    return 0


def _show(planned: Shortening) -> None:
    for (purpose, day), count in planned.days.items():
        ends = "at once: the notice no longer keeps it" if day is None else f"on {day.isoformat()}"
        print(f"{purpose}: {count} parts end {ends}")
