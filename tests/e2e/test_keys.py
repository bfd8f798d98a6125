"""`sordino keys` beside a gateway that serves, killed in the middle, and with wrong input."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import sqlite3
import subprocess
from pathlib import Path

import aiohttp
import pytest

from gateway.clock import SystemClock
from gateway.settings import Settings
from gateway.stores import open_store
from tests.e2e.conftest import Served, bot_server, clean_environment, serve, sordino, started
from tests.fakes import FakeBot
from tests.unit.storage.builders import TENANT, Customer, assignment, plan, turn

ROUNDS = int(os.environ.get("SORDINO_TEST_ROTATION_ROUNDS", "5"))
EPOCHS = 250


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


async def say(client: aiohttp.ClientSession, served: Served, text: str, session: str = "") -> str:
    headers = {"X-Sordino-Session": session} if session else {}
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    async with client.post(f"{served.public}/v1/chat/completions", json=body, headers=headers) as response:
        assert response.status == 200, await response.text()
        return session or response.headers["X-Sordino-Session"]


async def read(served: Served, session: str) -> list[str]:
    async with aiohttp.ClientSession(headers=served.bearer()) as client:
        url = f"{served.internal}/sessions/{session.partition('.')[0]}"
        async with client.get(url, params={"purpose": "legal-defence"}) as response:
            assert response.status == 200, await response.text()
            return [turn["text"] for turn in (await response.json())["turns"] if turn["speaker"] == "subject"]


async def keys(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(sordino, "keys", *arguments, home=home)


def key_file(home: Path) -> list[str]:
    return re.findall(r'"(\d+)":', (home / "root.key").read_text())


async def test_the_root_key_is_listed_replaced_and_destroyed_beside_a_gateway_that_serves(home: Path) -> None:
    assert "root key made" in sordino("keys", "init", home=home).stdout
    async with bot_server(FakeBot()) as bot, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        served = await serve(home, bot, home.parent / "log")
        try:
            session = await say(client, served, "Wann haben Sie offen?")
            listed = (await keys("list", home=home)).stdout
            assert re.search(r"root version 1: since \d{4}-\d\d-\d\d, current, wraps \d keys", listed), listed
            assert re.search(r"epoch \S+: deletion month \d{4}-\d\d, wrapped by root version 1", listed), listed
            assert re.search(r"next rotation: \d{4}-\d\d-\d\d \(automatic\)", listed), listed
            refused = await keys("destroy", "1", home=home)
            assert (refused.returncode, key_file(home)) == (2, ["1"])
            assert "rotate first" in refused.stderr
            rotated = await keys("rotate", home=home)
            assert rotated.returncode == 0, rotated.stderr
            assert "version 2 of the root key is the only one" in rotated.stdout
            assert "in place of the old copy" in rotated.stdout
            assert key_file(home) == ["2"]
            await say(client, served, "Und samstags?", session)
            await say(client, served, "Hallo")
            assert await read(served, session) == ["Wann haben Sie offen?", "Und samstags?"]
            listed = (await keys("list", home=home)).stdout
            assert "root version 1:" in listed
            assert "destroyed" in listed
            assert (await keys("destroy", "1", home=home)).returncode == 0  # it is gone: nothing is left to do
            for wrong in ("0", "x", "-1"):
                assert (await keys("destroy", wrong, home=home)).returncode == 2
            assert (await keys("rotate", "--existing", home=home)).returncode == 2
            epochs = set(re.findall(r"^epoch (\S+):", listed, re.MULTILINE))
            renewed = await keys("rotate", "--epochs", "--existing", home=home)
            assert renewed.returncode == 0, renewed.stderr
            assert re.search(r"^\d+ keys of what is kept moved under new epoch keys$", renewed.stdout, re.MULTILINE)
            listed = (await keys("list", home=home)).stdout
            assert epochs
            assert not epochs & set(re.findall(r"^epoch (\S+):", listed, re.MULTILINE))
            await say(client, served, "Danke", session)
            assert await read(served, session) == ["Wann haben Sie offen?", "Und samstags?", "Danke"]
        finally:
            served.process.terminate()
            assert await served.process.wait() == 0
        again = await serve(home, bot, home.parent / "log")
        assert await read(again, session) == ["Wann haben Sie offen?", "Und samstags?", "Danke"]
        again.process.terminate()
        assert await again.process.wait() == 0


async def test_keys_whose_rows_an_old_backup_lacks_do_not_keep_epochs_from_being_closed(home: Path) -> None:
    assert sordino("keys", "init", home=home).returncode == 0
    await _many_epochs(home, 3)
    with contextlib.closing(sqlite3.connect(home / "sessions.db")) as sessions:
        of_one = "(SELECT MIN(session_id) FROM parts)"
        assert sessions.execute(f"DELETE FROM parts WHERE session_id = {of_one}").rowcount == 1  # noqa: S608
        sessions.commit()
    for _ in range(2):
        renewed = await keys("rotate", "--epochs", "--existing", home=home)
        assert renewed.returncode == 0, renewed.stderr
        assert re.search(r"^[1-9]\d* epoch keys closed", renewed.stdout, re.MULTILINE), renewed.stdout
        assert re.search(r"^[1-9]\d* keys of what is kept moved", renewed.stdout, re.MULTILINE)
        assert re.search(r"^1 keys stay under old epoch keys: .*: run this again$", renewed.stdout, re.MULTILINE)
        assert "are destroyed" not in renewed.stdout


async def test_a_rotation_that_is_killed_is_finished_by_the_next(home: Path) -> None:
    """kill -9 at any moment, beside a gateway that serves: nothing is lost, nothing is left of the old version."""
    assert sordino("keys", "init", home=home).returncode == 0
    await _many_epochs(home)
    async with bot_server(FakeBot()) as bot, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        served = await serve(home, bot, home.parent / "log")
        try:
            session, said = await say(client, served, "Guten Tag"), ["Guten Tag"]
            interrupted = 0
            for number in range(ROUNDS):
                interrupted += await _rotate_and_kill(home)
                said.append(f"Frage {number}")
                await say(client, served, said[-1], session)
                assert await read(served, session) == said
                done = await keys("rotate", home=home)
                assert done.returncode == 0, done.stderr
                assert len(key_file(home)) == 1
                assert _wrapped_by(home) == {int(key_file(home)[0])}
            assert interrupted > 0, "no rotation was caught under way"
        finally:
            served.process.terminate()
            assert await served.process.wait() == 0
        again = await serve(home, bot, home.parent / "log")
        assert await read(again, session) == said
        again.process.terminate()
        assert await again.process.wait() == 0


async def _rotate_and_kill(home: Path) -> bool:
    """Kill a rotation soon after it has begun; returns whether it was caught before its end."""
    before = key_file(home)
    process = await started(("keys", "rotate"), home.parent / "rotations", clean_environment(home))
    for _ in range(2000):
        if key_file(home) != before or process.returncode is not None:
            break
        await asyncio.sleep(0.005)
    await asyncio.sleep(secrets.randbelow(150) / 1000)
    if process.returncode is None:
        process.kill()
    await process.wait()
    return process.returncode != 0


async def _many_epochs(home: Path, epochs: int = EPOCHS) -> None:
    """Make rotations long: sessions that are to be erased in as many months."""
    store = open_store(Settings.model_validate({"home": home}), SystemClock(), TENANT)
    await store.start()
    for months in range(1, epochs):
        await store.write(
            Customer(str(months)).opening(plan(transcript=assignment(period=f"P{months}M")), turns=turn())
        )
    await store.close()


def _wrapped_by(home: Path) -> set[int]:
    keys_db = sqlite3.connect(home / "keys.db", timeout=10)
    found = {
        version
        for table in ("epoch_keys", "locator_keys", "key_store")
        for (version,) in keys_db.execute(f"SELECT root_version FROM {table}")  # noqa: S608
    }
    keys_db.close()
    return found
