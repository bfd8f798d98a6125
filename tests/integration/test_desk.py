"""The desk in a real browser: each page opened, nothing wrong for axe in light and dark, holds with four eyes."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from oidc_provider_mock import User, run_server_in_thread
from playwright.async_api import Browser, BrowserContext, Page

from gateway.access import Role
from gateway.clock import SystemClock
from gateway.desk.html import MENU
from storage.planning import Count
from storage.shortening import Shortening
from tests.browsing import browser, violations
from tests.fakes import FakeClock
from tests.integration.conftest import NOTICE, MakeShop, Shop

__all__ = ["browser"]
PICTURES = Path(__file__).parents[2] / "docs"
SHORTER = NOTICE.replace("P30D", "P10D").replace('"2026-11"', '"2026-12"')
PAGES = (*MENU, "notice/change")
SCROLLING = """[...document.querySelectorAll(".wide")].filter(each => each.scrollWidth > each.clientWidth)
    .map(each => each.getAttribute("aria-label"))"""


@pytest.fixture
async def shop(make_shop: MakeShop) -> AsyncIterator[Shop]:
    async with make_shop() as one:
        yield one


async def signed_in(browser: Browser, shop: Shop, *roles: str, name: str = "Ann", **more: str) -> Page:
    context = await browser.new_context(**{"locale": "en-GB", **more})  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    page = await context.new_page()
    header = await shop.token(*(roles or [role.value for role in Role]), name=name)
    await page.goto(desk(shop))
    await page.get_by_label("Token" if more.get("locale", "en")[:2] == "en" else "Zugangsschlüssel").fill(
        header["Authorization"].removeprefix("Bearer ")
    )
    await page.get_by_role("button", name="Sign in" if more.get("locale", "en")[:2] == "en" else "Anmelden").click()
    await page.wait_for_url("**/desk/*")
    return page


def desk(shop: Shop, path: str = "") -> str:
    # A browser takes `__Host-` cookies without TLS from localhost alone.
    return shop.addresses.internal.replace("127.0.0.1", "localhost") + "/desk" + (f"/{path}" if path else "")


async def find_nothing(page: Page) -> None:
    """Nothing for axe in light and dark."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert await violations(page) == [], scheme


async def fill(shop: Shop) -> str:
    _, headers = await shop.say("Meine Mail ist eva@example.com")
    await shop.answer("given", headers)
    session = headers["X-Sordino-Session"].partition(".")[0]
    review_at = (shop.clock.now() + timedelta(days=30)).isoformat()
    url = f"{shop.addresses.internal}/sessions/{session}"
    hold = {"reason": "case-1", "owner": "legal", "review_at": review_at}
    async with shop.client.post(f"{url}/holds", json=hold, headers=shop.bearer) as response:
        assert response.status == 201
    async with shop.client.post(f"{url}/restrictions", json={"ground": "18-1-a"}, headers=shop.bearer) as response:
        assert response.status == 201
    export = {"purpose": "improve", "reason": "case-1"}
    async with shop.client.post(f"{url}/exports", json=export, headers=shop.bearer) as response:
        assert response.status == 202
    await shop.addresses.desk.figures.count()
    return session


async def take_pictures(page: Page, scheme: str, path: str) -> None:
    """Make the pictures in docs/ anew: some pages, the overview also dark and on a telephone."""
    sizes = {"": (1280, 900)} if path in {"overview", "holds", "approvals"} and scheme == "light" else {}
    if path == "overview":
        sizes |= {"-dark": (1280, 900)} if scheme == "dark" else {"-phone": (360, 740)}
    for name, (width, height) in sizes.items():
        await page.set_viewport_size({"width": width, "height": height})
        await page.screenshot(path=PICTURES / f"desk-{path}{name}.png")


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-GB"), ("dark", "en-GB"), ("light", "de-DE")])
async def test_every_page_is_accessible_and_fits_a_phone(
    browser: Browser, shop: Shop, scheme: str, locale: str
) -> None:
    session = await fill(shop)
    page = await signed_in(browser, shop, color_scheme=scheme, locale=locale)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    for path in (*PAGES, f"sessions/{session}"):
        for width in (1280, 360):
            await page.set_viewport_size({"width": width, "height": 800})
            response = await page.goto(desk(shop, path))
            assert response is not None
            assert response.status == 200, path
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} wide at {width}"
            assert await page.evaluate(SCROLLING) == [], f"a table scrolls sideways on {path} at {width}"
        assert await violations(page) == [], path
        if os.environ.get("SORDINO_PICTURES") and locale == "en-GB":
            await take_pictures(page, scheme, path)
    assert errors == []
    await page.context.close()


async def test_a_hold_is_placed_and_released_by_two(browser: Browser, shop: Shop) -> None:
    _, headers = await shop.say("Hallo")
    session = headers["X-Sordino-Session"].partition(".")[0]
    ann, ben = await signed_in(browser, shop, "dpo"), await signed_in(browser, shop, "dpo", name="Ben")
    await ann.goto(desk(shop, f"sessions/{session}"))
    await ann.get_by_text("Place a hold").first.click()
    await ann.get_by_label("Reference, such as").fill("Frau Müller")
    await ann.get_by_label("Who reviews it").fill("legal")
    await ann.get_by_label("Review by").fill((shop.clock.now() + timedelta(days=30)).date().isoformat())
    await ann.get_by_role("button", name="Place a hold").click()
    assert "reference such as" in await ann.get_by_role("alert").inner_text()
    assert await ann.get_by_label("Reference, such as").input_value() == "Frau Müller", "what was typed stays"
    await ann.get_by_label("Reference, such as").fill("case-7")
    await ann.get_by_role("button", name="Place a hold").click()
    await ann.wait_for_url("**/desk/holds?said=done")
    await ann.get_by_label("Reason").fill("the case is closed")
    await ann.get_by_role("button", name="Ask for release").click()
    await ann.wait_for_url("**/desk/approvals?said=waits_now")
    assert await ann.get_by_role("button", name="Approve").count() == 0
    await ben.goto(desk(shop, "approvals"))
    await ben.get_by_role("button", name="Approve").click()
    await ben.wait_for_url("**/desk/approvals?said=done")
    await ben.goto(desk(shop, "holds"))
    assert "case-7" not in await ben.content()
    for page in (ann, ben):
        await page.context.close()


async def test_a_changed_notice_is_planned_and_applied_in_german(browser: Browser, shop: Shop) -> None:
    await shop.say("Hallo")
    ann = await signed_in(browser, shop, "admin", locale="de-DE")
    ben = await signed_in(browser, shop, "dpo", name="Ben")
    await ann.goto(desk(shop, "notice/change"))
    await ann.get_by_label("Der neue Datenschutzhinweis").fill("notice: [")
    await ann.get_by_role("button", name="Vergleichen").click()
    assert "lässt sich nicht laden" in await ann.get_by_role("alert").inner_text()
    assert await ann.get_by_label("Der neue Datenschutzhinweis").input_value() == "notice: ["
    await ann.get_by_label("Der neue Datenschutzhinweis").fill(SHORTER)
    await ann.get_by_role("button", name="Vergleichen").click()
    again = ann.get_by_role("link", name="Noch einmal ansehen")
    while await again.count():  # a busy machine counts for more than a moment
        await again.click()
    assert "früher abliefen: 2" in await ann.content()
    await find_nothing(ann)
    await ann.get_by_label("Grund").fill("weniger genügt")
    await ann.get_by_role("button", name="Diese Verkürzung beantragen").click()
    await ann.wait_for_url("**/desk/approvals?said=waits_now")
    await ben.goto(desk(shop, "approvals"))
    await ben.get_by_role("button", name="Approve").click()
    await ben.wait_for_url("**/desk/approvals?said=done")
    await shop.addresses.desk.figures.count()
    shop.clock.move(days=11)
    assert await shop.sessions() == []
    for page in (ann, ben):
        await page.context.close()


@pytest.mark.parametrize(("locale", "told", "again"), [
    ("en-GB", "Being counted: 400 of about 400 sessions", "Look again"),
    ("de-DE", "Wird gerade gezählt: bisher 400 von etwa 400 Sitzungen", "Noch einmal ansehen"),
])  # fmt: skip
async def test_a_plan_that_takes_long_says_how_far_it_is(
    browser: Browser, shop: Shop, locale: str, told: str, again: str
) -> None:
    store, now = shop.addresses.gateway.store, shop.clock.now()
    await store.plans.begin(Count("0" * 32, SHORTER, now, now, 400))
    await shop.addresses.desk.figures.count()
    page = await signed_in(browser, shop, "admin", locale=locale, java_script_enabled=False)  # type: ignore[arg-type]
    await page.goto(desk(shop, "notice/plans/" + "0" * 32))
    assert told in await page.get_by_role("status").inner_text()
    await page.context.close()
    page = await signed_in(browser, shop, "admin", locale=locale)
    await page.goto(desk(shop, "notice/plans/" + "0" * 32))
    await find_nothing(page)
    await store.plans.finish(Shortening("0" * 32, 3, Counter({("improve", None): 3})), 900, now)
    await page.get_by_role("link", name=again).click()
    assert await page.get_by_role("status").count() == 0
    assert await page.get_by_role("cell", name="3", exact=True).count() == 1
    await page.context.close()


async def entries(shop: Shop) -> int:
    figures = await shop.addresses.gateway.store.ledger.figures()
    return figures.size + figures.waiting  # those that a checkpoint covers meanwhile, too


async def test_a_session_opens_for_a_purpose_and_the_ledger_knows(browser: Browser, shop: Shop) -> None:
    _, headers = await shop.say("<b>Hallo</b>")
    session = headers["X-Sordino-Session"].partition(".")[0]
    before = await entries(shop)
    page = await signed_in(browser, shop, "agent")
    await page.goto(desk(shop, f"sessions/{session}"))
    assert "<b>Hallo" not in await page.inner_text("main")
    await page.get_by_label("Purpose of the opening").select_option("improve")
    await page.get_by_role("button", name="Open").click()
    assert "<b>Hallo</b>" in await page.inner_text("main"), "shown as it was said, not as markup"
    await find_nothing(page)
    assert await entries(shop) >= before + 2
    await page.get_by_label("Purpose of the opening").select_option("quality")
    await page.get_by_role("button", name="Open").click()
    told = await page.get_by_role("alert").inner_text()
    await find_nothing(page)
    await page.goto(desk(shop, "sessions/00000000-0000-7000-8000-000000000000"))
    await page.get_by_role("button", name="Open").click()
    assert await page.get_by_role("alert").inner_text() == told, "not yours and not there look the same"
    await page.context.close()


async def test_an_export_and_what_is_not_there_are_accessible(browser: Browser, shop: Shop) -> None:
    _, headers = await shop.say("Hallo")
    ann, ben = await signed_in(browser, shop, "agent"), await signed_in(browser, shop, "dpo", name="Ben")
    await ann.goto(desk(shop, "sessions/" + headers["X-Sordino-Session"].partition(".")[0]))
    await ann.locator("summary", has_text="export").click()
    await ann.locator("#export-purpose").select_option("improve")
    await ann.locator("#export-reason").fill("the court asks")
    await ann.get_by_role("button", name="Ask for an export").click()
    await ann.wait_for_url("**/desk/approvals?said=waits_now")
    await find_nothing(ann)
    await ben.goto(desk(shop, "approvals"))
    await ben.get_by_role("button", name="Approve").click()
    await ben.wait_for_url("**/desk/approvals?said=done")
    await find_nothing(ben)
    await ann.goto(desk(shop, "approvals"))
    await find_nothing(ann)
    async with ann.expect_download() as fetched:
        await ann.get_by_role("link", name="Fetch the export").click()
    copy = await (await fetched.value).path()
    assert "Hallo" in await asyncio.to_thread(Path(copy).read_text, "utf-8")
    await ann.goto(desk(shop, "approvals"))
    assert await ann.get_by_role("link", name="Fetch the export").count() == 0
    await find_nothing(ann)
    for page, path in ((ann, "nothing"), (ann, "ledger"), (ben, "requests/00000000-0000-7000-8000-000000000000")):
        response = await page.goto(desk(shop, path))
        assert response is not None
        assert response.status in {403, 404}, path
        await find_nothing(page)
    for page in (ann, ben):
        await page.context.close()


async def test_an_idle_sign_in_ends_and_leads_back(browser: Browser, shop: Shop) -> None:
    page = await signed_in(browser, shop, "auditor")
    shop.clock.move(minutes=16)
    await page.goto(desk(shop, "ledger"))
    assert page.url.endswith("/desk/sign-in?next=/desk/ledger")
    header = await shop.token("auditor")
    await find_nothing(page)
    await page.get_by_label("Token").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    assert "opens nothing" in await page.get_by_role("alert").inner_text()
    await page.get_by_label("Token").fill(header["Authorization"].removeprefix("Bearer "))
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/desk/ledger")
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/desk/sign-in")
    await page.goto(desk(shop, "ledger"))
    assert "/desk/sign-in" in page.url
    await page.context.close()


async def test_the_language_can_be_chosen(browser: Browser, shop: Shop) -> None:
    page = await signed_in(browser, shop, "auditor")
    await page.goto(desk(shop, "ledger"))
    await page.get_by_role("button", name="Deutsch").click()
    await page.wait_for_url("**/desk/ledger")
    assert await page.locator("h1").inner_text() == "Protokoll und Belege"
    assert await page.get_attribute("html", "lang") == "de"
    await page.context.close()


async def sign_in_at_provider(context: BrowserContext, shop: Shop, who: str, path: str = "") -> Page:
    page = await context.new_page()
    await page.goto(desk(shop, path))
    await page.get_by_role("link", name="Sign in with your organisation").click()
    await page.get_by_placeholder("sub").fill(who)
    await page.get_by_role("button", name="Authorize").click()
    return page


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the provider uses what its library has deprecated
async def test_people_sign_in_at_an_identity_provider(browser: Browser, make_shop: MakeShop) -> None:
    people = [
        User(sub="ann", claims={"name": "Ann", "groups": ["privacy"]}),
        User(sub="eve", claims={"name": "Eve", "groups": ["sales"]}),
    ]
    with run_server_in_thread(user_claims=people, require_nonce=True) as server:
        settings = {
            "oidc_issuer": f"http://localhost:{server.server_port}",
            "oidc_client_id": "desk",
            "oidc_client_secret": "secret",
            "oidc_roles_claim": "groups",
            "oidc_roles": {"privacy": "dpo"},
        }
        async with make_shop(clock=FakeClock(SystemClock().now()), **settings) as shop:
            context = await browser.new_context(locale="en-GB")
            context.set_default_timeout(30_000)
            page = await sign_in_at_provider(context, shop, "ann", "keys")
            await page.wait_for_url("**/desk/keys")
            assert "Signed in as Ann" in await page.inner_text("header")
            cookies = {each["name"]: each for each in await context.cookies()}
            kept = cookies["__Host-sordino-desk"]
            assert (kept["httpOnly"], kept["secure"], kept["sameSite"], kept["path"]) == (True, True, "Lax", "/")
            await context.close()
            other = await browser.new_context(locale="en-GB")
            page = await sign_in_at_provider(other, shop, "eve")
            assert "no role here" in await page.get_by_role("alert").inner_text()
            await page.goto(desk(shop, "sign-in/return?code=x&state=y"))
            assert "did not sign you in" in await page.get_by_role("alert").inner_text()
            await other.close()
            async with shop.client.get(f"{shop.addresses.internal}/keys", headers=shop.bearer) as response:
                assert response.status == 401, "no bootstrap token where people sign in elsewhere"
