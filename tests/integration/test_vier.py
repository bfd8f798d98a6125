"""VIER in front, a bot of its Bot API behind: the question first, no recording of the bot's, no way around."""

from __future__ import annotations

import asyncio
import re
from uuid import UUID

import pytest

from tests.fakes import FakeClock
from tests.integration.call_shop import SECRET, Platform, surveyed
from tests.integration.conftest import MakeShop
from tests.integration.vier import CALL, GREETING, NOTICE, PUBLIC, QUESTION, TOKEN, Commands, CvgBot, dialog

UNSURVEYED = re.sub(r"        answers: .*\n(?=        thanks)", "", NOTICE)
"""Without how the survey's invitation is answered: then the gateway does not ask it."""


async def test_the_question_comes_before_the_bot_and_the_bot_after_it(make_shop: MakeShop) -> None:
    async with dialog(make_shop) as call:
        assert await call.begin() == {"action": "ACCEPT"}
        assert (call.vier.said(), call.bot.seen) == ([QUESTION], [])
        await call.speak("Ja bitte")
        assert call.vier.said() == [QUESTION, GREETING]
        ((name, session),) = call.bot.seen
        assert (name, session["remote"], "customSipHeaders" in session) == ("session", "[PHONE]", False)
        assert session["callback"].startswith(f"{PUBLIC}/chat/sordino/callback/")
        assert session["configuration"] == {"greeting": "Katharina Brandhorst"}
        await call.speak("Ich bin Katharina Brandhorst, wo ist mein Paket?")
        name, message = call.bot.seen[-1]
        assert (name, message["type"], message["text"]) == (
            "message", "SPEECH", "Ich bin [PERSON], wo ist mein Paket?",
        )  # fmt: skip
        assert ("Brandhorst" in str(call.bot.seen[1:]), call.bot.unshown) == (False, 0)
        (stored,) = await call.shop.sessions()
        assert await call.shop.texts(stored) == [
            f"bot: {GREETING}",
            "subject: Ich bin [PERSON], wo ist mein Paket?",
            f"bot: {GREETING}",
        ]


@pytest.mark.parametrize("how", ["2", "silence", "timeout"])
async def test_without_a_yes_the_call_goes_on_and_is_not_armed(make_shop: MakeShop, how: str) -> None:
    async with dialog(make_shop, channel_secrets={"chat": SECRET}) as call:
        await call.begin()
        for _ in range(1 if how == "2" else 2):
            assert call.bot.seen == []
            if how == "2":
                await call.press("2")
            elif how == "silence":
                await call.tell("inactivity", duration=10000)
            else:
                await call.tell("answer", type={"name": "Timeout"}, confidence=0, language="de-DE")
        assert call.vier.said()[-1] == GREETING
        assert [name for name, _ in call.bot.seen] == ["session"]
        assert (await Platform(call.shop, CALL).do("resume"))["state"] == "refused"


async def test_where_vier_says_nothing_more_the_time_for_an_answer_ends_in_a_no(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with dialog(make_shop, clock=clock, channel_secrets={"chat": SECRET}) as call:
        await call.begin()
        line = call.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        for _ in range(2):
            call.vier.spoke.clear()
            clock.move(seconds=31)
            await line.tick()
            await asyncio.wait_for(call.vier.spoke.wait(), 60)
        first, again, greeting = call.vier.said()
        assert (first, QUESTION in again, greeting) == (QUESTION, True, GREETING)
        assert (await Platform(call.shop, CALL).do("resume"))["state"] == "refused"


async def test_a_failure_that_nobody_is_told_of_is_counted_and_logged(
    make_shop: MakeShop, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    async with dialog(make_shop, clock=clock, channel_secrets={"chat": SECRET}) as call:
        await call.begin()
        line = call.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        line.find(CALL).waiting.insert(0, None)  # type: ignore[arg-type]  # a mistake of ours
        caplog.clear()
        await Platform(call.shop, CALL).do("consent", {"words": "nein"})
        failed = 'sordino_exchanges_aborted_total{channel="chat",reason="failed"}'
        async with asyncio.timeout(50):
            while (await call.shop.metrics()).get(failed) != 1:  # noqa: ASYNC110 - the gateway counts it
                await asyncio.sleep(0.1)
        assert [record.getMessage() for record in caplog.records] == ["call not gone on with"]


@pytest.mark.parametrize(
    ("command", "said"),
    [("call/say", {"text": "Möchten Sie noch etwas?"}), ("call/play", {"url": "https://x.example/anything-else.wav"})],
)
async def test_what_the_bot_says_waits_while_a_question_is_open(
    make_shop: MakeShop, command: str, said: dict[str, str]
) -> None:
    async with dialog(make_shop, channel_secrets={"chat": SECRET}) as call:
        await call.begin()
        await call.press("1")
        callback, spoken = call.bot.seen[0][1]["callback"], {"dialogId": CALL, **said}
        await Platform(call.shop, CALL).do("transfer", {"agent": False})
        saying = asyncio.ensure_future(call.bot.command(callback, command, spoken))
        await asyncio.sleep(0.5)
        assert (command, spoken) not in call.vier.done
        assert call.vier.said()[-1] == QUESTION
        await call.press("1")
        assert (await saying, call.vier.done[-1]) == (204, (command, spoken))


async def test_keys_and_numbers_that_were_asked_for_reach_the_bot(make_shop: MakeShop) -> None:
    async with dialog(make_shop) as call:
        await call.begin()
        await call.press("1")
        await call.press("DTMF_7")
        await call.tell("answer", type={"name": "Number", "value": "8645"}, confidence=100, language="de-DE")
        await call.tell("answer", type={"name": "MultipleChoice", "id": "yes", "synonym": "gerne"}, confidence=90)
        assert [name for name, _ in call.bot.seen] == ["session", "message", "answer", "answer"]
        assert call.bot.seen[-1][1]["type"] == {"name": "MultipleChoice", "id": "yes", "synonym": "gerne"}
        (stored,) = await call.shop.sessions()
        assert "subject: gerne" in await call.shop.texts(stored)


@pytest.mark.parametrize("how", ["ja", "1"])
async def test_a_question_that_vier_did_not_take_is_answered_by_nothing(make_shop: MakeShop, how: str) -> None:
    async with dialog(make_shop, channel_secrets={"chat": SECRET}) as call:
        call.vier.away = True
        await call.tell("session", status=502, remote="+4915123984712", local="+49800", language="de-DE")
        call.vier.away = False
        await (call.press(how) if how == "1" else call.speak(how))
        assert call.vier.said() == [QUESTION]
        assert (await Platform(call.shop, CALL).do("resume"))["state"] == "asked"
        await call.press("1")
        assert (await Platform(call.shop, CALL).do("resume"))["state"] == "armed"


@pytest.mark.parametrize("how", ["ja", "1", "silence"])
async def test_a_call_of_before_a_restart_is_asked_before_anything_is_an_answer(make_shop: MakeShop, how: str) -> None:
    async with dialog(make_shop, CvgBot(does=[])) as call:
        if how == "silence":
            await call.tell("answer", type={"name": "Timeout"}, confidence=0, language="de-DE")
        else:
            await (call.press(how) if how == "1" else call.speak(how))
        (stored,) = await call.shop.sessions()
        states = call.shop.addresses.gateway.store.consent_states
        assert (await states(UUID(stored)), call.vier.said(), call.bot.seen) == ({}, [QUESTION], [])
        await call.press("1")
        assert (await states(UUID(stored)))["recording"].value == "given"
        assert [name for name, _ in call.bot.seen] == ["answer" if how == "silence" else "message"]


async def test_what_is_said_twice_with_one_time_is_kept_once(make_shop: MakeShop) -> None:
    async with dialog(make_shop) as call:
        await call.begin()
        await call.press("1")
        for _ in range(2):
            await call.speak("Wo ist mein Paket?", timestamp=5)
        (stored,) = await call.shop.sessions()
        assert (await call.shop.texts(stored)).count("subject: Wo ist mein Paket?") == 1


async def test_a_bots_recording_and_what_leads_around_is_refused_and_counted(make_shop: MakeShop) -> None:
    does: Commands = [
        ("call/recording/start", {}),
        ("call/recording/stop", {"terminate": True}),
        ("call/play", {"url": "http://x.example/a.wav"}),
        ("dialog/r-1/x/data", {"data": {"name": "x"}}),
        ("call/say", {"text": "<speak>Guten <break/>Tag</speak>", "elsewhere": "https://x.example"}),
    ]
    async with dialog(make_shop, CvgBot(does)) as call:
        await call.begin()
        await call.press("1")
        assert [status for status, _ in call.bot.told] == [403, 204, 403, 403, 204]
        assert call.bot.told[0][1]["reason"] == "command_refused"
        assert call.vier.done[1:] == [
            ("call/recording/stop", {"dialogId": CALL, "terminate": True}),
            ("call/say", {"dialogId": CALL, "text": "<speak>Guten <break/>Tag</speak>"}),
        ]
        counted = await call.shop.metrics()
        stripped = {
            what: counted[f'sordino_calls_stripped_total{{channel="chat",what="{what}"}}']
            for what in ("recording", "address", "verb")
        }
        assert stripped == {"recording": 1, "address": 1, "verb": 2}
        (stored,) = await call.shop.sessions()
        assert await call.shop.texts(stored) == ["bot: Guten  Tag"]


async def test_a_person_comes_in_when_the_caller_was_asked_anew(make_shop: MakeShop) -> None:
    async with dialog(make_shop) as call:
        await call.begin()
        await call.press("1")
        call.vier.spoke.clear()
        call.bot.does = [("call/forward", {"destinationNumber": "+49301234", "whispering": {"text": "Paket"}})]
        asking = asyncio.ensure_future(call.speak("Verbinden Sie mich bitte."))
        await asyncio.wait_for(call.vier.spoke.wait(), 60)
        assert call.vier.said()[-1] == QUESTION
        assert call.vier.done[-1][0] == "call/say"
        await call.press("1")
        await asking
        assert call.vier.done[-1] == (
            "call/forward",
            {"dialogId": CALL, "destinationNumber": "+49301234", "whispering": {"text": "Paket"}},
        )
        assert call.bot.told[-1] == (200, {"status": "Success", "ringTime": 900, "dialogId": CALL})


async def test_what_vier_has_recorded_by_itself_is_deleted_and_looked_for(make_shop: MakeShop) -> None:
    clock, gauge = FakeClock(), 'sordino_platform_recordings{channel="chat"}'
    async with dialog(make_shop, clock=clock) as call:
        recordings = call.shop.addresses.gateway.channels["chat"].recordings
        assert recordings is not None
        call.vier.recordings, call.vier.keeps = {"a b"}, True
        for _ in range(2):
            await call.tell("recording", status=204, recordingId="a b")
        await call.tell("recording", status=400, recordingId="")
        await call.tell("recording", status=400, recordingId="a", projectContext={"resellerToken": "../x"})
        await recordings.tick()
        assert ((await call.shop.metrics())[gauge], call.vier.recordings) == (1, {"a b"})
        call.vier.keeps = False
        clock.move(seconds=31)
        await recordings.tick()
        assert ((await call.shop.metrics())[gauge], call.vier.recordings) == (0, set())
        assert (call.bot.seen, await call.shop.sessions()) == ([], [])


async def test_the_end_ends_the_call_and_the_bot_is_told(make_shop: MakeShop) -> None:
    async with dialog(make_shop, channel_secrets={"chat": SECRET}) as call:
        await call.begin()
        await call.press("1")
        await call.tell("terminated", reason="callForwarded")
        await Platform(call.shop, CALL).do("pause")  # its sound may still come
        await call.tell("terminated", reason="callerTerminated")
        assert [name for name, _ in call.bot.seen] == ["session", "terminated", "terminated"]
        await Platform(call.shop, CALL).do("pause", status=404)
        await call.tell("terminated", reason="callerTerminated")
        await call.tell("inactivity", duration=10000)
        callback = call.bot.seen[0][1]["callback"]
        assert await call.bot.command(callback, "call/say", {"dialogId": CALL, "text": "Noch da?"}) == 404
        assert len(await call.shop.sessions()) == 1


@pytest.mark.parametrize("known", [True, False])
async def test_what_comes_late_of_a_call_that_vier_has_ended_begins_none(make_shop: MakeShop, *, known: bool) -> None:
    async with dialog(make_shop, notice=UNSURVEYED) as call:
        if known:
            await call.begin()
            await call.press("1")
        await call.tell("terminated", reason="callerTerminated")
        seen, said, kept = len(call.bot.seen), len(call.vier.said()), len(await call.shop.sessions())
        await call.speak("Hallo?")
        await call.press("1")
        await call.tell("answer", type={"name": "Timeout"}, confidence=0, language="de-DE")
        assert await call.begin() == {"action": "REJECT"}
        line = call.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        assert not line.knows(CALL)
        assert (len(call.bot.seen), len(call.vier.said()), len(await call.shop.sessions())) == (seen, said, kept)


async def test_a_call_that_a_deadline_has_ended_may_go_on_and_is_asked_anew(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with dialog(make_shop, clock=clock, notice=UNSURVEYED) as call:
        await call.begin()
        await call.press("1")
        line = call.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        clock.move(hours=5)
        await line.tick()
        assert not line.knows(CALL)
        await call.speak("Sind Sie noch da?")
        assert (line.knows(CALL), call.vier.said()[-1]) == (True, QUESTION)


@pytest.mark.parametrize("how", [{"status": 500}, {"action": "REJECT"}])
async def test_a_call_that_the_bot_does_not_take_is_ended(make_shop: MakeShop, how: dict[str, int | str]) -> None:
    async with dialog(make_shop, CvgBot(does=[], **how)) as call:  # type: ignore[arg-type]
        await call.begin()
        status = 502 if "status" in how else 204
        await call.tell("message", status=status, type="DTMF", text="1", confidence=100, language="de-DE")
        assert call.vier.done[-1] == ("call/drop", {"dialogId": CALL})


async def test_where_nothing_is_asked_the_bot_takes_a_call_or_does_not(make_shop: MakeShop) -> None:
    unasked = NOTICE.replace(", quality: months-6}", "}").replace("      recording: {quality: months-6}\n", "")
    unasked = unasked.replace("    hear_original: [quality]\n", "")
    async with dialog(make_shop, CvgBot(action="REJECT"), notice=unasked) as call:
        assert await call.begin() == {"action": "REJECT"}
        call.bot.action = "ACCEPT"
        assert await call.begin() == {"action": "ACCEPT"}
        assert call.vier.said() == [GREETING, GREETING]


async def test_a_session_that_comes_again_is_told_once(make_shop: MakeShop) -> None:
    async with dialog(make_shop) as call:
        await call.begin()
        await call.begin()
        await call.press("1")
        assert [name for name, _ in call.bot.seen] == ["session"]


async def test_who_does_not_show_what_it_has_to_is_403_and_nothing_is_processed(make_shop: MakeShop) -> None:
    async with dialog(make_shop) as call:
        for token in ("", "x", TOKEN + "x"):
            await call.tell("session", status=403, token=token)
        assert (call.vier.done, call.bot.seen, await call.shop.sessions()) == ([], [], [])
        await call.begin()
        await call.press("1")
        callback, done = call.bot.seen[0][1]["callback"], len(call.vier.done)
        say = {"dialogId": CALL, "text": "Hallo"}
        wrong = callback[:-1] + ("0" if callback[-1] != "0" else "1")
        assert await call.bot.command(wrong, "call/say", say) == 403
        assert await call.bot.command(callback, "call/say", {**say, "dialogId": "another"}) == 403
        assert await call.bot.command(callback, "call/say", {"text": "Hallo"}) == 400
        assert len(call.vier.done) == done


async def test_a_callback_that_leads_elsewhere_is_refused_and_counted(make_shop: MakeShop) -> None:
    async with dialog(make_shop) as call:
        await call.tell("session", status=400, callback="https://elsewhere.example/v1")
        await call.tell("session", status=400, callback=None)
        assert (call.vier.done, await call.shop.sessions()) == ([], [])
        counted = await call.shop.metrics()
        assert counted['sordino_calls_stripped_total{channel="chat",what="address"}'] == 2


async def test_wrong_requests(make_shop: MakeShop) -> None:
    async with dialog(make_shop) as call:
        for more in ({"dialogId": None}, {"callback": 1}, {"type": "SPEECH"}, {"type": "DTMF"}):
            await call.tell("message", status=400, **more)
        await call.tell("elsewhere", status=404)
        async with call.shop.client.get(
            f"{call.shop.public}/session", headers={"Authorization": f"Bearer {TOKEN}"}
        ) as response:
            assert response.status == 405


async def test_a_channel_without_its_token_does_not_start(make_shop: MakeShop) -> None:
    for settings in ({"public_url": PUBLIC}, {"platform_secrets": {"chat": TOKEN}}):
        with pytest.raises(Exception, match="SORDINO_"):
            async with make_shop(NOTICE, **settings):
                pass


async def test_the_survey_is_asked_where_the_bot_hangs_up(make_shop: MakeShop) -> None:
    async with dialog(make_shop) as call:
        await call.begin()
        await call.press("1")
        call.bot.does = [("call/say", {"text": "Tschüss."}), ("call/drop", {})]
        await call.speak("Das war alles.")
        assert call.vier.said()[-2:] == ["Tschüss.", "Dürfen wir noch etwas fragen?"]
        seen = len(call.bot.seen)
        await call.speak("Ja gern")
        assert call.vier.said()[-1] == "Wie zufrieden, eins bis fünf?"
        await call.tell("inactivity", duration=10000)
        assert call.vier.said()[-2:] == ["Das habe ich nicht verstanden.", "Wie zufrieden, eins bis fünf?"]
        assert ("call/drop", {"dialogId": CALL}) not in call.vier.done
        await call.press("2")
        assert call.vier.said()[-1] == "Danke!"
        async with asyncio.timeout(60):
            await call.vier.dropped.wait()
        await call.tell("terminated", reason="botDropped")
        assert [name for name, _ in call.bot.seen[seen:]] == ["terminated"]
        assert await surveyed(call.shop) == [1, 2]
        (session,) = await call.shop.sessions()
        assert not any("gern" in text for text in await call.shop.texts(session))


async def test_a_message_that_comes_again_is_no_answer_to_the_next_question_of_the_survey(make_shop: MakeShop) -> None:
    async with dialog(make_shop) as call:
        await call.begin()
        await call.press("1")
        call.bot.does = [("call/drop", {})]
        await call.speak("Das war alles.")
        for _ in range(2):
            await call.tell("message", type="DTMF", text="1", language="de-DE", timestamp=1_700_000_000_001)
        assert call.vier.said()[-1] == "Wie zufrieden, eins bis fünf?"
        await call.press("2")
        assert await surveyed(call.shop) == [1, 2]
