"""`sordino sweep`, `hold`, `restrict` and `object`: what is kept, for longer or no longer.

Sessions, holds and restrictions are named by their ids. Reasons and owners are references (`case-2026-014`,
`legal`): arguments are seen by others on the machine, so no person's name or number belongs there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import uvloop

from gateway.app import open_store
from gateway.clock import SystemClock
from gateway.consent import promises
from gateway.jobs import sweep
from gateway.logs import set_up_logging
from gateway.notice.load import load_notice
from gateway.settings import load_settings
from storage.holds import Ground, Hold, HoldTerms, Restriction, Verdict
from storage.records import Receipt
from storage.shortening import Shortening
from storage.store import SessionStore

_GROUNDS = [ground.value for ground in Ground if ground is not Ground.OBJECTION]
Work = Callable[[SessionStore, datetime], Awaitable[int]]


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the commands."""
    _add_sweep(commands)
    _add_hold(commands)
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


def _add_sweep(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sweeping = commands.add_parser("sweep", help="erase what has expired, with a receipt each")
    sweeping.add_argument("--dry-run", action="store_true", help="only show what would be erased or shortened")
    sweeping.add_argument("--now", type=_moment, metavar="TIME", help="take this moment (ISO 8601) as the present")
    sweeping.add_argument("--verify", action="store_true", help="compute every day anew from the rules and compare")
    sweeping.add_argument(
        "--notice", type=Path, metavar="NEW.yaml", help="what this notice shortens: with --dry-run or --apply-plan"
    )
    sweeping.add_argument("--apply-plan", metavar="ID", help="shorten what the plan of this id has shown")
    sweeping.set_defaults(run=_sweep)


def _add_hold(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    hold = commands.add_parser("hold", help="legal holds").add_subparsers(required=True, metavar="COMMAND")
    place = hold.add_parser("place", help="hold a session, or some of its parts")
    place.add_argument("session", type=UUID)
    place.add_argument("--part", type=UUID, action="append", default=[], help="only this part; may be repeated")
    place.add_argument("--reason", required=True, help="a reference, such as a file number; no name of a person")
    place.add_argument("--owner", required=True, help="who reviews it, such as a department; no name of a person")
    place.add_argument("--review-at", type=_moment, required=True, metavar="TIME", help="at most 90 days ahead")
    place.set_defaults(run=_place)
    review = hold.add_parser("review", help="give a hold its next review date")
    release = hold.add_parser("release", help="end a hold")
    for command, run in ((review, _review), (release, _release)):
        command.add_argument("session", type=UUID)
        command.add_argument("hold", type=UUID)
        command.set_defaults(run=run)
    review.add_argument("--review-at", type=_moment, required=True, metavar="TIME", help="at most 90 days ahead")
    listing = hold.add_parser("list", help="list holds, those to be reviewed soonest first")
    listing.add_argument("--overdue", action="store_true", help="only those whose review date has passed")
    listing.set_defaults(run=_list)


def _sweep(arguments: argparse.Namespace) -> int:
    if arguments.notice is not None and not (arguments.dry_run or arguments.apply_plan):
        return _wrong("--notice goes with --dry-run, which shows its plan, or with --apply-plan ID")
    if arguments.apply_plan is not None and (arguments.notice is None or arguments.dry_run):
        return _wrong("--apply-plan goes with --notice, and without --dry-run")
    if arguments.verify and (arguments.notice is not None or arguments.dry_run):
        return _wrong("--verify goes alone")
    if arguments.verify:
        return _run(_verify, arguments.now)
    if arguments.notice is not None:
        return _run(lambda store, now: _shorten(store, now, arguments), arguments.now)
    return _run(lambda store, now: _erase(store, now, dry_run=arguments.dry_run), arguments.now)


async def _erase(store: SessionStore, now: datetime, *, dry_run: bool) -> int:
    def show(count: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{count} parts erased", end="", file=sys.stderr, flush=True)

    swept = await sweep(store, now, dry_run=dry_run, progress=show)
    for part in swept.due if dry_run else ():
        print(f"{part.due_at.isoformat()} {part.kind.value} {part.part_id} of session {part.session_id}")
    _tell(swept.receipts)
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


def _place(arguments: argparse.Namespace) -> int:
    terms = HoldTerms(arguments.reason, arguments.owner, arguments.review_at)

    async def work(store: SessionStore, now: datetime) -> int:
        _print_hold(await store.retention.place_hold(arguments.session, terms, now, arguments.part))
        return 0

    return _run(work)


def _review(arguments: argparse.Namespace) -> int:
    async def work(store: SessionStore, now: datetime) -> int:
        _print_hold(await store.retention.review_hold(arguments.session, arguments.hold, arguments.review_at, now))
        return 0

    return _run(work)


def _release(arguments: argparse.Namespace) -> int:
    async def work(store: SessionStore, now: datetime) -> int:
        await store.retention.release_hold(arguments.session, arguments.hold, now)
        print(f"hold {arguments.hold} released")
        return 0

    return _run(work)


def _list(arguments: argparse.Namespace) -> int:
    async def work(store: SessionStore, now: datetime) -> int:
        for hold in await store.retention.holds(overdue_at=now if arguments.overdue else None):
            _print_hold(hold, overdue=hold.review_at <= now)
        return 0

    return _run(work)


def _restrict(arguments: argparse.Namespace) -> int:
    of, ground, lift = arguments.session, arguments.ground, arguments.lift
    if of is None and (ground or lift):
        return _wrong("name the session")
    if of is not None and bool(ground) == bool(lift):
        return _wrong("give one of --ground and --lift")

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

    return _run(work)


def _object(arguments: argparse.Namespace) -> int:
    if arguments.decide is None:

        async def enter(store: SessionStore, now: datetime) -> int:
            _print_restriction(await store.retention.object(arguments.session, now, arguments.purpose))
            return 0

        return _run(enter)
    objection, said = arguments.decide
    try:
        objection_id, verdict = UUID(objection), Verdict(said)
    except ValueError:
        return _wrong("--decide takes the objection's id, and upheld or dismissed")

    async def decide(store: SessionStore, now: datetime) -> int:
        receipts = await store.retention.decide(arguments.session, objection_id, verdict, now)
        _tell(receipts)
        print(f"objection {objection_id} {verdict.value}; {len(receipts)} parts erased")
        return 0

    return _run(decide)


def _run(work: Work, now: datetime | None = None) -> int:
    settings, clock = load_settings(), SystemClock()
    set_up_logging(settings.log_level)

    async def run() -> int:
        store = open_store(settings, clock)
        await store.start()
        try:
            return await work(store, now or clock.now())
        finally:
            await store.close()

    return uvloop.run(run())


def _print_hold(hold: Hold, *, overdue: bool = False) -> None:
    what = f"{len(hold.parts)} parts of session" if hold.parts else "session"
    late = " OVERDUE" if overdue else ""
    print(
        f"hold {hold.id} on {what} {hold.session_id}: {hold.reason}, {hold.owner}, "
        f"review by {hold.review_at.isoformat()}{late}"
    )


def _print_restriction(restriction: Restriction) -> None:
    name = "objection" if restriction.ground is Ground.OBJECTION else "restriction"
    what = f"purpose {restriction.purpose} of session" if restriction.purpose else "session"
    since = restriction.since.isoformat()
    print(f"{name} {restriction.id} on {what} {restriction.session_id}: {restriction.ground.value} since {since}")


def _tell(receipts: tuple[Receipt, ...]) -> None:
    for receipt in receipts:
        what = f"{receipt.kind.value} {receipt.part_id}, {receipt.records} records"
        backups = f"out of backups of the keys by {receipt.backups_clean_by.date().isoformat()}"
        print(f"receipt {receipt.id}: {what}, {receipt.reason.value}, {backups}")


def _wrong(sentence: str) -> int:
    print(f"sordino: {sentence}", file=sys.stderr)
    return 2


def _moment(value: str) -> datetime:
    """Read an ISO 8601 moment; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a moment in ISO 8601, such as 2026-12-24T18:00:00+01:00") from None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)
