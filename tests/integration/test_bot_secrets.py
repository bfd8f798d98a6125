"""A bot with a secret of its own: what goes to it is signed with that, or shows it, and the platform's never leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

import pytest
from aiohttp import encode_basic_auth, web
from twilio.request_validator import RequestValidator

from gateway.errors import SettingsError
from tests.integration import jambonz, test_audiocodes, test_audiocodes_socket, vier
from tests.integration.call_shop import HEADERS, NOTICE, SECRET, CallBot, Platform
from tests.integration.conftest import MakeShop
from tests.integration.streaming_bot import StreamingBot
from tests.integration.twilio_shop import NOTICE as TWILIO_NOTICE
from tests.integration.twilio_shop import PUBLIC, Twilio, TwimlBot, attribute, text
from tests.integration.twilio_shop import TOKEN as TWILIO_TOKEN

OWN = "bot:of-the-bot-alone"
BEARER = f"Bearer {OWN}"


class Bot(Protocol):
    def app(self) -> web.Application: ...


@dataclass
class Noting:
    """A bot of which each request is noted, with its headers."""

    bot: Bot
    came: list[tuple[str, dict[str, str], str]] = field(default_factory=list)

    def app(self) -> web.Application:
        app = self.bot.app()
        app.middlewares.append(self._note)
        return app

    @web.middleware
    async def _note(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        body = "" if "Upgrade" in request.headers else (await request.read()).decode()
        self.came.append((str(request.url), dict(request.headers), body))
        return await handler(request)

    def shown(self) -> set[str]:
        return {headers.get("Authorization", "") for _, headers, _ in self.came}


def settings(secret: str, **more: object) -> dict[str, Any]:
    named = {"platform_secrets": {"chat": secret}, "bot_secrets": {"chat": OWN}, "channel_secrets": {"chat": SECRET}}
    return {**named, "public_url": PUBLIC, **more}


async def test_twilio_is_signed_anew_and_nothing_of_it_is_shown(make_shop: MakeShop) -> None:
    noting = Noting(TwimlBot())
    async with make_shop(TWILIO_NOTICE, noting, **settings(TWILIO_TOKEN)) as shop:
        twilio = Twilio(shop, TwimlBot())
        asked = await twilio.post("voice", CallStatus="ringing")
        going_on = await twilio.follow(attribute(asked, "Gather", "action"), Digits="1")
        await twilio.follow(text(going_on, "Redirect"))
    ((url, headers, body),) = noting.came
    signature = headers["X-Twilio-Signature"]
    assert RequestValidator(OWN).validate(url, dict(parse_qsl(body)), signature)
    assert not RequestValidator(TWILIO_TOKEN).validate(url, dict(parse_qsl(body)), signature)
    assert TWILIO_TOKEN not in str(noting.came)


async def test_jambonz(make_shop: MakeShop) -> None:
    noting = Noting(jambonz.VerbBot())
    secret = f"{jambonz.USER}:{jambonz.PASSWORD}"
    async with make_shop(jambonz.NOTICE, noting, **settings(secret)) as shop, jambonz.connect(shop) as socket:
        await jambonz.Jambonz(shop, socket).begin()
    assert noting.shown() == {encode_basic_auth(*OWN.split(":"))}


async def test_audiocodes_over_http(make_shop: MakeShop) -> None:
    noting = Noting(test_audiocodes.ActivityBot())
    async with make_shop(test_audiocodes.NOTICE, noting, **settings(test_audiocodes.TOKEN)) as shop:
        audiocodes = test_audiocodes.AudioCodes(shop, test_audiocodes.ActivityBot())
        await audiocodes.create()
        await audiocodes.start()
        await audiocodes.press("1")
    assert (len(noting.came), noting.shown()) == (2, {BEARER})
    assert test_audiocodes.TOKEN not in str(noting.came)


async def test_audiocodes_over_a_websocket(make_shop: MakeShop) -> None:
    noting = Noting(StreamingBot())
    async with (
        make_shop(test_audiocodes.NOTICE, noting, **settings(test_audiocodes.TOKEN)) as shop,
        test_audiocodes_socket.connect(shop),
    ):
        pass
    assert noting.shown() == {BEARER}


async def test_vier(make_shop: MakeShop) -> None:
    bot = vier.CvgBot()
    noting = Noting(bot)
    async with bot.vier.serving():
        more = settings(vier.TOKEN, platform_apis={"chat": bot.vier.api})
        async with make_shop(vier.NOTICE, noting, **more) as shop:
            bot.shop = shop
            dialog = vier.Dialog(shop, bot, bot.vier)
            await dialog.begin()
            await dialog.press("1")
    assert noting.shown() == {BEARER}
    assert vier.TOKEN not in str(noting.came)


async def test_a_platform_of_the_api_of_calls(make_shop: MakeShop) -> None:
    noting = Noting(CallBot())
    async with make_shop(NOTICE, noting, **settings("")) as shop:
        platform = Platform(shop)
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        its = {**HEADERS, "Authorization": "Bearer of-the-platform"}
        url = f"{shop.public}/calls/{platform.call}/turns"
        async with shop.client.post(url, json={"text": "Hallo"}, headers=its) as response:
            assert response.status == 200
    assert noting.shown() == {BEARER}


@pytest.mark.parametrize(
    ("notice", "secret"),
    [(TWILIO_NOTICE, ""), (jambonz.NOTICE, "nobody"), (test_audiocodes.NOTICE, ""), (vier.NOTICE, "")],
)
async def test_a_secret_that_anybody_could_show_stops_the_start(make_shop: MakeShop, notice: str, secret: str) -> None:
    more = settings("user:password") | {"bot_secrets": {"chat": secret}}
    with pytest.raises(SettingsError, match="SORDINO_BOT_SECRETS"):
        async with make_shop(notice, **more):
            pass


async def test_a_chat_has_none(make_shop: MakeShop) -> None:
    with pytest.raises(SettingsError, match="no channel of calls"):
        async with make_shop(bot_secrets={"chat": OWN}):
            pass
