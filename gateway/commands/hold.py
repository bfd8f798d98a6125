"""`sordino hold`: legal holds.

Sessions, holds and restrictions are named by their ids. Reasons and owners are references (`case-2026-014`,
`legal`): arguments are seen by others on the machine, so no person's name or number belongs there.
"""

from __future__ import annotations

import argparse
from datetime import datetime

from gateway.command_line import an_id, moment, over_the_store
from storage.holds import Hold, HoldTerms
from storage.store import SessionStore


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command and what is below it."""
    hold = commands.add_parser("hold", help="legal holds").add_subparsers(required=True, metavar="COMMAND")
    place = hold.add_parser("place", help="hold a session, or some of its parts")
    place.add_argument("session", type=an_id)
    place.add_argument("--part", type=an_id, action="append", default=[], help="only this part; may be repeated")
    place.add_argument("--reason", required=True, help="a reference, such as a file number; no name of a person")
    place.add_argument("--owner", required=True, help="who reviews it, such as a department; no name of a person")
    place.add_argument("--review-at", type=moment, required=True, metavar="TIME", help="at most 90 days ahead")
    place.set_defaults(run=_place)
    review = hold.add_parser("review", help="give a hold its next review date")
    release = hold.add_parser("release", help="end a hold")
    for command, run in ((review, _review), (release, _release)):
        command.add_argument("session", type=an_id)
        command.add_argument("hold", type=an_id)
        command.set_defaults(run=run)
    review.add_argument("--review-at", type=moment, required=True, metavar="TIME", help="at most 90 days ahead")
    listing = hold.add_parser("list", help="list holds, those to be reviewed soonest first")
    listing.add_argument("--overdue", action="store_true", help="only those whose review date has passed")
    listing.set_defaults(run=_list)


def _place(arguments: argparse.Namespace) -> int:
    terms = HoldTerms(arguments.reason, arguments.owner, arguments.review_at)

    async def work(store: SessionStore, now: datetime) -> int:
        _print_hold(await store.retention.place_hold(arguments.session, terms, now, arguments.part))
        return 0

    return over_the_store(work)


def _review(arguments: argparse.Namespace) -> int:
    async def work(store: SessionStore, now: datetime) -> int:
        _print_hold(await store.retention.review_hold(arguments.session, arguments.hold, arguments.review_at, now))
        return 0

    return over_the_store(work)


def _release(arguments: argparse.Namespace) -> int:
    async def work(store: SessionStore, now: datetime) -> int:
        await store.retention.release_hold(arguments.session, arguments.hold, now)
        print(f"hold {arguments.hold} released")
        return 0

    return over_the_store(work)


def _list(arguments: argparse.Namespace) -> int:
    async def work(store: SessionStore, now: datetime) -> int:
        last = None
        while some := await store.retention.holds(overdue_at=now if arguments.overdue else None, after=last):
            for hold in some:
                _print_hold(hold, overdue=hold.review_at <= now)
            last = some[-1].place
        return 0

    return over_the_store(work)


def _print_hold(hold: Hold, *, overdue: bool = False) -> None:
    what = f"{len(hold.parts)} parts of session" if hold.parts else "session"
    late = " OVERDUE" if overdue else ""
    print(
        f"hold {hold.id} on {what} {hold.session_id}: {hold.reason}, {hold.owner}, "
        f"review by {hold.review_at.isoformat()}{late}"
    )
