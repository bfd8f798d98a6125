"""The page for requests in a real browser: by keyboard, without scripts, in light and dark, on a telephone."""

from __future__ import annotations

import os
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browsing import browser, page, violations
from tests.integration.conftest import MakeShop
from tests.integration.rights_shop import EMAIL, RIGHTS, SAYS, Mailbox, mail_server

__all__ = ["browser", "page"]
PICTURES = Path(__file__).parents[2] / "docs"
PHONE = {"width": 360, "height": 740}


@pytest.fixture
async def mail() -> AsyncIterator[tuple[Mailbox, str]]:
    async with mail_server() as served:
        yield served


async def _is_clean(page: Page) -> None:
    """Nothing for axe in light and dark, and nothing wider than a telephone."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        assert await violations(page) == [], scheme
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def _take_pictures(page: Page) -> None:
    """Make the pictures in docs/ anew: on a telephone, light and dark."""
    await page.emulate_media(color_scheme="light")
    await page.screenshot(path=PICTURES / "rights-phone.png")
    await page.emulate_media(color_scheme="dark")
    await page.screenshot(path=PICTURES / "rights-phone-dark.png")


async def test_from_the_form_to_the_copy(
    make_shop: MakeShop, page: Page, mail: tuple[Mailbox, str], tmp_path: Path
) -> None:
    mailbox, address = mail
    async with make_shop(notice=RIGHTS, smtp_url=address) as shop:
        await shop.say(SAYS)
        await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        await page.goto(f"{shop.addresses.public}/-/rights")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your data at Shop GmbH")
        await _is_clean(page)
        if os.environ.get("SORDINO_PICTURES"):
            await _take_pictures(page)
        # By keyboard alone.
        await page.get_by_label("See my data and get a copy").focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("Tab")
        await page.keyboard.type(EMAIL)
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("a code has been sent")).to_be_visible()
        await _is_clean(page)
        await page.get_by_label("Code").fill("00000000")
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("alert")).to_have_text("This code or reference is wrong, or its time is over.")
        await _is_clean(page)
        await page.get_by_label("Code").fill(mailbox.code())
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_text("What is stored about you")).to_be_visible()
        await expect(
            page.get_by_text(
                "Helfer GmbH; Quiet Ltd (processed in Canada; the transfer rests on: adequacy decision)"
            ).first
        ).to_be_visible()
        await _is_clean(page)
        async with page.expect_download() as waiting:
            await page.get_by_role("button", name="Download copy").click()
        download = await waiting.value
        await download.save_as(tmp_path / "data.zip")
        assert "manifest.json" in zipfile.ZipFile(tmp_path / "data.zip").namelist()


async def test_an_erasure_shows_its_receipts_and_can_be_looked_at_again(
    make_shop: MakeShop, browser: Browser, mail: tuple[Mailbox, str]
) -> None:
    mailbox, address = mail
    async with make_shop(notice=RIGHTS, smtp_url=address) as shop:
        await shop.say(SAYS)
        context = await browser.new_context(locale="de-DE", java_script_enabled=False)
        page = await context.new_page()
        await page.goto(f"{shop.addresses.public}/-/rights")
        await page.get_by_label("Meine Daten löschen lassen").check()
        await page.get_by_label("E-Mail-Adresse").fill(EMAIL)
        await page.get_by_role("button", name="Anfrage senden").click()
        reference = await page.locator("code").inner_text()
        await page.get_by_label("Code").fill(mailbox.code())
        await page.get_by_role("button", name="Bestätigen").click()
        (first, *_) = await shop.addresses.gateway.store.receipts()
        await expect(page.get_by_text(str(first.id))).to_be_visible()
        await page.get_by_role("link", name="Zurück zum Formular").click()
        await page.get_by_label("Ihr Aktenzeichen").fill(reference)
        await page.get_by_role("button", name="Anzeigen").click()
        await expect(page.get_by_text("beantwortet", exact=True)).to_be_visible()
        await context.close()
