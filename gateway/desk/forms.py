"""The forms of the desk: each does one thing and leads to where it shows, or keeps what was typed and says why not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID

from aiohttp import web

from gateway.access import PERSON, Person, Role
from gateway.desk import acting, doing, pages
from gateway.desk.html import Page, language_for, render
from gateway.desk.pages import session_in
from gateway.desk.state import DESK, Desk
from gateway.desk.words import told
from gateway.errors import GatewayError, RefusedError
from gateway.handlers.internal import number_or_none, uuid_or_none
from gateway.handlers.sessions import transcript_document
from gateway.refusals import refusal
from storage.errors import PurposeRefusedError, StorageError, UnknownSessionError
from storage.holds import Ground, HoldTerms

Form = dict[str, str]
Again = Callable[[web.Request], Awaitable[Page]]
_MOST_DAYS: Final = 366


def add_forms(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_post("/desk/sessions/{id}", open_session)
    app.router.add_post("/desk/sessions/{id}/exports", ask_export)
    app.router.add_post("/desk/sessions/{id}/holds", place_hold)
    app.router.add_post("/desk/sessions/{id}/restrictions", restrict)
    app.router.add_post("/desk/holds/review", review)
    app.router.add_post("/desk/holds/release", release)
    app.router.add_post("/desk/holds/lift", lift)
    app.router.add_post("/desk/notice/change", plan)
    app.router.add_post("/desk/notice/shortenings", shorten)
    app.router.add_post("/desk/keys/destructions", destroy)
    app.router.add_post("/desk/tokens", create_token)
    app.router.add_post("/desk/tokens/revoke", revoke)
    app.router.add_post("/desk/approvals", decide)


async def open_session(request: web.Request) -> web.StreamResponse:
    """Open a session for a purpose; the ledger records it. One that is not there and one not shown look the same."""
    (desk, _), form, of = asker(request), await form_of(request), session_in(request)

    async def work() -> web.StreamResponse:
        try:
            found = await desk.gateway.store.read(of, text_in(form, "purpose"), desk.gateway.clock.now())
        except PurposeRefusedError:
            raise UnknownSessionError("there is no such session") from None
        page = await pages.session(request, opened=transcript_document(found))
        return await render(request, replace(page, form=form))

    return await attempt(request, form, work, pages.session)


async def ask_export(request: web.Request) -> web.StreamResponse:
    """Ask for an export outside a request."""
    (desk, person), form, of = asker(request), await form_of(request), session_in(request)

    async def work() -> web.StreamResponse:
        await doing.ask_export(desk, person, of, text_in(form, "purpose"), form.get("reason", ""))
        return lead_to("/desk/approvals?said=waits_now")

    return await attempt(request, form, work, pages.session)


async def place_hold(request: web.Request) -> web.StreamResponse:
    """Place a hold on a session."""
    (desk, _), form, of = asker(request), await form_of(request), session_in(request)

    async def work() -> web.StreamResponse:
        terms = HoldTerms(text_in(form, "reason"), text_in(form, "owner"), _day(form))
        await desk.gateway.store.retention.place_hold(of, terms, desk.gateway.clock.now())
        return lead_to("/desk/holds?said=done")

    return await attempt(request, form, work, pages.session)


async def restrict(request: web.Request) -> web.StreamResponse:
    """Restrict a session."""
    (desk, person), form, of = asker(request), await form_of(request), session_in(request)

    async def work() -> web.StreamResponse:
        if form.get("ground") not in set(Ground):
            raise wrong("ground")
        await desk.gateway.office.acts.restrict(of, Ground(form["ground"]), person.reference)
        shows = not person.roles.isdisjoint({Role.AUDITOR, Role.AGENT, Role.DPO})
        return lead_to("/desk/holds?said=done" if shows else "/desk")

    return await attempt(request, form, work, pages.session)


async def review(request: web.Request) -> web.StreamResponse:
    """Give a hold its next review date."""
    (desk, _), form = asker(request), await form_of(request)

    async def work() -> web.StreamResponse:
        now = desk.gateway.clock.now()
        await desk.gateway.store.retention.review_hold(id_in(form, "session"), id_in(form, "item"), _day(form), now)
        return lead_to("/desk/holds?said=done")

    return await attempt(request, form, work, pages.holds)


async def release(request: web.Request) -> web.StreamResponse:
    """Ask for the release of a hold."""
    (desk, person), form = asker(request), await form_of(request)

    async def work() -> web.StreamResponse:
        await doing.ask_release(desk, person, id_in(form, "session"), id_in(form, "item"), form.get("reason", ""))
        return lead_to("/desk/approvals?said=waits_now")

    return await attempt(request, form, work, pages.holds)


async def lift(request: web.Request) -> web.StreamResponse:
    """Ask for the end of a restriction."""
    (desk, person), form = asker(request), await form_of(request)

    async def work() -> web.StreamResponse:
        await doing.ask_lift(desk, person, id_in(form, "session"), id_in(form, "item"), form.get("reason", ""))
        return lead_to("/desk/approvals?said=waits_now")

    return await attempt(request, form, work, pages.holds)


async def plan(request: web.Request) -> web.StreamResponse:
    """Begin to count what a new notice would shorten, and lead to where that is shown."""
    (desk, _), form = asker(request), await form_of(request)

    async def work() -> web.StreamResponse:
        return lead_to(f"/desk/notice/plans/{(await doing.plan(desk, text_in(form, 'notice'))).plan}")

    return await attempt(request, form, work, pages.change)


async def shorten(request: web.Request) -> web.StreamResponse:
    """Ask for periods to be shortened."""
    (desk, person), form = asker(request), await form_of(request)

    async def again(request: web.Request) -> Page:
        found = await desk.planner.look(form.get("plan", ""))
        return await (pages.change(request) if found is None else pages.plan_page(request, found))

    async def work() -> web.StreamResponse:
        text, plan_id = text_in(form, "notice"), text_in(form, "plan")
        await doing.ask_shortening(desk, person, text, plan_id, form.get("reason", ""))
        return lead_to("/desk/approvals?said=waits_now")

    return await attempt(request, form, work, again)


async def destroy(request: web.Request) -> web.StreamResponse:
    """Ask for a version of the root key to be destroyed."""
    (desk, person), form = asker(request), await form_of(request)

    async def work() -> web.StreamResponse:
        await doing.ask_destruction(desk, person, _number(form, "version", 2**31 - 1), form.get("reason", ""))
        return lead_to("/desk/approvals?said=waits_now")

    return await attempt(request, form, work, pages.keys)


async def create_token(request: web.Request) -> web.StreamResponse:
    """Create a token, and show it this once."""
    desk, person = asker(request)
    posted = await request.post()
    roles = {str(each) for each in posted.getall("role", [])}
    form = {**await form_of(request), "roles": " ".join(sorted(roles))}

    async def work() -> web.StreamResponse:
        if not roles or not roles <= set(Role):
            raise wrong("roles")
        days = _number(form, "days", _MOST_DAYS)
        _, secret = await doing.create_token(
            desk, person, text_in(form, "name")[:80], frozenset(map(Role, roles)), days
        )
        page = await pages.tokens(request)
        return await render(request, replace(page, shown={**page.shown, "secret": secret}))

    return await attempt(request, form, work, pages.tokens)


async def revoke(request: web.Request) -> web.StreamResponse:
    """Revoke a token."""
    (desk, person), form = asker(request), await form_of(request)

    async def work() -> web.StreamResponse:
        await desk.gateway.store.access.revoke(id_in(form, "item"), person.reference, desk.gateway.clock.now())
        return lead_to("/desk/tokens?said=done")

    return await attempt(request, form, work, pages.tokens)


async def decide(request: web.Request) -> web.StreamResponse:
    """Approve, refuse or take back."""
    (desk, person), form = asker(request), await form_of(request)

    async def work() -> web.StreamResponse:
        if form.get("verdict") not in {"approve", "refuse"}:
            raise wrong("verdict")
        await acting.decide(desk, person, id_in(form, "item"), approve=form["verdict"] == "approve")
        return lead_to("/desk/approvals?said=done")

    return await attempt(request, form, work, pages.approvals)


async def attempt(
    request: web.Request, form: Form, work: Callable[[], Awaitable[web.StreamResponse]], again: Again
) -> web.StreamResponse:
    """Do it, or show the form again as it was filled in, with what is wrong in the reader's language."""
    try:
        return await work()
    except (GatewayError, StorageError) as error:
        reason, status, sentence = refusal(error)
        request.app[DESK].gateway.metrics.refused.labels("none", reason).inc()
        page = await again(request)
        problem = told(language_for(request), reason, sentence)
        return await render(request, replace(page, status=status, problem=problem, form=form))


async def form_of(request: web.Request) -> Form:
    """Return what was typed."""
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def asker(request: web.Request) -> tuple[Desk, Person]:
    """Return the desk and who asks."""
    return request.app[DESK], request[PERSON]


def lead_to(address: str) -> web.Response:
    """Lead to where it shows."""
    return web.Response(status=303, headers={"Location": address})


def text_in(form: Form, name: str) -> str:
    """Return a field. Raises RefusedError (400) without it."""
    said = form.get(name, "").strip()
    if not said:
        raise wrong(name)
    return said


def id_in(form: Form, name: str) -> UUID:
    """Return a field that is an id. Raises RefusedError (400) for what is none."""
    found = uuid_or_none(form.get(name, ""))
    if found is None:
        raise wrong(name)
    return found


def _number(form: Form, name: str, most: int) -> int:
    number = number_or_none(form.get(name, "").strip(), most)
    if number is None:
        raise wrong(name)
    return number


def _day(form: Form) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(form.get("review_at", "")), time(12), UTC)
    except ValueError:
        raise wrong("review_at") from None


def wrong(name: str) -> RefusedError:
    """Return the error for a field that is not filled in as it has to be."""
    return RefusedError("bad_form", 400, name)
