"""Numbers in tool calls' arguments: what the bot sees of them, and what the customer gets back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from tests.fakes import FakeBot, chunk
from tests.integration.conftest import NOTICE, PSEUDONYMS, MakeShop, Shop

SENT = '{"phone": 491715550199, "customer_no": 4711009, "price_cents": 129900, "limit": 3, "ratio": 1.50}'


def calling(arguments: Any) -> FakeBot:  # noqa: ANN401 - JSON in a string, or as it is
    """A bot that answers with a tool call; streamed one character at a time."""

    async def answering(request: web.Request, body: dict[str, object]) -> web.StreamResponse:
        call = {"index": 0, "id": "c", "type": "function", "function": {"name": "find", "arguments": arguments}}
        if not body.get("stream"):
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
            return web.json_response({"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]})
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for one in arguments:
            await response.write(chunk({"tool_calls": [{"index": 0, "function": {"arguments": one}}]}))
        await response.write(chunk({}, "tool_calls"))
        await response.write(b"data: [DONE]\n\n")
        return response

    return FakeBot(answering=answering)


async def ask(shop: Shop, sent: Any = SENT, *, streamed: bool = False) -> Any:  # noqa: ANN401 - as above
    """Send a history with a tool call; returns the arguments of the answer's tool call."""
    call = {"id": "c", "type": "function", "function": {"name": "find", "arguments": sent}}
    messages = [
        {"role": "user", "content": "Wo ist mein Paket?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "unterwegs"},
    ]
    body = {"model": "m", "messages": messages, "stream": streamed}
    async with shop.client.post(f"{shop.public}/v1/chat/completions", json=body) as response:
        text = await response.text()
        assert response.status == 200, text
    if not streamed:
        return json.loads(text)["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    deltas = [json.loads(line[6:])["choices"][0]["delta"] for line in text.splitlines() if line.startswith("data: {")]
    calls = [delta["tool_calls"][0] for delta in deltas if "tool_calls" in delta]
    return "".join(call["function"]["arguments"] for call in calls)


def seen(shop: Shop) -> str:
    return str(shop.bot.seen[-1]["messages"][1]["tool_calls"][0]["function"]["arguments"])


async def test_the_bot_sees_numbers_masked_and_others_as_they_were(make_shop: MakeShop) -> None:
    async with make_shop(NOTICE, calling("{}")) as shop:
        await ask(shop)
        assert (
            seen(shop)
            == '{"phone":"[PHONE]","customer_no":"[CUSTOMER_NO]","price_cents":129900,"limit":3,"ratio":1.50}'
        )


async def test_arguments_that_are_no_string_are_read_as_well(make_shop: MakeShop) -> None:
    answer = {"phone": "<PHONE_1>", "note": "<PHONE_1>", "to": ["<PHONE_1>", 4711009], "price_cents": 129900}
    async with make_shop(PSEUDONYMS, calling(answer)) as shop:
        found = await ask(
            shop, {"phone": 491715550199, "price_cents": 129900, "ratio": 1.5, "deep": [{"customer_no": 4711009}]}
        )
        assert shop.bot.seen[-1]["messages"][1]["tool_calls"][0]["function"]["arguments"] == {
            "phone": "<PHONE_1>", "price_cents": 129900, "ratio": 1.5, "deep": [{"customer_no": "<CUSTOMER_NO_1>"}],
        }  # fmt: skip
        assert found == {
            "phone": 491715550199, "note": "491715550199", "to": ["491715550199", 4711009], "price_cents": 129900,
        }  # fmt: skip
    async with make_shop(
        NOTICE.replace("deliver: original", "deliver: redacted"), calling({"customer_no": 4711009})
    ) as shop:
        assert await ask(shop, {}) == {"customer_no": "[CUSTOMER_NO]"}


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_stand_in_comes_back_as_the_number_that_it_was(make_shop: MakeShop, streamed: bool) -> None:  # noqa: FBT001
    answer = (
        '{"phone": "<PHONE_1>", "note": "<PHONE_1>", "customer_no": "<CUSTOMER_NO_1>", "to": ["<PHONE_1>"], "n": 1.50}'
    )
    async with make_shop(PSEUDONYMS, calling(answer)) as shop:
        arguments = await ask(shop, streamed=streamed)
        assert '"phone":"<PHONE_1>"' in seen(shop)
        found = json.loads(arguments, parse_float=str)
        assert found == {
            "phone": 491715550199, "note": "491715550199", "customer_no": 4711009, "to": ["491715550199"], "n": "1.50",
        }, "a field that held no number gets a string"  # fmt: skip


@pytest.mark.parametrize("streamed", [False, True])
async def test_answers_have_their_numbers_redacted_where_the_notice_says_so(
    make_shop: MakeShop,
    streamed: bool,  # noqa: FBT001
) -> None:
    async with make_shop(NOTICE.replace("deliver: original", "deliver: redacted"), calling(SENT)) as shop:
        found = json.loads(await ask(shop, streamed=streamed), parse_float=str)
        assert found == {
            "phone": "[PHONE]", "customer_no": "[CUSTOMER_NO]", "price_cents": 129900, "limit": 3, "ratio": "1.50",
        }  # fmt: skip


@pytest.mark.parametrize("streamed", [False, True])
async def test_what_the_customer_gets_is_the_bots_own_where_the_notice_says_so(
    make_shop: MakeShop,
    streamed: bool,  # noqa: FBT001
) -> None:
    async with make_shop(NOTICE, calling(SENT)) as shop:
        assert await ask(shop, streamed=streamed) == SENT


async def test_arguments_that_are_no_json_hide_nothing_and_the_conversation_goes_on(make_shop: MakeShop) -> None:
    broken = r'{"match": "^\d+$", "mail": "k.brandhorst\u0040example.org"}'
    async with make_shop(NOTICE.replace("deliver: original", "deliver: redacted"), calling(broken)) as shop:
        read = r'{"match": "^\d+$", "mail": "[EMAIL]"}'
        assert await ask(shop, broken) == read
        assert seen(shop) == read
        assert await ask(shop, r"^\d+$") == read
        assert seen(shop) == r"^\d+$"


@pytest.mark.parametrize("streamed", [False, True])
async def test_names_of_fields_are_read_whole_and_streamed(make_shop: MakeShop, streamed: bool) -> None:  # noqa: FBT001
    answer = '{"k.brandhorst@example.org": {"k.brandhorst@example.org": 1, "mail": 2}}'
    async with make_shop(NOTICE.replace("deliver: original", "deliver: redacted"), calling(answer)) as shop:
        assert json.loads(await ask(shop, streamed=streamed)) == {"[EMAIL]": {"[EMAIL]": 1, "mail": 2}}
    async with make_shop(PSEUDONYMS, calling('{"<EMAIL_1>": true}')) as shop:
        found = await ask(shop, '{"k.brandhorst@example.org": 1}', streamed=streamed)
        assert seen(shop) == '{"<EMAIL_1>":1}'
        assert json.loads(found) == {"k.brandhorst@example.org": True}
