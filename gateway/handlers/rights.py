"""`/-/rights` and `/<channel>/rights`: the page for requests of data subjects, and the same as an API (JSON).

Every step is a POST: nothing that a person types or holds stands in an address. A form gets a page, JSON gets JSON.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict

from gateway.channels import GATEWAY, ChannelParts, Gateway
from gateway.errors import RefusedError
from gateway.handlers.chat import ResponseSink
from gateway.handlers.request import address_of, body_of, channel_of, claim_of, language_of, read_body
from gateway.logs import LOGGER, place_of
from gateway.notice.model import Notice
from gateway.rights.contacts import contact_in
from gateway.rights.informing import ORIGIN, information, recipient
from gateway.rights.office import Asked, Office, View
from gateway.rights.page import POLICY, STYLE, Pages
from gateway.rights.words import words_in
from gateway.tokens import parse_token
from storage.records import Session
from storage.requests import UNPROVEN, Request, RequestState, Right

RIGHTS_PATH: Final = "/-/rights"
STYLE_PATH: Final = "/-/rights.css"
_LONGEST: Final = {"right": 20, "contact": 254, "phone": 60, "customer_no": 60, "statement": 4000, "scope": 64}
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    right: str = ""
    contact: str = ""
    phone: str = ""
    customer_no: str = ""
    statement: str = ""
    scope: str = ""


class _Reference(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reference: str = ""
    code: str = ""


def add_rights(app: web.Application) -> None:
    """Add the routes."""
    for path in (RIGHTS_PATH, "/{channel}/rights"):
        app.router.add_get(path, show_form, allow_head=False)
        app.router.add_post(path, ask)
        app.router.add_post(path + "/code", check_code)
        app.router.add_post(path + "/status", show_status)
        app.router.add_post(path + "/copy", download)
    app.router.add_get(STYLE_PATH, style, allow_head=False)


async def style(_request: web.Request) -> web.Response:
    """Send the page's style sheet."""
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "public, max-age=3600"}
    return web.Response(text=STYLE, content_type="text/css", headers=headers)


async def show_form(request: web.Request) -> web.Response:
    """Show the form."""
    _office(request)
    _, session = await _whose(request)
    return _page(_pages(request).form({}, known=session is not None))


async def ask(request: web.Request) -> web.Response:
    """Take a request: 202 with its reference while its sender is to be proven, 200 with the answer otherwise."""
    office = _office(request)
    parts, session = await _whose(request)
    typed = await _typed(request, _Body)
    try:
        taken, reference = await office.ask(_asked(request, typed, parts, session))
    except RefusedError as error:
        if _is_json(request):
            raise
        return _page(_pages(request).form(typed, error.reason, known=session is not None), error.status)
    if taken.state in UNPROVEN:
        if _is_json(request):
            document = {"reference": str(reference), "state": taken.state.value, "due_at": taken.due_at}
            return _json(document, 202)
        sends = taken.state is RequestState.IDENTITY_PENDING
        return _page(_pages(request).code(str(reference), sends=sends), 202)
    return _answer(request, await office.view(reference), str(reference))


async def check_code(request: web.Request) -> web.Response:
    """Take the code; shows the answer if it is right."""
    office = _office(request)
    typed = await _typed(request, _Reference)
    reference = parse_token(typed["reference"])
    try:
        await office.check_code(reference, typed["code"], address_of(request))
    except RefusedError as error:
        if _is_json(request):
            raise
        return _page(_pages(request).code(typed["reference"], error.reason), error.status)
    return _answer(request, await office.view(reference), typed["reference"])


async def show_status(request: web.Request) -> web.Response:
    """Show a request to its sender."""
    office = _office(request)
    typed = await _typed(request, _Reference)
    try:
        view = await office.view(parse_token(typed["reference"]))
    except RefusedError as error:
        if _is_json(request):
            raise
        return _page(_pages(request).error(error.reason), error.status)
    return _answer(request, view, typed["reference"])


async def download(request: web.Request) -> web.StreamResponse:
    """Send the copy of a person's data."""
    office = _office(request)
    typed = await _typed(request, _Reference)
    try:
        pieces = await office.copy(parse_token(typed["reference"]))
    except RefusedError as error:
        if _is_json(request):
            raise
        return _page(_pages(request).error(error.reason), error.status)
    async with contextlib.aclosing(pieces):
        return await _sent(request, pieces)


async def _sent(request: web.Request, pieces: AsyncIterator[bytes]) -> web.StreamResponse:
    """Send the copy while it is made; where something of it can't be read it ends without its end."""
    first = await anext(pieces)  # whatever fails until then is told as any error
    headers = {
        **_HEADERS,
        "Content-Type": "application/zip",
        "Content-Disposition": 'attachment; filename="data.zip"',
    }
    sink = ResponseSink(request, headers, 200, request.app[GATEWAY].client_seconds)
    await sink.prepare()
    try:
        await sink.write(first)
        async for piece in pieces:
            await sink.write(piece)
        await sink.finish()
    except (RefusedError, ConnectionError):
        sink.abort()  # who asked for it has left, or does not read it
    except Exception as error:  # noqa: BLE001 - what has begun can't become an error of another form
        LOGGER.error("copy broken off", extra={"error": type(error).__name__, "where": place_of(error)})
        sink.abort()
    return sink.response


def _office(request: web.Request) -> Office:
    office = request.app[GATEWAY].office
    if not office.open:
        raise RefusedError("rights_elsewhere", 404, "Requests are not taken here; the notice says where")
    if "channel" in request.match_info:
        channel_of(request)
    # A form of another site must not act in a person's name (their session's cookie would prove them).
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise RefusedError("cross_site", 403, "This request came from another site")
    return office


async def _whose(request: web.Request) -> tuple[ChannelParts | None, Session | None]:
    """Return the channel and the session whose token is shown, live or ended."""
    if "channel" not in request.match_info:
        return None, None
    parts, gateway = channel_of(request), request.app[GATEWAY]
    session = await parts.sessions.owned(claim_of(request, parts), gateway.clock.now())
    return parts, session


def _asked(
    request: web.Request, typed: Mapping[str, str], parts: ChannelParts | None, session: Session | None
) -> Asked:
    for name, longest in _LONGEST.items():
        if len(typed[name]) > longest:
            raise RefusedError("too_long", 400, f"{name} is too long")
    if typed["right"] not in list(Right):
        raise RefusedError("right_missing", 400, f"right must be one of: {', '.join(Right)}")
    contact = contact_in(typed["contact"])
    if contact is None:
        raise RefusedError("contact_wrong", 400, "contact must be an e-mail address or a telephone number")
    return Asked(
        right=Right(typed["right"]),
        language=_pages(request).words.language,
        channel=parts.name if parts is not None else None,
        session=session.id if session is not None else None,
        contact=contact,
        phone=typed["phone"].strip(),
        customer_no=typed["customer_no"].strip(),
        statement=typed["statement"].strip(),
        scope=typed["scope"].strip(),
        address=address_of(request),
    )


async def _typed(request: web.Request, model: type[_Body | _Reference]) -> dict[str, str]:
    if _is_json(request):
        return (await read_body(request, model)).model_dump()
    await body_of(request)
    form = await request.post()
    said = {name: form.get(name, "") for name in model.model_fields}
    return {name: value if isinstance(value, str) else "" for name, value in said.items()}


def _is_json(request: web.Request) -> bool:
    return request.content_type == "application/json"


def _pages(request: web.Request) -> Pages:
    gateway: Gateway = request.app[GATEWAY]
    notice = gateway.loaded.notice
    path = RIGHTS_PATH if "channel" not in request.match_info else f"/{request.match_info['channel']}/rights"
    return Pages(notice, words_in(language_of(request), notice.language), path)


def _page(html: str, status: int = 200) -> web.Response:
    return web.Response(text=html, status=status, content_type="text/html", headers=_HEADERS)


def _json(document: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(document), status=status, content_type="application/json", headers=_HEADERS)


def _answer(request: web.Request, view: View, reference: str) -> web.Response:
    if not _is_json(request):
        return _page(_pages(request).answer(view, reference))
    return _json({"reference": reference, **document_of(view, request.app[GATEWAY].loaded.notice)})


def document_of(view: View, notice: Notice) -> dict[str, Any]:
    """Return a request and its answer as the API tells them."""
    request: Request = view.request
    erasure = view.erasure
    return {
        "right": request.right.value,
        "state": request.state.value,
        "received_at": request.received_at,
        "due_at": request.due_at,
        "answered_at": request.answered_at,
        "answer": view.answer,
        "found": view.found,
        "more_may_follow": view.linked,
        "restricted": view.restricted,
        "facts": [
            {
                "channel": fact.channel,
                "started_at": fact.started_at,
                "part": fact.kind.value,
                "purpose": fact.purpose,
                "legal_basis": fact.legal_basis,
                "until": fact.until,
                "recipients": [recipient(notice, each, request.language) for each in fact.recipients],
                "origin": ORIGIN,
            }
            for fact in view.facts
        ],
        "information": information(notice, request.language) if view.downloadable_until is not None else None,
        "erased": {kind.value: count for kind, count in erasure.gone.items()},
        "blocked": [
            {"part": each.kind.value, "purpose": each.purpose, "until": each.until} for each in erasure.blocked
        ],
        "backups_clean_by": erasure.backups_clean_by,
        "receipts": [
            {
                "id": receipt.id,
                "part": receipt.kind.value,
                "reason": receipt.reason.value,
                "erased_at": receipt.erased_at,
                "ciphertext_root": receipt.ciphertext_root,
                "method": receipt.method,
                "backups_clean_by": receipt.backups_clean_by,
            }
            for receipt in view.receipts
        ],
        "copy_until": view.downloadable_until if view.found else None,
    }
