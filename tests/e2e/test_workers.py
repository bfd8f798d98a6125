"""`sordino serve --workers`, and replicas behind a balancer: any of them goes on with any conversation."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.conftest import Served, bot_server, free_port, serve, sordino
from tests.fakes import FakeBot
from tests.integration.conftest import NOTICE
from tests.postgres import PostgresServer, new_database
from tests.torture.proxy import Proxy

ANSWER = "Gern geschehen."
SAID = "\n".join(f"Frage {number}" for number in range(12)).split("\n")


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "notice.yaml"
    path.write_text(NOTICE.replace("\n  chat:\n", "\n  chatbot:\n"), encoding="utf-8")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
async def databases(request: pytest.FixtureRequest) -> AsyncIterator[dict[str, str]]:
    """Yield the settings of a store on one engine."""
    if request.param == "sqlite":
        yield {}
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    async with new_database(server) as sessions, new_database(server) as keys:
        yield {"SORDINO_DATABASE_URL": sessions, "SORDINO_KEYS_URL": keys}


async def test_a_worker_killed_in_mid_conversation_is_missed_by_nobody(
    tmp_path: Path, notice: Path, databases: dict[str, str]
) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    assert sordino("keys", "init", home=home).returncode == 0
    async with bot_server(FakeBot(says=ANSWER)) as bot:
        served = await serve(home, bot, log, notice, workers="2", **databases)
        try:
            first = set(children(served.process.pid))
            assert len(first) == 2
            token = ""
            for number, words in enumerate(SAID):
                if number == 5:
                    os.kill(min(first), signal.SIGKILL)
                token = await say(served.public, words, token)
            assert await turns(served, token) == both_sides(SAID)
            await until_replaced(served.process.pid, first)
            metrics = await scrape(served)
            counted = 'sordino_turns_total{channel="chatbot",speaker="subject"}'
            assert metrics[counted] == len(SAID), "what the dead worker has counted counts"
            assert metrics['sordino_parts{kind="transcript",purpose="improve"}'] == 1
            assert len(re.findall("pid=", str(metrics))) == 0
            assert metrics["sordino_exchanges_in_flight"] == 0
        finally:
            served.process.terminate()
            assert await asyncio.wait_for(served.process.wait(), 60) == 0
    assert b"a worker ended; another is started" in log.read_bytes()


async def test_a_worker_that_dies_while_the_databases_are_away_takes_nobody_with_it(
    tmp_path: Path, notice: Path, postgres: PostgresServer
) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    assert sordino("keys", "init", home=home).returncode == 0
    async with (
        new_database(postgres) as sessions,
        new_database(postgres) as keys,
        bot_server(FakeBot(says=ANSWER)) as bot,
    ):
        proxy = Proxy(sessions)
        await proxy.open()
        urls = {"SORDINO_DATABASE_URL": proxy.instead_of(sessions), "SORDINO_KEYS_URL": proxy.instead_of(keys)}
        served = await serve(home, bot, log, notice, workers="2", **urls)
        try:
            token = await say(served.public, SAID[0], "")
            first = set(children(served.process.pid))
            await proxy.close()
            os.kill(min(first), signal.SIGKILL)
            for _ in range(600):
                if b"it is tried again" in log.read_bytes():
                    break
                await asyncio.sleep(0.1)
            assert served.process.returncode is None
            assert max(first) in children(served.process.pid)
            async with aiohttp.ClientSession() as client, client.get(f"{served.internal}/health/live") as response:
                assert response.status == 200
            await proxy.open()
            await until_replaced(served.process.pid, first)
            for words in SAID[1:]:
                token = await say(served.public, words, token)
            assert await turns(served, token) == both_sides(SAID)
        finally:
            served.process.terminate()
            assert await asyncio.wait_for(served.process.wait(), 60) == 0
            await proxy.close()
            await asyncio.sleep(0.1)  # what passed through it ends


async def test_workers_end_with_their_supervisor_and_what_is_under_way_with_them(tmp_path: Path, notice: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    assert sordino("keys", "init", home=home).returncode == 0
    async with bot_server(FakeBot(says=ANSWER)) as bot:
        served = await serve(home, bot, log, notice, workers="2")
        workers = children(served.process.pid)
        served.kill()
        await served.process.wait()
        for _ in range(600):
            if all(map(is_over, workers)):
                return
            await asyncio.sleep(0.1)
        raise AssertionError("workers go on without anybody to replace them")


async def test_replicas_behind_a_balancer_go_on_with_each_other_s_conversations(
    tmp_path: Path, notice: Path, databases: dict[str, str]
) -> None:
    home = tmp_path / "home"
    assert sordino("keys", "init", home=home).returncode == 0
    async with bot_server(FakeBot(says=ANSWER)) as bot, contextlib.AsyncExitStack() as stack:
        one = await serve(home, bot, tmp_path / "a", notice, **databases)
        other = await serve(home, bot, tmp_path / "b", notice, **databases)
        stack.push_async_callback(ended, other)
        async with balanced([port_of(one), port_of(other)]) as port:
            token = ""
            for number, words in enumerate(SAID):
                if number == 6:
                    one.kill()
                    await one.process.wait()
                token = await say(f"http://127.0.0.1:{port}/chatbot", words, token)
        assert await turns(other, token) == both_sides(SAID)


@pytest.mark.parametrize(
    ("arguments", "told"), [(["--workers", "0"], "from 1 to 64"), (["--workers", "2"], "lives in the memory of one")]
)
def test_it_is_refused_where_it_can_not_work(tmp_path: Path, arguments: list[str], told: str) -> None:
    notice = Path(__file__).parents[2] / "notices" / "imtron.yaml"  # with calls
    done = sordino("serve", "--notice", str(notice), *arguments, home=tmp_path / "home")
    assert done.returncode == 2
    assert told in done.stderr


def test_workers_that_can_not_start_are_told(tmp_path: Path, notice: Path) -> None:
    done = sordino("serve", "--notice", str(notice), "--workers", "2", home=tmp_path / "home")  # no root key
    assert done.returncode == 2
    assert "the key file is missing" in done.stderr
    assert "a worker could not start" in done.stderr
    taken = f"127.0.0.1:{free_port()}"
    again = sordino(
        "serve", "--notice", str(notice), "--workers", "2",
        home=tmp_path / "home", SORDINO_PUBLIC_LISTEN=taken, SORDINO_INTERNAL_LISTEN=taken,
    )  # fmt: skip
    assert again.returncode == 2


# --- conversations


async def say(channel: str, words: str, token: str) -> str:
    """Say something over a connection of its own, again if it breaks; returns what owns the session."""
    body = {"model": "m", "messages": [{"role": "user", "content": words}]}
    headers = {"Idempotency-Key": f"key of {words}"} | ({"X-Sordino-Session": token} if token else {})
    for _ in range(100):
        try:
            async with (
                aiohttp.ClientSession() as client,
                client.post(f"{channel}/v1/chat/completions", json=body, headers=headers) as response,
            ):
                if response.status == 200:
                    return token or response.headers["X-Sordino-Session"]
                assert response.status == 503, await response.text()  # a lock of the one that was killed
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.2)
    raise AssertionError("nobody answers")


def both_sides(said: list[str]) -> list[str]:
    return [turn for words in said for turn in (f"subject: {words}", f"bot: {ANSWER}")]


async def turns(served: Served, token: str) -> list[str]:
    url = f"{served.internal}/sessions/{token.partition('.')[0]}"
    async with (
        aiohttp.ClientSession(headers=served.bearer()) as client,
        client.get(url, params={"purpose": "improve"}) as response,
    ):
        document = await response.json()
        assert response.status == 200, document
    return [f"{turn['speaker']}: {turn['text']}" for turn in document["turns"]]


async def scrape(served: Served) -> dict[str, float]:
    async with aiohttp.ClientSession() as client, client.get(f"{served.internal}/metrics") as response:
        lines = (await response.text()).splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


# --- processes


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that are not over."""
    found = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return [one for one in found if not is_over(one)]


def is_over(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


async def until_replaced(pid: int, first: set[int]) -> None:
    for _ in range(600):
        living = set(children(pid))
        if len(living) == 2 and living != first:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the worker that was killed has not been replaced")


async def ended(served: Served) -> None:
    served.process.terminate()
    assert await served.process.wait() == 0


def port_of(served: Served) -> int:
    return int(served.public.removesuffix("/chatbot").rpartition(":")[2])


@contextlib.asynccontextmanager
async def balanced(ports: list[int]) -> AsyncIterator[int]:
    """Spread connections over ports in turn; one that does not answer is left out."""
    turn = 0
    open_ones: set[asyncio.Task[None]] = set()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal turn
        for _ in ports:
            turn += 1
            try:
                its_reader, its_writer = await asyncio.open_connection("127.0.0.1", ports[turn % len(ports)])
            except OSError:
                continue
            for way in (pipe(reader, its_writer), pipe(its_reader, writer)):
                task = asyncio.ensure_future(way)
                open_ones.add(task)
                task.add_done_callback(open_ones.discard)
            return
        writer.close()

    async with await asyncio.start_server(connected, "127.0.0.1", 0) as server:
        yield int(server.sockets[0].getsockname()[1])
    await asyncio.gather(*open_ones, return_exceptions=True)
