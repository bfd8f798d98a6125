"""The survey on a line of Twilio's: asked where the bot would hang up, if the caller wants to be asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fakes import FakeClock
from tests.integration.conftest import MakeShop
from tests.integration.twilio_shop import (
    PUBLIC,
    RECORDING,
    SURVEYED,
    Twilio,
    attribute,
    frame,
    joined,
    start,
    text,
    twilio_at,
)

ENDS = [
    "<Response><Say>Auf Wiederhören.</Say><Hangup/></Response>",
    "<Response><Say>Auf Wiederhören.</Say></Response>",
    '<Response><Gather action="/next"><Say>Noch etwas?</Say></Gather><Hangup/><Say>nie</Say></Response>',
]
SURVEY = f"{PUBLIC}/chat/sordino/survey"


async def _answers(twilio: Twilio, clock: FakeClock) -> list[int]:
    surveys = twilio.shop.addresses.gateway.store.surveys
    await surveys.release(clock.now() + timedelta(days=8))
    return sorted(result.answers["happy"] for result in await surveys.results(clock.now() + timedelta(days=8)))


@pytest.mark.parametrize("ends", ENDS)
async def test_the_survey_is_asked_where_the_bot_hangs_up(make_shop: MakeShop, ends: str) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, SURVEYED, clock) as twilio:
        for call, invited, answered in (("2", {"Digits": "1"}, {"SpeechResult": "Fünf bitte"}),
                                        ("3", {"SpeechResult": "ja gern"}, {"Digits": "3"})):  # fmt: skip
            twilio.call = "CA" + call * 32
            await twilio.agree()
            twilio.bot.says = ends
            said = await twilio.post("next", SpeechResult="Das war alles, tschüss")
            assert (text(said, "Redirect"), "Hangup" in {one.tag for one in said}) == (SURVEY, False)
            asked = await twilio.follow(SURVEY)
            assert text(asked, "Say") == "Dürfen wir noch etwas fragen?"
            action = attribute(asked, "Gather", "action")
            unclear = await twilio.follow(action, SpeechResult="wie bitte")
            assert [one.text for one in unclear.iter("Say")] == [
                "Das habe ich nicht verstanden.", "Dürfen wir noch etwas fragen?",
            ]  # fmt: skip
            action = attribute(unclear, "Gather", "action")
            asked = await twilio.follow(action, **invited)
            assert text(asked, "Say") == "Wie zufrieden, eins bis fünf?"
            repeated = await twilio.follow(action, **invited)  # the same request again answers nothing
            assert attribute(repeated, "Gather", "action") == attribute(asked, "Gather", "action")
            done = await twilio.follow(attribute(asked, "Gather", "action"), **answered)
            assert [one.tag for one in done] == ["Say", "Hangup"]
            seen = len(twilio.bot.seen)
            await twilio.post("status", status=204, CallStatus="completed")
            assert [path for path, _ in twilio.bot.seen[seen:]] == ["/status"]
            twilio.bot.says = "<Response><Gather/></Response>"
        assert await _answers(twilio, clock) == [3, 5]
        assert len(await twilio.shop.sessions()) == 2
        for session in await twilio.shop.sessions():
            assert not any("Fünf" in turn or "gern" in turn for turn in await twilio.shop.texts(session))


@pytest.mark.parametrize(
    "declined", [[{"Digits": "2"}], [{}, {}], [{"SpeechResult": "nein danke"}], [{"Digits": "9"}] * 2]
)
async def test_who_does_not_agree_is_asked_nothing(make_shop: MakeShop, declined: list[dict[str, str]]) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, SURVEYED, clock) as twilio:
        await twilio.agree()
        asked = await twilio.follow(SURVEY)
        for reply in declined:
            asked = await twilio.follow(attribute(asked, "Gather", "action"), **reply)
        assert [one.tag for one in asked] == ["Hangup"]
        assert await _answers(twilio, clock) == []


async def test_nothing_of_the_survey_is_recorded(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, SURVEYED, clock) as twilio:
        await twilio.agree()
        async with twilio.socket("sordino/media") as socket:
            await socket.send_str(start(twilio))
            clock.move(seconds=1)
            await socket.send_str(frame(0, b"\x01"))
            await socket.close()
        await twilio.follow(SURVEY)
        clock.move(seconds=1)
        async with twilio.socket("sordino/media") as socket:
            await socket.send_str(start(twilio))
            assert (await socket.receive(60)).data == 1011
        (runs,) = await twilio.heard()
        assert joined(runs) == {0: (0, b"\x01" * 160)}


async def test_a_recording_of_twilios_own_that_went_on_in_the_survey_is_not_kept(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, SURVEYED, clock) as twilio:
        await twilio.agree()
        twilio.bot.recordings[RECORDING] = b"with what was answered"
        asked = await twilio.follow(SURVEY)
        await twilio.follow(attribute(asked, "Gather", "action"), Digits="1")
        began = "Thu, 26 Nov 2026 12:00:05 +0000"
        told = {"RecordingSid": RECORDING, "RecordingStatus": "completed", "RecordingStartTime": began}
        await twilio.post("recorded", status=204, **told)
        await twilio.tick()
        assert (twilio.bot.recordings, [how for how, _ in twilio.bot.asked]) == ({}, ["DELETE", "GET"])


async def test_a_bots_stream_hears_nothing_of_the_survey(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop, SURVEYED) as twilio:
        await twilio.agree()
        async with twilio.socket("media") as socket:
            await socket.send_str(start(twilio))
            await socket.send_str(frame(0, b"\x01"))
            await socket.receive(60)
            await twilio.follow(SURVEY)
            await socket.send_str(frame(1, b"\x02"))
            await socket.send_str('{"event":"dtmf","dtmf":{"digit":"4"}}')
            await socket.send_str('{"event":"stop"}')
            await socket.close()
        assert [message["event"] for message in twilio.bot.messages] == ["start", "media", "stop"]


async def test_who_waits_in_a_queue_is_asked_no_survey_and_a_persons_leg_is_no_call(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop, SURVEYED) as twilio:
        dials = '<Dial><Number url="/whisper">+49800</Number></Dial>'
        twilio.bot.says = f'<Response><Enqueue waitUrl="/wait">q</Enqueue>{dials}</Response>'
        said = await twilio.agree()  # who comes in is no party to what was agreed
        said = await twilio.follow(attribute(said, "Gather", "action"), Digits="1")
        twilio.bot.says = '<Response><Say>Bitte warten.</Say><Gather action="/wish"/><Redirect/></Response>'
        for _ in range(2):
            waiting = await twilio.follow(attribute(said, "Enqueue", "waitUrl"), CallStatus="in-progress")
            assert (text(waiting, "Say"), SURVEY in [one.text for one in waiting]) == ("Bitte warten.", False)
            wished = await twilio.follow(attribute(waiting, "Gather", "action"), Digits="7")
            assert SURVEY not in [one.text for one in wished]
        sessions = await twilio.shop.sessions()
        leg = Twilio(twilio.shop, twilio.bot, "CA" + "7" * 32)
        told = await leg.follow(attribute(said, "Number", "url"), ParentCallSid=twilio.call, CallStatus="in-progress")
        assert (text(told, "Say"), [one.tag for one in told]) == ("Bitte warten.", ["Say", "Gather", "Redirect"])
        await leg.follow(attribute(told, "Gather", "action"), Digits="1")
        assert await twilio.shop.sessions() == sessions
        assert [path for path, _ in twilio.bot.seen[-6:]] == ["/wait", "/wish", "/wait", "/wish", "/whisper", "/wish"]


async def test_a_call_that_nobody_knows_is_hung_up(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop, SURVEYED) as twilio:
        assert [one.tag for one in await twilio.follow(SURVEY)] == ["Hangup"]
        await twilio.post("sordino/survey", status=403, signature="x")


async def test_what_only_tells_of_a_call_begins_none_and_answers_nothing(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop, SURVEYED) as twilio:
        await twilio.post("status", status=204, CallStatus="ringing", CallbackSource="call-progress-events")
        assert (await twilio.shop.sessions(), twilio.bot.seen[-1][0]) == ([], "/status")
        asked = await twilio.post("voice", CallStatus="in-progress")
        await twilio.post("status", status=204, CallStatus="in-progress", CallbackSource="call-progress-events")
        assert text(asked, "Say").startswith("Dürfen wir aufzeichnen?")
