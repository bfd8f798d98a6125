"""`sordino find`: the sessions of a person, by an identifier that the notice lists under `index`.

The identifier is asked for or read from standard input: as an argument it would stand in the list of processes and
in the shell's history. Only ids are printed.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from uuid import UUID

import uvloop

from gateway.clock import SystemClock
from gateway.errors import SettingsError
from gateway.indexing import Index
from gateway.notice.load import load_notice
from gateway.settings import load_settings
from gateway.stores import started
from redaction.findings import EntityType

_KINDS = {"phone": EntityType.PHONE, "email": EntityType.EMAIL, "customer-no": EntityType.CUSTOMER_NO}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    find = commands.add_parser("find", help="print the ids of a person's sessions; reads the identifier from stdin")
    find.add_argument("--notice", type=Path, required=True, help="the privacy notice, which lists what is indexed")
    kind = find.add_mutually_exclusive_group(required=True)
    for name, which in _KINDS.items():
        kind.add_argument(
            f"--{name}",
            dest="kind",
            action="store_const",
            const=which,
            help=f"the identifier is of the type {which.value}",
        )
    kind.add_argument(
        "--type", dest="kind", type=_type, metavar="TYPE", help="the identifier is of this type, such as IBAN"
    )
    find.set_defaults(run=_find)


def _find(arguments: argparse.Namespace) -> int:
    settings, notice = load_settings(), load_notice(arguments.notice).notice
    channels = [channel for channel in notice.channels.values() if arguments.kind in channel.index]
    if not channels:
        raise SettingsError(f"no channel of the notice lists {arguments.kind.value} under index")
    value = _asked(arguments.kind)
    made = (Index(channel).identifier(arguments.kind, value) for channel in channels)
    identifiers = {each for each in made if each is not None}
    if not identifiers:
        raise SettingsError(f"what was read is no {arguments.kind.value}")

    async def run() -> list[UUID]:
        clock = SystemClock()
        async with started(settings, clock, notice.notice) as store:
            found = {each for identifier in identifiers for each in await store.find_by(identifier, clock.now())}
        return sorted(found, reverse=True)

    found = uvloop.run(run())
    for session_id in found:
        print(session_id)
    return 0 if found else 1


def _type(value: str) -> EntityType:
    try:
        return EntityType(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(sorted(EntityType))}") from None


def _asked(kind: EntityType) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"{kind.value} (not shown): ").strip()
    return sys.stdin.readline().strip()
