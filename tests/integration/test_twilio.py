"""Twilio in front, a TwiML bot behind: the webhooks, each side with Twilio's own RequestValidator."""

from __future__ import annotations

import pytest
from aiohttp import WSServerHandshakeError

from gateway.calls.events import Joined
from storage.errors import PurposeRefusedError, StoreUnavailableError
from storage.records import Write, Written
from tests.fakes import FakeClock
from tests.integration.conftest import MakeShop
from tests.integration.twilio_shop import NOTICE, PUBLIC, TWILIO, attribute, frame, start, text, twilio_at


async def test_the_question_comes_before_the_bot_and_the_bot_after_it(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        asked = await twilio.post("voice", CallStatus="ringing")
        assert text(asked, "Say") == "Dürfen wir aufzeichnen? Ja oder die Eins."
        assert attribute(asked, "Gather", "language") == "de-DE"
        assert twilio.bot.seen == []
        going_on = await twilio.follow(attribute(asked, "Gather", "action"), SpeechResult="Ja bitte", Confidence="0.9")
        said = await twilio.follow(text(going_on, "Redirect"), CallStatus="in-progress")
        assert text(said, "Say") == "Was kann ich tun?"
        assert attribute(said, "Stream", "url") == "wss://voice.shop.example/chat/sordino/media"
        action = attribute(said, "Gather", "action")
        assert action == f"{PUBLIC}/chat/next?step=2"
        await twilio.follow(action, SpeechResult="Ich bin Katharina Brandhorst, wo ist mein Paket?", Confidence="0.9")
        path, fields = twilio.bot.seen[-1]
        assert (path, fields["SpeechResult"]) == ("/next?step=2", "Ich bin [PERSON], wo ist mein Paket?")
        assert (fields["From"], fields["CallSid"]) == ("[PHONE]", twilio.call)
        (session,) = await twilio.shop.sessions()
        assert await twilio.shop.texts(session) == [
            "bot: Was kann ich tun?",
            "subject: Ich bin [PERSON], wo ist mein Paket?",
            "bot: Was kann ich tun?",
        ]


@pytest.mark.parametrize("answers", [[{"Digits": "2"}], [{}, {}], [{"SpeechResult": "also mein Paket"}] * 2])
async def test_without_a_yes_the_call_goes_on_unheard(make_shop: MakeShop, answers: list[dict[str, str]]) -> None:
    async with twilio_at(make_shop) as twilio:
        asked = await twilio.post("voice", CallStatus="ringing")
        for answer in answers:
            asked = await twilio.follow(attribute(asked, "Gather", "action"), **answer)
        said = await twilio.follow(text(asked, "Redirect"))
        assert (text(said, "Say"), list(said.iter("Stream"))) == ("Was kann ich tun?", [])


async def test_what_is_not_signed_is_403_and_nothing_of_it_is_processed(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        for signature in ("", "x", TWILIO.compute_signature(f"{PUBLIC}/chat/other", {})):
            await twilio.post("voice", status=403, signature=signature, CallStatus="ringing")
        signed = TWILIO.compute_signature(f"{PUBLIC}/chat/voice", {"CallSid": twilio.call})
        await twilio.post("voice", status=403, signature=signed, SpeechResult="added later")
        for headers in ({}, {"X-Twilio-Signature": "x"}):
            with pytest.raises(WSServerHandshakeError, match="403"):
                await twilio.shop.client.ws_connect(f"{twilio.shop.public}/sordino/media", headers=headers)
        assert (twilio.bot.seen, await twilio.shop.sessions()) == ([], [])
        assert (await twilio.shop.metrics())[
            'sordino_requests_refused_total{channel="chat",reason="bad_signature"}'
        ] == 6


async def test_a_recording_that_the_bot_starts_is_taken_out_and_counted(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        twilio.bot.says = (
            '<Response><Start><Recording recordingStatusCallback="/r"/></Start><Say>Hallo</Say><Record action="/x"/>'
            "<Say>Ende</Say><Redirect>https://elsewhere.example/voice</Redirect></Response>"
        )
        said = await twilio.agree()
        assert [one.tag for one in said] == ["Start", "Say", "Say"]
        assert [one.tag for one in said[0]] == ["Stream"]
        found = await twilio.shop.metrics()
        assert found['sordino_calls_stripped_total{channel="chat",what="recording"}'] == 2
        assert found['sordino_calls_stripped_total{channel="chat",what="address"}'] == 1


async def test_a_transfer_waits_for_an_answer_and_records_no_agent_who_has_not_agreed(
    make_shop: MakeShop,
) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        twilio.bot.says = '<Response><Dial record="record-from-answer"><Number>+49800123</Number></Dial></Response>'
        asked = await twilio.post("next", SpeechResult="Bitte einen Menschen")
        assert text(asked, "Say").startswith("Dürfen wir aufzeichnen?")
        dialled = await twilio.follow(attribute(asked, "Gather", "action"), Digits="1")
        assert (text(dialled, "Number"), next(dialled.iter("Dial")).attrib) == ("+49800123", {})
        clock.move(seconds=1)
        async with twilio.socket("sordino/media") as socket:
            await socket.send_str(start(twilio))
            for number in range(3):
                await socket.send_str(frame(number, b"\x01"))
        line = twilio.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        assert line.find(twilio.call).live.call.state == "given"
        with pytest.raises(PurposeRefusedError):
            await twilio.heard()


async def test_the_answer_to_a_question_of_before_is_none_to_one_that_nobody_has_put(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        asked = await twilio.post("voice", CallStatus="ringing")
        line = twilio.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        await line.find(twilio.call).live.happen(Joined(agent=False))
        asked = await twilio.follow(attribute(asked, "Gather", "action"), Digits="1")
        assert text(asked, "Say").startswith("Dürfen wir aufzeichnen?")
        await twilio.follow(attribute(asked, "Gather", "action"), Digits="1")
        assert line.find(twilio.call).live.call.state == "armed"


@pytest.mark.parametrize("known", [True, False])
async def test_what_comes_late_of_a_call_that_is_completed_begins_none(make_shop: MakeShop, *, known: bool) -> None:
    async with twilio_at(make_shop) as twilio:
        if known:
            await twilio.agree()
        await twilio.post("status", status=200 if known else 204, CallStatus="completed")
        seen, kept = len(twilio.bot.seen), await twilio.shop.sessions()
        await twilio.post("next", status=204, SpeechResult="Hallo?")
        await twilio.post("sordino/answer?then=voice", status=204, Digits="1")
        await twilio.post("voice", status=204, CallStatus="in-progress")
        line = twilio.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        assert not line.knows(twilio.call)
        assert (len(twilio.bot.seen), await twilio.shop.sessions()) == (seen, kept)


async def test_a_bot_that_fails_leaves_twilio_to_its_own_fallback(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        await twilio.agree()
        twilio.bot.status = 500
        await twilio.post("next", status=502, SpeechResult="Hallo")
        twilio.bot.status, twilio.bot.says = 200, "<Response><Say>offen"
        await twilio.post("next", status=502, SpeechResult="Hallo nochmal")
        twilio.bot.kind, twilio.bot.says = "application/json", '{"text": "Guten Tag"}'
        await twilio.post("next", status=502, SpeechResult="Hallo zum dritten")


async def test_a_channel_without_the_token_does_not_start(make_shop: MakeShop) -> None:
    with pytest.raises(Exception, match="SORDINO_PLATFORM_SECRETS"):
        async with make_shop(NOTICE):
            pass


async def test_who_agrees_anew_is_told_that_it_could_not_be_kept(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        await twilio.agree()
        twilio.bot.says = "<Response><Dial><Number>+49800123</Number></Dial></Response>"
        asked = await twilio.post("next", SpeechResult="Bitte einen Menschen")
        store = twilio.shop.addresses.gateway.store
        write = store.write

        async def refuse(_: object) -> None:
            raise StoreUnavailableError("the disk is full")

        store.write = refuse  # type: ignore[method-assign, assignment]
        dialled = await twilio.follow(attribute(asked, "Gather", "action"), Digits="1")
        store.write = write  # type: ignore[method-assign]
        assert [one.tag for one in dialled][:2] == ["Say", "Dial"]
        assert text(dialled, "Say") == "Es wird nichts aufgezeichnet."


async def test_a_call_that_ends_while_its_beginning_is_stored_is_none(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        gateway = twilio.shop.addresses.gateway
        line, store, kept = gateway.channels["chat"].line, gateway.store, gateway.store.write
        assert line is not None

        async def slow(write: Write) -> Written:
            store.write = kept  # type: ignore[method-assign]
            await twilio.post("status", CallStatus="completed", status=204)
            return await kept(write)

        store.write = slow  # type: ignore[method-assign]
        await twilio.post("voice", CallStatus="ringing", status=404)
        assert not line.knows(twilio.call)
