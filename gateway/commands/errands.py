"""`sordino errands`: recordings that are still at a call platform, and those that a person says can't be deleted there.

A call of which a platform does not say what it has recorded is listed, too, by its id there.

A reason is a reference (`account-closed`, `case-2026-014`), and so is who says so: arguments are seen by others on the
machine, and the ledger keeps both for good, so no person's name or number belongs there.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import datetime
from typing import Final

from gateway.command_line import an_id, over_the_store, wrong
from storage.store import SessionStore

_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}")
_AT_THE_PLATFORM: Final = ("account", "recording", "place", "reseller", "dialog", "id")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command and what is below it."""
    errands = commands.add_parser("errands", help="what is still to be done at a call platform")
    below = errands.add_subparsers(required=True, metavar="COMMAND")
    listing = below.add_parser("list", help="list recordings that a platform still has, the oldest first")
    listing.set_defaults(run=_list)
    close = below.add_parser("close", help="say that one can't be done any more; the ledger tells it")
    close.add_argument("errand", type=an_id)
    close.add_argument("--reason", required=True, help="a reference, such as a file number; no name of a person")
    close.add_argument("--by", required=True, help="who says so, such as a department; no name of a person")
    close.set_defaults(run=_close)


def _list(_arguments: argparse.Namespace) -> int:
    async def work(store: SessionStore, _now: datetime) -> int:
        shown = await store.errands.listed()
        counting = {one.id for one in shown}
        for channel in sorted({one.channel for one in shown}):
            for errand in await store.errands.left(channel):
                if errand.id not in counting:
                    continue
                named = (*_AT_THE_PLATFORM, "call") if "asks" in errand.content else _AT_THE_PLATFORM
                ids = [f"{name} {errand.content[name]}" for name in named if name in errand.content]
                print(f"errand {errand.id} of {channel}, since {errand.at.isoformat()}: {', '.join(ids)}")
        for one in shown:
            if not one.readable:
                print(f"errand {one.id} of {one.channel}, since {one.at.isoformat()}: altered, nobody can do it")
        return 0

    return over_the_store(work)


def _close(arguments: argparse.Namespace) -> int:
    if not (_REFERENCE.fullmatch(arguments.reason) and _REFERENCE.fullmatch(arguments.by)):
        return wrong("--reason and --by are references without blanks, such as case-2026-014")

    async def work(store: SessionStore, now: datetime) -> int:
        if not await store.errands.close(arguments.errand, arguments.reason, arguments.by, now):
            print("sordino: there is no such errand (any more)", file=sys.stderr)
            return 1
        print(f"errand {arguments.errand} closed: {arguments.reason}")
        return 0

    return over_the_store(work)
