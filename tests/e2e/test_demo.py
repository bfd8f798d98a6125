"""`sordino demo`: what it prints works when pasted."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.conftest import clean_environment, started


@pytest.fixture
async def printed(tmp_path: Path) -> AsyncIterator[str]:
    """A running demo; yields what it printed."""
    log, listening = tmp_path / "log", {f"SORDINO_{name}_LISTEN": "127.0.0.1:0" for name in ("PUBLIC", "INTERNAL")}
    process = await started(("demo",), log, clean_environment(tmp_path / "home", **listening))
    try:
        async with asyncio.timeout(60):
            while not (log.exists() and b"until its day." in log.read_bytes()):
                assert process.returncode is None
                await asyncio.sleep(0.05)
        yield log.read_text(encoding="utf-8")
    finally:
        process.terminate()
        await process.wait()


async def _bash(command: str) -> dict[str, Any]:
    """Paste a curl line into a shell, or do what it says where there is no curl."""
    if shutil.which("curl") is None:
        return await _as_curl(command)
    done = await asyncio.to_thread(
        subprocess.run, ["bash", "-c", command], capture_output=True, text=True, check=True, timeout=30
    )
    document: dict[str, Any] = json.loads(done.stdout)
    return document


async def _as_curl(command: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-d")
    parser.add_argument("url")
    said = parser.parse_args(shlex.split(command)[1:])
    headers = dict(header.split(": ", 1) for header in said.H)
    async with (
        aiohttp.ClientSession() as client,
        client.request("POST" if said.d else "GET", said.url, data=said.d, headers=headers) as response,
    ):
        document: dict[str, Any] = await response.json()
        return document


async def test_the_examples_work_when_pasted(printed: str) -> None:
    chat, sessions, session = (line.strip() for line in printed.splitlines() if line.strip().startswith("curl "))
    answer = await _bash(chat)
    assert "[PERSON]" in json.dumps(answer), "the demo bot repeats what it saw"
    (listed,) = (await _bash(sessions))["sessions"]
    shown = await _bash(session.replace("/ID?", f"/{listed['id']}?"))
    assert "[PHONE]" in json.dumps(shown)

    lines = printed.splitlines()
    start = next(i for i, line in enumerate(lines) if "from openai import" in line)
    program = textwrap.dedent("\n".join(lines[start : start + 3]))
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("Hier antwortet ein Chatbot, kein Mensch.")


async def test_the_page_needs_nothing_from_elsewhere(printed: str) -> None:
    url = re.search(r"Chat page\s+(\S+)", printed)
    assert url is not None
    async with aiohttp.ClientSession() as client:
        async with client.get(url[1]) as response:
            page = await response.text()
            assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
        files = re.findall(r'(?:src|href)="([^"#]+)"', page)
        assert {"chat.css", "chat.js"} <= set(files)
        for name in files:
            async with client.get(url[1] + name) as response:
                assert response.status == 200, name
                assert not re.search(r"https?://(?!www\.w3\.org/)", await response.text()), name
        async with client.get(url[1] + "consent?lang=en") as response:
            document = await response.json()
        assert document["ai_disclosure"] == "You are talking to a chatbot, not to a person."
        assert "30 days" in document["notice"]["text"]
