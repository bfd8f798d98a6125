"""The program itself, as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import aiohttp
from aiohttp import web

from tests.fakes import FakeBot
from tests.integration.call_shop import CallBot

ROOT = Path(__file__).parents[2]
NOTICE = ROOT / "notices" / "imtron.yaml"


def sordino(*arguments: str, home: Path, text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end, in a process of its own that has imported the program."""
    from tests.torture.forking import shared_forks  # noqa: PLC0415 - it imports this module

    return shared_forks().run(arguments, text, clean_environment(home, **environment), home.parent)


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment with this home and no other setting of ours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SORDINO_")}
    return kept | {"SORDINO_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"} | more


class Process(Protocol):
    """What tests do with a process."""

    @property
    def pid(self) -> int:
        """Its id."""

    @property
    def returncode(self) -> int | None:
        """Its exit status, None as long as it runs."""

    async def wait(self) -> int | None:
        """Wait for its end."""

    def kill(self) -> None:
        """kill -9."""

    def terminate(self) -> None:
        """Ask it to end."""

    def send_signal(self, number: int, /) -> None:
        """Send a signal."""


@dataclass
class Served:
    """A running `sordino serve`."""

    process: Process
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
    process = await started(("serve", "--notice", str(notice), "--workers", workers), log, environment)
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


async def started(arguments: tuple[str, ...], log: Path, environment: dict[str, str]) -> Process:
    """Fork the program; where there are workers, what looks after them, which starts each of them by itself."""
    from tests.torture.forking import shared_forks  # noqa: PLC0415 - it imports this module

    status = log.with_name(f"{log.name}.{secrets.token_hex(4)}.status")
    return await shared_forks().start(arguments, log, environment, status=status)


def _written(log: Path) -> bytes:
    return log.read_bytes() if log.exists() else b""
