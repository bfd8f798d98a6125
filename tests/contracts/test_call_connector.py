"""Every connector of calls: the question first, nothing kept without a yes or after a stop, nothing for a stranger.

The sound comes by the API of calls, which serves every platform's channel; what is Twilio's and Genesys' own way for it
is in their tests. Genesys can neither ask nor press: there the API does, too.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Protocol
from xml.etree import ElementTree as ET

import pytest
from aiohttp import WSServerHandshakeError

from gateway.notice.call_checks import CALL_CONNECTORS
from storage.errors import PurposeRefusedError
from tests.fakes import FakeClock
from tests.integration import jambonz, vier
from tests.integration.call_shop import RECORDED, SECRET, CallBot, Platform
from tests.integration.conftest import MakeShop, Shop, make_shop
from tests.integration.test_audiocodes import CALL as CONVERSATION
from tests.integration.test_audiocodes import TOKEN, ActivityBot, AudioCodes
from tests.integration.test_audiohook import CALL as HOOKED
from tests.integration.test_audiohook import CLIENT, KEY, Genesys, signed
from tests.integration.twilio_shop import TOKEN as TWILIO_TOKEN
from tests.integration.twilio_shop import Twilio, TwimlBot, attribute, text

__all__ = ["make_shop"]
PUBLIC = "https://voice.shop.example"
SOUND = b"\x01" * 160


class Caller(Protocol):
    """A call of one platform."""

    call: str

    async def begin(self) -> str:
        """Call, and return what is asked."""

    async def press(self, key: str) -> None:
        """Answer by a key."""

    async def intrude(self) -> int:
        """Begin without credentials; returns the status."""


class ByApi:
    """The API of calls."""

    call = "call-1"

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.platform = Platform(shop, self.call)

    async def begin(self) -> str:
        return str((await self.platform.start())["prompts"][0]["text"])

    async def press(self, key: str) -> None:
        await self.platform.do("keys", {"keys": key})

    async def intrude(self) -> int:
        async with self.shop.client.post(f"{self.shop.public}/calls", json={"call": self.call}) as response:
            return response.status


class ByTwilio(ByApi):
    """Twilio's webhooks."""

    call = "CA" + "2" * 32
    twilio: Twilio
    asked: ET.Element

    async def begin(self) -> str:
        assert isinstance(self.shop.bot, TwimlBot)
        self.twilio = Twilio(self.shop, self.shop.bot, self.call)
        self.asked = await self.twilio.post("voice", CallStatus="ringing")
        return text(self.asked, "Say")

    async def press(self, key: str) -> None:
        await self.twilio.follow(attribute(self.asked, "Gather", "action"), Digits=key)

    async def intrude(self) -> int:
        async with self.shop.client.post(f"{self.shop.public}/voice", data={"CallSid": self.call}) as response:
            return response.status


class ByAudioHook(ByApi):
    """Genesys' sockets."""

    call = HOOKED

    async def begin(self) -> str:
        assert isinstance(self.shop.clock, FakeClock)
        headers = signed(self.shop.clock)
        async with self.shop.client.ws_connect(f"{self.shop.public}/audiohook", headers=headers) as socket:
            assert (await Genesys(socket).open())["parameters"]["startPaused"]
        return str((await self.platform.start())["prompts"][0]["text"])

    async def press(self, key: str) -> None:
        await super().press(key)
        await self.platform.do("consent", {"agent": "given"})

    async def intrude(self) -> int:
        with pytest.raises(WSServerHandshakeError) as refused:
            await self.shop.client.ws_connect(f"{self.shop.public}/audiohook")
        return refused.value.status


class ByJambonz(ByApi):
    """jambonz's socket."""

    call = jambonz.CALL
    socket: jambonz.Jambonz

    async def begin(self) -> str:
        self.socket = jambonz.Jambonz(self.shop, await jambonz.connect(self.shop))
        return str((await self.socket.begin())[0]["say"]["text"])

    async def press(self, key: str) -> None:
        await self.socket.press(key)

    async def intrude(self) -> int:
        with pytest.raises(WSServerHandshakeError) as refused:
            await jambonz.connect(self.shop, password="x")
        return refused.value.status


class ByAudioCodes(ByApi):
    """AudioCodes' Bot API."""

    call = CONVERSATION
    audiocodes: AudioCodes

    async def begin(self) -> str:
        assert isinstance(self.shop.bot, ActivityBot)
        self.audiocodes = AudioCodes(self.shop, self.shop.bot)
        return str((await self.audiocodes.start())[0]["text"])

    async def press(self, key: str) -> None:
        await self.audiocodes.press(key)

    async def intrude(self) -> int:
        assert isinstance(self.shop.bot, ActivityBot)
        await AudioCodes(self.shop, self.shop.bot).post("webhook", {"conversation": self.call}, status=403, token="x")
        return 403


class ByVier(ByApi):
    """VIER's Bot API; what is asked is spoken by a command."""

    call = vier.CALL
    told: vier.Dialog

    async def begin(self) -> str:
        assert isinstance(self.shop.bot, vier.CvgBot)
        self.shop.bot.shop = self.shop
        self.told = vier.Dialog(self.shop, self.shop.bot, self.shop.bot.vier)
        await self.told.begin()
        return self.told.vier.said()[-1]

    async def press(self, key: str) -> None:
        await self.told.press(key)

    async def intrude(self) -> int:
        assert isinstance(self.shop.bot, vier.CvgBot)
        told = vier.Dialog(self.shop, self.shop.bot, self.shop.bot.vier)
        await told.tell("session", status=403, token="x")
        return 403


WAYS = {
    "audiocodes": (ByAudioCodes, ActivityBot, TOKEN),
    "audiohook": (ByAudioHook, CallBot, f"{KEY}:{b64encode(CLIENT).decode()}"),
    "calls": (ByApi, CallBot, None),
    "jambonz": (ByJambonz, jambonz.VerbBot, jambonz.CREDENTIALS["chat"]),
    "twilio": (ByTwilio, TwimlBot, TWILIO_TOKEN),
    "vier": (ByVier, vier.CvgBot, vier.TOKEN),
}
MakeCaller = Callable[[], AbstractAsyncContextManager[tuple[Caller, Platform]]]


@pytest.fixture(params=sorted(WAYS))
def calling(request: pytest.FixtureRequest, make_shop: MakeShop) -> MakeCaller:
    way, bot, secret = WAYS[request.param]

    @asynccontextmanager
    async def make() -> AsyncIterator[tuple[Caller, Platform]]:
        settings = {
            "platform_secrets": {} if secret is None else {"chat": secret},
            "channel_secrets": {"chat": SECRET}, "public_url": PUBLIC,
        }  # fmt: skip
        notice, behind = RECORDED.replace("connector: calls", f"connector: {request.param}"), bot()
        async with AsyncExitStack() as stack:
            if isinstance(behind, vier.CvgBot):
                await stack.enter_async_context(behind.vier.serving())
                settings["platform_apis"] = {"chat": behind.vier.api}
            shop = await stack.enter_async_context(make_shop(notice, behind, FakeClock(), **settings))
            yield way(shop), Platform(shop, way.call)

    return make


async def heard(platform: Platform) -> bytes:
    """Return all sound that is kept of the call."""
    return b"".join(audio for runs in await platform.heard() for _, _, audio in runs)


async def speak(platform: Platform, raw: bytes = SOUND) -> None:
    """Let sound come that was spoken now."""
    assert isinstance(platform.shop.clock, FakeClock)
    platform.shop.clock.move(seconds=1)
    await platform.sound(raw)


def test_every_connector_of_calls_is_held_to_this() -> None:
    assert set(WAYS) == CALL_CONNECTORS


async def test_the_question_comes_first_and_only_then_is_sound_kept(calling: MakeCaller) -> None:
    async with calling() as (caller, platform):
        assert await caller.begin() == "Dürfen wir aufzeichnen? Ja oder die Eins."
        await speak(platform, b"\x02" * 160)
        await caller.press("1")
        await speak(platform)
        await platform.do("end")
        assert await heard(platform) == SOUND


async def test_of_who_refuses_nothing_is_recorded(calling: MakeCaller) -> None:
    async with calling() as (caller, platform):
        await caller.begin()
        await caller.press("2")
        await speak(platform)
        await platform.do("end")
        with pytest.raises(PurposeRefusedError):
            await platform.heard()


async def test_after_a_stop_nothing_more_is_recorded(calling: MakeCaller) -> None:
    async with calling() as (caller, platform):
        await caller.begin()
        await caller.press("1")
        await speak(platform)
        await platform.do("stop")
        await speak(platform, b"\x02" * 160)
        await platform.do("end")
        assert await heard(platform) == SOUND


async def test_what_people_say_once_one_is_in_the_call_is_kept_by_turns(calling: MakeCaller) -> None:
    async with calling() as (caller, platform):
        await caller.begin()
        await caller.press("1")
        await platform.do("transfer")
        await platform.start()  # with Genesys the flow has to fetch the question; elsewhere it changes nothing
        await platform.say("Guten Tag, hier ist der Service.", speaker="agent")
        await platform.do("keys", {"keys": "1"})
        await platform.say("Ich bin Katharina Brandhorst.", final=False)
        await platform.say("Ich bin Katharina Brandhorst.")
        texts = await platform.texts()
        assert texts[-2:] == ["agent: Guten Tag, hier ist der Service.", "subject: Ich bin [PERSON]."]


async def test_for_who_shows_no_credentials_nothing_is_processed(calling: MakeCaller) -> None:
    async with calling() as (caller, platform):
        assert await caller.intrude() == 403
        assert await platform.shop.sessions() == []
        await platform.do("pause", status=404)
