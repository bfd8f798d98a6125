"""A real browser, driven by Playwright. Fixtures, taken into a test module by import."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

expect.set_options(timeout=30_000)  # milliseconds; a busy machine is no failure


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Return the worker's browser; each context in it has cookies and storage of its own."""
    async with async_playwright() as playwright:
        connected = await playwright.chromium.connect_over_cdp(chromium)
        yield connected
        for context in connected.contexts[1:]:  # the first is the browser's own
            await context.close()
        await connected.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """Return a page that fails the test on an error of its scripts."""
    context = await browser.new_context(locale="en-GB")
    opened = await context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    await context.close()
    assert errors == []


async def violations(page: Page) -> list[str]:
    """Return what axe finds wrong on the page as it is, a line each."""
    results = await Axe().run(page)
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in results.response["violations"]]
