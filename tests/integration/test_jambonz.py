"""jambonz in front, a bot of its protocol behind: the question first, no recording of the bot's, no way around."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError, encode_basic_auth

from tests.integration.call_shop import SECRET, Platform, surveyed
from tests.integration.conftest import MakeShop, Shop
from tests.integration.jambonz import CALL, CREDENTIALS, GREETING, NOTICE, PASSWORD, USER, Jambonz, VerbBot, connect

MakeJambonz = Callable[..., AbstractAsyncContextManager[tuple[Shop, VerbBot]]]
QUESTION = "Dürfen wir aufzeichnen? Ja oder die Eins."


@pytest.fixture
def make_jambonz(make_shop: MakeShop) -> MakeJambonz:
    @asynccontextmanager
    async def make(**bot: Any) -> AsyncIterator[tuple[Shop, VerbBot]]:  # noqa: ANN401 - fields of the bot
        behind = VerbBot(**bot)
        settings = {"platform_secrets": CREDENTIALS, "channel_secrets": {"chat": SECRET}}
        async with make_shop(NOTICE, behind, **settings) as shop:
            yield shop, behind

    return make


async def test_the_question_comes_before_the_bot_and_the_bot_after_it(make_jambonz: MakeJambonz) -> None:
    async with make_jambonz() as (shop, bot), connect(shop) as socket:
        assert socket.protocol == "ws.jambonz.org"
        jambonz = Jambonz(shop, socket)
        (asked,) = await jambonz.begin()
        assert (asked["verb"], asked["say"]["text"], bot.seen) == ("gather", QUESTION, [])
        assert asked["recognizer"]["language"] == "de-DE"
        (said,) = await jambonz.speak("Ja bitte", hook=asked["actionHook"])
        assert said == GREETING
        begun = bot.seen[0]
        assert (begun["type"], begun["data"]["from"], begun["data"]["call_sid"]) == ("session:new", "[PHONE]", CALL)
        assert "sip" not in begun["data"]
        await jambonz.speak("Ich bin Katharina Brandhorst, wo ist mein Paket?")
        heard = bot.seen[-1]["data"]
        assert [one["transcript"] for one in heard["speech"]["alternatives"]] == [
            "Ich bin [PERSON], wo ist mein Paket?"
        ]
        assert "vendor" not in heard["speech"]
        assert "Brandhorst" not in str(bot.seen)
        assert bot.shown == [encode_basic_auth(USER, PASSWORD)]
        (session,) = await shop.sessions()
        assert await shop.texts(session) == [
            "bot: Was kann ich tun?",
            "subject: Ich bin [PERSON], wo ist mein Paket?",
            "bot: Was kann ich tun?",
        ]


@pytest.mark.parametrize("how", ["verb", "command"])
async def test_the_survey_is_asked_where_the_bot_hangs_up(make_jambonz: MakeJambonz, how: str) -> None:
    async with make_jambonz() as (shop, bot), connect(shop) as socket:
        jambonz = Jambonz(shop, socket)
        await jambonz.begin()
        await jambonz.press("1")
        leave = {"verb": "redirect", "actionHook": "/sordino/survey"}
        if how == "verb":
            bot.says = [[{"verb": "say", "text": "Tschüss."}, {"verb": "hangup"}, {"verb": "say", "text": "nie"}]]
            assert await jambonz.speak("Das war alles.") == [{"verb": "say", "text": "Tschüss."}, leave]
        else:
            bot.commands = [{"command": "call:status", "data": {"call_status": "completed"}}]
            await jambonz.say("verb:hook", {"speech": {"alternatives": [{"transcript": "Danke."}]}}, hook="/next")
            told = await jambonz.hear()
            assert (told["command"], told["data"]) == ("redirect", [leave])
            await jambonz.hear()  # the bot's answer to the hook
        (asked,) = await jambonz.acked(await jambonz.say("verb:hook", {}, hook="/sordino/survey"))
        assert (asked["say"]["text"], asked["actionHook"]) == ("Dürfen wir noch etwas fragen?", "/sordino/survey/1")
        (asked,) = await jambonz.speak("Ja gern", hook=asked["actionHook"])
        assert asked["say"]["text"] == "Wie zufrieden, eins bis fünf?"
        again = await jambonz.press("1", hook="/sordino/survey/1")  # it came again
        assert again == [asked]
        thanks, hangup = await jambonz.press("4", hook=asked["actionHook"])
        assert (thanks["text"], hangup) == ("Danke!", {"verb": "hangup"})
        seen = len(bot.seen)
        await jambonz.say("call:status", {"call_status": "completed", "call_sid": CALL})
        await socket.close()
        assert await surveyed(shop) == [1, 4]
        assert all(message["type"] == "call:status" for message in bot.seen[seen:])
        (session,) = await shop.sessions()
        assert not any("gern" in text for text in await shop.texts(session))


async def test_the_bot_hears_nothing_of_the_survey_and_says_nothing_in_it(make_jambonz: MakeJambonz) -> None:
    async with make_jambonz() as (shop, bot), connect(shop) as socket:
        jambonz = Jambonz(shop, socket)
        await jambonz.begin()
        await jambonz.press("1")
        bot.says = [[{"verb": "hangup"}]]
        await jambonz.speak("Das war alles.")
        (asked,) = await jambonz.acked(await jambonz.say("verb:hook", {}, hook="/sordino/survey"))
        seen = len(bot.seen)
        bot.commands = [{"command": "redirect", "data": [{"verb": "say", "text": "Moment!"}]}]
        assert await jambonz.speak("Ja gern", hook="/barge-in") == []  # what listens in the background goes on
        await jambonz.say("verb:status", {"speech": "Ja gern"})
        (asked,) = await jambonz.speak("Ja gern", hook=asked["actionHook"])
        assert asked["say"]["text"] == "Wie zufrieden, eins bis fünf?"
        assert len(bot.seen) == seen
        (session,) = await shop.sessions()
        assert "gern" not in str(await shop.texts(session))


async def test_a_bot_that_falls_is_no_hang_up(make_jambonz: MakeJambonz) -> None:
    async with make_jambonz() as (shop, bot):
        async with connect(shop) as socket:
            jambonz = Jambonz(shop, socket)
            await jambonz.begin()
            bot.falls = True
            await jambonz.say("verb:hook", {"digits": "1", "reason": "dtmfDetected"}, hook="/sordino/answer")
            assert (await socket.receive(60)).data == 1011
        bot.falls = False
        async with connect(shop) as socket:
            assert await Jambonz(shop, socket).begin("session:reconnect") == [GREETING]
        assert len(await shop.sessions()) == 1


@pytest.mark.parametrize("code", [1000, 1011])
async def test_the_bot_sees_how_the_platform_has_closed(make_jambonz: MakeJambonz, code: int) -> None:
    async with make_jambonz() as (shop, bot):
        async with connect(shop) as socket:
            await Jambonz(shop, socket).begin()
            await socket.close(code=code)
        async with asyncio.timeout(60):
            while not bot.closed:  # noqa: ASYNC110 - the gateway closes it
                await asyncio.sleep(0.02)
        assert bot.closed == [code]


async def test_a_socket_that_comes_again_in_the_survey_goes_on_there(make_jambonz: MakeJambonz) -> None:
    async with make_jambonz() as (shop, bot):
        async with connect(shop) as socket:
            jambonz = Jambonz(shop, socket)
            await jambonz.begin()
            await jambonz.press("1")
            bot.says = [[{"verb": "hangup"}]]
            await jambonz.speak("Das war alles.")
            (asked,) = await jambonz.acked(await jambonz.say("verb:hook", {}, hook="/sordino/survey"))
            await socket.close(code=1011)
        seen = len(bot.seen)
        async with connect(shop) as socket:
            jambonz = Jambonz(shop, socket)
            assert await jambonz.begin("session:reconnect") == [asked]
            await jambonz.press("1", hook=asked["actionHook"])
        assert (len(bot.seen), len(await shop.sessions())) == (seen, 1)


@pytest.mark.parametrize("answers", [["2"], ["", ""], ["5", "", ""]])
async def test_without_a_yes_the_call_goes_on_and_is_not_armed(make_jambonz: MakeJambonz, answers: list[str]) -> None:
    async with make_jambonz() as (shop, bot), connect(shop) as socket:
        jambonz = Jambonz(shop, socket)
        verbs = await jambonz.begin()
        for answer in answers:
            assert verbs[-1]["actionHook"] == "/sordino/answer"
            verbs = await jambonz.press(answer)
        assert (verbs, len(bot.seen)) == ([GREETING], 1)
        url = f"{shop.public}/calls/{CALL}"
        async with shop.client.get(url, headers={"X-Sordino-Channel-Secret": SECRET}) as response:
            assert (await response.json())["state"] == "refused"


async def test_what_is_not_final_is_redacted_and_not_kept(make_jambonz: MakeJambonz) -> None:
    async with make_jambonz() as (shop, bot), connect(shop) as socket:
        jambonz = Jambonz(shop, socket)
        await jambonz.begin()
        await jambonz.press("1")
        speech = {"is_final": False, "alternatives": [{"transcript": "Ich bin Katharina Brandhorst"}]}
        await jambonz.acked(await jambonz.say("verb:hook", {"speech": speech}, hook="/partial"))
        assert bot.seen[-1]["data"]["speech"]["alternatives"] == [{"transcript": "Ich bin [PERSON]"}]
        (session,) = await shop.sessions()
        assert [text for text in await shop.texts(session) if text.startswith("subject")] == []


async def test_a_bots_recordings_and_addresses_are_taken_out_and_counted(make_jambonz: MakeJambonz) -> None:
    says = [
        {"verb": "listen", "url": "wss://elsewhere.example/audio"},
        {"verb": "config", "record": {"action": "startCallRecording"}, "transcribe": {"enable": True}},
        {"verb": "llm", "vendor": "openai"},
        {"verb": "gather", "input": ["speech"], "actionHook": "https://elsewhere.example/hook"},
    ]
    commands = [
        {"command": "record", "data": {"action": "startCallRecording"}},
        {"command": "listen:status", "data": {"listen_status": "resume"}},
        {"command": "mute:status", "data": {"mute_status": "mute"}},
    ]
    async with make_jambonz(says=[says], commands=commands) as (shop, _), connect(shop) as socket:
        jambonz = Jambonz(shop, socket)
        await jambonz.begin()
        msgid = await jambonz.say("verb:hook", {"digits": "1"}, hook="/sordino/answer")
        assert (await jambonz.hear())["command"] == "mute:status"
        assert await jambonz.acked(msgid) == [{"verb": "config"}, {"verb": "gather", "input": ["speech"]}]
        counted = await shop.metrics()
        taken = {what: counted[f'sordino_calls_stripped_total{{channel="chat",what="{what}"}}'] for what in
                 ("recording", "address", "verb")}  # fmt: skip
        assert taken == {"recording": 5, "address": 1, "verb": 1}


async def test_a_transfer_waits_for_an_answer(make_jambonz: MakeJambonz) -> None:
    dial = {"verb": "dial", "target": [{"type": "phone", "number": "+49301234"}]}
    async with make_jambonz(says=[[GREETING], [dial]]) as (shop, _), connect(shop) as socket:
        jambonz = Jambonz(shop, socket)
        await jambonz.begin()
        await jambonz.press("1")
        (asked,) = await jambonz.speak("Verbinden Sie mich bitte.")
        assert asked["say"]["text"] == QUESTION
        assert await jambonz.press("1") == [dial]


async def test_the_answer_to_a_question_of_before_is_none_to_one_that_nobody_has_put(
    make_jambonz: MakeJambonz,
) -> None:
    async with make_jambonz() as (shop, bot), connect(shop) as socket:
        jambonz, platform = Jambonz(shop, socket), Platform(shop, CALL)
        await jambonz.begin()
        await platform.do("transfer", {"agent": False})  # the desk tells of it, and jambonz speaks the first question
        (asked,) = await jambonz.press("1")
        assert (asked["verb"], asked["say"]["text"], bot.seen) == ("gather", QUESTION, [])
        assert await jambonz.press("1") == [GREETING]
        assert (await platform.do("resume"))["state"] == "armed"


async def test_a_stop_is_heard_and_the_end_ends_the_call(make_jambonz: MakeJambonz) -> None:
    async with make_jambonz() as (shop, _), connect(shop) as socket:
        jambonz, platform = Jambonz(shop, socket), Platform(shop, CALL)
        await jambonz.begin()
        await jambonz.press("1")
        await jambonz.speak("Bitte die Aufnahme beenden")
        assert (await platform.do("resume"))["state"] == "refused"
        leg = {"call_status": "completed", "call_sid": "another", "parent_call_sid": CALL}
        await jambonz.say("call:status", leg)
        await jambonz.speak("Noch da?")
        await platform.do("resume")  # the caller's own call goes on
        await jambonz.say("call:status", {"call_status": "completed", "call_sid": CALL})
        await socket.close()
        await platform.do("pause", status=404)
        async with connect(shop) as late:
            await Jambonz(shop, late).say("session:reconnect", {"call_sid": CALL})
            message = await late.receive(60)
        assert (message.type, message.data) == (WSMsgType.CLOSE, 1011)
        await platform.do("pause", status=404)


async def test_a_dropped_socket_comes_again_to_the_same_call(make_jambonz: MakeJambonz) -> None:
    async with make_jambonz() as (shop, bot):
        async with connect(shop) as socket:
            jambonz = Jambonz(shop, socket)
            await jambonz.begin()
            await socket.close(code=1011)
        async with connect(shop) as socket:
            jambonz = Jambonz(shop, socket)
            (asked,) = await jambonz.begin("session:reconnect")
            assert asked["say"]["text"] == QUESTION
            assert await jambonz.press("1") == [GREETING]
        assert len(await shop.sessions()) == 1
        assert [one["type"] for one in bot.seen] == ["session:reconnect"]


async def test_who_does_not_show_the_credentials_is_403_and_nothing_is_processed(make_jambonz: MakeJambonz) -> None:
    async with make_jambonz() as (shop, bot):
        for user, password in ((USER, "x"), ("x", PASSWORD), (USER, "")):
            with pytest.raises(WSServerHandshakeError, match="403"):
                await connect(shop, user, password)
        with pytest.raises(WSServerHandshakeError, match="403"):
            await shop.client.ws_connect(f"{shop.public}/bot")
        for path, headers in (("/socket", {}), ("/bot", {"Authorization": encode_basic_auth(USER, PASSWORD)})):
            body = {"type": "session:new", "call_sid": CALL, "data": {}}
            async with shop.client.post(shop.public + path, json=body, headers=headers) as response:
                assert response.status == (405 if headers else 403)
        assert (bot.shown, await shop.sessions()) == ([], [])


@pytest.mark.parametrize("text", ["{", "[]", '{"type":"session:new"}', '{"type":"verb:hook","msgid":"m"}'])
async def test_messages_that_are_none_close_both_sockets(make_jambonz: MakeJambonz, text: str) -> None:
    async with make_jambonz() as (shop, _), connect(shop) as socket:
        await socket.send_str(text)
        assert (await socket.receive(60)).data == 1011


async def test_verbs_that_are_none_close_both_sockets(make_jambonz: MakeJambonz) -> None:
    async with make_jambonz(says=[[{"text": "no verb"}]]) as (shop, _), connect(shop) as socket:
        jambonz = Jambonz(shop, socket)
        await jambonz.begin()
        await jambonz.say("verb:hook", {"digits": "1"}, hook="/sordino/answer")
        assert (await socket.receive(60)).data == 1011


@pytest.mark.parametrize("secret", [None, "user", "user:", ":password"])
async def test_a_channel_without_its_credentials_does_not_start(make_shop: MakeShop, secret: str | None) -> None:
    secrets_ = {} if secret is None else {"chat": secret}
    with pytest.raises(Exception, match="SORDINO_PLATFORM_SECRETS"):
        async with make_shop(NOTICE, platform_secrets=secrets_):
            pass
