"""AudioCodes in front, a bot of its Bot API behind: the question first, no recording of the bot's, no way around."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
import pytest
from aiohttp import web

from tests.integration.call_shop import RECORDED, SECRET, Platform, surveyed
from tests.integration.conftest import MakeShop, Shop

TOKEN = "the-token-of-the-provider"
PUBLIC = "https://voice.shop.example"
NOTICE = RECORDED.replace("connector: calls", "connector: audiocodes")
UNSURVEYED = re.sub(r"        answers: .*\n(?=        thanks)", "", NOTICE)
"""Without how the survey's invitation is answered: then the gateway does not ask it."""
CALL = "a4ee5157-5e2a-4ef0-9b8b-2a0ab1d0d4b1"
QUESTION = "Dürfen wir aufzeichnen? Ja oder die Eins."
GREETING = {"type": "message", "text": "Was kann ich tun?"}


@dataclass
class ActivityBot:
    """A bot of the Bot API; `says` are its next activities."""

    says: list[dict[str, Any]] = field(default_factory=lambda: [GREETING])
    status: int = 200
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    unshown: int = 0
    hangs: asyncio.Event | None = None
    garbled: bytes | None = None

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        self.unshown += request.headers.get("Authorization") != f"Bearer {TOKEN}"
        self.seen.append((request.match_info["path"], orjson.loads(await request.read())))
        if self.hangs is not None:
            await self.hangs.wait()
        if self.garbled is not None:
            return web.Response(body=self.garbled, content_type="application/json")
        if "activities" in self.seen[-1][1]:
            return web.json_response({"activities": self.says}, status=self.status)
        if request.path != "/webhook":
            return web.json_response({})
        urls = {f"{name}URL": f"conversation/{CALL}/{name}" for name in ("activities", "disconnect", "websocket")}
        return web.json_response({**urls, "refreshURL": "https://elsewhere.example/keepalive", "expiresSeconds": 120})

    @property
    def activities(self) -> list[dict[str, Any]]:
        return [one for _, body in self.seen for one in body.get("activities", [])]


@dataclass
class AudioCodes:
    """One conversation of AudioCodes."""

    shop: Shop
    bot: ActivityBot
    sent: int = 0

    async def post(self, path: str, body: dict[str, Any], *, status: int = 200, token: str = TOKEN) -> dict[str, Any]:
        async with self.shop.client.post(
            f"{self.shop.public}/{path}", json=body, headers={"Authorization": f"Bearer {token}"}
        ) as response:
            raw = await response.read()
            assert response.status == status, raw
            told: dict[str, Any] = orjson.loads(raw)
            return told

    async def create(self) -> dict[str, Any]:
        return await self.post("webhook", {"conversation": CALL, "bot": "shop", "capabilities": ["websocket"]})

    async def act(self, *activities: dict[str, Any], status: int = 200) -> list[dict[str, Any]]:
        known = []
        for activity in activities:
            self.sent += 1
            known.append({"id": f"a-{self.sent}", "timestamp": "2026-11-26T07:00:00.000Z", **activity})
        body = {"conversation": CALL, "activities": known}
        answered = await self.post(f"conversation/{CALL}/activities", body, status=status)
        said: list[dict[str, Any]] = answered.get("activities", [])
        return said

    async def start(self) -> list[dict[str, Any]]:
        parameters = {"caller": "+4915123984712", "callee": "+49800"}
        return await self.act({"type": "event", "name": "start", "parameters": parameters})

    async def press(self, key: str, *, status: int = 200) -> list[dict[str, Any]]:
        return await self.act({"type": "event", "name": "DTMF", "value": key}, status=status)

    async def speak(self, text: str, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - what the protocol has
        copies = {"recognitionOutput": {"transcript": text}, "confidence": 0.93}
        return await self.act({"type": "message", "text": text, "parameters": copies, **more})


MakeAudioCodes = Callable[..., AbstractAsyncContextManager[AudioCodes]]


@pytest.fixture
def make_audiocodes(make_shop: MakeShop) -> MakeAudioCodes:
    @asynccontextmanager
    async def make(notice: str = NOTICE, **bot: Any) -> AsyncIterator[AudioCodes]:  # noqa: ANN401 - the bot's fields
        behind = ActivityBot(**bot)
        settings = {
            "platform_secrets": {"chat": TOKEN}, "public_url": PUBLIC, "channel_secrets": {"chat": SECRET},
        }  # fmt: skip
        async with make_shop(notice, behind, **settings) as shop:
            yield AudioCodes(shop, behind)

    return make


async def test_the_question_comes_before_the_bot_and_the_bot_after_it(make_audiocodes: MakeAudioCodes) -> None:
    async with make_audiocodes() as audiocodes:
        assert await audiocodes.create() == {
            "activitiesURL": f"{PUBLIC}/chat/conversation/{CALL}/activities",
            "disconnectURL": f"{PUBLIC}/chat/conversation/{CALL}/disconnect",
            "expiresSeconds": 120,
        }
        assert audiocodes.bot.seen == [("webhook", {"conversation": CALL})]
        (asked,) = await audiocodes.start()
        assert (asked["text"], audiocodes.bot.activities) == (QUESTION, [])
        assert await audiocodes.speak("Ja bitte") == [GREETING]
        (started,) = audiocodes.bot.activities
        assert (started["name"], started["parameters"]["caller"]) == ("start", "[PHONE]")
        await audiocodes.speak("Ich bin Katharina Brandhorst, wo ist mein Paket?")
        assert audiocodes.bot.activities[-1]["text"] == "Ich bin [PERSON], wo ist mein Paket?"
        assert ("Brandhorst" in str(audiocodes.bot.seen), audiocodes.bot.unshown) == (False, 0)
        (session,) = await audiocodes.shop.sessions()
        assert await audiocodes.shop.texts(session) == [
            "bot: Was kann ich tun?",
            "subject: Ich bin [PERSON], wo ist mein Paket?",
            "bot: Was kann ich tun?",
        ]
        counted = await audiocodes.shop.metrics()
        assert counted['sordino_calls_stripped_total{channel="chat",what="address"}'] == 2


async def test_the_survey_is_asked_where_the_bot_hangs_up(make_audiocodes: MakeAudioCodes) -> None:
    async with make_audiocodes() as call:
        await call.create()
        await call.start()
        await call.press("1")
        call.bot.says = [{"type": "message", "text": "Tschüss."}, {"type": "event", "name": "hangup"}, GREETING]
        said = await call.speak("Das war alles.")
        assert [one["text"] for one in said] == ["Tschüss.", "Dürfen wir noch etwas fragen?"]
        seen = len(call.bot.activities)
        (asked,) = await call.speak("Ja gern")
        assert asked["text"] == "Wie zufrieden, eins bis fünf?"
        unclear = await call.act({"type": "event", "name": "noUserInput"})
        assert [one["text"] for one in unclear] == ["Das habe ich nicht verstanden.", asked["text"]]
        thanks, hangup = await call.press("5")
        assert (thanks["text"], hangup) == ("Danke!", {"type": "event", "name": "hangup"})
        assert len(call.bot.activities) == seen
        assert await surveyed(call.shop) == [1, 5]
        (session,) = await call.shop.sessions()
        assert not any("gern" in text for text in await call.shop.texts(session))


async def test_an_answer_to_the_survey_that_comes_before_its_question_is_none(make_audiocodes: MakeAudioCodes) -> None:
    async with make_audiocodes() as call:
        await call.start()
        await call.press("1")
        call.bot.says = [{"type": "event", "name": "hangup"}]
        await call.speak("Das war alles.")
        (asked,) = await call.act(*({"type": "event", "name": "DTMF", "value": key} for key in "15"))
        assert asked["text"] == "Wie zufrieden, eins bis fünf?"
        await call.press("3")
        assert await surveyed(call.shop) == [1, 3]


@pytest.mark.parametrize("answers", [["2"], ["", ""]])
async def test_without_a_yes_the_call_goes_on_and_is_not_armed(
    make_audiocodes: MakeAudioCodes, answers: list[str]
) -> None:
    async with make_audiocodes() as audiocodes:
        said = await audiocodes.start()
        for answer in answers:
            assert QUESTION in said[0]["text"]
            silence = {"type": "event", "name": "noUserInput"}
            said = await audiocodes.press(answer) if answer else await audiocodes.act(silence)
        assert said == [GREETING]
        assert (await Platform(audiocodes.shop, CALL).do("resume"))["state"] == "refused"


@pytest.mark.parametrize("how", ["Ja", "1"])
async def test_a_call_of_before_a_restart_is_asked_before_anything_is_an_answer(
    make_audiocodes: MakeAudioCodes, how: str
) -> None:
    async with make_audiocodes() as audiocodes:
        (asked,) = await (audiocodes.press(how) if how == "1" else audiocodes.speak(how))
        assert (asked["text"], audiocodes.bot.activities) == (QUESTION, [])
        (stored,) = await audiocodes.shop.sessions()
        assert await audiocodes.shop.addresses.gateway.store.consent_states(UUID(stored)) == {}
        assert await audiocodes.speak("Ja") == [GREETING]


async def test_a_question_that_may_have_got_lost_is_put_again(make_audiocodes: MakeAudioCodes) -> None:
    async with make_audiocodes() as audiocodes:
        first = await audiocodes.start()
        audiocodes.sent = 0
        assert await audiocodes.start() == first != []


async def test_an_activity_that_comes_again_is_dealt_with_once(make_audiocodes: MakeAudioCodes) -> None:
    async with make_audiocodes() as audiocodes:
        await audiocodes.start()
        await audiocodes.press("1")
        assert await audiocodes.speak("Hallo", id="again") == [GREETING]
        assert await audiocodes.speak("Hallo", id="again") == []
        assert [one["id"] for one in audiocodes.bot.activities] == ["a-1", "again"]
        audiocodes.bot.status = 500
        late = {"type": "message", "text": "Wo ist es?", "id": "late"}
        await audiocodes.act(late, status=502)
        audiocodes.bot.status = 200
        assert await audiocodes.act(late) == [GREETING]
        (session,) = await audiocodes.shop.sessions()
        assert (await audiocodes.shop.texts(session)).count("subject: Wo ist es?") == 1


async def test_what_the_platform_has_given_up_waiting_for_comes_again_and_reaches_the_bot(
    make_audiocodes: MakeAudioCodes,
) -> None:
    async with make_audiocodes() as audiocodes:
        await audiocodes.start()
        await audiocodes.press("1")
        audiocodes.bot.hangs = asyncio.Event()
        late = {"type": "message", "text": "Wo ist es?", "id": "late"}
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await audiocodes.act(late)
        audiocodes.bot.hangs.set()
        assert await audiocodes.act(late) == [GREETING]
        (session,) = await audiocodes.shop.sessions()
        assert (await audiocodes.shop.texts(session)).count("subject: Wo ist es?") == 1


async def test_a_bots_recording_is_taken_out_and_counted(make_audiocodes: MakeAudioCodes) -> None:
    says = [
        {"type": "event", "name": "startCallRecording", "activityParams": {"callRecordingId": "r"}},
        {"type": "event", "name": "resumeCallRecording"},
        {"type": "event", "name": "stopCallRecording"},
        {"type": "event", "name": "config", "sessionParams": {"autoCallRecording": True, "bargeIn": True}},
        {"type": "event", "name": "playUrl", "activityParams": {"playUrlUrl": "http://x.example/a.wav"}},
    ]
    async with make_audiocodes(says=says) as audiocodes:
        await audiocodes.start()
        assert await audiocodes.press("1") == [
            says[2],
            {"type": "event", "name": "config", "sessionParams": {"bargeIn": True}},
            {"type": "event", "name": "playUrl", "activityParams": {}},
        ]
        counted = await audiocodes.shop.metrics()
        assert counted['sordino_calls_stripped_total{channel="chat",what="recording"}'] == 3
        assert counted['sordino_calls_stripped_total{channel="chat",what="address"}'] == 1


async def test_a_transfer_waits_for_an_answer_and_the_end_ends_the_call(make_audiocodes: MakeAudioCodes) -> None:
    transfer = {"type": "event", "name": "transfer", "activityParams": {"transferTarget": "tel:+49301234"}}
    async with make_audiocodes() as audiocodes:
        await audiocodes.start()
        await audiocodes.press("1")
        audiocodes.bot.says = [transfer]
        (asked,) = await audiocodes.speak("Verbinden Sie mich bitte.")
        assert asked["text"] == QUESTION
        assert await audiocodes.press("1") == [transfer]
        body = {"conversation": CALL, "reason": "Client Side"}
        await audiocodes.post(f"conversation/{CALL}/disconnect", body)
        assert audiocodes.bot.seen[-1][1] == {"conversation": CALL, "reason": "over"}
        await Platform(audiocodes.shop, CALL).do("pause", status=404)


@pytest.mark.parametrize("known", [True, False])
async def test_what_comes_late_of_a_conversation_that_is_over_begins_no_call(
    make_audiocodes: MakeAudioCodes, *, known: bool
) -> None:
    async with make_audiocodes(notice=UNSURVEYED) as audiocodes:
        if known:
            await audiocodes.start()
            await audiocodes.press("1")
        await audiocodes.post(f"conversation/{CALL}/disconnect", {"conversation": CALL, "reason": "Client Side"})
        seen, kept = len(audiocodes.bot.seen), await audiocodes.shop.sessions()
        assert await audiocodes.speak("Hallo?") == []
        assert await audiocodes.start() == []
        line = audiocodes.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        assert not line.knows(CALL)
        assert (len(audiocodes.bot.seen), await audiocodes.shop.sessions()) == (seen, kept)


async def test_more_than_can_wait_for_the_answer_is_refused_and_taken_when_it_comes_again(
    make_audiocodes: MakeAudioCodes,
) -> None:
    async with make_audiocodes(notice=UNSURVEYED) as audiocodes:
        await audiocodes.start()
        tones = [{"type": "event", "name": "custom", "id": f"c-{number}"} for number in range(1_000)]
        await audiocodes.act(*tones, status=503)  # the start waits as well
        counted = await audiocodes.shop.metrics()
        assert counted['sordino_requests_refused_total{channel="chat",reason="too_much_waits"}'] == 1
        await audiocodes.act(*tones[:999])
        await audiocodes.press("1")
        assert [one["id"] for one in audiocodes.bot.seen[-1][1]["activities"]][1:] == [one["id"] for one in tones[:999]]


async def test_who_does_not_show_the_token_is_403_and_nothing_is_processed(make_audiocodes: MakeAudioCodes) -> None:
    async with make_audiocodes() as audiocodes:
        for token in ("", "x", TOKEN + "x"):
            await audiocodes.post("webhook", {"conversation": CALL}, status=403, token=token)
            await audiocodes.post("x", {"conversation": CALL, "activities": []}, status=403, token=token)
        assert (audiocodes.bot.seen, await audiocodes.shop.sessions()) == ([], [])
        async with audiocodes.shop.client.get(
            f"{audiocodes.shop.public}/webhook", headers={"Authorization": f"Bearer {TOKEN}"}
        ) as response:
            assert await response.json() == {"type": "ac-bot-api", "success": True}


ACTIVITY = {"id": "a", "type": "message", "text": "Hallo"}


@pytest.mark.parametrize("body", [
    {},
    {"conversation": CALL, "activities": 1},
    {"conversation": CALL, "activities": [1]},
    {"conversation": CALL, "activities": [{"type": "message", "text": "no id"}]},
    {"conversation": CALL, "activities": [ACTIVITY, {"id": "b", "type": "message"}]},
    {"conversation": CALL, "activities": [{"id": "b", "type": "event", "name": "DTMF"}]},
    {"conversation": CALL, "activities": [{**ACTIVITY, "parameters": [1]}]},
    {"conversation": CALL, "activities": [{"id": "b", "type": "event", "name": "start", "parameters": "x"}]},
])  # fmt: skip
async def test_bodies_that_are_none_are_400(make_audiocodes: MakeAudioCodes, body: dict[str, Any]) -> None:
    async with make_audiocodes() as audiocodes:
        await audiocodes.post("conversation/x/activities", body, status=400)
        assert not await audiocodes.shop.sessions()


async def test_a_mistake_of_ours_is_not_told_as_the_platforms(make_audiocodes: MakeAudioCodes) -> None:
    async with make_audiocodes() as audiocodes:
        await audiocodes.start()
        line = audiocodes.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        on_line = line.find(CALL)
        live, on_line.live = on_line.live, None  # type: ignore[assignment]  # a mistake of ours
        assert await audiocodes.press("1", status=500) == []
        on_line.live = live
        assert await audiocodes.press("1") == [GREETING]


async def test_what_waited_for_an_answer_is_said_though_the_bot_fails_at_first(
    make_audiocodes: MakeAudioCodes,
) -> None:
    async with make_audiocodes() as audiocodes:
        await audiocodes.start()
        await audiocodes.press("1")
        goodbye = {"type": "message", "text": "Ich verbinde Sie."}
        audiocodes.bot.says = [goodbye, {"type": "event", "name": "transfer"}]
        assert [one["text"] for one in await audiocodes.speak("Verbinden Sie mich.")] == [QUESTION]
        audiocodes.bot.says, audiocodes.bot.status = [GREETING], 500
        yes = {"type": "message", "text": "Ja", "id": "yes"}
        late = {"type": "message", "text": "Danke sehr.", "id": "late"}
        await audiocodes.act(yes, late, status=502)
        audiocodes.bot.status = 200
        said = await audiocodes.act(yes, late)
        assert (said[0], said[-1], len(said)) == (goodbye, GREETING, 3)


@pytest.mark.parametrize("garbled", [b"no JSON", b"[1]", b'{"activities": "none"}', b'{"activities": [1]}'])
async def test_what_a_bot_answers_wrongly_is_not_its_platforms_fault(
    make_audiocodes: MakeAudioCodes, garbled: bytes
) -> None:
    async with make_audiocodes() as audiocodes:
        await audiocodes.create()
        await audiocodes.start()
        await audiocodes.press("1")
        audiocodes.bot.garbled = garbled
        await audiocodes.act({"type": "message", "text": "Wo ist mein Paket?"}, status=502)
        if b"activities" not in garbled:  # which are nothing where a conversation begins
            await audiocodes.post("webhook", {"conversation": "another"}, status=502)


async def test_a_channel_without_its_token_does_not_start(make_shop: MakeShop) -> None:
    for settings in ({"public_url": PUBLIC}, {"platform_secrets": {"chat": TOKEN}}):
        with pytest.raises(Exception, match="SORDINO_"):
            async with make_shop(NOTICE, **settings):
                pass
