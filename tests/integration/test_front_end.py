"""The front-end kit in a real browser, on a page of another origin than the gateway's."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from playwright.async_api import Page, Route, expect

from gateway.handlers.kit import COMPONENT_PATH
from tests.browsing import browser, page, violations
from tests.fakes import FakeBot
from tests.integration.conftest import NOTICE, ROOT, MakeShop, Shop

__all__ = ["browser", "page"]

REQUIRED = NOTICE.replace("required: false", "required: true").replace("deliver: prepend", "deliver: frontend")
DEEP_CHAT = NOTICE.replace(
    "    connector: openai\n",
    "    connector: json\n"
    '    paths: {post: /chat, text: "messages[*].text", response: text, pass: "messages[*].role"}\n',
)
HOST = """<!doctype html><html lang="en"><head><title>Shop</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' {gateway};
 connect-src {gateway}">
<script type="module" src="{gateway}{component}"></script></head>
<body><main><h1>Shop</h1><a href="/basket">Basket</a>
<sordino-consent channel="{gateway}/chat/" for="chat" lang="{language}"></sordino-consent>
<p id="chat"><button>Send</button></p></main></body></html>"""


@contextlib.asynccontextmanager
async def site(
    make_shop: MakeShop, notice: str, files: dict[str, str], bot: FakeBot | None = None
) -> AsyncIterator[tuple[Shop, str]]:
    """Serve files of a site of its own; `{gateway}` in them is the gateway's address."""
    runner = web.AppRunner(app := web.Application(), access_log=None, shutdown_timeout=0.1)
    served: dict[str, str] = {}

    async def send(request: web.Request) -> web.Response:
        kind = "text/javascript" if request.path.endswith(".js") else "text/html"
        return web.Response(text=served[request.path], content_type=kind)

    app.router.add_get("/{name:.*}", send)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with make_shop(notice=notice, bot=bot, allowed_origins=(origin,)) as shop:
            served |= {name: text.replace("{gateway}", shop.addresses.public) for name, text in files.items()}
            served["/favicon.ico"] = ""
            yield shop, origin
    finally:
        await runner.cleanup()


def host(language: str = "en") -> str:
    return HOST.replace("{component}", COMPONENT_PATH).replace("{language}", language)


def test_it_is_small() -> None:
    assert (ROOT / "gateway" / "kit" / "sordino-consent.js").stat().st_size < 10_000


async def test_what_the_notice_wants_comes_before_the_chat_by_keyboard_alone(make_shop: MakeShop, page: Page) -> None:
    async with site(make_shop, REQUIRED, {"/": host()}) as (shop, origin):
        await page.goto(origin)
        await expect(page.get_by_text("A chatbot answers here.")).to_be_visible()
        send = page.get_by_role("button", name="Send")
        await expect(page.locator("#chat[inert]")).to_have_count(1)
        assert await violations(page) == []

        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Understood")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Understood")).to_have_count(0)
        # Chromium would begin anew from behind the questions; others leave the page.
        await expect(page.locator("#state:focus ~ fieldset")).to_have_count(1)
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Yes, I consent")).to_be_focused()
        await page.keyboard.press("Space")
        await expect(page.get_by_text("You have consented.")).to_be_visible()
        await expect(page.locator("#chat:not([inert])")).to_have_count(1)
        await expect(send).to_be_enabled()
        assert await violations(page) == []

        headers = await page.evaluate("document.querySelector('sordino-consent').headers()")
        _, given = await shop.say("Guten Tag", headers=headers)
        stored = await shop.read(given["X-Sordino-Session"], "prove-consent")
        assert [(each["consent"], each["state"]) for each in stored["consents"]] == [("quality", "given")]


async def test_withdrawing_is_as_easy_as_giving_and_closes_the_chat(make_shop: MakeShop, page: Page) -> None:
    async with site(make_shop, REQUIRED, {"/": host("de")}) as (_, origin):
        await page.goto(origin)
        await page.get_by_role("button", name="Verstanden").click()
        await page.get_by_role("button", name="Ja, ich willige ein").click()
        await expect(page.get_by_text("Sie haben eingewilligt.")).to_be_visible()
        await page.reload()
        await page.get_by_role("button", name="Einwilligung widerrufen").click()
        await expect(page.get_by_text("Sie haben widerrufen")).to_be_visible()
        await expect(page.locator("#chat[inert]")).to_have_count(1)


async def test_a_gateway_away_is_said_and_can_be_tried_again(make_shop: MakeShop, page: Page) -> None:
    async with site(make_shop, NOTICE, {"/": host()}) as (shop, origin):
        await page.route(f"{shop.addresses.public}/chat/consent**", lambda route: route.abort())
        await page.goto(origin)
        await expect(page.get_by_role("alert")).to_contain_text("can't be reached")
        await expect(page.locator("#chat[inert]")).to_have_count(1)
        await page.unroute(f"{shop.addresses.public}/chat/consent**")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator("#chat:not([inert])")).to_have_count(1)


async def test_the_chat_waits_for_an_answer_that_is_on_its_way(make_shop: MakeShop, page: Page) -> None:
    """What is typed before the answer's session is known would open a second one."""
    async with site(make_shop, NOTICE, {"/": host()}) as (shop, origin):
        await page.goto(origin)
        await expect(page.locator("#chat:not([inert])")).to_have_count(1)  # this consent is not required
        going = asyncio.Event()

        async def later(route: Route) -> None:
            await going.wait()
            await route.continue_()

        await page.route(f"{shop.addresses.public}/chat/consent**", later)
        await page.get_by_role("button", name="Yes").first.click()
        await expect(page.locator("#chat[inert]")).to_have_count(1)
        going.set()
        await expect(page.locator("#chat:not([inert])")).to_have_count(1)


async def test_an_answer_that_was_not_saved_is_said(make_shop: MakeShop, page: Page) -> None:
    async with site(make_shop, NOTICE, {"/": host()}) as (shop, origin):
        await page.goto(origin)
        yes = page.get_by_role("button", name="Yes, I consent")
        await expect(yes).to_be_visible()
        await page.route(f"{shop.addresses.public}/chat/consent**", lambda route: route.abort())
        await yes.click()
        await expect(page.get_by_role("alert")).to_contain_text("was not saved")
        await page.unroute(f"{shop.addresses.public}/chat/consent**")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_text("You have consented.")).to_be_visible()


@pytest.fixture(scope="session")
def deep_chat(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return deep-chat's own bundle, from its npm package."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm on this machine")
    folder = tmp_path_factory.mktemp("npm")
    done = subprocess.run([npm, "pack", "--silent", "deep-chat@2.4.2"], cwd=folder, check=False, timeout=120)
    if done.returncode:
        pytest.skip("the npm registry can't be reached")
    shutil.unpack_archive(next(folder.glob("*.tgz")), folder)
    return (folder / "package" / "dist" / "deepChat.bundle.js").read_text(encoding="utf-8")


async def test_deep_chat_behind_the_gateway(make_shop: MakeShop, page: Page, deep_chat: str) -> None:
    async def answer(_request: web.Request, _body: object) -> web.StreamResponse:
        return web.json_response({"text": "Gern geschehen."})

    bot = FakeBot(answering=answer)
    example = (ROOT / "docs" / "front-end" / "deep-chat.html").read_text(encoding="utf-8")
    example = example.replace("https://chat.example/shop/", "{gateway}/chat/")
    example = example.replace("https://chat.example", "{gateway}")
    files = {"/": example, "/deepChat.bundle.js": deep_chat}
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).hostname or ""))
    await page.set_viewport_size({"width": 360, "height": 740})
    async with site(make_shop, DEEP_CHAT, files, bot) as (shop, origin):
        await page.goto(origin)
        await page.get_by_role("button", name="Yes, I consent").click()
        await expect(page.get_by_text("You have consented.")).to_be_visible()
        field = page.locator("deep-chat #text-input")
        for number, words in enumerate(("Guten Tag", "Meine Mail ist erika@muster.example"), 1):
            await field.click()
            await page.keyboard.type(words)
            await page.keyboard.press("Enter")
            await expect(page.locator("deep-chat").get_by_text("Gern geschehen.")).to_have_count(number)
        assert asked == {"127.0.0.1"}, "nobody else learns of a customer, before any consent least of all"
        widths = [await page.locator(each).evaluate("one => one.offsetWidth") for each in ("main", "deep-chat")]
        assert widths == [328, 328], "it fits a telephone"
        (session,) = await shop.sessions()
        texts = await shop.texts(session, "quality")
        assert texts == [
            "subject: Guten Tag",
            "bot: Gern geschehen.",
            "subject: Meine Mail ist [EMAIL]",
            "bot: Gern geschehen.",
        ]
