"""The database is held by somebody else while customers write: open conversations go on, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from storage.sql.sqlite import _PRAGMAS
from tests.fakes import FakeBot
from tests.integration.conftest import PSEUDONYMS, MakeShop, Shop


async def ready(shop: Shop) -> tuple[int, str]:
    async with shop.client.get(f"{shop.addresses.internal}/health/ready") as response:
        return response.status, (await response.json())["status"]


@contextlib.asynccontextmanager
async def held(shop: Shop) -> AsyncIterator[None]:
    with contextlib.closing(sqlite3.connect(shop.home / "sessions.db", isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def drained(shop: Shop) -> None:
    async with asyncio.timeout(30):
        while (await shop.metrics())["sordino_spool_turns"]:  # noqa: ASYNC110 - in the gateway's tasks
            await asyncio.sleep(0.05)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.sql.sqlite.BUSY_SECONDS", 1)
    monkeypatch.setattr("storage.sql.sqlite._PRAGMAS", ("PRAGMA busy_timeout = 1000", *_PRAGMAS[1:]))


async def test_open_conversations_go_on_while_the_database_is_away(make_shop: MakeShop, tmp_path: Path) -> None:
    async with make_shop(spool=f"file://{tmp_path}/spool") as shop:
        answer, session = await shop.say("Guten Tag")
        assert await ready(shop) == (200, "ready")
        async with held(shop):
            history = ["Guten Tag", answer]
            for question in ("Wann haben Sie offen?", "Meine Nummer ist 030 12345678"):
                answer, _ = await shop.say(*history, question, headers=session)
                history += [question, answer]
            async with shop.chat(*history, "Danke", stream=True, headers=session) as response:
                assert response.status == 200
                assert (await response.text()).rstrip().endswith("data: [DONE]")
            async with shop.chat("Ich bin neu hier") as response:
                assert response.status == 503
            assert (await shop.answer("given", session))[0] == 503
            assert await ready(shop) == (200, "degraded")
            figures = await shop.metrics()
            assert figures["sordino_spool_turns"] == figures["sordino_spool_turns_taken_total"] == 6
            kept = b"".join(path.read_bytes() for path in (tmp_path / "spool").rglob("*.spool"))
            assert kept
            assert b"offen" not in kept
            assert b"12345678" not in kept
        await drained(shop)
        assert await ready(shop) == (200, "ready")
        assert await shop.texts(session["X-Sordino-Session"]) == [
            "subject: Guten Tag", "bot: Gern geschehen.",
            "subject: Wann haben Sie offen?", "bot: Gern geschehen.",
            "subject: Meine Nummer ist [PHONE]", "bot: Gern geschehen.",
            "subject: Danke", "bot: Gern geschehen.",
        ]  # fmt: skip
        await shop.say(*history, "Und noch etwas", headers=session)
        assert len(await shop.texts(session["X-Sordino-Session"])) == 10
        assert not list((tmp_path / "spool").rglob("*.spool"))


async def test_what_this_process_has_not_seen_may_wait_elsewhere_and_is_not_stored_again(
    make_shop: MakeShop, tmp_path: Path
) -> None:
    async with make_shop(spool=f"file://{tmp_path}/spool") as shop:
        answer, session = await shop.say("Guten Tag")
        async with held(shop):
            await shop.say("Guten Tag", answer, "Hier", headers=session)
            elsewhere = ("Anderswo gesagt", "Anderswo geantwortet")
            await shop.say("Guten Tag", answer, "Hier", answer, *elsewhere, "Wieder hier", headers=session)
        await drained(shop)
        turns = await shop.texts(session["X-Sordino-Session"])
        assert [turn.removeprefix("subject: ") for turn in turns[::2]] == ["Guten Tag", "Hier", "Wieder hier"]


async def test_a_full_spool_is_503_and_not_ready(make_shop: MakeShop, tmp_path: Path) -> None:
    async with make_shop(spool=f"file://{tmp_path}/spool", spool_bytes=65_536) as shop:
        _, session = await shop.say("Guten Tag")
        async with held(shop):
            status = 200
            async with asyncio.timeout(60):
                while status == 200:
                    async with shop.chat("So ist das. " * 100, headers=session) as response:
                        status = response.status
            assert status == 503
            assert await ready(shop) == (503, "not ready")


async def test_pseudonyms_wait_with_their_turn_and_come_back(make_shop: MakeShop, tmp_path: Path) -> None:
    bot = FakeBot()
    async with make_shop(PSEUDONYMS, bot, spool=f"file://{tmp_path}/spool") as shop:
        _, session = await shop.say("Ich bin unter 030 12345678 erreichbar")
        assert "12345678" not in bot.last
        async with held(shop):
            await shop.say("Oder unter 040 87654321", headers=session)
            stand_in = bot.last.removeprefix("Oder unter ")
            bot.says = f"Wir rufen {stand_in} an."
            answer, _ = await shop.say("Bitte anrufen", headers=session)
            assert answer == "Wir rufen 040 87654321 an."
        await drained(shop)
        answer, _ = await shop.say("Welche war das?", headers=session)
        assert answer == "Wir rufen 040 87654321 an."


async def test_without_a_spool_it_is_as_it_was(make_shop: MakeShop) -> None:
    async with make_shop() as shop:
        _, session = await shop.say("Guten Tag")
        async with held(shop), shop.chat("Und jetzt?", headers=session) as response:
            assert response.status == 503
        async with aiohttp.ClientSession() as client, client.get(f"{shop.addresses.internal}/metrics") as response:
            assert "sordino_spool_limit_bytes 0.0" in await response.text()


async def test_readiness_says_what_waits_and_what_is_kept_aside(make_shop: MakeShop, tmp_path: Path) -> None:
    async def told(shop: Shop) -> object:
        async with shop.client.get(f"{shop.addresses.internal}/health/ready") as response:
            assert response.status == 200
            return (await response.json()).get("spool")

    async with make_shop(spool=f"file://{tmp_path}/spool") as shop:
        answer, session = await shop.say("Guten Tag")
        assert await told(shop) is None
        async with held(shop):
            await shop.say("Guten Tag", answer, "Danke", headers=session)
            assert await told(shop) == "waiting"
        await drained(shop)
        assert await told(shop) is None
    (tmp_path / "spool" / "0" / "000000000001.broken").write_bytes(b"x" * 100)
    async with make_shop(spool=f"file://{tmp_path}/spool") as shop:
        assert await told(shop) == "aside"
        assert (await shop.metrics())["sordino_spool_aside_bytes"] == 100
