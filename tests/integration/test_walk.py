"""A message through the whole gateway: what the bot sees, what is kept, what the customer gets."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from storage.holds import Ground
from tests.fakes import FakeBot, FakeClock, chunk, completion, stream
from tests.integration.conftest import NOTICE, PSEUDONYMS, MakeShop, Shop

TYPED = "Guten Tag, mein Name ist Jana Petersen, meine Nummer ist 0151 23984712."
SEEN = "Guten Tag, mein Name ist [PERSON], meine Nummer ist [PHONE]."
DISCLOSURE = "Hier antwortet ein Chatbot."
BY_MESSAGE = "connector: json\n    paths: {post: /say, text: text, response: text}"
"""A bot that gets one message at a time, and remembers the others itself."""
OPERATORS = NOTICE.replace("forward: redacted", "forward: redacted\n    operators: {PERSON: pseudonym}")


async def greet(_request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Greet by the name that the bot sees."""
    name = body["messages"][-1]["content"].removeprefix("Ich bin ").removesuffix(".")
    return web.json_response(completion(f"Hallo {name}"))


async def say_yes(_request: web.Request, _body: dict[str, Any]) -> web.StreamResponse:
    return web.json_response({"text": "Ja."})


async def test_the_bot_sees_and_the_store_keeps_redacted_words(shop: Shop) -> None:
    answer, headers = await shop.say(TYPED)
    assert answer == f"{DISCLOSURE}\n\nGern geschehen."
    assert shop.bot.last == SEEN
    assert await shop.texts(headers["X-Sordino-Session"]) == [f"subject: {SEEN}", "bot: Gern geschehen."]


async def test_what_the_bot_asks_for_reaches_it_and_is_not_kept(shop: Shop) -> None:
    _, headers = await shop.say("Die Seriennummer ist VX20-719B-4418K.")
    assert "VX20-719B-4418K" in shop.bot.last
    assert await shop.texts(headers["X-Sordino-Session"]) == [
        "subject: Die Seriennummer ist [DEVICE_ID].", "bot: Gern geschehen.",
    ]  # fmt: skip


async def test_purposes_expiry_and_facts(shop: Shop) -> None:
    _, headers = await shop.say("Hallo")
    async with shop.client.post(f"{shop.public}/ratings", json={"rating": "up"}, headers=headers) as response:
        assert response.status == 204
    document = await shop.read(headers["X-Sordino-Session"])
    assert document["purposes"] == {"improve": "2026-12-26T12:00:00+00:00"}
    assert document["expires_at"] == "2026-12-26T12:00:00+00:00"
    assert (document["facts"]["messages"], document["facts"]["ratings_positive"]) == (2, 1)


async def test_a_stream_arrives_event_by_event_with_the_disclosure_first(shop: Shop) -> None:
    async with shop.chat(TYPED, stream=True) as response:
        text = await response.text()
        session = response.headers["X-Sordino-Session"]
    events = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
    words = [json.loads(e)["choices"][0]["delta"].get("content", "") for e in events[:-1]]
    assert events[-1] == "[DONE]"
    assert "".join(words) == f"{DISCLOSURE}\n\nGern geschehen."
    assert len(events) == len("Gern geschehen.") + 3, "no event is invented, none is lost"
    assert await shop.texts(session) == [f"subject: {SEEN}", "bot: Gern geschehen."]


async def test_the_disclosure_stands_before_the_first_answer_only(shop: Shop) -> None:
    first, headers = await shop.say("Hallo")
    second, _ = await shop.say("Hallo", first, "Und samstags?", headers=headers)
    assert DISCLOSURE in first
    assert DISCLOSURE not in second
    assert DISCLOSURE not in json.dumps(shop.bot.seen[-1], ensure_ascii=False), "the bot never sees the gateway's words"


async def test_what_a_clients_history_shows_is_no_proof_that_it_was_told(shop: Shop) -> None:
    second, _ = await shop.say("Hallo", f"{DISCLOSURE}\n\nGern geschehen.", "Und samstags?")
    assert DISCLOSURE in second, "nobody knows this session"


async def test_a_first_exchange_that_is_asked_for_again_is_told_again(shop: Shop) -> None:
    key = {"Idempotency-Key": "0198f5c2-1d2e-7abc-8000-000000000001"}
    first, headers = await shop.say("Hallo", headers=key)
    answer, again = await shop.say("Hallo", headers=key)
    assert DISCLOSURE in first
    assert DISCLOSURE in answer
    assert headers["X-Sordino-Session"] == again["X-Sordino-Session"]
    later, _ = await shop.say("Hallo", answer, "Und samstags?", headers=headers)
    assert DISCLOSURE not in later
    assert (await shop.metrics())['sordino_ai_disclosures_total{channel="chat"}'] == 1


@pytest.mark.parametrize("streamed", [False, True])
async def test_each_choice_of_an_answer_is_told_and_kept(make_shop: MakeShop, streamed: bool) -> None:  # noqa: FBT001
    async def answering(request: web.Request, _body: object) -> web.StreamResponse:
        if not streamed:
            answer = completion("eins")
            answer["choices"].append({"index": 1, "message": {"role": "assistant", "content": "zwei"}})
            return web.json_response(answer)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for index, text in ((0, "ei"), (1, "zw"), (0, "ns"), (1, "ei")):
            event = json.dumps({"choices": [{"index": index, "delta": {"content": text}}]})
            await response.write(f"data: {event}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response

    async with make_shop(bot=FakeBot(answering=answering)) as shop:
        async with shop.chat("Hallo", stream=streamed, n=2) as response:
            text, session = await response.text(), response.headers["X-Sordino-Session"]
        assert text.count(DISCLOSURE) == 2
        assert await shop.texts(session) == ["subject: Hallo", "bot: eins", "bot: zwei"]


async def test_the_disclosure_is_in_the_language_of_the_front_end(shop: Shop) -> None:
    answer, _ = await shop.say("hello", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert answer.startswith("A chatbot answers here.")


@pytest.mark.parametrize("streamed", [False, True])
async def test_pseudonyms_go_out_and_come_back_as_values(make_shop: MakeShop, streamed: bool) -> None:  # noqa: FBT001
    bot = FakeBot(says="Danke, <PERSON_1>, wir rufen <PHONE_1> an; <PERSON_7> kennen wir nicht.")
    async with make_shop(PSEUDONYMS, bot) as shop:
        async with shop.chat(TYPED, stream=streamed) as response:
            text, session = await response.text(), response.headers["X-Sordino-Session"]
        if streamed:
            events = [line[6:] for line in text.splitlines() if line.startswith("data: {")]
            words = "".join(json.loads(e)["choices"][0]["delta"].get("content", "") for e in events)
        else:
            words = json.loads(text)["choices"][0]["message"]["content"]
        assert bot.last == "Guten Tag, mein Name ist <PERSON_1>, meine Nummer ist <PHONE_1>."
        assert words.endswith("Danke, Jana Petersen, wir rufen 0151 23984712 an; <PERSON_7> kennen wir nicht.")
        assert "Petersen" not in "".join(await shop.texts(session))


async def test_pseudonyms_are_restored_to_the_owner_only(make_shop: MakeShop) -> None:
    bot, customer = FakeBot(says="Hallo <PERSON_1>"), {"conversation_id": "customer-17"}
    secret = {"X-Sordino-Channel-Secret": "front-end-secret"}
    async with make_shop(PSEUDONYMS, bot, channel_secrets={"chat": SecretStr("front-end-secret")}) as shop:
        async with shop.chat(TYPED, headers=secret, metadata=customer) as response:
            assert "Hallo Jana Petersen" in await response.text()
            token = response.headers["X-Sordino-Session"]
        async with shop.chat("wie heiße ich?", metadata=customer) as response:
            assert "Petersen" not in await response.text(), "a conversation id is no proof"
        bot.answering, seen = greet, set[str]()
        for name in ("Swantje Oltmanns", "Dirk Blankenhagen"):
            async with shop.chat(f"Ich bin {name}.", metadata=customer) as response:
                assert f"Hallo {name}" in await response.text(), "what it brought itself it gets back"
            seen.add(bot.last)
        assert len(seen - {"Ich bin <PERSON_1>."}) == 2, "two people never have one number in one session"
        bot.answering = None
        async with shop.chat("wie heiße ich?", headers={"X-Sordino-Session": token}) as response:
            assert "Hallo Jana Petersen" in await response.text()


@pytest.mark.parametrize("kept", [True, False])
async def test_where_no_table_is_kept_no_two_people_have_one_number(make_shop: MakeShop, *, kept: bool) -> None:
    """A bot that remembers a conversation must not take two people for one."""
    notice = PSEUDONYMS if kept else OPERATORS
    bot = FakeBot(answering=say_yes)
    async with make_shop(notice.replace("connector: openai", BY_MESSAGE), bot) as shop:
        headers, seen = dict[str, str](), list[str]()
        for name in ("Swantje Oltmanns", "Dirk Blankenhagen", "Swantje Oltmanns"):
            body = {"text": f"Das ist {name}."}
            async with shop.client.post(f"{shop.public}/say", json=body, headers=headers) as response:
                assert response.status == 200
                headers |= {k: v for k, v in response.headers.items() if k == "X-Sordino-Session"}
            seen.append(bot.seen[-1]["text"])
        first, second, again = seen
        assert first != second
        assert second != again
        if kept:
            assert (first, second) == ("Das ist <PERSON_1>.", "Das ist <PERSON_2>.")
            assert first == again
        assert "Oltmanns" not in "".join(seen)


async def test_a_restriction_keeps_the_table_of_pseudonyms_as_it_is(make_shop: MakeShop) -> None:
    bot, headers = FakeBot(answering=say_yes), dict[str, str]()
    async with make_shop(PSEUDONYMS.replace("connector: openai", BY_MESSAGE), bot) as shop:
        store, now = shop.addresses.gateway.store, shop.clock.now()

        async def say(name: str) -> str:
            body = {"text": f"Das ist {name}."}
            async with shop.client.post(f"{shop.public}/say", json=body, headers=headers) as response:
                headers.update({k: v for k, v in response.headers.items() if k == "X-Sordino-Session"})
            return str(bot.seen[-1]["text"])

        assert await say("Swantje Oltmanns") == "Das ist <PERSON_1>."
        session = UUID(headers["X-Sordino-Session"].partition(".")[0])
        before = (await store.copies.of(session, now)).pseudonyms
        restriction = await store.retention.restrict(session, Ground.ACCURACY, now)
        assert "<PERSON_1>" not in await say("Dirk Blankenhagen")
        assert (await store.copies.of(session, now)).pseudonyms == before
        await store.retention.lift(session, restriction.id, now)
        assert await say("Dirk Blankenhagen") == "Das ist <PERSON_2>."
        assert await say("Swantje Oltmanns") == "Das ist <PERSON_1>."


async def test_who_names_a_conversation_first_does_not_get_what_is_said_later(make_shop: MakeShop) -> None:
    async with make_shop(PSEUDONYMS) as shop:
        for text in ("Hallo", TYPED):
            async with shop.chat(text, metadata={"conversation_id": "customer-17"}) as response:
                assert "X-Sordino-Session" not in response.headers


async def test_originals_are_forwarded_where_the_notice_says_so_and_never_kept(make_shop: MakeShop) -> None:
    async with make_shop(NOTICE.replace("forward: redacted", "forward: original")) as shop:
        _, headers = await shop.say(TYPED)
        assert shop.bot.last == TYPED
        assert (await shop.texts(headers["X-Sordino-Session"]))[0] == f"subject: {SEEN}"


@pytest.mark.parametrize("streamed", [False, True])
async def test_answers_are_redacted_where_the_notice_says_so(make_shop: MakeShop, streamed: bool) -> None:  # noqa: FBT001
    bot = FakeBot(says="Ihre IBAN DE44 5001 0517 5407 3249 31 ist notiert.")
    async with make_shop(NOTICE.replace("deliver: original", "deliver: redacted"), bot) as shop:
        async with shop.chat("Hallo", stream=streamed) as response:
            text, session = await response.text(), response.headers["X-Sordino-Session"]
        assert "[IBAN]" in text
        assert "5407" not in text
        assert (await shop.texts(session))[1] == "bot: Ihre IBAN [IBAN] ist notiert."


async def test_a_resent_history_is_stored_once(shop: Shop) -> None:
    first, headers = await shop.say("Hallo")
    second, _ = await shop.say("Hallo", first, "ja", headers=headers)
    await shop.say("Hallo", first, "ja", second, "ja", headers=headers)
    texts = await shop.texts(headers["X-Sordino-Session"])
    assert [t for t in texts if t.startswith("subject")] == ["subject: Hallo", "subject: ja", "subject: ja"]
    assert len(texts) == 6


async def test_a_retried_request_is_stored_once(shop: Shop) -> None:
    first, headers = await shop.say("Hallo")
    for _ in range(2):
        await shop.say("Hallo", first, "ja", headers=headers)
    assert len(await shop.texts(headers["X-Sordino-Session"])) == 4


async def test_an_idempotency_key_finds_its_own_session_and_stores_once(shop: Shop) -> None:
    key = {"Idempotency-Key": "0198f5c2-1d2e-7abc-8000-000000000002"}
    _, headers = await shop.say("ja", headers=key)
    await shop.say("ja", headers=key)
    await shop.say("nein", headers=key)
    assert await shop.texts(headers["X-Sordino-Session"]) == ["subject: ja", "bot: Gern geschehen."]
    assert (await shop.metrics())["sordino_sessions"] == 2


async def test_a_second_yes_is_a_new_turn(shop: Shop) -> None:
    _, headers = await shop.say("ja")
    await shop.say("ja", headers=headers)
    assert [t for t in await shop.texts(headers["X-Sordino-Session"]) if t.startswith("subject")] == ["subject: ja"] * 2


async def test_an_idle_chat_has_ended_and_its_history_is_not_stored_again(shop: Shop) -> None:
    first, headers = await shop.say("Hallo")
    shop.clock.move(minutes=31)
    _, later = await shop.say("Hallo", first, "noch da?", headers=headers)
    assert later["X-Sordino-Session"] != headers["X-Sordino-Session"]
    assert await shop.texts(later["X-Sordino-Session"]) == ["subject: noch da?", "bot: Gern geschehen."]


async def test_a_bot_that_fails_in_mid_stream_leaves_no_end_mark_and_what_was_said_is_kept(make_shop: MakeShop) -> None:
    async def answering(request: web.Request, _body: object) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(chunk({"content": "Ihr Termin ist"}))
        await heard.wait()
        assert request.transport is not None
        request.transport.abort()
        return response

    heard = asyncio.Event()
    async with make_shop(bot=FakeBot(answering=answering)) as shop:
        async with shop.chat("Wann?", stream=True) as response:
            session = response.headers["X-Sordino-Session"]
            heard.set()
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.text()
        assert await shop.texts(session) == ["subject: Wann?", "bot: Ihr Termin ist"]
        assert (await shop.metrics())['sordino_exchanges_aborted_total{channel="chat",reason="cut_off"}'] == 1


async def test_a_client_that_leaves_cancels_the_bot_and_what_was_said_is_kept(make_shop: MakeShop) -> None:
    async def answering(request: web.Request, _body: object) -> web.StreamResponse:
        return await stream(request, ["Ihr ", "Termin ", *["…"] * 2000], pause=0.01)

    bot = FakeBot(answering=answering)
    async with make_shop(bot=bot) as shop:
        async with shop.chat("Wann?", stream=True) as response:
            session = response.headers["X-Sordino-Session"]
            await response.content.readuntil(b"Termin")
            response.close()
        for _ in range(3000):
            await asyncio.sleep(0.02)
            if bot.cancelled and len(await shop.texts(session)) > 1:
                break
        assert bot.cancelled == 1
        assert (await shop.texts(session))[1].startswith("bot: Ihr Termin")


async def test_context_is_redacted_on_its_way_and_never_kept(shop: Shop) -> None:
    body = {
        "model": "m",
        "user": "jana.petersen@example.org",
        "messages": [
            {"role": "system", "content": "Kundin: Frau Jana Petersen, Telefon 0151 23984712"},
            {"role": "user", "content": "Hallo"},
        ],
    }
    async with shop.client.post(f"{shop.public}/v1/chat/completions", json=body) as response:
        session = response.headers["X-Sordino-Session"]
        assert response.status == 200
    assert "Petersen" not in json.dumps(shop.bot.seen[-1])
    assert "23984712" not in json.dumps(shop.bot.seen[-1])
    assert await shop.texts(session) == ["subject: Hallo", "bot: Gern geschehen."]


async def test_the_bot_learns_nothing_of_the_connection(shop: Shop) -> None:
    headers = {
        "User-Agent": "Jana's phone",
        "Cookie": "a=b",
        "X-Forwarded-For": "203.0.113.7",
        "Authorization": "Bearer key",
    }
    await shop.say("Hallo", headers=headers)
    seen = shop.bot.headers[-1]
    assert seen["Authorization"] == "Bearer key"
    assert not {"User-Agent", "Cookie", "X-Forwarded-For", "Accept-Language"} & set(seen)


async def test_models_pass_through(shop: Shop) -> None:
    async with shop.client.get(f"{shop.public}/v1/models") as response:
        assert response.status == 200
        assert await response.json() == completion("Gern geschehen.")


async def test_turns_are_counted_and_findings_by_type(shop: Shop) -> None:
    await shop.say(TYPED)
    metrics = await shop.metrics()
    assert metrics['sordino_turns_total{channel="chat",speaker="subject"}'] == 1
    assert metrics['sordino_findings_total{channel="chat",type="PHONE"}'] == 1
    assert metrics['sordino_parts{kind="transcript",purpose="improve"}'] == 1
    assert metrics['sordino_overhead_seconds_count{channel="chat"}'] == 1


async def test_what_has_expired_is_refused_at_once_and_then_erased(make_shop: MakeShop) -> None:
    clock = FakeClock()
    async with make_shop(clock=clock, sweep_seconds=0.05) as shop:
        _, headers = await shop.say("Hallo")
        session = headers["X-Sordino-Session"].partition(".")[0]
        clock.move(days=30, seconds=1)
        async with shop.client.get(
            f"{shop.addresses.internal}/sessions/{session}", params={"purpose": "improve"}, headers=shop.bearer
        ) as response:
            assert response.status in {403, 404}
        await shop.swept()
        metrics = await shop.metrics()
        assert metrics["sordino_sessions"] == 0
        assert metrics['sordino_parts_erased_total{kind="transcript",reason="expired"}'] == 1


async def test_a_name_once_found_is_found_again_in_small_letters(make_shop: MakeShop) -> None:
    async with make_shop() as shop:
        first, headers = await shop.say("Mein Name ist Swantje Oltmanns.")
        await shop.say("Mein Name ist Swantje Oltmanns.", first, "das paket kam bei oltmanns nie an", headers=headers)
        assert "oltmanns" not in shop.bot.last
        assert "oltmanns" not in "".join(await shop.texts(headers["X-Sordino-Session"]))


async def test_a_bare_answer_is_read_with_its_question(make_shop: MakeShop) -> None:
    async with make_shop(bot=FakeBot(says="Wie lautet Ihre Kundennummer?")) as shop:
        first, headers = await shop.say("Hallo")
        await shop.say("Hallo", first, "4711 2288", headers=headers)
        assert shop.bot.last == "[CUSTOMER_NO]"


async def test_the_controllers_own_numbers(make_shop: MakeShop) -> None:
    notice = NOTICE.replace("asks_for:", 'patterns: {CUSTOMER_NO: "zq[0-9]{3}x"}\n    asks_for:')
    async with make_shop(notice) as shop:
        await shop.say("Es geht um zq418x wie besprochen.")
        assert shop.bot.last == "Es geht um [CUSTOMER_NO] wie besprochen."
