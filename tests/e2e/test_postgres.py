"""`sordino serve` on PostgreSQL: two gateways, started at once on empty databases, are one service."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
from openai import AsyncOpenAI

from tests.e2e.conftest import NOTICE, Served, bot_server, serve, sordino
from tests.fakes import FakeBot
from tests.postgres import PostgresServer, new_database

ANSWER = "Gern geschehen."


async def test_two_gateways_on_one_store(tmp_path: Path, postgres: PostgresServer) -> None:
    home = tmp_path / "home"
    assert sordino("keys", "init", home=home).returncode == 0
    async with new_database(postgres) as sessions, new_database(postgres) as keys, bot_server(FakeBot(ANSWER)) as bot:
        urls = {"SORDINO_DATABASE_URL": sessions, "SORDINO_KEYS_URL": keys}
        one, two = await asyncio.gather(*(serve(home, bot, tmp_path / name, NOTICE, **urls) for name in ("a", "b")))
        try:
            token = await first_message(one)
            await second_message(two, token)
            for served in (one, two):
                assert await turns(served, token) == [
                    "subject: Meine Nummer ist [PHONE].",
                    f"bot: {ANSWER}",
                    "subject: Und wann haben Sie offen?",
                    f"bot: {ANSWER}",
                ]
            assert sorted([await leading(one), await leading(two)]) == [0.0, 1.0]
            swept = sordino("sweep", "--now", "2100-01-01T00:00:00Z", home=home, **urls)
            assert swept.returncode == 0, swept.stderr
            assert await listed(two) == []
        finally:
            for served in (one, two):
                served.process.terminate()
                assert await served.process.wait() == 0
    said = b"".join((tmp_path / name).read_bytes() for name in ("a", "b"))
    assert b"error" not in said.lower()


async def test_pods_with_homes_of_their_own(tmp_path: Path, postgres: PostgresServer) -> None:
    """As the chart runs them: keys and sink are shared; whoever has another sink ends and says why."""
    home, other = tmp_path / "home", tmp_path / "other"
    other.mkdir(mode=0o700)
    assert sordino("keys", "init", home=home).returncode == 0
    async with new_database(postgres) as sessions, new_database(postgres) as keys, bot_server(FakeBot(ANSWER)) as bot:
        urls = {
            "SORDINO_DATABASE_URL": sessions, "SORDINO_KEYS_URL": keys,
            "SORDINO_ROOT_KEY": f"file://{home}/root.key", "SORDINO_LEDGER_KEY": f"file://{home}/ledger.key",
        }  # fmt: skip
        sink = {"SORDINO_LEDGER_SINK": f"file://{tmp_path}/sink"}
        one = await serve(home, bot, tmp_path / "a", NOTICE, **urls, **sink)
        two = await serve(other, bot, tmp_path / "b", NOTICE, **urls, **sink)
        try:
            token = await first_message(one)
            await second_message(two, token)
            assert len(await turns(two, token)) == 4
            for command in (["migrate"], ["sweep"], ["serve", "--notice", str(NOTICE)]):
                alone = sordino(*command, home=other, **urls)
                assert alone.returncode == 2, command
                assert alone.stderr.startswith("sordino: the sink of the ledger"), command
                assert alone.stderr.count("\n") == 1, alone.stderr
            checked = sordino("ledger", "verify", home=other, **urls, **sink)
            assert checked.returncode == 0, checked.stderr
        finally:
            for served in (one, two):
                served.process.terminate()
                assert await served.process.wait() == 0


async def first_message(served: Served) -> str:
    """With the openai client, as a front end would; returns what owns the session."""
    async with AsyncOpenAI(base_url=f"{served.public}/v1", api_key="none") as client:
        answer = await client.chat.completions.with_raw_response.create(
            model="m", messages=[{"role": "user", "content": "Meine Nummer ist 0151 23984712."}]
        )
        return answer.headers["X-Sordino-Session"]


async def second_message(served: Served, token: str) -> None:
    """Streamed, at the other gateway."""
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Und wann haben Sie offen?"}]}
    async with (
        aiohttp.ClientSession(headers={"X-Sordino-Session": token}) as client,
        client.post(f"{served.public}/v1/chat/completions", json=body) as response,
    ):
        assert response.status == 200
        assert (await response.text()).rstrip().endswith("data: [DONE]")


async def turns(served: Served, token: str) -> list[str]:
    url = f"{served.internal}/sessions/{token.partition('.')[0]}"
    async with (
        aiohttp.ClientSession(headers=served.bearer()) as client,
        client.get(url, params={"purpose": "legal-defence"}) as response,
    ):
        return [f"{turn['speaker']}: {turn['text']}" for turn in (await response.json())["turns"]]


async def listed(served: Served) -> list[object]:
    async with (
        aiohttp.ClientSession(headers=served.bearer()) as client,
        client.get(f"{served.internal}/sessions") as response,
    ):
        return list((await response.json())["sessions"])


async def leading(served: Served) -> float:
    async with aiohttp.ClientSession() as client, client.get(f"{served.internal}/metrics") as response:
        (line,) = [line for line in (await response.text()).splitlines() if line.startswith("sordino_leading ")]
    return float(line.split()[1])
