"""The demo bot alone, spoken to by the unmodified `openai` client."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionToolParam

from gateway.demo.bot import MODEL, SEEN, build_bot

TOOL: ChatCompletionToolParam = {
    "type": "function",
    "function": {"name": "repair_state", "parameters": {"type": "object", "properties": {"serial_number": {}}}},
}


@pytest_asyncio.fixture
async def server() -> AsyncIterator[TestServer]:
    server = TestServer(build_bot(keep=2))
    async with server:
        yield server


@pytest_asyncio.fixture
async def client(server: TestServer) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=str(server.make_url("/v1")), api_key="unused", max_retries=0) as client:
        yield client


async def test_plain(client: AsyncOpenAI, server: TestServer) -> None:
    said = "Guten Tag, mein Name ist [PERSON]."
    completion = await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": said}])
    assert completion.choices[0].message.content is not None
    assert "[PERSON]" in completion.choices[0].message.content
    assert completion.choices[0].finish_reason == "stop"
    assert server.app[SEEN][-1]["messages"] == [{"role": "user", "content": said}]


async def test_a_list_of_text_parts(client: AsyncOpenAI) -> None:
    completion = await client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": [{"type": "text", "text": "Wann haben Sie geöffnet?"}]}],
    )
    assert "20 Uhr" in str(completion.choices[0].message.content)


async def test_stream_says_the_same_in_small_pieces(client: AsyncOpenAI) -> None:
    said = "Wann haben Sie geöffnet?"
    plain = await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": said}])
    stream = await client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": said}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces) == plain.choices[0].message.content
    assert len(pieces) > 10
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage == plain.usage


async def test_tool_call_and_answer_from_its_result(client: AsyncOpenAI) -> None:
    completion = await client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Seriennummer: VX20-719B. Wie ist der Stand?"}],
        tools=[TOOL],
    )
    calls = completion.choices[0].message.tool_calls
    assert completion.choices[0].finish_reason == "tool_calls"
    assert calls is not None
    assert calls[0].type == "function"
    assert json.loads(calls[0].function.arguments) == {"serial_number": "VX20-719B"}
    completion = await client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "user", "content": "Wie ist der Stand?"},
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "call_1", "type": "function", "function": {"name": "repair_state", "arguments": "{}"}},
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": '{"Stand": "in Arbeit"}'},
        ],
        tools=[TOOL],
    )
    assert "Stand: in Arbeit" in str(completion.choices[0].message.content)


async def test_streamed_tool_call(client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Seriennummer: <DEVICE_ID_1>. Wie ist der Stand?"}],
        tools=[TOOL],
        stream=True,
    )
    arguments, reason = "", None
    async for chunk in stream:
        reason = chunk.choices[0].finish_reason or reason
        for call in chunk.choices[0].delta.tool_calls or ():
            arguments += (call.function and call.function.arguments) or ""
    assert json.loads(arguments) == {"serial_number": "<DEVICE_ID_1>"}
    assert reason == "tool_calls"


async def test_models_and_a_body_that_is_none(client: AsyncOpenAI, server: TestServer) -> None:
    assert [model.id async for model in client.models.list()] == [MODEL]
    async with TestClient(server) as raw:
        for body in (b"{", b"[]", b'{"messages": 1}', b'{"messages": ["x"]}'):
            assert (await raw.post("/v1/chat/completions", data=body)).status == 400
    assert not server.app[SEEN]


async def test_keeps_only_the_latest_requests(client: AsyncOpenAI, server: TestServer) -> None:
    for number in range(3):
        await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": str(number)}])
    assert [seen["messages"][0]["content"] for seen in server.app[SEEN]] == ["1", "2"]
