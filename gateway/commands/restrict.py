"""`sordino restrict` and `object`: what may not be used for now, or no longer.

The notice says which recipients have to be told (Art. 19); the gateway that runs over the store tells them.

Sessions, holds and restrictions are named by their ids. Reasons and owners are references (`case-2026-014`,
`legal`): arguments are seen by others on the machine, so no person's name or number belongs there.
"""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import uvloop

from gateway.app import build_office
from gateway.clock import SystemClock
from gateway.command_line import an_id, over_the_store, print_receipts, wrong
from gateway.logs import set_up_logging
from gateway.metrics import Metrics
from gateway.notice.load import load_notice
from gateway.rights.acts import Acts
from gateway.settings import load_settings
from gateway.stores import started
from storage.holds import Ground, Restriction, Verdict
from storage.store import SessionStore

_BY = "command"
_NOTICE = "the privacy notice (YAML), which names the recipients that have to be told"
_GROUNDS = [ground.value for ground in Ground if ground is not Ground.OBJECTION]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the commands."""
    restrict = commands.add_parser("restrict", help="restrict a session (Art. 18 GDPR), or lift a restriction")
    restrict.add_argument("session", type=an_id, nargs="?", help="the session's id; without it, list restrictions")
    restrict.add_argument("--ground", choices=_GROUNDS, help="the point of Art. 18(1)")
    restrict.add_argument("--lift", type=an_id, metavar="ID", help="end this restriction")
    restrict.add_argument("--notice", type=Path, help=_NOTICE)
    restrict.set_defaults(run=_restrict)

    objection = commands.add_parser("object", help="enter or decide an objection (Art. 21 GDPR)")
    objection.add_argument("session", type=an_id)
    objection.add_argument("--purpose", help="the purpose objected to; without it, all that can be objected to")
    objection.add_argument(
        "--decide", nargs=2, metavar=("ID", "VERDICT"), help="decide this objection: upheld or dismissed"
    )
    objection.add_argument("--notice", type=Path, required=True, help=_NOTICE)
    objection.set_defaults(run=_object)


def _restrict(arguments: argparse.Namespace) -> int:
    of, ground, lift = arguments.session, arguments.ground, arguments.lift
    if of is None and (ground or lift):
        return wrong("name the session")
    if of is not None and bool(ground) == bool(lift):
        return wrong("give one of --ground and --lift")

    if of is None:
        return over_the_store(_list)
    if arguments.notice is None:
        return wrong("give --notice: recipients have to be told")

    async def work(acts: Acts) -> int:
        if lift:
            done = await acts.lift(of, lift, _BY)
            print(f"restriction {lift} lifted" if done else f"restriction {lift} ends when its person has been told")
        else:
            _print_restriction(await acts.restrict(of, Ground(ground), _BY))
        return 0

    return _with_acts(arguments.notice, work)


async def _list(store: SessionStore, _now: datetime) -> int:
    last = None
    while some := await store.retention.restrictions(after=last):
        for each in some:
            _print_restriction(each)
        last = some[-1].place
    return 0


def _object(arguments: argparse.Namespace) -> int:
    if arguments.decide is None:

        async def enter(acts: Acts) -> int:
            _print_restriction(await acts.object(arguments.session, arguments.purpose, _BY))
            return 0

        return _with_acts(arguments.notice, enter)
    objection, said = arguments.decide
    try:
        objection_id, verdict = UUID(objection), Verdict(said)
    except ValueError:
        return wrong("--decide takes the objection's id, and upheld or dismissed")

    async def decide(acts: Acts) -> int:
        receipts = await acts.decide(arguments.session, objection_id, verdict, _BY)
        print_receipts(receipts)
        print(f"objection {objection_id} {verdict.value}; {len(receipts)} parts erased")
        return 0

    return _with_acts(arguments.notice, decide)


def _with_acts(notice: Path, work: Callable[[Acts], Awaitable[int]]) -> int:
    settings, clock, loaded = load_settings(), SystemClock(), load_notice(notice)
    set_up_logging(settings.log_level)

    async def run() -> int:
        async with started(settings, clock, loaded.notice.notice) as store:
            return await work(build_office(settings, loaded, store, Metrics(), clock).acts)

    return uvloop.run(run())


def _print_restriction(restriction: Restriction) -> None:
    name = "objection" if restriction.ground is Ground.OBJECTION else "restriction"
    what = f"purpose {restriction.purpose} of session" if restriction.purpose else "session"
    since = restriction.since.isoformat()
    print(f"{name} {restriction.id} on {what} {restriction.session_id}: {restriction.ground.value} since {since}")
