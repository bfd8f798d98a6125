"""Redaction that fails lets nothing through: in neither direction, whatever went wrong in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from redaction.engine import Redactor
from redaction.errors import RedactionError
from redaction.findings import Finding
from tests.integration.conftest import NOTICE, MakeShop, Shop

NAME = "Jana Petersen"


class BrokenRedactor(Redactor):
    """Fails over every text with the name in it, with an error that quotes the text."""

    def __init__(self, error: type[Exception]) -> None:
        super().__init__()
        self._error = error

    def find(self, text: str, **situation: object) -> tuple[Finding, ...]:
        if NAME in text:
            raise self._error(text)
        return super().find(text, **situation)  # type: ignore[arg-type]


@pytest.fixture(params=[ValueError, RedactionError, RecursionError, MemoryError])
async def shop(make_shop: MakeShop, request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    async with make_shop(NOTICE) as one:
        texts = one.addresses.gateway.channels["chat"].conversation._preparing._kit.texts
        texts._redactor = BrokenRedactor(request.param)
        yield one


async def refused(shop: Shop, response: aiohttp.ClientResponse) -> None:
    told = await response.json(content_type="application/problem+json")
    assert (response.status, told["reason"]) == (503, "redaction_failed")
    assert NAME not in str(told)
    metrics = await shop.metrics()
    assert metrics['sordino_requests_refused_total{channel="chat",reason="redaction_failed"}'] == 1


async def collect(response: aiohttp.ClientResponse, received: bytearray) -> None:
    async for piece in response.content.iter_any():
        received += piece


async def test_what_a_customer_says_reaches_nobody_and_is_not_stored(shop: Shop) -> None:
    async with shop.chat(f"Ich bin {NAME}") as response:
        await refused(shop, response)
    assert shop.bot.seen == []
    assert await shop.sessions() == []


async def test_an_answer_is_refused_and_not_stored(shop: Shop) -> None:
    shop.bot.says = f"Guten Tag, {NAME}"
    async with shop.chat("Hallo") as response:
        await refused(shop, response)
    (session,) = await shop.sessions()
    assert await shop.texts(session) == ["subject: Hallo"]


async def test_a_streamed_answer_is_cut_without_its_end_and_not_stored(shop: Shop) -> None:
    shop.bot.says = f"Guten Tag, {NAME}"
    received = bytearray()
    async with shop.chat("Hallo", stream=True) as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await collect(response, received)
    assert b"[DONE]" not in received
    assert b'"finish_reason":"stop"' not in received
    (session,) = await shop.sessions()
    assert await shop.texts(session) == ["subject: Hallo"]
    metrics = await shop.metrics()
    assert metrics['sordino_exchanges_aborted_total{channel="chat",reason="redaction_failed"}'] == 1
