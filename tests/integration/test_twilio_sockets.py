"""Twilio's WebSockets through the gateway: Media Streams and ConversationRelay."""

from __future__ import annotations

import asyncio
from uuid import UUID

import orjson
import pytest
from aiohttp import WSMsgType

from gateway.calls.events import Joined
from gateway.calls.session import State
from gateway.handlers import call_twilio_socket
from storage.audio import Stretch
from storage.errors import PurposeRefusedError
from tests.fakes import FakeClock
from tests.integration.conftest import MakeShop
from tests.integration.twilio_shop import (
    NOTICE,
    PUBLIC,
    TWILIO,
    Twilio,
    attribute,
    frame,
    joined,
    start,
    text,
    twilio_at,
)


async def test_the_sound_of_both_sides_comes_over_a_stream_of_our_own(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        async with twilio.socket("sordino/media") as socket:
            await socket.send_str('{"event":"connected","protocol":"Call","version":"1.0.0"}')
            await socket.send_str(start(twilio))
            clock.move(seconds=1)
            for number in (0, 1, 1, 3, 2):  # twice, and out of order
                await socket.send_str(frame(number, b"\x01"))
                await socket.send_str(frame(number, b"\x02", "outbound"))
            await socket.send_str(orjson.dumps({"event": "dtmf", "dtmf": {"digit": "*"}}).decode())
            await socket.send_str(orjson.dumps({"event": "dtmf", "dtmf": {"digit": "9"}}).decode())
            await socket.send_str(frame(4, b"\x03"))
            await socket.send_str('{"event":"stop"}')
            await socket.close()
        await twilio.post("status", CallStatus="completed")
        (runs,) = await twilio.heard()
        assert joined(runs) == {0: (0, b"\x01" * 640), 1: (0, b"\x02" * 640)}


async def test_a_handshake_that_is_none_is_refused(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        signed = TWILIO.compute_signature(f"{PUBLIC.replace('https', 'wss')}/chat/media", {})
        headers = {"X-Twilio-Signature": signed, "Upgrade": "websocket", "Connection": "Upgrade"}
        async with twilio.shop.client.get(f"{twilio.shop.public}/media", headers=headers) as response:
            assert response.status == 400


async def test_a_bots_media_stream_passes_and_is_kept_while_everybody_has_agreed(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        twilio.bot.says = '<Response><Connect><Stream url="wss://127.0.0.1:1/x"/></Connect></Response>'
        assert [one.tag for one in await twilio.agree()] == ["Start"]  # the bot's leads elsewhere
        async with twilio.socket("media") as socket:
            await socket.send_str(start(twilio))
            clock.move(seconds=1)
            for number in range(2):
                await socket.send_str(frame(number, b"\x01"))
                assert orjson.loads((await socket.receive(60)).data)["event"] == "media"
            await socket.close()
        assert [message["event"] for message in twilio.bot.messages] == ["start", "media", "media"]
        await twilio.post("status", CallStatus="completed")
        (runs,) = await twilio.heard()
        assert joined(runs) == {0: (0, b"\x01" * 320), 1: (160, b"\x09" * 320)}


async def test_conversation_relay_passes_redacted_text_and_keeps_the_turns(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        twilio.bot.says = '<Response><Connect><ConversationRelay url="/relay"/></Connect></Response>'
        said = await twilio.agree()
        assert attribute(said, "ConversationRelay", "url") == f"{PUBLIC}/chat/relay"
        async with twilio.socket("relay") as socket:
            setup = {"type": "setup", "sessionId": "VX1", "callSid": twilio.call, "from": "+4915123984712"}
            await socket.send_str(orjson.dumps(setup).decode())
            for words, last in (("Ich bin Katharina", False), ("Ich bin Katharina Brandhorst", True)):
                prompt = {"type": "prompt", "voicePrompt": words, "lang": "de-DE", "last": last}
                await socket.send_str(orjson.dumps(prompt).decode())
            tokens = [orjson.loads((await socket.receive(60)).data)["token"] for _ in range(2)]
        assert tokens == ["Ihr Paket ", "ist unterwegs."]
        assert (twilio.bot.messages[0]["from"], twilio.bot.messages[0]["callSid"]) == ("[PHONE]", twilio.call)
        assert twilio.bot.messages[-1]["voicePrompt"] == "Ich bin [PERSON]"
        (session,) = await twilio.shop.sessions()
        assert (await twilio.shop.texts(session)) == ["subject: Ich bin [PERSON]", "bot: Ihr Paket ist unterwegs."]


async def test_a_question_in_a_relayed_call_is_put_there_and_the_bot_waits_for_the_answer(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        await twilio.agree()
        desk, headers = f"{twilio.shop.public}/calls/{twilio.call}", {"X-Sordino-Channel-Secret": "another"}

        async def ask(path: str, body: dict[str, object]) -> tuple[str, list[object]]:
            async with twilio.shop.client.post(f"{desk}/{path}", json=body, headers=headers) as response:
                document = await response.json()
            return document["state"], document["prompts"]

        async with twilio.socket("relay") as socket:

            async def say(**message: object) -> None:
                await socket.send_str(orjson.dumps(message).decode())

            async def hear() -> str:
                return str(orjson.loads((await socket.receive(60)).data)["token"])

            await say(type="setup", sessionId="VX1", callSid=twilio.call)
            await say(type="prompt", voicePrompt="Hallo", lang="de-DE", last=True)
            assert [await hear(), await hear()] == ["Ihr Paket ", "ist unterwegs."]
            line = twilio.shop.addresses.gateway.channels["chat"].line
            assert line is not None
            live = line.find(twilio.call).live
            assert await ask("transfer", {"agent": True}) == ("asked", [])
            assert (await hear(), live.call.state) == ("Dürfen wir aufzeichnen? Ja oder die Eins.", State.ASKED)
            (bot,) = twilio.bot.relayed
            await bot.send_str('{"type":"text","token":"Möchten Sie eine Rechnung?","last":true}')
            await asyncio.sleep(0.5)
            await say(type="dtmf", digit="2")
            assert await hear() == "Möchten Sie eine Rechnung?"
            assert live.call.state is State.REFUSED


async def test_a_key_in_a_relayed_call_answers_no_question_that_was_not_spoken(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_twilio_socket, "_LOOK_SECONDS", 600)  # until then only a message has it spoken
    async with twilio_at(make_shop) as twilio:
        await twilio.agree()
        line = twilio.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        live = line.find(twilio.call).live
        async with twilio.socket("relay") as socket:
            await socket.send_str(orjson.dumps({"type": "setup", "sessionId": "VX1", "callSid": twilio.call}).decode())
            await socket.send_str('{"type":"prompt","voicePrompt":"Hallo","lang":"de-DE","last":true}')
            assert [orjson.loads((await socket.receive(60)).data)["last"] for _ in range(2)] == [False, True]
            await live.happen(Joined(agent=True))
            for expected in (None, True):
                await socket.send_str('{"type":"dtmf","digit":"1"}')
                if expected is None:
                    assert orjson.loads((await socket.receive(60)).data)["token"].startswith("Dürfen wir aufzeichnen?")
                else:
                    await asyncio.wait_for(live.settled.wait(), 60)
                assert live.call.answered is expected


async def test_a_key_on_a_stream_answers_no_question(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        await twilio.agree()
        line = twilio.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        on_line = line.find(twilio.call)
        await on_line.live.happen(Joined(agent=True))
        on_line.live.speak()
        async with twilio.socket("media") as socket:
            await socket.send_str(start(twilio))
            await socket.send_str(orjson.dumps({"event": "dtmf", "dtmf": {"digit": "1"}}).decode())
            await socket.send_str(frame(0, b"\x01"))
            await socket.receive(60)
        assert on_line.live.call.state is State.ASKED


async def test_an_answer_to_a_question_of_before_is_none_to_one_that_was_not_put(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        asked = await twilio.post("voice", CallStatus="ringing")
        line = twilio.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        live = line.find(twilio.call).live
        await live.happen(Joined(agent=True))
        again = await twilio.follow(attribute(asked, "Gather", "action"), Digits="1")
        assert (live.call.answered, text(again, "Say")) == (None, "Dürfen wir aufzeichnen? Ja oder die Eins.")
        await twilio.follow(attribute(again, "Gather", "action"), Digits="1")
        assert live.call.answered is True


async def test_a_relay_that_is_set_up_late_begins_no_call(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio:
        await twilio.agree()
        await twilio.post("status", CallStatus="completed")
        async with twilio.socket("relay") as socket:
            await socket.send_str(orjson.dumps({"type": "setup", "sessionId": "VX1", "callSid": twilio.call}).decode())
            message = await socket.receive(60)
        assert (message.type, message.data) == (WSMsgType.CLOSE, 1011)
        line = twilio.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        assert not line.knows(twilio.call)


WHAT = ("address", "verb")


async def test_what_a_relayed_bot_does_beside_speaking_is_known_to_be_harmless_and_no_word_goes_past(
    make_shop: MakeShop,
) -> None:
    async with twilio_at(make_shop) as twilio:
        twilio.bot.says = '<Response><Connect><ConversationRelay url="/relay"/></Connect></Response>'
        goes_on = [{"type": "sendDigits", "digits": "1"}, {"type": "play", "source": "https://x.example/a.mp3"}]
        twilio.bot.besides = [
            {"type": "play", "source": "http://x.example/a.mp3"},
            {"type": "record", "to": "https://x.example"},
            {"event": "media", "media": {"payload": "CQkJ"}},
            {"type": "text", "token": "Vorher. ", "last": False, "event": "media"},
            *goes_on,
        ]
        await twilio.agree()
        async with twilio.socket("relay") as socket:
            for message in (
                {"type": "setup", "sessionId": "VX1", "callSid": twilio.call},
                {"type": "prompt", "voicePrompt": "Hallo", "lang": "de-DE", "last": True},
            ):
                await socket.send_str(orjson.dumps(message).decode())
            told = [orjson.loads((await socket.receive(60)).data) for _ in range(5)]
        assert told[1:3] == goes_on
        assert [one.get("token") for one in told] == ["Vorher. ", None, None, "Ihr Paket ", "ist unterwegs."]
        counted = await twilio.shop.metrics()
        stripped = {what: counted[f'sordino_calls_stripped_total{{channel="chat",what="{what}"}}'] for what in WHAT}
        assert stripped == {"address": 1, "verb": 2}
        (session,) = await twilio.shop.sessions()
        assert "bot: Vorher. Ihr Paket ist unterwegs." in await twilio.shop.texts(session)


async def test_a_stream_that_comes_again_goes_on_where_the_clock_says_and_none_is_kept_twice(
    make_shop: MakeShop,
) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        async with twilio.socket("sordino/media") as first:
            await first.send_str(start(twilio))
            clock.move(seconds=5)
            for number in (250, 251):
                await first.send_str(frame(number, b"\x01"))
            async with twilio.socket("sordino/media") as beside:  # of the same call, at the same time
                await beside.send_str(start(twilio).replace("MZ1", "MZ2"))
                await kept(twilio, 2)
                for number in (0, 1):
                    await beside.send_str(frame(number, b"\x02"))
                    await beside.send_str(frame(number, b"\x03", "outbound"))
                await kept(twilio, 4)
                await beside.close()
            await first.close()
        clock.move(seconds=10)
        async with twilio.socket("sordino/media") as again:
            await again.send_str(start(twilio).replace("MZ1", "MZ3"))
            for number in (0, 1):
                await again.send_str(frame(number, b"\x04"))
            await kept(twilio, 6)
            await again.close()
        await twilio.post("status", CallStatus="completed")
        (runs,) = await twilio.heard()
        assert sorted(runs) == [
            (0, 0, b"\x01" * 320), (0, 80_000, b"\x04" * 320), (1, 320, b"\x03" * 320),
        ]  # fmt: skip
        counted = await twilio.shop.metrics()
        assert counted['sordino_call_audio_total{channel="chat",outcome="repeated"}'] == 2


async def kept(twilio: Twilio, frames: int) -> None:
    """Wait until so many frames have been kept."""
    name = 'sordino_call_audio_total{channel="chat",outcome="kept"}'
    async with asyncio.timeout(60):
        while (await twilio.shop.metrics()).get(name) != frames:  # noqa: ASYNC110 - the gateway takes them
            await asyncio.sleep(0.02)


async def test_a_socket_of_a_call_that_is_not_known_is_closed(make_shop: MakeShop) -> None:
    async with twilio_at(make_shop) as twilio, twilio.socket("sordino/media") as socket:
        await socket.send_str(start(twilio))
        message = await socket.receive(60)
        assert (message.type, message.data) == (WSMsgType.CLOSE, 1011)


async def test_a_frame_that_can_not_be_read_is_counted_and_the_call_goes_on(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, clock=clock) as twilio:
        await twilio.agree()
        async with twilio.socket("sordino/media") as socket:
            await socket.send_str(start(twilio))
            clock.move(seconds=1)
            await socket.send_str(frame(0, b"\x01"))
            await socket.send_str('{"event":"media","media":{"payload":"#","timestamp":"20"}}')
            await socket.send_str(frame(2, b"\x03"))
            await socket.close()
        await twilio.post("status", CallStatus="completed")
        (runs,) = await twilio.heard()
        assert sorted(runs) == [(0, 0, b"\x01" * 160), (0, 320, b"\x03" * 160)]
        assert (await twilio.shop.metrics())['sordino_call_audio_total{channel="chat",outcome="wrong"}'] == 1


async def test_a_copy_without_times_of_words_is_heard_by_nobody(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with twilio_at(make_shop, NOTICE.replace("    hear_original: [quality]\n", ""), clock) as twilio:
        await twilio.agree()
        async with twilio.socket("sordino/media") as socket:
            await socket.send_str(start(twilio))
            clock.move(seconds=1)
            await socket.send_str(frame(0, b"\x01"))
            await socket.close()
        await twilio.post("status", CallStatus="completed")
        with pytest.raises(PurposeRefusedError):
            await twilio.heard()
        (session,) = await twilio.shop.sessions()
        gateway = twilio.shop.addresses.gateway
        await gateway.store.recordings.silence(UUID(session), 1, "quality", [Stretch(0, 20)], clock.now())
        assert await twilio.heard() == [[(0, 0, b"\xff" * 160)]]
