"""`sordino restrict` and `object`: what may not be used for now, or no longer.

Sessions, holds and restrictions are named by their ids. Reasons and owners are references (`case-2026-014`,
`legal`): arguments are seen by others on the machine, so no person's name or number belongs there.
"""

from __future__ import annotations

import argparse
from datetime import datetime
from uuid import UUID

from gateway.command_line import over_the_store, print_receipts, wrong
from storage.holds import Ground, Restriction, Verdict
from storage.store import SessionStore

_GROUNDS = [ground.value for ground in Ground if ground is not Ground.OBJECTION]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the commands."""
    restrict = commands.add_parser("restrict", help="restrict a session (Art. 18 GDPR), or lift a restriction")
    restrict.add_argument("session", type=UUID, nargs="?", help="the session's id; without it, list restrictions")
    restrict.add_argument("--ground", choices=_GROUNDS, help="the point of Art. 18(1)")
    restrict.add_argument("--lift", type=UUID, metavar="ID", help="end this restriction")
    restrict.set_defaults(run=_restrict)

    objection = commands.add_parser("object", help="enter or decide an objection (Art. 21 GDPR)")
    objection.add_argument("session", type=UUID)
    objection.add_argument("--purpose", help="the purpose objected to; without it, all that can be objected to")
    objection.add_argument(
        "--decide", nargs=2, metavar=("ID", "VERDICT"), help="decide this objection: upheld or dismissed"
    )
    objection.set_defaults(run=_object)


def _restrict(arguments: argparse.Namespace) -> int:
    of, ground, lift = arguments.session, arguments.ground, arguments.lift
    if of is None and (ground or lift):
        return wrong("name the session")
    if of is not None and bool(ground) == bool(lift):
        return wrong("give one of --ground and --lift")

    async def work(store: SessionStore, now: datetime) -> int:
        if of is None:
            for each in await store.retention.restrictions():
                _print_restriction(each)
        elif lift:
            await store.retention.lift(of, lift, now)
            print(f"restriction {lift} lifted")
        else:
            _print_restriction(await store.retention.restrict(of, Ground(ground), now))
        return 0

    return over_the_store(work)


def _object(arguments: argparse.Namespace) -> int:
    if arguments.decide is None:

        async def enter(store: SessionStore, now: datetime) -> int:
            _print_restriction(await store.retention.object(arguments.session, now, arguments.purpose))
            return 0

        return over_the_store(enter)
    objection, said = arguments.decide
    try:
        objection_id, verdict = UUID(objection), Verdict(said)
    except ValueError:
        return wrong("--decide takes the objection's id, and upheld or dismissed")

    async def decide(store: SessionStore, now: datetime) -> int:
        receipts = await store.retention.decide(arguments.session, objection_id, verdict, now)
        print_receipts(receipts)
        print(f"objection {objection_id} {verdict.value}; {len(receipts)} parts erased")
        return 0

    return over_the_store(decide)


def _print_restriction(restriction: Restriction) -> None:
    name = "objection" if restriction.ground is Ground.OBJECTION else "restriction"
    what = f"purpose {restriction.purpose} of session" if restriction.purpose else "session"
    since = restriction.since.isoformat()
    print(f"{name} {restriction.id} on {what} {restriction.session_id}: {restriction.ground.value} since {since}")
