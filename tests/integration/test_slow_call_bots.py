"""A bot that is slower than its platform waits: an error in time, so that the platform plays its own fallback.

What the bot says after that is nobody's: it has no effect, and is not kept as if it had been spoken.
"""

from __future__ import annotations

import asyncio
from time import perf_counter
from uuid import UUID

import pytest

from gateway import edges
from tests.integration.call_shop import SECRET
from tests.integration.conftest import MakeShop
from tests.integration.jambonz import CREDENTIALS, Jambonz, VerbBot, connect
from tests.integration.jambonz import NOTICE as JAMBONZ
from tests.integration.test_audiocodes import NOTICE as AUDIOCODES
from tests.integration.test_audiocodes import PUBLIC, TOKEN, ActivityBot, AudioCodes
from tests.integration.twilio_shop import attribute, text, twilio_at
from tests.integration.vier import CALL, CvgBot, dialog

SLOW = 1.0  # seconds; all else that is waited for in these calls has to be done within it, on a busy machine, too
IN_TIME = 5.0
DIALS = "<Response><Say>Zu spät.</Say><Dial><Number>+49301234</Number></Dial></Response>"


async def test_twilio_gets_an_error_in_its_time_and_the_fallback_goes_on_with_the_call(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edges, "TWILIO_SECONDS", SLOW)
    async with twilio_at(make_shop) as twilio:
        asked = await twilio.post("voice", CallStatus="ringing")
        going_on = await twilio.follow(attribute(asked, "Gather", "action"), Digits="1")
        bot, late = twilio.bot, asyncio.Event()
        bot.hangs, bot.says = late, DIALS
        began = perf_counter()
        place = text(going_on, "Redirect").removeprefix(f"{PUBLIC}/chat/")
        await twilio.post(place, status=504)
        assert perf_counter() - began < IN_TIME
        late.set()
        await asyncio.sleep(0.1)
        bot.hangs, bot.says = None, "<Response><Say>Ein Problem.</Say></Response>"
        # What Twilio then asks of the fallback address of the number.
        spoken = await twilio.post("fallback", ErrorCode="11200", ErrorUrl=f"{PUBLIC}/chat/{place}")
        assert [element.tag for element in spoken] == ["Start", "Say"], (
            "the recorder, which had never begun, and the bot"
        )
        assert bot.seen[-1][1]["ErrorCode"] == "11200"
        line = twilio.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        assert line.find(twilio.call).live.call.armed, "nobody has come in"
        (stored,) = await twilio.shop.sessions()
        assert "Zu spät." not in " ".join(await twilio.shop.texts(stored))


async def test_a_bot_behind_twilio_has_less_time_than_twilio_gives(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        edge = twilio.shop.addresses.gateway.channels["chat"].edge
        assert edge is not None
        total = edge.upstream._timeout.total
        assert total is not None
        assert 10 <= total < 15


async def test_audiocodes_gets_an_error_and_may_send_it_again(make_shop: MakeShop) -> None:
    bot = ActivityBot()
    settings = {"platform_secrets": {"chat": TOKEN}, "public_url": PUBLIC, "channel_secrets": {"chat": SECRET}}
    async with make_shop(AUDIOCODES, bot, answer_seconds=SLOW, **settings) as shop:
        call = AudioCodes(shop, bot)
        await call.create()
        await call.start()
        bot.hangs, began = asyncio.Event(), perf_counter()
        await call.act({"type": "event", "name": "DTMF", "value": "1"}, status=504)
        assert perf_counter() - began < IN_TIME
        bot.hangs = None
        assert [one["text"] for one in await call.speak("Hallo?")] == ["Was kann ich tun?"]
        names = [one.get("name", one.get("text")) for one in bot.activities]
        assert names[-2:] == ["start", "Hallo?"], "the bot has what it has missed"


async def test_jambonz_is_left_to_its_own_time(make_shop: MakeShop) -> None:
    bot = VerbBot()
    settings = {"platform_secrets": CREDENTIALS, "channel_secrets": {"chat": SECRET}}
    async with make_shop(JAMBONZ, bot, answer_seconds=SLOW, **settings) as shop:
        async with connect(shop) as socket:
            jambonz = Jambonz(shop, socket)
            (asked,) = await jambonz.begin()
            await jambonz.press("1", asked["actionHook"])
            bot.hangs = asyncio.Event()
            bot.says = [[{"verb": "say", "text": "Zu spät."}]]
            await jambonz.say("verb:hook", {"digits": "7"}, hook="/next")
            with pytest.raises(TimeoutError):
                await socket.receive(2 * SLOW)  # nothing is answered in the bot's place
            await jambonz.say("call:status", {"call_status": "completed"})
        bot.hangs.set()
        await asyncio.sleep(0.3)
        (stored,) = await shop.sessions()
        assert "Zu spät." not in " ".join(await shop.texts(stored))
        session = await shop.addresses.gateway.store.consent_states(UUID(stored))
        assert session["recording"].value == "given"


async def test_vier_gets_an_error_and_a_bot_that_does_not_take_the_call_loses_it(make_shop: MakeShop) -> None:
    async with dialog(make_shop, CvgBot(), answer_seconds=SLOW) as call:
        await call.begin()
        await call.press("1")
        call.bot.hangs, began = asyncio.Event(), perf_counter()
        await call.tell(
            "message", status=504, type="SPEECH", text="Wo ist mein Paket?", confidence=93, language="de-DE"
        )
        assert perf_counter() - began < IN_TIME
        assert ("call/drop", {"dialogId": CALL}) not in call.vier.done
    async with dialog(make_shop, CvgBot(hangs=asyncio.Event()), answer_seconds=SLOW) as call:
        await call.begin()
        await call.tell("message", status=504, type="DTMF", text="1", confidence=100, language="de-DE")
        assert call.vier.done[-1] == ("call/drop", {"dialogId": CALL})
