"""`sordino keys`: the root key made, listed, replaced, destroyed, and what a leaked key opens."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Final

import uvloop

from gateway.clock import SystemClock
from gateway.command_line import a_number, an_id, moment, wrong
from gateway.errors import SettingsError
from gateway.logs import set_up_logging
from gateway.settings import load_settings
from gateway.stores import make_ledger_key, make_root_key, open_root_key

_NOTIFY_WITHIN: Final = timedelta(hours=72)  # Art. 33(1)
_VERSION: Final = a_number(1, 2**31 - 1)
_NO_SUCH_KEY: Final = "there is no such key (`sordino keys list`): what lay under it is erased, or it has never been"

_MOVED: Final = "the old epoch keys are destroyed: `sordino keys affected` knows nothing of them any more"
_LEFT: Final = (
    "keys stay under old epoch keys: the session database lacks what they are for, now at least: run this again"
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command and what is below it."""
    keys = commands.add_parser("keys", help="the root key (SORDINO_ROOT_KEY)").add_subparsers(
        required=True, metavar="COMMAND"
    )
    init = keys.add_parser("init", help="make the root key and the key that signs the ledger; never overwrites one")
    init.add_argument("--ledger", action="store_true", help="make the key that signs the ledger alone")
    init.set_defaults(run=_init)
    rotate = keys.add_parser(
        "rotate", help="replace the root key's version, wrap its keys anew, destroy the old version"
    )
    rotate.add_argument(
        "--epochs",
        action="store_true",
        help="after a leak: have new epoch keys made for what is kept from now on",
    )
    rotate.add_argument(
        "--existing",
        action="store_true",
        help="with --epochs: move what is kept already under new epoch keys as well, and destroy the old ones",
    )
    rotate.set_defaults(run=_rotate)
    listing = keys.add_parser("list", help="show the versions of the root key and the epoch keys, never a key")
    listing.set_defaults(run=_list)
    destroy = keys.add_parser("destroy", help="destroy a version of the root key, and all before it, for good")
    destroy.add_argument("version", type=_VERSION, help="a version that wraps nothing any more")
    destroy.set_defaults(run=_destroy)
    affected = keys.add_parser("affected", help="count, by day, the sessions that a leaked key opens")
    leaked = affected.add_mutually_exclusive_group(required=True)
    leaked.add_argument("--root", type=_VERSION, metavar="VERSION", help="a version of the root key has leaked")
    leaked.add_argument("--epoch", type=an_id, metavar="ID", help="an epoch key has leaked; `keys list` shows ids")
    affected.add_argument("--sessions", action="store_true", help="print the sessions' ids as well")
    affected.add_argument("--aware", type=moment, metavar="TIME", help="when you became aware; default: now")
    affected.set_defaults(run=_affected)


def _init(arguments: argparse.Namespace) -> int:
    settings = load_settings()
    if not arguments.ledger:
        uvloop.run(make_root_key(settings))
    make_ledger_key(settings)
    if not arguments.ledger:
        path = settings.root_key_path
        kept = "" if path is None else " (keep a copy where no backup of the databases is)"
        print(f"root key made: {path or settings.root_key_address}{kept}")
    print(f"key that signs the ledger: {settings.ledger_key_path}")
    return 0


def _rotate(arguments: argparse.Namespace) -> int:
    if arguments.existing and not arguments.epochs:
        return wrong("--existing goes with --epochs")
    settings = load_settings()
    set_up_logging(settings.log_level)

    async def run() -> None:
        async with open_root_key(settings, SystemClock()) as root_key:
            done = await root_key.rotate(_shown("wrapped anew"))
            begun = "a rotation that was left unfinished is finished; " if done.resumed else ""
            print(f"{begun}{done.rewrapped} keys wrapped anew; version {done.version} of the root key is the only one")
            unfinished = arguments.existing and await root_key.under_closed_epochs()
            renewal = await root_key.renew(_shown("moved")) if unfinished else None
            if renewal is not None and renewal.moved:
                print("what was closed before is finished; run this again if a key has leaked since then")
            elif arguments.epochs:
                closed = await root_key.close_epochs()
                print(f"{closed} epoch keys closed: what is kept from now on goes under new ones")
                renewal = await root_key.renew(_shown("moved")) if arguments.existing else None
        if renewal is not None:
            print(f"{renewal.moved} keys of what is kept moved under new epoch keys")
            print(f"{renewal.left} {_LEFT}" if renewal.left else _MOVED)
        if settings.root_key_path is not None:
            print(f"put a copy of {settings.root_key_path} in place of the old copy, and destroy that one")

    return _run(run)


def _shown(what: str) -> Callable[[int, int], None]:
    def show(done: int, of: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{done} of {of} keys {what}", end="" if done < of else "\n", file=sys.stderr, flush=True)

    return show


def _list(_arguments: argparse.Namespace) -> int:
    settings = load_settings()

    async def run() -> None:
        async with open_root_key(settings, SystemClock()) as root_key:
            kept = await root_key.list()
        for version in kept.versions:
            if version.destroyed_at is not None:
                state = f"destroyed {_day(version.destroyed_at)}"
            elif version.retired_at is not None:
                state = f"retired {_day(version.retired_at)}, wraps {version.wraps} keys: run `sordino keys rotate`"
            else:
                state = f"current, wraps {version.wraps} keys"
            print(f"root version {version.version}: since {_day(version.since)}, {state}")
        for epoch in kept.epochs:
            month = f"{epoch.month // 100}-{epoch.month % 100:02}"
            print(f"epoch {epoch.id}: deletion month {month}, wrapped by root version {epoch.root_version}")
        if kept.due_at is not None:
            print(f"next rotation: {_day(kept.due_at)} ({settings.key_rotation})")

    return _run(run)


def _destroy(arguments: argparse.Namespace) -> int:
    settings = load_settings()

    async def run() -> None:
        async with open_root_key(settings, SystemClock()) as root_key:
            await root_key.destroy(arguments.version)
        print(f"root version {arguments.version} and all before it are destroyed")

    return _run(run)


def _affected(arguments: argparse.Namespace) -> int:
    settings, clock = load_settings(), SystemClock()

    async def run() -> None:
        async with open_root_key(settings, clock) as root_key:
            kept = await root_key.list()
            leak = kept.root_leak(arguments.root) if arguments.epoch is None else kept.epoch_leak(arguments.epoch)
            if leak is None:
                raise SettingsError(_NO_SUCH_KEY)
            days: Counter[str] = Counter()
            kinds: Counter[str] = Counter()
            async for session in root_key.sessions_under(leak.epoch_ids):
                days[_day(session.started_at)] += 1
                kinds.update({kind.value: count for kind, count in session.parts.items()})
                if arguments.sessions:
                    print(f"{_day(session.started_at)} {session.channel} {session.id}")
            others = await root_key.others_under(leak)
        for day, count in sorted(days.items()):
            print(f"{day}: {count} sessions")
        named = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())) or "none"
        print(f"{len(leak.epoch_ids)} epoch keys, {days.total()} sessions; parts: {named}")
        print(
            f"{others.requests} requests of data subjects, {others.survey_weeks} weeks of survey answers, "
            f"{others.errands} errands"
        )
        print(f"{others.erased_since} parts were erased since {_day(leak.since)}: copies made before may hold them")
        until = (arguments.aware or clock.now()) + _NOTIFY_WITHIN
        print(f"Art. 33 GDPR: the supervisory authority is to be told by {until:%Y-%m-%d %H:%M} UTC")

    return _run(run)


def _run(work: Callable[[], Coroutine[None, None, None]]) -> int:
    uvloop.run(work())
    return 0


def _day(at: datetime) -> str:
    return at.date().isoformat()
