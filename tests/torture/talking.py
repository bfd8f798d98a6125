"""Customers who talk to a gateway, come what may, and what has to be in the store afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp

from tests.torture.places import Gateway

CLIENTS = 8
ANSWER = "Gern geschehen."
DISCLOSURE = "Hier antwortet ein Chatbot, kein Mensch.\n\n"
QUESTIONS = ("Wann haben Sie offen?", "Und samstags?", "Was kostet der Versand?", "Geht das auch schneller?", "Danke!")
_FIRST_SECONDS = 60
_PAUSE_SECONDS = 0.05


@dataclass
class Told:
    """What one client saw answered to its end; `left`: it did not wait for what it had asked, as a stream or not."""

    session: str = ""
    streamed: bool = False
    left: bool = False
    answered: int = 0
    messages: list[dict[str, str]] = field(default_factory=list)


@contextlib.asynccontextmanager
async def customers(gateway: Gateway, told: list[Told], count: int = CLIENTS) -> AsyncIterator[None]:
    """Have some customers talk during the block, each starting anew where something fails."""
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=90)
    ) as client:
        tasks = [asyncio.ensure_future(_talk_on(client, gateway, told, number)) for number in range(count)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def load_until_killed(gateway: Gateway) -> list[Told]:
    """Load a gateway, and kill it: mostly once something was answered, at a moment that nobody has chosen."""
    told: list[Told] = []
    async with customers(gateway, told):
        if secrets.randbelow(8):
            await answered(told)
        # Between one and 400 ms, short waits as often as long ones.
        await asyncio.sleep(0.001 * 400 ** (secrets.randbelow(1000) / 1000))
        gateway.process.kill()
        await gateway.process.wait()
    return told


async def answered(told: list[Told], more: int = 1) -> None:
    """Wait until so much more has been answered."""
    before = count(told)
    async with asyncio.timeout(_FIRST_SECONDS):
        while count(told) < before + more:  # noqa: ASYNC110 - in many tasks
            await asyncio.sleep(0.01)


def count(told: list[Told]) -> int:
    """Return how much was answered."""
    return sum(one.answered for one in told)


async def _talk_on(client: aiohttp.ClientSession, gateway: Gateway, told: list[Told], number: int) -> None:
    while True:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            await _talk(client, gateway, told, number)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _talk(client: aiohttp.ClientSession, gateway: Gateway, told: list[Told], number: int) -> None:
    """Hold one conversation, plain and streamed in turn, to its end or until something is not answered."""
    one = Told()
    told.append(one)
    for turn, question in enumerate(QUESTIONS):
        one.messages.append({"role": "user", "content": question})
        headers = {"X-Sordino-Session": one.session} if one.session else {}
        one.streamed = bool((turn + number) % 2)
        body = {"model": "m", "messages": one.messages, "stream": one.streamed}
        try:
            async with client.post(f"{gateway.public}/v1/chat/completions", json=body, headers=headers) as response:
                text = await response.text()
        except (asyncio.CancelledError, TimeoutError):
            one.left = True
            raise
        if response.status != 200 or (one.streamed and not text.rstrip().endswith("data: [DONE]")):
            return
        one.session = one.session or response.headers["X-Sordino-Session"]
        one.answered += 1
        one.messages.append({"role": "assistant", "content": (DISCLOSURE if turn == 0 else "") + ANSWER})


async def check(gateway: Gateway, told: list[Told]) -> None:
    """See that all that was answered is kept, in order and once."""
    async with aiohttp.ClientSession(headers=gateway.bearer()) as client:
        for one in (each for each in told if each.session):
            url = f"{gateway.internal}/sessions/{one.session.partition('.')[0]}"
            async with client.get(url, params={"purpose": "legal-defence"}) as response:
                assert response.status == 200, await response.text()
                turns = [(turn["speaker"], turn["text"]) for turn in (await response.json())["turns"]]
            expected = [
                pair for question in QUESTIONS[: one.answered] for pair in (("subject", question), ("bot", ANSWER))
            ]
            assert turns[: len(expected)] == expected, f"after {one.answered} answers: {turns}"
            rest = turns[len(expected) :]
            assert _is_under_way(one, rest), f"after {one.answered} answers: {rest}"


def _is_under_way(one: Told, rest: list[tuple[str, str]]) -> bool:
    """Tell whether this may follow: what was being said when the client or the gateway went, once.

    An answer is kept whole or not at all, but for a stream that its client left: of that, what the bot had said by
    then. A stream that the gateway cut, or that ended with the gateway, leaves no piece.
    """
    if not rest:
        return True
    if one.answered >= len(QUESTIONS) or rest[0] != ("subject", QUESTIONS[one.answered]):
        return False
    return len(rest) == 1 or (len(rest) == 2 and rest[1][0] == "bot" and _may_be_kept(one, rest[1][1]))


def _may_be_kept(one: Told, answer: str) -> bool:
    return answer == ANSWER or (one.left and one.streamed and bool(answer) and ANSWER.startswith(answer))
