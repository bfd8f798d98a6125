"""The program itself, as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.fakes import FakeBot
from tests.integration.call_shop import CallBot

ROOT = Path(__file__).parents[2]
NOTICE = ROOT / "notices" / "imtron.yaml"


def sordino(
    *arguments: str, home: Path, text: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=clean_environment(home, **environment),
        cwd=home.parent,
    )


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment with this home and no other setting of ours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SORDINO_")}
    return kept | {"SORDINO_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"} | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A running `sordino serve`."""

    process: asyncio.subprocess.Process
    public: str
    internal: str
    home: Path

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()

    def bearer(self) -> dict[str, str]:
        token = (self.home / "internal.token").read_text(encoding="ascii").strip()
        return {"Authorization": f"Bearer {token}"}


@contextlib.asynccontextmanager
async def bot_server(bot: FakeBot | CallBot) -> AsyncIterator[str]:
    """Serve a bot; yields its URL."""
    runner = web.AppRunner(bot.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def serve(home: Path, bot: str, log: Path, notice: Path = NOTICE, workers: str = "1", **more: str) -> Served:
    """Start the gateway on ports that are free, and wait until it is ready."""
    usual = {
        "SORDINO_PUBLIC_LISTEN": "127.0.0.1:0", "SORDINO_INTERNAL_LISTEN": "127.0.0.1:0",
        "SORDINO_UPSTREAMS": f'{{"chatbot": "{bot}"}}', "SORDINO_DRAIN_SECONDS": "2",
    }  # fmt: skip
    environment = clean_environment(home, **usual | more)
    before = len(_written(log))
    with log.open("ab") as stream:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway",
            "serve",
            "--notice",
            str(notice),
            "--workers",
            workers,
            env=environment,
            stdout=stream,
            stderr=stream,
        )
    async with aiohttp.ClientSession() as client:
        for _ in range(2400):
            said = _written(log)[before:].decode()
            assert process.returncode is None, said
            told = re.search(r"^public (.+)\ninternal (.+)\n", said, re.MULTILINE)
            if told is not None:
                async with client.get(f"{told[2]}/health/ready") as response:
                    if response.status == 200:
                        return Served(process, f"{told[1]}/chatbot", told[2], home)
            await asyncio.sleep(0.05)
    raise AssertionError("the gateway did not become ready")


def _written(log: Path) -> bytes:
    return log.read_bytes() if log.exists() else b""
