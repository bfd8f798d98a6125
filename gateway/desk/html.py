"""How a page is written: jinja2 with everything escaped, in German or English, under a policy without exceptions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.access import PERSON, TABLE
from gateway.desk.charts import HEIGHT, WIDTH
from gateway.desk.headed import headed
from gateway.desk.state import DESK
from gateway.desk.words import WORDS
from gateway.desk.words.names import name

LANGUAGE: Final = "__Host-sordino-language"
MENU: Final = (
    "overview", "sessions", "requests", "holds", "consents", "notice", "keys", "ledger", "tokens", "approvals",
)  # fmt: skip
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_SAID: Final = frozenset({"done", "waits_now"})
_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_ENVIRONMENT.filters["headed"] = headed


@dataclass(frozen=True, slots=True)
class Page:
    """A template with what it shows. `problem` is a sentence about what was sent; `form` what was typed."""

    name: str
    shown: dict[str, Any]
    status: int = 200
    problem: str = ""
    form: dict[str, str] = field(default_factory=dict)


def language_for(request: web.Request) -> str:
    """Return the reader's language: chosen on the page, else the first of Accept-Language that there are words for."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in WORDS:
        return chosen
    for part in request.headers.get("Accept-Language", "").split(","):
        asked = part.strip()[:2].lower()
        if asked in WORDS:
            return asked
    return "en"


async def render(request: web.Request, page: Page) -> web.Response:
    """Return the page in the reader's language, with the menu that the reader's roles allow."""
    language = language_for(request)
    person = request.get(PERSON)
    menu = [
        name
        for name in MENU
        if person is not None
        and any(e.path == f"/desk/{name}" and e.method == "GET" and e.roles and person.may(e.roles) for e in TABLE)
    ]
    allowed = {
        f"{e.method} {e.path}" for e in TABLE if person is not None and e.roles is not None and person.may(e.roles)
    }
    said = request.query.get("said", "")
    said = said if said in _SAID else ""
    text = _ENVIRONMENT.get_template(f"{page.name}.html").render(
        page.shown,
        t=WORDS[language],
        name=partial(name, language),
        language=language,
        menu=menu,
        here=page.name,
        person=person,
        may=allowed,
        problem=page.problem,
        said=WORDS[language].get(said, ""),
        form=defaultdict(str, page.form),
        path=_path(request, page),
        width=WIDTH,
        height=HEIGHT,
        controller=request.app[DESK].gateway.loaded.notice.controller.name,
    )
    return web.Response(text=text, status=page.status, content_type="text/html", headers=HEADERS)


def _path(request: web.Request, page: Page) -> str:
    """Return where the page can be opened again, for who changes the language on it."""
    if request.method in {"GET", "HEAD"}:
        return request.path_qs
    if page.name == "session":
        return f"/desk/sessions/{page.shown['id']}"
    if page.name == "request":
        return f"/desk/requests/{page.shown['request']['id']}"
    return {"change": "/desk/notice/change", "sign_in": "/desk/sign-in"}.get(page.name, f"/desk/{page.name}")
