"""`sordino serve --workers`, and replicas behind a balancer: any of them goes on with any conversation."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.e2e.conftest import Served, bot_server, serve, sordino
from tests.e2e.processes import children, core_bytes, is_over
from tests.fakes import FakeBot
from tests.integration.call_shop import HEADERS, RECORDED, SECRET, CallBot
from tests.integration.conftest import NOTICE
from tests.ports import free_port
from tests.postgres import PostgresServer, new_database
from tests.torture.proxy import Proxy

ANSWER = "Gern geschehen."
UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip
SAID = [f"Frage {number}" for number in range(12)]


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
            assert [core_bytes(pid) for pid in (served.process.pid, *first)] == [["0", "0"]] * 3, "each has the secrets"
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


async def test_calls_are_where_their_worker_is_whoever_gets_the_connection(tmp_path: Path) -> None:
    home, log, notice = tmp_path / "home", tmp_path / "log", tmp_path / "notice.yaml"
    channels = RECORDED.replace("\n  chat:\n", "\n  chatbot:\n")
    assert sordino("keys", "init", home=home).returncode == 0
    async with contextlib.AsyncExitStack() as stack:
        bot = await stack.enter_async_context(bot_server(CallBot(streams=True)))
        channels = channels.replace("http://127.0.0.1:1", bot)
        cut = channels.index("  chatbot:\n"), channels.index("rights:")
        notice.write_text(channels[: cut[1]] + channels[slice(*cut)].replace("chatbot", "other") + channels[cut[1] :])
        secrets = f'{{"chatbot": "{SECRET}", "other": "{SECRET}"}}'
        served = await serve(home, bot, log, notice, workers="2", SORDINO_CHANNEL_SECRETS=secrets)
        stack.push_async_callback(ended, served)
        for channel in (served.public, served.public.replace("/chatbot", "/other")):
            assert (await call(channel, "", {"call": "c-1"}, 201))["state"] == "asked"
            assert (await call(channel, "/c-1/turns", {"text": "Hallo"}, 403, headers={}))["reason"] == "wrong_secret"
            for _ in range(12):  # each over a connection of its own, which the kernel gives to either worker
                assert (await call(channel, "/c-1", None))["state"] == "asked"
            assert (await call(channel, "/c-1/keys", {"keys": "1"}))["recording"] is True
            for _ in range(6):
                assert "Gern" in str(await call(channel, "/c-1/turns", {"text": "Wo ist mein Paket?"}))
                assert await refused_socket(channel) == (404, "no_call")
                await asyncio.sleep(0.3)  # what may have been on its way when the tape was armed is not kept
                assert await over_a_socket(channel, bytes(160) * 2) == "armed"
            assert (await call(channel, "/c-1/end", {}))["state"] == "ended"
        metrics = await scrape(served)
        kept = [
            metrics[f'sordino_call_audio_total{{channel="{name}",outcome="kept"}}'] for name in ("chatbot", "other")
        ]
        assert kept == [6, 6]
        assert metrics['sordino_turns_total{channel="other",speaker="subject"}'] == 6


async def test_calls_end_with_their_worker_and_workers_with_their_supervisor(tmp_path: Path) -> None:
    home, log, notice = tmp_path / "home", tmp_path / "log", tmp_path / "notice.yaml"
    notice.write_text(RECORDED.replace("\n  chat:\n", "\n  chatbot:\n"))
    assert sordino("keys", "init", home=home).returncode == 0
    async with bot_server(CallBot()) as bot:
        secrets = f'{{"chatbot": "{SECRET}"}}'
        served = await serve(home, bot, log, notice, workers="2", SORDINO_CHANNEL_SECRETS=secrets)
        try:
            await call(served.public, "", {"call": "c-1"}, 201)
            first = set(children(served.process.pid))
            os.kill(min(first), signal.SIGKILL)  # the first has the only channel of calls
            for _ in range(300):
                told = await call(served.public, "/c-1", None, None)
                if told.get("reason") == "no_call":
                    break
                assert told.get("reason") in {"worker_away", None}
                await asyncio.sleep(0.1)
            assert (await call(served.public, "", {"call": "c-2"}, 201))["state"] == "asked"
            await until_replaced(served.process.pid, first)
            workers = children(served.process.pid)
        finally:
            served.kill()
            await served.process.wait()
        for _ in range(600):
            if all(map(is_over, workers)):
                return
            await asyncio.sleep(0.1)
        raise AssertionError("workers go on without anybody to replace them")


def test_it_is_refused_where_it_can_not_work(tmp_path: Path, notice: Path) -> None:
    done = sordino("serve", "--notice", str(notice), "--workers", "0", home=tmp_path / "home")
    assert done.returncode == 2
    assert "from 1 to 64" in done.stderr


def test_workers_that_can_not_start_are_told(tmp_path: Path, notice: Path) -> None:
    done = sordino("serve", "--notice", str(notice), "--workers", "2", home=tmp_path / "home")  # no root key
    assert done.returncode == 2
    assert "the key file is missing" in done.stderr
    assert "a worker could not start" in done.stderr


@pytest.mark.parametrize("internal", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_customers_never_share_the_internal_listener(tmp_path: Path, notice: Path, internal: str) -> None:
    assert sordino("keys", "init", home=tmp_path / "home").returncode == 0
    port = free_port()
    done = sordino(
        "serve", "--notice", str(notice), "--workers", "2", home=tmp_path / "home",
        SORDINO_PUBLIC_LISTEN=f"127.0.0.1:{port}", SORDINO_INTERNAL_LISTEN=f"{internal}:{port}",
    )  # fmt: skip
    assert done.returncode == 2
    assert "the internal one is not for customers" in done.stderr


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


async def call(
    channel: str, path: str, body: object, status: int | None = 200, headers: dict[str, str] = HEADERS
) -> dict[str, Any]:
    """Ask the API of calls over a connection of its own; a connection that is cut tells nothing."""
    method = "GET" if body is None else "POST"
    try:
        async with (
            aiohttp.ClientSession(headers=headers) as client,
            client.request(method, f"{channel}/calls{path}", json=body) as response,
        ):
            raw = await response.read()
    except aiohttp.ClientError:
        assert status is None
        return {}
    assert response.status == status or status is None, raw
    streamed = response.content_type == "application/x-ndjson"
    return (
        {"text": "".join(json.loads(line).get("text", "") for line in raw.splitlines())}
        if streamed
        else json.loads(raw)
    )


async def over_a_socket(channel: str, sound: bytes) -> str:
    """Send sound over the socket of a call; returns where the call stands."""
    async with (
        aiohttp.ClientSession(headers=HEADERS) as client,
        client.ws_connect(f"{channel}/calls/c-1/stream?codec=PCMU") as socket,
    ):
        await socket.ping()
        await socket.send_bytes(sound)
        await socket.send_str('{"do": "resume"}')
        return str((await socket.receive_json(timeout=60)).get("state"))


async def refused_socket(channel: str) -> tuple[int, str]:
    """Ask for the socket of a call that nobody knows, with another request behind it; returns how it is refused.

    What stands behind a change of protocol is not for anybody to read as HTTP, least of all with an invented address.
    """
    place = urlsplit(channel)
    head = f"GET {place.path}/calls/nobody/stream?codec=PCMU HTTP/1.1\r\nHost: {place.netloc}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in (HEADERS | UPGRADE).items())
    behind = f"GET {place.path}/consent HTTP/1.1\r\nHost: {place.netloc}\r\nX-Sordino-Peer: 10.0.0.1\r\n\r\n"
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(f"{head}\r\n{behind}".encode())
    answered = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    assert answered.count(b"HTTP/1.1 ") == 1, answered
    said, _, body = answered.partition(b"\r\n\r\n")
    return int(said.split()[1]), json.loads(body)["reason"]


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
