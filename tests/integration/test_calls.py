"""A call through the API of calls: the question first, the answer durable, the bot behind it, and what is kept."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from storage import ErasureReason
from storage.errors import StoreUnavailableError
from storage.records import ConsentState, Write, Written
from tests.fakes import FakeClock
from tests.integration.call_shop import BY_CONSENT, HEADERS, MakePlatform, platforms
from tests.integration.conftest import MakeShop


@pytest.fixture
def make_platform(make_shop: MakeShop) -> MakePlatform:
    return platforms(make_shop)


async def test_a_call_from_the_question_to_its_end(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, bot):
        begun = await platform.start()
        question = {"kind": "question", "text": "Dürfen wir aufzeichnen? Ja oder die Eins.", "language": "de"}
        assert begun == {"call": "call-1", "state": "asked", "recording": False, "prompts": [question]}
        assert (await platform.do("keys", {"keys": "1"}))["state"] == "armed"
        answered = await platform.say("Ich bin Katharina Brandhorst, wo ist mein Paket?", id="t1", confidence=0.9)
        assert (answered["text"], answered["transfer"], answered["recording"]) == ("Gern geschehen.", "desk-2", True)
        await platform.say("Ich bin Katharina Brandhorst, wo ist mein Paket?", id="t1", confidence=0.9)
        assert (await platform.do("end"))["state"] == "ended"
        (path, seen), _ = bot.seen
        assert (path, seen["text"], seen["call"]) == ("turns", "Ich bin [PERSON], wo ist mein Paket?", "call-1")
        kept = ["subject: Ich bin [PERSON], wo ist mein Paket?", "bot: Gern geschehen."]
        assert await platform.texts("quality") == kept
        await platform.do("keys", {"keys": "1"}, status=404)


async def test_the_evidence_carries_the_connection_data(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, _):
        await platform.start(agent=True)
        await platform.do("consent", {"words": "Ja, gern.", "confidence": 0.87})
        assert (await platform.do("consent", {"agent": "given", "reference": "agent-7"}))["state"] == "armed"
        caller, agent = (await platform.stored("prove-consent"))["consents"]
    assert (caller["consent"], caller["state"], caller["method"]) == ("recording", "given", "speech")
    assert caller["wording"] == "Dürfen wir aufzeichnen? Ja oder die Eins."
    began = "2026-11-26T12:00:00+00:00"
    assert caller["evidence"] == {
        "party": "caller", "call": "call-1", "line": "0800", "call_began_at": began, "words": "ja",
        "confidence": "0.87",
    }  # fmt: skip
    assert (agent["consent"], agent["method"], agent["evidence"]["reference"]) == ("agent", "desk", "agent-7")


async def test_answers_to_the_question_reach_no_bot(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, bot):
        await platform.start()
        again = await platform.say("ich hätte da eine Frage")
        assert again["prompts"][0]["text"].startswith("Das habe ich nicht verstanden. Dürfen wir")
        assert (await platform.say("nein danke"))["state"] == "refused"
        assert bot.seen == []
        await platform.say("Wann haben Sie offen?")
        assert await platform.texts() == ["subject: Wann haben Sie offen?", "bot: Gern geschehen."]


async def test_who_carries_on_twice_has_refused_and_is_heard_by_the_bot(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, bot):
        await platform.start()
        await platform.say("Mein Paket ist weg")
        answered = await platform.say("Mein Paket ist weg")
        assert (answered["state"], answered["text"], len(bot.seen)) == ("refused", "Gern geschehen.", 1)


async def test_what_rests_on_consent_is_not_kept_without_it(make_platform: MakePlatform) -> None:
    async with make_platform(BY_CONSENT) as (platform, bot):
        await platform.start()
        await platform.do("consent", {"silence": True})
        assert (await platform.do("consent", {"silence": True}))["state"] == "refused"
        await platform.say("Wann haben Sie offen?")
        assert len(bot.seen) == 1
        (session,) = await platform.shop.sessions()
        url = f"{platform.shop.addresses.internal}/sessions/{session}"
        async with platform.shop.client.get(url, params={"purpose": "quality"}, headers=platform.shop.bearer) as got:
            assert got.status == 404


async def test_a_transfer_suspends_what_rests_on_consent_until_the_caller_was_asked(
    make_platform: MakePlatform,
) -> None:
    async with make_platform(BY_CONSENT) as (platform, bot):
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        await platform.say("Erstens")
        handed = await platform.do("transfer", {"agent": True})
        assert (handed["state"], [one["kind"] for one in handed["prompts"]]) == ("asked", ["question"])
        await platform.say("Wie kann ich helfen?", speaker="agent")
        await platform.do("keys", {"keys": "1"})
        await platform.say("Zweitens")
        await platform.do("consent", {"agent": "given"})
        await platform.say("Ich habe noch eine Frage")
        await platform.say("Verstanden", speaker="agent")
        assert await platform.texts("quality") == [
            "subject: Erstens", "bot: Gern geschehen.", "subject: Ich habe noch eine Frage", "agent: Verstanden",
        ]  # fmt: skip
        assert len(bot.seen) == 1  # a person listens now, not the bot


async def test_nothing_is_written_down_in_a_pause_and_the_bot_goes_on(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, bot):
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        assert (await platform.do("pause"))["state"] == "paused"
        assert (await platform.say("vier fünf sechs sieben"))["text"] == "Gern geschehen."
        assert (await platform.do("resume"))["state"] == "armed"
        await platform.say("Danke")
        assert (len(bot.seen), await platform.texts()) == (2, ["subject: Danke", "bot: Gern geschehen."])


async def test_a_number_dictated_over_several_turns_is_masked_in_each(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, bot):
        await platform.start()
        await platform.do("keys", {"keys": "2"})
        bot.says = "mhm"
        spoken = [
            "ja die Handynummer wäre null eins fünf eins",
            "dreiundzwanzig",
            "achtundneunzig",
            "siebenundvierzig zwölf",
        ]
        for turn in spoken:
            await platform.say(turn, final=False)
            await platform.say(turn)
        bot.says = "Wie viele Geräte haben Sie?"
        await platform.say("das war es")
        await platform.say("dreiundzwanzig")
        kept = [text for text in await platform.texts() if text.startswith("subject")]
        assert kept == [
            "subject: ja die Handynummer wäre [PHONE]", "subject: [PHONE]", "subject: [PHONE]", "subject: [PHONE]",
            "subject: das war es", "subject: dreiundzwanzig",
        ]  # fmt: skip
        seen = [body["text"] for path, body in bot.seen if path == "turns"]
        assert seen[:4] == ["ja die Handynummer wäre [PHONE]", "[PHONE]", "[PHONE]", "[PHONE]"]


async def test_a_first_piece_that_is_no_value_yet_is_masked_in_what_is_kept(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, bot):
        await platform.start()
        await platform.do("keys", {"keys": "2"})
        bot.says = "mhm"
        for turn in ("Sie finden das unter eins sieben vier", "lena punkt kraft at", "g m x punkt de", "Ja, zwei."):
            await platform.say(turn)
        kept = [text for text in await platform.texts() if text.startswith("subject")]
        assert kept == [
            "subject: Sie finden das unter [CUSTOMER_NO]", "subject: [EMAIL]", "subject: [EMAIL]",
            "subject: Ja, zwei.",
        ]  # fmt: skip
        assert bot.seen[0][1]["text"] == "Sie finden das unter eins sieben vier"


async def test_a_card_number_is_neither_recorded_nor_written_down(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, bot):
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        bot.says = "Wie lautet Ihre Kartennummer?"
        assert (await platform.say("Ich möchte zahlen"))["state"] == "paused"
        bot.says = "Und weiter?"
        assert (await platform.say("vier eins eins eins", final=False))["state"] == "paused"
        bot.says = "Und die Prüfziffer?"
        assert (await platform.say("vier eins eins eins eins eins eins eins"))["state"] == "paused"
        bot.says = "Danke."
        assert (await platform.say("eins zwei drei"))["state"] == "armed"
        await platform.say("Auf Wiederhören")
        assert await platform.texts() == [
            "subject: Ich möchte zahlen", "bot: Wie lautet Ihre Kartennummer?",
            "subject: Auf Wiederhören", "bot: Danke.",
        ]  # fmt: skip
        assert len(bot.seen) == 5


async def test_what_is_not_final_reaches_the_bot_redacted_and_is_never_kept(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, bot):
        await platform.start()
        await platform.say("ja", final=False)
        assert bot.seen == []  # the question is open
        await platform.do("keys", {"keys": "1"})
        await platform.say("Ich bin Katharina Brandhorst", final=False)
        assert [(path, body["text"]) for path, body in bot.seen] == [("hypotheses", "Ich bin [PERSON]")]
        assert (await platform.say("bitte Aufnahme beenden", final=False))["state"] == "refused"
        await platform.do("keys", {"keys": "4"})
        await platform.say("Danke")
        assert await platform.texts() == ["subject: Danke", "bot: Gern geschehen."]


async def test_a_withdrawal_after_the_call_erases(make_platform: MakePlatform) -> None:
    async with make_platform(BY_CONSENT) as (platform, _):
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        await platform.say("Erstens")
        await platform.do("end")
        await platform.do("withdraw", status=204)
        states = [one["state"] for one in (await platform.stored("prove-consent"))["consents"]]
        assert states == ["given", "withdrawn"]
        assert (await platform.shop.metrics())['sordino_parts_erased_total{kind="transcript",reason="withdrawn"}'] == 1
        await platform.post("/unknown/withdraw", status=404)


async def test_a_call_that_nobody_ends_ends_by_itself(make_platform: MakePlatform) -> None:
    clock = FakeClock()
    async with make_platform(clock=clock) as (platform, _):
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        clock.move(minutes=6)
        line = platform.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        await line.tick()
        await platform.do("keys", {"keys": "1"}, status=404)
        assert (await platform.shop.metrics())['sordino_calls{channel="chat"}'] == 0


async def test_silence_is_noticed_without_the_platforms_help(make_platform: MakePlatform) -> None:
    clock = FakeClock()
    async with make_platform(clock=clock) as (platform, _):
        await platform.start()
        line = platform.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        for _ in range(2):
            clock.move(seconds=31)
            await line.tick()
        async with platform.shop.client.get(f"{platform.shop.public}/calls/call-1", headers=HEADERS) as response:
            document = await response.json()
        assert document["state"] == "refused"
        assert len(document["prompts"]) == 1


async def test_a_streamed_answer_comes_as_the_bot_says_it(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, bot):
        bot.streams = True
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        url = f"{platform.shop.public}/calls/call-1/turns"
        async with platform.shop.client.post(url, json={"text": "Hallo"}, headers=HEADERS) as response:
            assert response.headers["X-Sordino-Call-State"] == "armed"
            assert (await response.text()).endswith('{"done":true}\n')
        assert await platform.texts() == ["subject: Hallo", "bot: Gern geschehen."]


async def test_an_answer_that_cannot_be_kept_is_no_consent_and_the_caller_is_told(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, _):
        await platform.start()
        await platform.shop.addresses.gateway.store.close()
        told = await platform.do("keys", {"keys": "1"})
        assert (told["state"], told["recording"]) == ("refused", False)
        assert [one["text"] for one in told["prompts"]] == ["Es wird nichts aufgezeichnet."]


async def test_a_no_that_the_store_could_not_take_is_written_when_it_is_back(
    make_platform: MakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_platform() as (platform, _):
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        await platform.do("transfer", {"agent": False})
        store, line = platform.shop.addresses.gateway.store, platform.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        (session,), write = await platform.shop.sessions(), store.write

        async def away(what: Write) -> Written:
            if what.consents:
                raise StoreUnavailableError("the disk is full")
            return await write(what)

        with monkeypatch.context() as patched:
            patched.setattr(store, "write", away)
            assert (await platform.do("keys", {"keys": "2"}))["state"] == "refused"
            await platform.do("end", status=503)
        assert (await store.consent_states(UUID(session)))["recording"] is ConsentState.GIVEN
        await line.tick()
        assert (await store.consent_states(UUID(session)))["recording"] is ConsentState.REFUSED
        await platform.do("keys", {"keys": "1"}, status=404)


async def test_who_does_not_show_the_secret_is_refused(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, bot):
        for headers in ({}, {"X-Sordino-Channel-Secret": "wrong"}):
            url = f"{platform.shop.public}/calls"
            async with platform.shop.client.post(url, json={"call": "x"}, headers=headers) as response:
                assert (response.status, (await response.json(content_type=None))["reason"]) == (403, "wrong_secret")
        assert (bot.seen, await platform.shop.sessions()) == ([], [])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"call": "a b"}),
        ("", {"unknown": 1}),
        ("/call-1/keys", {"keys": "12a"}),
        ("/call-1/consent", {}),
        ("/call-1/consent", {"words": "ja", "silence": True}),
        ("/call-1/turns", {"text": ""}),
        ("/call-1/turns", {"text": "x", "speaker": "nobody"}),
    ],
)
async def test_bodies_that_do_not_fit_are_refused(make_platform: MakePlatform, path: str, body: object) -> None:
    async with make_platform() as (platform, _):
        await platform.start()
        refused = await platform.post(path, body, status=400)
        assert refused["reason"] == "bad_body"
        assert "12a" not in str(refused)


async def test_a_repeated_start_is_the_same_call(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, _):
        first, second = await asyncio.gather(platform.start(), platform.start())
        assert len(first["prompts"]) + len(second["prompts"]) == 1
        assert len(await platform.shop.sessions()) == 1


async def test_nothing_said_is_in_a_log(make_platform: MakePlatform, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with make_platform() as (platform, _):
        await platform.start()
        await platform.say("nein, mein Name ist Brandhorst")
        await platform.do("end")
    assert "Brandhorst" not in caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "23984712" not in caplog.text


async def test_the_document_is_served_and_the_routes_are_as_it_says(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, _):
        shop = platform.shop
        async with shop.client.get(f"{shop.public}/calls/openapi.json") as response:
            document = await response.json()
        for path, methods in document["paths"].items():
            url = shop.addresses.public + path.replace("{call}", "unknown")
            for method in methods:
                async with shop.client.request(method, url, headers=HEADERS, json={}) as response:
                    assert str(response.status) in methods[method]["responses"]
                    assert (await response.json(content_type=None)).get("reason") not in {"unknown_path", "not_a_chat"}
                async with shop.client.request(method, url) as response:
                    assert response.status == 403
            async with shop.client.delete(url, headers=HEADERS) as response:
                assert response.status in {404, 405}


async def test_the_callers_answer_may_come_from_the_agents_desk(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, _):
        await platform.start(agent=True)
        told = await platform.do("consent", {"caller": "given", "agent": "given"}, status=400)
        assert told["reason"] == "bad_body"
        assert (await platform.do("consent", {"caller": "given", "reference": "agent-7"}))["state"] == "given"
        assert (await platform.do("consent", {"agent": "given", "reference": "agent-7"}))["state"] == "armed"
        caller, _ = (await platform.stored("prove-consent"))["consents"]
        assert (caller["consent"], caller["state"], caller["method"]) == ("recording", "given", "desk")
        assert (caller["evidence"]["party"], caller["evidence"]["reference"]) == ("caller", "agent-7")
        assert (await platform.do("consent", {"caller": "refused"}))["state"] == "refused"


async def test_a_person_who_speaks_untold_has_come_in(make_platform: MakePlatform) -> None:
    async with make_platform(BY_CONSENT) as (platform, _):
        await platform.start()
        assert (await platform.do("keys", {"keys": "1"}))["state"] == "armed"
        came = await platform.say("Guten Tag, Kraft am Apparat.", speaker="agent")
        assert (came["state"], [one["kind"] for one in came["prompts"]]) == ("asked", ["question"])
        assert (await platform.do("keys", {"keys": "1"}))["state"] == "given", "their own consent is missing"
        await platform.say("Sind Sie noch da?", speaker="agent")
        assert (await platform.do("consent", {"agent": "given"}))["state"] == "armed"
        assert (await platform.say("Ja.", speaker="agent"))["state"] == "armed"


async def test_a_call_whose_session_is_erased_ends_all_the_same(make_platform: MakePlatform) -> None:
    async with make_platform(clock=FakeClock()) as (platform, _):
        await platform.start()
        await platform.do("keys", {"keys": "1"})
        gateway = platform.shop.addresses.gateway
        (session,) = await platform.shop.sessions()
        parts = await gateway.store.part_ids(UUID(session))
        await gateway.store.erase(list(parts), ErasureReason.REQUESTED, gateway.clock.now(), "a person")
        assert (await platform.do("end"))["state"] == "ended"
        await platform.do("end", status=404)
        line = gateway.channels["chat"].line
        assert line is not None
        await line.tick()
