"""The page of a request of a data subject, and its forms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiohttp import web

from gateway.access import Person
from gateway.desk import cases
from gateway.desk.bodies import LONGEST_LETTER
from gateway.desk.forms import Form, asker, attempt, form_of, id_in, lead_to, text_in, wrong
from gateway.desk.html import Page, render
from gateway.desk.state import Desk
from gateway.handlers.internal import uuid_or_none
from storage.holds import Verdict

Step = Callable[[Desk, Person, UUID, Form], Awaitable[None]]


def add_case_forms(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get("/desk/requests/{id}", show)
    app.router.add_post("/desk/requests/{id}/attest", _taking(_attest))
    app.router.add_post("/desk/requests/{id}/include", include)
    app.router.add_post("/desk/requests/{id}/answer", _taking(_answer))
    app.router.add_post("/desk/requests/{id}/extend", _taking(_extend))
    app.router.add_post("/desk/requests/{id}/refuse", _taking(_refuse))
    app.router.add_post("/desk/requests/{id}/acknowledge", _taking(_acknowledge))


async def show(request: web.Request) -> web.StreamResponse:
    """Show a request with what may be done with it."""
    return await render(request, await _page(request))


async def include(request: web.Request) -> web.StreamResponse:
    """Decide the linked sessions: those that are ticked are the person's."""
    ticked = [uuid_or_none(str(each)) for each in (await request.post()).getall("session", [])]

    async def step(desk: Desk, person: Person, of: UUID, _: Form) -> None:
        if None in ticked:
            raise wrong("linked")
        await cases.include(desk, person, of, [each for each in ticked if each is not None])

    return await _taking(step)(request)


def _taking(step: Step) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the handler of a form that takes a step and leads back to the request."""

    async def handler(request: web.Request) -> web.StreamResponse:
        (desk, person), form, of = asker(request), await form_of(request), _id(request)

        async def work() -> web.StreamResponse:
            await step(desk, person, of, form)
            return lead_to(f"/desk/requests/{of}?said=done")

        return await attempt(request, form, work, _page)

    return handler


async def _attest(desk: Desk, person: Person, of: UUID, _: Form) -> None:
    await cases.attest(desk, person, of)


async def _answer(desk: Desk, person: Person, of: UUID, form: Form) -> None:
    said = form.get("verdict", "")
    if said and said not in set(Verdict):
        raise wrong("verdict")
    await cases.answer(desk, person, of, _letter(form, "answer_text"), Verdict(said) if said else None)


async def _extend(desk: Desk, person: Person, of: UUID, form: Form) -> None:
    await cases.extend(desk, person, of, _letter(form, "extend_reason"))


async def _refuse(desk: Desk, person: Person, of: UUID, form: Form) -> None:
    empty = not form.get("refuse_reason", "").strip()
    await cases.refuse(desk, person, of, "" if empty else _letter(form, "refuse_reason"))


async def _acknowledge(desk: Desk, _: Person, of: UUID, form: Form) -> None:
    await cases.acknowledge(desk, of, id_in(form, "item"))


def _letter(form: Form, name: str) -> str:
    said = text_in(form, name)
    if len(said) > LONGEST_LETTER:
        raise wrong(name)
    return said


async def _page(request: web.Request) -> Page:
    desk, person = asker(request)
    return Page("request", {"request": await cases.shown(desk, person, _id(request))})


def _id(request: web.Request) -> UUID:
    return uuid_or_none(request.match_info["id"]) or UUID(int=0)
