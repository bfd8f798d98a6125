"""The pages of the desk: what `views` and `doing` return, as HTML. They work without scripts."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from aiohttp import web

from gateway.access import PERSON, TABLE
from gateway.desk import doing, listing, views
from gateway.desk.charts import bars
from gateway.desk.html import MENU, Page, language_for, render
from gateway.desk.state import DESK, Desk
from gateway.desk.views import Shown
from gateway.errors import RefusedError
from gateway.handlers.internal import uuid_or_none
from gateway.handlers.sessions import summary_document
from gateway.rendering import all_words, information
from gateway.rendering.documents import Document
from storage.errors import UnknownSessionError
from storage.ids import first_id
from storage.planning import Count

_STYLE: Final = Path(__file__).parent / "static" / "desk.css"
_LISTED: Final = 50
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_pages(app: web.Application) -> None:
    """Add the pages that only show something."""
    app.router.add_get("/", to_desk)
    app.router.add_get("/desk", first_page)
    app.router.add_get("/desk/static/{name}", style)
    for name, page in _PAGES.items():
        app.router.add_get(f"/desk/{name}", _showing(page))


def _showing(page: Callable[[web.Request], Awaitable[Page]]) -> Handler:
    async def show(request: web.Request) -> web.StreamResponse:
        return await render(request, await page(request))

    return show


async def to_desk(_request: web.Request) -> web.StreamResponse:
    """Lead to the desk."""
    raise web.HTTPSeeOther("/desk")


async def first_page(request: web.Request) -> web.StreamResponse:
    """Lead to the first page that the role may open."""
    person = request[PERSON]
    allowed = {e.path for e in TABLE if e.method == "GET" and e.roles is not None and person.may(e.roles)}
    raise web.HTTPSeeOther(next(f"/desk/{name}" for name in MENU if f"/desk/{name}" in allowed))


async def style(request: web.Request) -> web.StreamResponse:
    """Send the style sheet."""
    if request.match_info["name"] != _STYLE.name:
        raise web.HTTPNotFound
    return web.FileResponse(_STYLE, headers={"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=300"})


async def overview(request: web.Request) -> Page:
    """Show the figures; `?fresh=true` counts anew."""
    desk = request.app[DESK]
    if request.query.get("fresh") == "true":
        await desk.figures.count()
    shown = await views.overview(desk)
    return Page("overview", {
        "shown": shown,
        "expiring": bars(shown["expiring_per_day"]),
        "consents": _consents_over_time(shown["consents"]),
    })  # fmt: skip


async def sessions(request: web.Request) -> Page:
    """List sessions by channel, purpose and day (of UTC), the newest first; `?after=` goes on."""
    desk, query = request.app[DESK], request.query
    gateway = desk.gateway
    channel, purpose, day = query.get("channel") or None, query.get("purpose") or None, _day(query.get("day", ""))
    after = uuid_or_none(query.get("after", ""))
    if after is None and day is not None:
        after = first_id(day + timedelta(days=1))
    found = await gateway.store.sessions(
        gateway.clock.now(), channel=channel, purpose=purpose, limit=_LISTED, after=after
    )
    shown = [each for each in found if day is None or each.started_at >= day]
    more = str(found[-1].id) if len(shown) == _LISTED else None
    wanted = {"channel": channel, "purpose": purpose, "day": None if day is None else day.date().isoformat()}
    return Page("sessions", {
        "sessions": [summary_document(each) for each in shown], "more": more, "wanted": wanted,
        "channels": list(gateway.loaded.notice.channels), "purposes": list(gateway.loaded.notice.purposes),
    })  # fmt: skip


async def requests(request: web.Request) -> Page:
    """List requests of data subjects with their clocks, those that wait first; `?after=` goes on."""
    desk = request.app[DESK]
    try:
        found, more = await listing.listed(desk, after=request.query.get("after", ""))
    except RefusedError:
        found, more = await listing.listed(desk)
    return Page("requests", {"requests": found, "more": more})


async def session(request: web.Request, **more: object) -> Page:
    """Show what is known of a session without opening it, and the forms; the same for one that is not there."""
    desk, of = request.app[DESK], session_in(request)
    shown: Shown = {"holds": [], "restrictions": [], "blocked": []}
    # Whoever asks learns nothing from a page of a session that is not there.
    with contextlib.suppress(UnknownSessionError):
        shown = await views.retention(desk, of)
    purposes = list(desk.gateway.loaded.notice.purposes)
    return Page("session", {"id": str(of), "purposes": purposes, "retention": shown, **more})


async def holds(request: web.Request) -> Page:
    """List holds and restrictions; `?after=` and `?restrictions_after=` go on."""
    desk, query = request.app[DESK], request.query
    try:
        found = await views.holds(desk, query.get("after", ""), query.get("restrictions_after", ""))
    except RefusedError:
        found = await views.holds(desk)
    return Page("holds", found)


async def consents(request: web.Request) -> Page:
    """Show how consents stand over time."""
    desk = request.app[DESK]
    counts = await views.consents(desk)
    at = (await desk.figures.counted()).at.isoformat(timespec="seconds")
    asked = [{"name": name, "wording": dict(each.ask)} for name, each in desk.gateway.loaded.notice.consents.items()]
    return Page("consents", {"at": at, "over_time": _consents_over_time(counts), "asked": asked})


async def notice(request: web.Request) -> Page:
    """Show the notice in force, as the person reads it."""
    desk = request.app[DESK]
    return Page("notice", {"notice": views.notice(desk), "document": _information(request, desk)})


async def change(_request: web.Request) -> Page:
    """Show the form for a new notice."""
    return Page("change", {})


async def plan(request: web.Request) -> Page:
    """Show what a new notice changes, and what it would shorten as far as that is counted."""
    found = await doing.look_at_plan(request.app[DESK], request.match_info["plan"])
    return await plan_page(request, found)


async def plan_page(request: web.Request, found: Count) -> Page:
    """Return the page of a plan, with the notice in the form."""
    shown = await doing.shown_plan(request.app[DESK], found, language_for(request))
    return Page("change", {"plan": shown}, form={"notice": found.document})


async def keys(request: web.Request) -> Page:
    """Show versions of the root key and epoch keys."""
    return Page("keys", await views.keys(request.app[DESK]))


async def ledger(request: web.Request) -> Page:
    """Show the ledger's figures and the newest receipts."""
    desk = request.app[DESK]
    return Page("ledger", {"ledger": await views.ledger(desk), "receipts": await views.receipts(desk, 50)})


async def tokens(request: web.Request) -> Page:
    """Show people and tokens."""
    grants = sorted(role.value for role in request[PERSON].roles)
    return Page("tokens", {"tokens": await views.tokens(request.app[DESK]), "grants": grants})


async def approvals(request: web.Request) -> Page:
    """Show what needs a second person; `?after=` goes on."""
    desk, person = request.app[DESK], request[PERSON]
    try:
        found, more = await views.approvals(desk, person, after=request.query.get("after", ""))
    except RefusedError:
        found, more = await views.approvals(desk, person)
    return Page("approvals", {"approvals": found, "more": more})


def session_in(request: web.Request) -> UUID:
    """Return the session that the path names; an id that no session has, where it names none."""
    return uuid_or_none(request.match_info["id"]) or UUID(int=0)


def _day(said: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(said), time(), UTC)
    except ValueError:
        return None


def _information(request: web.Request, desk: Desk) -> Document:
    words = all_words()
    return information(desk.gateway.loaded, words.get(language_for(request)) or words["en"])


def _consents_over_time(counts: list[Shown]) -> list[Shown]:
    """Return the sums of each consent: of a day, of a week, of all days that were counted."""
    names = dict.fromkeys(each["consent"] for each in counts)
    return [
        {
            "consent": name,
            "spans": [
                {
                    "days": days,
                    **{
                        state: sum(
                            each["sessions"]
                            for each in counts
                            if each["consent"] == name and each["state"] == state and each["day"] < days
                        )
                        for state in ("given", "refused", "withdrawn")
                    },
                }
                for days in (1, 7, 30)
            ],
        }
        for name in names
    ]


_PAGES: Final[dict[str, Callable[[web.Request], Awaitable[Page]]]] = {
    "overview": overview,
    "sessions": sessions,
    "sessions/{id}": session,
    "requests": requests,
    "holds": holds,
    "consents": consents,
    "notice": notice,
    "notice/change": change,
    "notice/plans/{plan}": plan,
    "keys": keys,
    "ledger": ledger,
    "tokens": tokens,
    "approvals": approvals,
}
