"""Two replicas on one PostgreSQL behind a real nginx: one is killed in the middle of an answer, nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.e2e.conftest import Served, bot_server, serve, sordino
from tests.e2e.test_workers import ANSWER, both_sides, ended, port_of, scrape, turns
from tests.fakes import FakeBot, chunk, completion, stream
from tests.integration.conftest import NOTICE
from tests.ports import free_port
from tests.postgres import PostgresServer, new_database

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
CONVERSATIONS, TURNS, BROKEN = 6, 8, "Frage 4 von Gespräch 3"
CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream replicas {{ {servers} }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://replicas;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_buffering off;
    }}
  }}
}}
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@dataclass
class Halting:
    """A bot that stops in the middle of one answer, once."""

    halted: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, request: web.Request, body: dict[str, object]) -> web.StreamResponse:
        words = str(body["messages"][-1]["content"])  # type: ignore[index]
        if words == BROKEN and not self.halted.is_set():
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            await response.write(chunk({"content": ANSWER[:5]}))
            self.halted.set()
            await asyncio.sleep(60)
            return response
        return await stream(request, [*ANSWER]) if body.get("stream") else web.json_response(completion(ANSWER))


@contextlib.asynccontextmanager
async def nginx(folder: Path, ports: list[int]) -> AsyncIterator[str]:
    """Run nginx in front of these ports; yields its address."""
    assert NGINX is not None
    port, written = free_port(), folder / "nginx.conf"
    servers = " ".join(f"server 127.0.0.1:{one};" for one in ports)
    written.write_text(CONFIGURATION.format(folder=folder, servers=servers, port=port), encoding="ascii")
    with (folder / "nginx.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(NGINX, "-c", str(written), "-p", str(folder), stderr=log)
    try:
        for _ in range(1200):
            assert process.returncode is None, (folder / "nginx.log").read_text(encoding="utf-8")
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def test_a_replica_killed_in_mid_answer_is_missed_by_nobody(tmp_path: Path, postgres: PostgresServer) -> None:
    home, notice, bot = tmp_path / "home", tmp_path / "notice.yaml", Halting()
    notice.write_text(NOTICE.replace("\n  chat:\n", "\n  chatbot:\n"), encoding="utf-8")
    assert sordino("keys", "init", home=home).returncode == 0
    async with contextlib.AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(new_database(postgres)) for _ in range(2)]
        settings = {
            "SORDINO_DATABASE_URL": databases[0], "SORDINO_KEYS_URL": databases[1],
            "SORDINO_TRUSTED_PROXIES": "127.0.0.0/8",
        }  # fmt: skip
        url = await stack.enter_async_context(bot_server(FakeBot(answering=bot)))
        replicas = [await serve(home, url, tmp_path / name, notice, **settings) for name in "ab"]
        front = await stack.enter_async_context(nginx(tmp_path, [port_of(one) for one in replicas]))
        talking = asyncio.gather(*(conversation(f"{front}/chatbot", number) for number in range(CONVERSATIONS)))
        await asyncio.wait_for(bot.halted.wait(), 60)
        killed = await answering(replicas)
        for one in replicas:
            assert (await scrape(one))['sordino_turns_total{channel="chatbot",speaker="subject"}'] > 0
        killed.kill()
        await killed.process.wait()
        tokens = await talking
        (left,) = (one for one in replicas if one is not killed)
        try:
            for number, token in enumerate(tokens):
                assert await turns(left, token) == both_sides(said(number))
            assert (await scrape(left))["sordino_exchanges_in_flight"] == 0
        finally:
            await ended(left)


async def answering(replicas: list[Served]) -> Served:
    """Return the replica that has been waiting for the bot: the one with an answer under way, and nothing else."""
    for _ in range(600):
        busy = [one for one in replicas if (await scrape(one))["sordino_exchanges_in_flight"] > 0]
        if len(busy) == 1:
            return busy[0]
        await asyncio.sleep(0.1)
    raise AssertionError("no replica is waiting for the bot")


def said(number: int) -> list[str]:
    return [f"Frage {turn} von Gespräch {number}" for turn in range(TURNS)]


async def conversation(channel: str, number: int) -> str:
    """Say everything, every other conversation streamed; returns what owns the session."""
    token = ""
    for words in said(number):
        token = await say(channel, words, token, streamed=number % 2 == 1)
    return token


async def say(channel: str, words: str, token: str, *, streamed: bool) -> str:
    """Say something until the whole answer is there, as a client does that tries again with the same key."""
    body = {"model": "m", "stream": streamed, "messages": [{"role": "user", "content": words}]}
    headers = {"Idempotency-Key": f"key of {words}"} | ({"X-Sordino-Session": token} if token else {})
    for _ in range(100):
        try:
            async with (
                aiohttp.ClientSession() as client,
                client.post(f"{channel}/v1/chat/completions", json=body, headers=headers) as response,
            ):
                text = await response.text()
                if response.status == 200 and (not streamed or text.rstrip().endswith("data: [DONE]")):
                    return token or response.headers["X-Sordino-Session"]
                assert response.status in {200, 502, 503}, text
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.2)
    raise AssertionError("nobody answers")
