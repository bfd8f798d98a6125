"""kill -9 in the middle of a load: whatever a client saw answered is in the store, once."""

from __future__ import annotations

import asyncio
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.e2e.conftest import Served, bot_server, serve, sordino
from tests.fakes import FakeBot

ROUNDS = int(os.environ.get("SORDINO_TEST_KILL_ROUNDS", "50"))
CLIENTS = 8
ANSWER = "Gern geschehen."
DISCLOSURE = "Hier antwortet ein Chatbot, kein Mensch.\n\n"
QUESTIONS = ("Wann haben Sie offen?", "Und samstags?", "Was kostet der Versand?", "Geht das auch schneller?", "Danke!")


@dataclass
class Told:
    """What one client saw answered to its end."""

    session: str = ""
    answered: int = 0
    messages: list[dict[str, str]] = field(default_factory=list)


async def test_nothing_answered_is_lost_or_stored_twice(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    assert sordino("keys", "init", home=home).returncode == 0
    told: list[Told] = []
    async with bot_server(FakeBot(says=ANSWER)) as bot:
        for _ in range(ROUNDS):
            served = await serve(home, bot, log)
            seen = await _load_until_killed(served)
            told += [one for one in seen if one.session]
        served = await serve(home, bot, log)
        try:
            await _check(served, told)
        finally:
            served.process.terminate()
            assert await served.process.wait() == 0
    assert sum(one.answered for one in told) > ROUNDS, "the load was too thin to show anything"


async def _load_until_killed(served: Served) -> list[Told]:
    told: list[Told] = []
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        tasks = [asyncio.ensure_future(_talk(client, served, told, number)) for number in range(CLIENTS)]
        await asyncio.sleep(0.05 + secrets.randbelow(400) / 1000)
        served.kill()
        await served.process.wait()
        await asyncio.gather(*tasks, return_exceptions=True)
    return told


async def _talk(client: aiohttp.ClientSession, served: Served, told: list[Told], number: int) -> None:
    """Hold one conversation after another, plain and streamed in turn, until the gateway is gone."""
    while True:
        one = Told()
        told.append(one)
        for turn, question in enumerate(QUESTIONS):
            one.messages.append({"role": "user", "content": question})
            headers = {"X-Sordino-Session": one.session} if one.session else {}
            body = {"model": "m", "messages": one.messages, "stream": bool((turn + number) % 2)}
            async with client.post(f"{served.public}/v1/chat/completions", json=body, headers=headers) as response:
                text = await response.text()
                if response.status != 200 or (body["stream"] and not text.rstrip().endswith("data: [DONE]")):
                    return
                one.session = one.session or response.headers["X-Sordino-Session"]
            one.answered += 1
            one.messages.append({"role": "assistant", "content": (DISCLOSURE if turn == 0 else "") + ANSWER})


async def _check(served: Served, told: list[Told]) -> None:
    async with aiohttp.ClientSession(headers=served.bearer()) as client:
        for one in told:
            url = f"{served.internal}/sessions/{one.session.partition('.')[0]}"
            async with client.get(url, params={"purpose": "legal-defence"}) as response:
                assert response.status == 200, await response.text()
                turns = [(turn["speaker"], turn["text"]) for turn in (await response.json())["turns"]]
            expected = [
                pair for question in QUESTIONS[: one.answered] for pair in (("subject", question), ("bot", ANSWER))
            ]
            assert turns[: len(expected)] == expected
            rest = turns[len(expected) :]
            begun = [("subject", QUESTIONS[one.answered]), ("bot", ANSWER)] if one.answered < len(QUESTIONS) else []
            assert rest == begun[: len(rest)], "a turn under way may be kept, whole and once"
