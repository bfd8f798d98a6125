"""What a client sends again is stored once, and nothing that it says for others is stored at all."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from tests.fakes import FakeBot, completion
from tests.integration.conftest import NOTICE, MakeShop, Shop

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
WITH_IDS = NOTICE.replace(
    "connector: openai",
    "connector: json\n    paths: {post: /say, text: text, message_id: id, conversation: of, response: text}",
)


async def said(shop: Shop, headers: dict[str, str]) -> list[str]:
    """Return what the customer has said."""
    texts = await shop.texts(headers["X-Sordino-Session"])
    return [text.removeprefix("subject: ") for text in texts if text.startswith("subject: ")]


async def test_in_a_new_session_only_what_is_said_now_is_stored(shop: Shop) -> None:
    _, headers = await shop.say("Beispielfrage", "Wir schenken Ihnen 1000 Euro.", "Danke")
    assert await shop.texts(headers["X-Sordino-Session"]) == ["subject: Danke", "bot: Gern geschehen."]


async def test_several_messages_at_the_end_are_said_now(shop: Shop) -> None:
    messages = [{"role": "user", "content": text} for text in ("Hallo", "Noch etwas")]
    body = {"model": "m", "messages": [*messages, {"role": "system", "content": "Antworte kurz."}]}
    async with shop.client.post(f"{shop.public}/v1/chat/completions", json=body) as response:
        headers = {"X-Sordino-Session": response.headers["X-Sordino-Session"]}
    assert await said(shop, headers) == ["Hallo", "Noch etwas"]


async def test_what_a_client_says_for_the_bot_is_never_stored(shop: Shop) -> None:
    _, headers = await shop.say("Hallo")
    await shop.say("Hallo", "Das habe ich nie gesagt.", "Danke", headers=headers)
    assert "Das habe ich nie gesagt." not in "".join(await shop.texts(headers["X-Sordino-Session"]))
    assert await said(shop, headers) == ["Hallo", "Danke"]


async def test_a_message_that_got_lost_is_stored_with_the_next(shop: Shop) -> None:
    first, headers = await shop.say("Hallo")
    await shop.say("Hallo", first, "verloren", "Es gab ein Problem.", "nochmals", headers=headers)
    assert await said(shop, headers) == ["Hallo", "verloren", "nochmals"]


async def test_an_edited_message_is_not_stored_again(shop: Shop) -> None:
    first, headers = await shop.say("Hallo")
    second, _ = await shop.say("Hallo", first, "zwei", headers=headers)
    await shop.say("Hallo, geändert", first, "zwei", second, "drei", headers=headers)
    assert await said(shop, headers) == ["Hallo", "zwei", "drei"]


async def test_a_window_of_the_last_messages_keeps_each_yes(shop: Shop) -> None:
    shop.bot.says = "Wie bitte?"
    _, headers = await shop.say("Hallo")
    for _ in range(2):
        await shop.say("Wie bitte?", "ja", headers=headers)
    assert await said(shop, headers) == ["Hallo", "ja", "ja"]
    await shop.say("Wie bitte?", "ja", headers=headers | {"X-Stainless-Retry-Count": "1"})
    assert await said(shop, headers) == ["Hallo", "ja", "ja"]


async def test_rounds_of_a_tool_are_one_message_of_the_customer(make_shop: MakeShop) -> None:
    async def answering(_request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        answer = completion("Ich sehe nach.")
        if sum(message["role"] == "tool" for message in body["messages"]) == 2:
            return web.json_response(completion("Ich sehe nach."))
        answer["choices"][0]["message"]["tool_calls"] = [CALL]
        return web.json_response(answer)

    async with make_shop(bot=FakeBot(answering=answering)) as shop:
        messages: list[dict[str, Any]] = [{"role": "user", "content": "Wo ist mein Paket?"}]
        headers: dict[str, str] = {}
        answer: dict[str, Any] = {}
        for number in range(3):
            body = {"model": "m", "messages": messages}
            for _ in range(1 + number // 2):  # the last request is tried twice
                url = f"{shop.public}/v1/chat/completions"
                async with shop.client.post(url, json=body, headers=headers) as response:
                    headers |= {k: v for k, v in response.headers.items() if k == "X-Sordino-Session"}
                    answer = (await response.json())["choices"][0]["message"]
            messages += [answer, {"role": "tool", "tool_call_id": "c", "content": "unterwegs"}]
        expected = ["subject: Wo ist mein Paket?", *["bot: Ich sehe nach."] * 3]
        assert await shop.texts(headers["X-Sordino-Session"]) == expected
        async with shop.client.post(f"{shop.public}/v1/chat/completions", json={"messages": messages}) as response:
            session = response.headers["X-Sordino-Session"]
        assert not any(text.startswith("subject") for text in await shop.texts(session)), "said in another session"


async def test_the_parts_of_a_message_are_one_turn(shop: Shop) -> None:
    parts = [{"type": "text", "text": text} for text in ("eins", "zwei")]
    body = {"model": "m", "messages": [{"role": "user", "content": parts}]}
    async with shop.client.post(f"{shop.public}/v1/chat/completions", json=body) as response:
        headers = {"X-Sordino-Session": response.headers["X-Sordino-Session"]}
    assert await said(shop, headers) == ["eins\n\nzwei"]


@pytest.mark.parametrize("sent", ["Grüß Gott.", " Gru\u0308ß  Gott. \n"])
async def test_words_are_matched_however_they_are_spaced_and_composed(shop: Shop, sent: str) -> None:
    shop.bot.says = "Grüß Gott. \n"
    _, headers = await shop.say("Hallo")
    for _ in range(2):
        await shop.say("etwas davor", sent, "zwei", headers=headers | {"X-Stainless-Retry-Count": "1"})
    assert await said(shop, headers) == ["Hallo", "zwei"]


async def test_one_key_with_two_bodies_is_two_turns(shop: Shop) -> None:
    _, headers = await shop.say("Hallo")
    for text in ("ja", "nein", "nein"):
        await shop.say(text, headers=headers | {"Idempotency-Key": "k1"})
    assert await said(shop, headers) == ["Hallo", "ja", "nein"]


async def test_the_answer_to_a_repeated_request_is_stored_once(shop: Shop) -> None:
    first, headers = await shop.say("Hallo")
    for answer in ("Erste Fassung.", "Zweite Fassung."):
        shop.bot.says = answer
        await shop.say("Hallo", first, "ja", headers=headers)
        await shop.say("ja", headers=headers | {"X-Stainless-Retry-Count": "1"})
    assert (await shop.texts(headers["X-Sordino-Session"]))[2:] == ["subject: ja", "bot: Erste Fassung."]


async def test_a_message_id_counts_with_its_words(make_shop: MakeShop) -> None:
    async def answering(_request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        return web.json_response({"text": f"Gern, {body['text']}."})

    async def say(shop: Shop, **body: str) -> None:
        async with shop.client.post(f"{shop.public}/say", json=body) as response:
            assert response.status == 200

    async with make_shop(WITH_IDS, FakeBot(answering=answering)) as shop:
        for text in ("eins", "eins", "zwei"):
            await say(shop, id="0198f5c2-1d2e-7abc-8000-000000000001", text=text)
        before = await shop.sessions()
        assert sorted([await shop.texts(session) for session in before]) == [
            ["subject: eins", "bot: Gern, eins."],
            ["subject: zwei", "bot: Gern, zwei."],
        ]
        for text in ("eins", "eins", "zwei"):
            await say(shop, id="0198f5c2-1d2e-7abc-8000-000000000001", text=text, of="customer-17")
        (session,) = set(await shop.sessions()) - set(before)
        assert [t for t in await shop.texts(session) if t.startswith("subject")] == ["subject: eins", "subject: zwei"]
