"""The unmodified `openai` client through the gateway to the demo bot: only its base URL is another."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio
from aiohttp.test_utils import TestServer
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam

from gateway.demo.bot import MODEL, SEEN, build_bot
from gateway.demo.run import CHANNEL, notice_path
from gateway.demo.script import PLANTED, TURNS
from gateway.notice.load import Loaded, load_notice
from gateway.serving import running
from gateway.settings import load_settings
from gateway.stores import create_root_key

TOOL: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "repair_state",
        "parameters": {"type": "object", "properties": {"serial_number": {}, "email": {}, "question": {}}},
    },
}


@dataclass(frozen=True, slots=True)
class Set:
    """A gateway in front of a bot, and what one wants to look at."""

    client: AsyncOpenAI
    seen: deque[dict[str, Any]]
    loaded: Loaded

    @property
    def imposed(self) -> list[str]:
        """The planted values that the bot did not ask for, in every form."""
        asked = {entity.name for entity in self.loaded.notice.channels[CHANNEL].asks_for}
        planted = [each for each in PLANTED if each.entity not in asked]
        return [form for each in planted for form in (each.value, each.compact) if form]

    @property
    def disclosure(self) -> str:
        """What is told before the first answer."""
        tell = self.loaded.notice.channels[CHANNEL].tell
        assert tell is not None
        return tell.ai_disclosure["de"]


@pytest_asyncio.fixture
async def through(tmp_path: Path) -> AsyncIterator[Set]:
    bot = build_bot()
    server = TestServer(bot)
    async with server:
        settings = load_settings(
            home=tmp_path,
            public_listen="127.0.0.1:0",
            internal_listen="127.0.0.1:0",
            upstreams={CHANNEL: str(server.make_url("")).rstrip("/")},
            drain_seconds=1,
        )
        create_root_key(settings)
        loaded = load_notice(notice_path())
        async with running(settings, loaded) as addresses:
            base = f"{addresses.public}/{CHANNEL}/v1"
            async with AsyncOpenAI(base_url=base, api_key="unused", max_retries=0) as client:
                yield Set(client, bot[SEEN], loaded)


def user(text: str) -> ChatCompletionMessageParam:
    return {"role": "user", "content": text}


def seen_in_all(through: Set) -> str:
    return json.dumps(list(through.seen), ensure_ascii=False)


async def test_plain(through: Set) -> None:
    completion = await through.client.chat.completions.create(model=MODEL, messages=[user("Wann haben Sie geöffnet?")])
    said = completion.choices[0].message.content or ""
    assert said.startswith(through.disclosure)
    assert "von 10 bis 20 Uhr" in said
    assert completion.choices[0].finish_reason == "stop"


async def test_stream_gives_the_text_of_the_plain_answer(through: Set) -> None:
    plain = await through.client.chat.completions.create(model=MODEL, messages=[user("Wann haben Sie geöffnet?")])
    stream = await through.client.chat.completions.create(
        model=MODEL,
        messages=[user("Wann haben Sie geöffnet?")],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == plain.choices[0].message.content
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None


async def test_a_whole_conversation_shows_the_bot_nothing_that_it_did_not_ask_for(through: Set) -> None:
    messages: list[ChatCompletionMessageParam] = []
    headers: dict[str, str] = {}
    for number, turn in enumerate(TURNS):
        messages.append(user(turn))
        if number % 2:
            stream = await through.client.chat.completions.create(
                model=MODEL, messages=messages, stream=True, extra_headers=headers
            )
            said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        else:
            raw = await through.client.chat.completions.with_raw_response.create(
                model=MODEL, messages=messages, extra_headers=headers
            )
            said = raw.parse().choices[0].message.content or ""
            headers.setdefault("X-Sordino-Session", raw.headers.get("X-Sordino-Session", ""))
        messages.append({"role": "assistant", "content": said})
        assert said.startswith(through.disclosure) == (number == 0)
    assert len(through.seen) == len(TURNS)
    assert not [value for value in through.imposed if value in seen_in_all(through)]
    assert "VX20-719B-4418K" in seen_in_all(through)


async def test_tool_call(through: Set) -> None:
    asked = "Seriennummer: VX20-719B-4418K, Mail k.brandhorst@example.org. Wie ist der Stand?"
    completion = await through.client.chat.completions.create(model=MODEL, messages=[user(asked)], tools=[TOOL])
    calls = completion.choices[0].message.tool_calls
    assert completion.choices[0].finish_reason == "tool_calls"
    assert calls is not None
    assert calls[0].type == "function"
    assert calls[0].function.name == "repair_state"
    arguments = json.loads(calls[0].function.arguments)
    assert arguments["serial_number"] == "VX20-719B-4418K"
    assert "k.brandhorst@example.org" not in seen_in_all(through)
    completion = await through.client.chat.completions.create(
        model=MODEL,
        messages=[
            user(asked),
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": calls[0].id,
                        "type": "function",
                        "function": {"name": "repair_state", "arguments": calls[0].function.arguments},
                    },
                ],
            },
            {"role": "tool", "tool_call_id": calls[0].id, "content": '{"Stand": "in Arbeit"}'},
        ],
        tools=[TOOL],
    )
    assert "Stand: in Arbeit" in (completion.choices[0].message.content or "")


async def test_streamed_tool_call(through: Set) -> None:
    stream = await through.client.chat.completions.create(
        model=MODEL,
        messages=[user("Seriennummer: VX20-719B-4418K. Wie ist der Stand?")],
        tools=[TOOL],
        stream=True,
    )
    arguments, name, reason = "", None, None
    async for chunk in stream:
        reason = chunk.choices[0].finish_reason or reason
        for call in chunk.choices[0].delta.tool_calls or ():
            if call.function is not None:
                name = name or call.function.name
                arguments += call.function.arguments or ""
    assert name == "repair_state"
    assert reason == "tool_calls"
    assert json.loads(arguments)["serial_number"] == "VX20-719B-4418K"


async def test_a_tool_s_result_reaches_the_bot_without_personal_data(through: Set) -> None:
    await through.client.chat.completions.create(
        model=MODEL,
        messages=[
            user("Wie ist der Stand?"),
            {
                "role": "assistant",
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "repair_state", "arguments": '{"email": "k.brandhorst@example.org"}'},
                    },
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": '{"Mail": "k.brandhorst@example.org"}'},
        ],
        tools=[TOOL],
    )
    assert "k.brandhorst@example.org" not in seen_in_all(through)


async def test_models(through: Set) -> None:
    assert [model.id async for model in through.client.models.list()] == [MODEL]
