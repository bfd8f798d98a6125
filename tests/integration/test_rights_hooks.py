"""Codes through a controller's own hook, and recipients told by address and by mail, until they have taken it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from gateway.errors import SettingsError
from gateway.settings import Settings, load_settings
from storage.requests import MessageState
from tests.integration.conftest import MakeShop, Shop
from tests.integration.rights_shop import EMAIL, RIGHTS, SAYS, mail_server, post

SECRET = "a secret that only we two know"


@dataclass
class Hook:
    """Takes signed bodies; fails as often as it is told to."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    fail: int = 0

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        right = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert request.headers["X-Sordino-Signature"] == f"sha256={right}"
        if self.fail:
            self.fail -= 1
            return web.Response(status=503)
        self.bodies.append(json.loads(body))
        return web.Response(status=204)


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[tuple[Hook, str]]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield hook, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


async def _until(shop: Shop, request: UUID, state: MessageState) -> None:
    for _ in range(300):
        if {each.state for each in await shop.addresses.gateway.store.requests.messages(request)} == {state}:
            return
        await asyncio.sleep(0.2)
    pytest.fail(f"no message became {state.value}")


async def test_a_code_goes_through_the_hook_and_a_recipient_is_told_again(make_shop: MakeShop) -> None:
    async with served() as (hook, address):
        notice = RIGHTS.replace("inform: dpo@helfer.example", f"inform: '{address}'")
        async with make_shop(notice=notice, letters_hook=address, hook_secret=SECRET) as shop:
            await shop.say(SAYS)
            _, taken = await post(shop, "/-/rights", right="erasure", contact=EMAIL)
            (letter,) = hook.bodies
            assert (letter["kind"], letter["to"], letter["language"]) == ("code", EMAIL, "de")
            hook.fail = 1
            status, answer = await post(shop, "/-/rights/code", reference=taken["reference"], code=letter["code"])
            assert (status, answer["state"]) == (200, "answered")
            request = UUID(taken["reference"].partition(".")[0])
            for _ in range(300):
                if (await shop.addresses.gateway.store.requests.messages(request))[0].attempts:
                    break
                await asyncio.sleep(0.2)
            shop.clock.move(minutes=10)
            await _until(shop, request, MessageState.ACKNOWLEDGED)
            told = hook.bodies[-1]
            assert (told["right"], told["article"], len(told["sessions"])) == ("erasure", "19", 1)
            metrics = await shop.metrics()
            assert metrics['sordino_outbox_attempts_total{outcome="failed"}'] >= 1
            assert metrics['sordino_rights_requests_received_total{right="erasure"}'] == 1


async def test_a_mailbox_is_told(make_shop: MakeShop) -> None:
    async with mail_server() as (mailbox, address), make_shop(notice=RIGHTS, smtp_url=address) as shop:
        await shop.say(SAYS)
        _, taken = await post(shop, "/-/rights", right="restriction", contact=EMAIL, scope="18-1-b")
        status, _ = await post(shop, "/-/rights/code", reference=taken["reference"], code=mailbox.code())
        assert status == 200
        await _until(shop, UUID(taken["reference"].partition(".")[0]), MessageState.TOLD)
        recipient, text = mailbox.letters[-1]
        assert recipient == "dpo@helfer.example"
        assert json.loads(text.replace("=\n", ""))["right"] == "restriction"


async def test_a_recipient_s_address_takes_a_secret_and_its_mailbox_a_warning(
    make_shop: MakeShop, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SettingsError, match="SORDINO_HOOK_SECRET"):
        async with make_shop(notice=RIGHTS.replace("dpo@helfer.example", "https://helfer.example/told")):
            pass
    warning = "recipients can't be told: set SORDINO_SMTP_URL or SORDINO_LETTERS_HOOK"
    async with make_shop(notice=RIGHTS):
        assert [each.count for each in caplog.records if each.msg == warning] == [2]  # type: ignore[attr-defined]
    caplog.clear()
    async with mail_server() as (_, address), make_shop(notice=RIGHTS, smtp_url=address):
        assert warning not in [each.msg for each in caplog.records]


def test_a_hook_without_a_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORDINO_LETTERS_HOOK", "https://shop.example/letters")
    with pytest.raises(SettingsError, match="SORDINO_HOOK_SECRET"):
        load_settings()
    monkeypatch.setenv("SORDINO_HOOK_SECRET", SECRET)
    assert isinstance(load_settings(), Settings)
