"""AudioCodes in front over a WebSocket, a bot that behaves as the vendor's SDK behind: the question first."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from gateway.calls.events import Pressed
from storage.errors import StoreUnavailableError
from storage.records import Write, Written
from tests.integration.call_shop import HEADERS, SECRET, Platform, surveyed
from tests.integration.conftest import MakeShop, Shop
from tests.integration.streaming_bot import StreamingBot
from tests.integration.test_audiocodes import CALL, GREETING, NOTICE, PUBLIC, QUESTION, TOKEN

CHUNK = b64encode(b"\x01\x02" * 160).decode()
TRANSFER = {"type": "event", "name": "transfer", "activityParams": {"transferTarget": "tel:+49301234"}}
START = {"type": "event", "name": "start", "parameters": {"caller": "+4915123984712", "callee": "+49800"}}


@dataclass
class Conversation:
    """One conversation over its socket."""

    shop: Shop
    bot: StreamingBot
    socket: ClientWebSocketResponse
    sent: int = 0

    async def say(self, kind: str, **more: Any) -> None:  # noqa: ANN401 - what the protocol has
        await self.socket.send_str(orjson.dumps({"type": kind, "conversationId": CALL, **more}).decode())

    async def hear(self) -> dict[str, Any]:
        message: dict[str, Any] = orjson.loads((await self.socket.receive(60)).data)
        return message

    async def act(self, **activity: Any) -> None:  # noqa: ANN401 - what the protocol has
        self.sent += 1
        await self.say("activities", activities=[{"id": f"a-{self.sent}", "language": "de-DE", **activity}])

    async def begin(self, *, voice: bool = False) -> str:
        """Begin and return what is asked."""
        await self.say(
            "session.initiate", botName="shop", caller="+4915123984712", expectAudioMessages=voice,
            supportedMediaFormats=["raw/lpcm16"],
        )  # fmt: skip
        assert (await self.hear())["type"] == "session.accepted"
        return str((await self.hear())["activities"][0]["text"])

    async def press(self, key: str) -> None:
        await self.act(type="event", name="dtmf", value=key)

    async def speak(self, text: str) -> None:
        await self.act(type="message", text=text, parameters={"confidence": 0.93, "recognitionOutput": {"t": text}})


MakeConversation = Callable[..., AbstractAsyncContextManager[Conversation]]


@pytest.fixture
def converse(make_shop: MakeShop) -> MakeConversation:
    @asynccontextmanager
    async def make(**bot: Any) -> AsyncIterator[Conversation]:  # noqa: ANN401 - fields of the bot
        behind = StreamingBot(**bot)
        settings = {
            "platform_secrets": {"chat": TOKEN}, "public_url": PUBLIC, "channel_secrets": {"chat": SECRET},
        }  # fmt: skip
        async with make_shop(NOTICE, behind, **settings) as shop, connect(shop) as socket:
            yield Conversation(shop, behind, socket)

    return make


def connect(shop: Shop, token: str = TOKEN) -> Any:  # noqa: ANN401 - aiohttp's own
    return shop.client.ws_connect(f"{shop.public}/bot", headers={"Authorization": f"Bearer {token}"})


async def test_the_question_comes_before_the_bot_and_the_bot_after_it(converse: MakeConversation) -> None:
    async with converse() as call:
        assert await call.begin() == QUESTION
        await call.act(**START)
        (initiated,) = call.bot.seen
        assert (initiated["caller"], initiated["botName"]) == ("[PHONE]", "shop")
        await call.speak("Ja bitte")
        assert await call.hear() == {"type": "activities", "conversationId": CALL, "activities": [GREETING]}
        (started,) = call.bot.activities
        assert (started["name"], started["parameters"]["caller"]) == ("start", "[PHONE]")
        await call.speak("Ich bin Katharina Brandhorst, wo ist mein Paket?")
        await call.hear()
        assert call.bot.activities[-1]["text"] == "Ich bin [PERSON], wo ist mein Paket?"
        assert ("Brandhorst" in str(call.bot.seen), call.bot.shown) == (False, [f"Bearer {TOKEN}"])
        (session,) = await call.shop.sessions()
        assert await call.shop.texts(session) == [
            "bot: Was kann ich tun?",
            "subject: Ich bin [PERSON], wo ist mein Paket?",
            "bot: Was kann ich tun?",
        ]


@pytest.mark.parametrize("answers", [["2"], ["", ""]])
async def test_without_a_yes_the_call_goes_on_and_is_not_armed(converse: MakeConversation, answers: list[str]) -> None:
    async with converse() as call:
        await call.begin()
        await call.act(**START)
        for answer in answers[:-1]:
            assert answer == ""
            await call.act(type="event", name="noUserInput")
            assert QUESTION in (await call.hear())["activities"][0]["text"]
        if answers[-1]:
            await call.press("2")
        else:
            await call.act(type="event", name="noUserInput")
        assert (await call.hear())["activities"] == [GREETING]
        assert (await Platform(call.shop, CALL).do("resume"))["state"] == "refused"


async def test_an_answer_that_comes_on_another_way_lets_the_bot_go_on(converse: MakeConversation) -> None:
    async with converse() as call:
        await call.begin()
        await call.act(**START)
        await Platform(call.shop, CALL).do("keys", {"keys": "1"})
        assert (await call.hear())["activities"] == [GREETING]


async def test_a_desk_that_brings_somebody_in_takes_no_question_from_the_caller(converse: MakeConversation) -> None:
    async with converse() as call:
        await call.begin()
        await call.act(**START)
        await call.press("1")
        assert (await call.hear())["activities"] == [GREETING]
        desk = Platform(call.shop, CALL)
        assert (await desk.do("transfer"))["prompts"] == []
        assert (await desk.do("consent", {"agent": "given"}))["prompts"] == []
        async with call.shop.client.ws_connect(f"{call.shop.public}/calls/{CALL}/stream", headers=HEADERS):
            assert (await call.hear())["activities"][0]["text"] == QUESTION
        await call.press("1")
        await call.act(type="event", name="other")
        await call.hear()
        assert (await desk.do("resume"))["state"] == "armed"


async def test_a_voice_bot_hears_nothing_before_the_answer_and_its_words_are_kept_when_final(
    converse: MakeConversation,
) -> None:
    hears: list[dict[str, Any]] = [
        {"type": "userStream.speech.hypothesis", "alternatives": [{"text": "ich bin katharina brandhorst"}]},
        {
            "type": "userStream.speech.recognition",
            "alternatives": [
                {"text": "Ich bin Katharina Brandhorst.", "confidence": 0.9},
                {"text": "Ich bin Kathrin."},
            ],
        },
        {"type": "playStream.start", "streamId": "s", "mediaFormat": "raw/lpcm16", "altText": "Guten Tag."},
        {"type": "playStream.chunk", "streamId": "s", "audioChunk": CHUNK},
        {"type": "playStream.stop", "streamId": "s"},
    ]
    async with converse(says=[], hears=hears) as call:
        await call.begin(voice=True)
        await call.say("userStream.start")
        assert (await call.hear())["type"] == "userStream.started"
        await call.say("userStream.chunk", audioChunk=CHUNK)
        await call.press("1")
        await call.say("userStream.chunk", audioChunk=CHUNK)
        told = [await call.hear() for _ in range(5)]
        assert [one["type"] for one in told] == [one["type"] for one in hears]
        assert [one["text"] for one in told[0]["alternatives"]] == ["ich bin [PERSON]"]
        assert told[1]["alternatives"] == [{"text": "Ich bin [PERSON].", "confidence": 0.9}]
        assert told[3]["audioChunk"] == CHUNK
        assert [message["type"] for message in call.bot.seen] == [
            "session.initiate", "userStream.start", "userStream.chunk",
        ]  # fmt: skip
        (session,) = await call.shop.sessions()
        assert await call.shop.texts(session) == ["subject: Ich bin [PERSON].", "bot: Guten Tag."]


async def test_a_bots_recording_is_taken_out_and_what_is_not_known_as_well(converse: MakeConversation) -> None:
    says: list[dict[str, Any]] = [
        {"type": "elsewhere.start", "url": "wss://x.example"},
        {"type": "activities", "activities": [{"type": "event", "name": "startCallRecording"}, GREETING]},
    ]
    async with converse(says=says) as call:
        await call.begin()
        await call.act(**START)
        await call.press("1")
        assert (await call.hear())["activities"] == [GREETING]
        counted = await call.shop.metrics()
        assert counted['sordino_calls_stripped_total{channel="chat",what="recording"}'] == 1
        assert counted['sordino_calls_stripped_total{channel="chat",what="verb"}'] == 1


async def test_a_transfer_waits_for_an_answer_and_the_end_ends_the_call(converse: MakeConversation) -> None:
    async with converse() as call:
        await call.begin()
        await call.act(**START)
        await call.press("1")
        await call.hear()
        call.bot.says = [{"type": "activities", "activities": [TRANSFER]}]
        await call.speak("Verbinden Sie mich bitte.")
        assert (await call.hear())["activities"][0]["text"] == QUESTION
        await call.press("1")
        assert (await call.hear())["activities"] == [TRANSFER]
        await call.say("session.end", reasonCode="user_hangup", reason="hung up")
        await call.say("session.resume")  # late: it begins no other call
        assert (await call.socket.receive(60)).type is WSMsgType.CLOSE
        line = call.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        assert not line.knows(CALL)
        ended = next(one for one in call.bot.seen if one["type"] == "session.end")
        assert ended["reasonCode"] == "user_hangup"


async def test_an_activity_that_comes_again_is_dealt_with_once(converse: MakeConversation) -> None:
    async with converse() as call:
        await call.begin()
        await call.press("1")
        for _ in range(2):
            await call.act(type="message", text="Hallo", id="again")
        await call.act(type="message", text="Noch da?")
        assert [(await call.hear())["activities"] for _ in range(2)] == [[GREETING]] * 2
        assert [one["id"] for one in call.bot.activities] == ["again", "a-4"]


async def test_what_could_not_be_stored_waits_for_the_socket_that_comes_next(converse: MakeConversation) -> None:
    async with converse() as call:
        await call.begin()
        await call.press("1")
        await call.act(type="message", text="Hallo")
        assert (await call.hear())["activities"] == [GREETING]
        store = call.shop.addresses.gateway.store
        kept = store.write

        async def away(write: Write) -> Written:
            del write
            raise StoreUnavailableError("the databases are away")

        store.write = away  # type: ignore[method-assign]
        await call.act(type="message", text="Wo ist mein Paket?")
        assert (await call.socket.receive(60)).type is WSMsgType.CLOSE
        store.write = kept  # type: ignore[method-assign]
        async with connect(call.shop) as call.socket:
            await call.say("session.resume")
            assert (await call.hear())["type"] == "session.accepted"
            assert (await call.hear())["activities"] == [GREETING]
        assert [one["text"] for one in call.bot.activities] == ["Hallo", "Wo ist mein Paket?"]
        (session,) = await call.shop.sessions()
        assert (await call.shop.texts(session)).count("subject: Wo ist mein Paket?") == 1


async def test_what_is_never_taken_waits_for_nothing(converse: MakeConversation) -> None:
    async with converse() as call:
        await call.begin()
        await call.press("1")
        await call.act(type="message", text="x" * 30_000)
        assert (await call.socket.receive(60)).type is WSMsgType.CLOSE
        async with connect(call.shop) as call.socket:
            await call.say("session.resume")
            assert (await call.hear())["type"] == "session.accepted"
            await call.act(type="message", text="Hallo")
            assert (await call.hear())["activities"] == [GREETING]


async def test_a_connection_is_looked_at_without_a_call(converse: MakeConversation) -> None:
    async with converse() as call:
        await call.say("connection.validate")
        assert await call.hear() == {"type": "connection.validated", "success": True}
        assert await call.shop.sessions() == []


@pytest.mark.parametrize("message", [
    {"type": "activities", "activities": []},
    {"type": "session.initiate", "conversationId": 1},
    {"type": "elsewhere"},
    {},
    [],
])  # fmt: skip
async def test_what_is_no_message_closes_the_socket(converse: MakeConversation, message: object) -> None:
    async with converse() as call:
        await call.socket.send_str(orjson.dumps(message).decode())
        assert (await call.socket.receive(60)).type is WSMsgType.CLOSE
        assert call.socket.close_code == 1011
        assert await call.shop.sessions() == []


async def test_who_does_not_show_the_token_is_403(converse: MakeConversation) -> None:
    async with converse() as call:
        with pytest.raises(WSServerHandshakeError) as refused:
            await connect(call.shop, "x")
        assert refused.value.status == 403
        assert call.bot.shown == [f"Bearer {TOKEN}"]


async def test_where_the_notice_has_texts_changed_there_is_no_socket(make_shop: MakeShop) -> None:
    settings = {"platform_secrets": {"chat": TOKEN}, "public_url": PUBLIC, "channel_secrets": {"chat": SECRET}}
    notice = NOTICE.replace("forward: redacted", "forward: redacted\n    deliver: redacted")
    async with make_shop(notice, StreamingBot(), **settings) as shop:
        with pytest.raises(WSServerHandshakeError) as refused:
            await connect(shop)
        assert refused.value.status == 409


async def test_the_survey_is_asked_where_the_bot_hangs_up(converse: MakeConversation) -> None:
    hangup = {"type": "event", "name": "hangup"}
    async with converse() as call:
        await call.begin()
        await call.act(**START)
        await call.press("1")
        await call.hear()
        call.bot.says = [
            {"type": "activities", "activities": [{"type": "message", "text": "Tschüss."}, hangup, GREETING]}
        ]
        await call.speak("Das war alles.")
        said = [(await call.hear())["activities"][0]["text"] for _ in range(2)]
        assert said == ["Tschüss.", "Dürfen wir noch etwas fragen?"]
        await call.say("userStream.chunk", audioChunk=CHUNK)
        await call.speak("Ja gern")
        assert (await call.hear())["activities"][0]["text"] == "Wie zufrieden, eins bis fünf?"
        await call.press("3")
        thanks, left = (await call.hear())["activities"]
        assert (thanks["text"], left) == ("Danke!", hangup)
        assert [one["type"] for one in call.bot.seen].count("userStream.chunk") == 0
        assert "gern" not in str(call.bot.seen)
        await call.say("session.end", reasonCode="client-disconnected", reason="x")
        await call.socket.close()
        assert await surveyed(call.shop) == [1, 3]
        assert len(await call.shop.sessions()) == 1


async def test_an_answer_to_the_survey_needs_its_question_and_no_id(converse: MakeConversation) -> None:
    async with converse() as call:
        await call.begin()
        await call.act(**START)
        await call.press("1")
        await call.hear()
        hangup, greeting = {"type": "event", "name": "hangup"}, {"type": "activities", "activities": [GREETING]}
        call.bot.says = [{"type": "activities", "activities": [hangup]}, greeting]
        await call.speak("Das war alles.")
        assert (await call.hear())["activities"][0]["text"] == "Dürfen wir noch etwas fragen?"
        early = [{"type": "event", "name": "dtmf", "value": key} for key in "15"]
        await call.say("activities", activities=early)
        assert (await call.hear())["activities"][0]["text"] == "Wie zufrieden, eins bis fünf?"
        await call.say("activities", activities=[{"type": "event", "name": "dtmf", "value": "3"}])
        assert (await call.hear())["activities"][0]["text"] == "Danke!"
        assert await surveyed(call.shop) == [1, 3]
        (session,) = await call.shop.sessions()
        assert await call.shop.texts(session) == [f"bot: {GREETING['text']}", "subject: Das war alles."]


async def test_what_a_bot_says_after_it_has_hung_up_is_not_spoken(converse: MakeConversation) -> None:
    hangup = {"type": "activities", "activities": [{"type": "event", "name": "hangup"}]}
    async with converse(says=[hangup, {"type": "activities", "activities": [GREETING]}]) as call:
        await call.begin()
        await call.act(**START)  # both wait for the answer
        await call.press("1")
        assert (await call.hear())["activities"][0]["text"] == "Dürfen wir noch etwas fragen?"
        await call.press("2")
        assert (await call.hear())["activities"] == [{"type": "event", "name": "hangup"}]


async def test_a_person_whom_the_bot_hears_has_come_in(converse: MakeConversation) -> None:
    heard = {"type": "userStream.speech.recognition", "participant": "agent", "alternatives": [{"text": "Kraft hier."}]}
    async with converse(says=[], hears=[heard]) as call:
        await call.begin(voice=True)
        line = call.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        live = line.find(CALL).live
        await live.happen(Pressed("1"))
        assert live.call.armed
        await call.say("userStream.chunk", audioChunk=CHUNK)
        told = [await call.hear() for _ in range(2)]
        assert {one["type"] for one in told} == {"userStream.speech.recognition", "activities"}, "the question again"
        assert (live.call.armed, live.call.agent_speaks) == (False, True)
