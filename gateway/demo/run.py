"""`sordino demo`: the demo shop bot with Sordino in front of it, and a chat page; until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from aiohttp import web

import gateway
from gateway.bootstrap import internal_token
from gateway.demo.bot import SEEN, build_bot
from gateway.logs import set_up_logging
from gateway.notice.load import load_notice
from gateway.serving import Addresses, running
from gateway.settings import Settings
from gateway.stores import create_root_key

CHANNEL = "chatbot"
_HERE = Path(__file__).parent
_PAGE = _HERE / "page"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TOKEN_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: where it listens, and what its bot has seen."""

    addresses: Addresses
    bot: str
    seen: Iterable[Mapping[str, Any]]


@contextlib.asynccontextmanager
async def demo(settings: Settings, *, token_seconds: float = _TOKEN_SECONDS) -> AsyncIterator[Demo]:
    """Run bot and gateway until the block ends; the key file is made on first start."""
    create_root_key(settings)
    bot = build_bot(token_seconds=token_seconds)
    seen = bot[SEEN]
    runner = web.AppRunner(bot, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        placed = settings.model_copy(update={"upstreams": {CHANNEL: address}})
        async with running(placed, load_notice(notice_path()), pages=add_pages) as addresses:
            yield Demo(addresses, address, seen)
    finally:
        await runner.cleanup()


async def serve_demo(settings: Settings) -> None:
    """Run the demo, say where everything is, and wait."""
    set_up_logging("error")  # what a deployment is warned of at its start is meant so here
    async with demo(settings) as running_demo:
        set_up_logging("warning")
        print(welcome(running_demo, settings), flush=True)
        await asyncio.Event().wait()


def welcome(running_demo: Demo, settings: Settings) -> str:
    """Return what the demo prints: the URLs and examples that work when pasted."""
    text = Template((_HERE / "welcome.txt").read_text(encoding="utf-8"))
    return text.substitute(
        public=running_demo.addresses.public,
        internal=running_demo.addresses.internal,
        channel=CHANNEL,
        bot=running_demo.bot,
        home=settings.home.absolute(),
        token=internal_token(settings),
    )


def notice_path() -> Path:
    """Return the demo's notice: in the package when installed, else in the checkout."""
    package = Path(gateway.__file__).parent
    packaged = package / "notices" / "imtron.yaml"
    return packaged if packaged.exists() else package.parent / "notices" / "imtron.yaml"


def add_pages(app: web.Application) -> None:
    """Serve the chat page of every channel at `/<channel>/`, its files beside it."""

    async def page(request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("file", "index.html")
        headers = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
        return web.FileResponse(_PAGE / name, headers=headers)

    async def to_page(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"/{CHANNEL}/")

    files = "|".join(sorted(path.name.replace(".", r"\.") for path in _PAGE.iterdir() if path.is_file()))
    app.router.add_get("/", to_page)
    app.router.add_get("/{channel}/", page)
    app.router.add_get(f"/{{channel}}/{{file:{files}}}", page)
