"""Calls at once: `python -m benchmarks.calls [--calls 500] [--seconds 60] [--pin]`.

Each call comes the way of Twilio: webhook, question, key, then a Media Streams socket on which a frame of 20 ms is
sent every 20 ms, through the gateway to a bot that notes when each arrives. The gateway seals what it hears, for
everybody has agreed. Platform, gateway and bot are processes of their own on loopback and share the machine's cores.
The same frames are sent to the bot directly first; "added" is the difference. A frame is lost if the bot never gets
it, or the gateway does not say that it kept it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

import aiohttp
import orjson
from aiohttp import web

from benchmarks.processes import Cores, free_ports, started
from gateway.calls.twilio.signature import HEADER, sign

TOKEN = "benchmark"  # noqa: S105 - of nobody
PUBLIC = "https://voice.example"
FRAME_SECONDS = 0.02
_PAYLOAD = b64encode(bytes(range(160))).decode()
_SETTLE_SECONDS = 0.5
NOTICE = """
notice: bench
version: "1"
language: en
controller: {name: Bench, address: Nowhere, email: ds@bench.example}
purposes:
  quality: {legal_basis: A6-1-a, consent: recording}
  prove: {legal_basis: A6-1-c}
deletion_classes:
  month: {start: collection, period: P1M}
consents:
  recording: {ask: {en: "May we record?"}, answers: {dtmf: {"1": given, "2": refused}}}
channels:
  line:
    kind: call
    connector: twilio
    upstream: http://127.0.0.1:1
    call: {not_recorded: {en: "Nothing is recorded."}}
    keep:
      recording: {quality: month}
      consent: {prove: month}
rights: {contact: ds@bench.example, articles: ["15"]}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be played, and where."""

    calls: int
    seconds: float
    gateway: str
    bot: str


def bot(port: int) -> None:
    """Take frames and note how long each was on its way (the clocks of the machine's processes are one)."""
    took: list[int] = []

    async def media(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        async for message in socket:
            if '"media"' in message.data[:40]:
                sent = re.search(r'"sequenceNumber":"(\d+)"', message.data)
                took.append(time.monotonic_ns() - int(sent[1]) if sent else 0)
        return socket

    async def webhook(_request: web.Request) -> web.Response:
        stream = '<Response><Connect><Stream url="media"/></Connect></Response>'
        return web.Response(text=stream, content_type="text/xml")

    async def figures(_request: web.Request) -> web.Response:
        cuts = quantiles(took, n=100) if len(took) > 1 else [0.0] * 99
        found = {"frames": len(took), "p50_ms": cuts[49] / 1e6, "p99_ms": cuts[98] / 1e6}
        took.clear()
        return web.json_response(found)

    app = web.Application()
    app.router.add_get("/media", media)
    app.router.add_get("/figures", figures)
    app.router.add_post("/voice", webhook)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


async def play(run: Run, *, direct: bool) -> int:
    """Play all calls at once; returns how many frames were sent."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as client, asyncio.TaskGroup() as group:
        calls = [group.create_task(_call(client, run, number, direct=direct)) for number in range(run.calls)]
    return sum(call.result() for call in calls)


async def _call(client: aiohttp.ClientSession, run: Run, number: int, *, direct: bool) -> int:
    await asyncio.sleep(number * FRAME_SECONDS * 25 / run.calls)
    call = f"CA{number:032x}"
    if not direct:
        for path, fields in (("voice", {}), ("sordino/answer?then=voice", {"Digits": "1"}), ("voice", {})):
            await _post(client, run.gateway, path, {"CallSid": call, **fields})
    url = run.bot if direct else f"{run.gateway}/line"
    signed = {HEADER: sign(TOKEN, f"{PUBLIC.replace('https', 'wss')}/line/media")}
    async with client.ws_connect(f"{url}/media", headers=signed, compress=0) as socket:
        await socket.send_str(orjson.dumps({"event": "start", "start": {"callSid": call}}).decode())
        await asyncio.sleep(_SETTLE_SECONDS)
        count, began = round(run.seconds / FRAME_SECONDS), time.monotonic()
        for frame in range(count):
            await socket.send_str(
                f'{{"event":"media","sequenceNumber":"{time.monotonic_ns()}","media":{{"track":"inbound",'
                f'"chunk":"{frame}","timestamp":"{frame * 20}","payload":"{_PAYLOAD}"}}}}'
            )
            await asyncio.sleep(max(0.0, began + (frame + 1) * FRAME_SECONDS - time.monotonic()))
        await asyncio.sleep(_SETTLE_SECONDS)
    return count


async def _post(client: aiohttp.ClientSession, gateway: str, path: str, fields: dict[str, str]) -> None:
    headers = {
        HEADER: sign(TOKEN, f"{PUBLIC}/line/{path}", list(fields.items())),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    async with client.post(f"{gateway}/line/{path}", data=urlencode(fields), headers=headers) as answer:
        answer.raise_for_status()
        await answer.read()


@contextlib.contextmanager
def stage(cores: Cores) -> Iterator[tuple[dict[str, str], int]]:
    """Start bot and gateway; yields their addresses and the gateway's process."""
    with tempfile.TemporaryDirectory(prefix="sordino-calls-") as directory, contextlib.ExitStack() as stack:
        home = Path(directory)
        (home / "notice.yaml").write_text(NOTICE, encoding="utf-8")
        names = ("bot", "public", "internal")
        at = dict(zip(names, (f"127.0.0.1:{port}" for port in free_ports(len(names))), strict=True))
        settings = {
            "SORDINO_HOME": str(home / "home"),
            "SORDINO_PUBLIC_LISTEN": at["public"],
            "SORDINO_INTERNAL_LISTEN": at["internal"],
            "SORDINO_UPSTREAMS": orjson.dumps({"line": f"http://{at['bot']}"}).decode(),
            "SORDINO_PLATFORM_SECRETS": orjson.dumps({"line": TOKEN}).decode(),
            "SORDINO_PUBLIC_URL": PUBLIC,
        }
        made = [sys.executable, "-m", "gateway", "keys", "init"]
        subprocess.run(made, env=os.environ | settings, check=True, capture_output=True)
        stack.enter_context(
            started("benchmarks.calls", ["--bot", at["bot"].rpartition(":")[2]], {}, cores.others, at["bot"])
        )
        serve = ["serve", "--notice", str(home / "notice.yaml")]
        process = stack.enter_context(started("gateway", serve, settings, cores.tested, at["public"]))
        yield {name: f"http://{address}" for name, address in at.items()}, process


def _get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - our own address
        return bytes(answer.read())


def _used(process: int) -> tuple[float, float]:
    """Return the CPU seconds that a process has used and the megabytes that it holds."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(calls: int, seconds: float, cores: Cores) -> dict[str, Any]:
    """Play the calls directly and through the gateway, and return the figures."""
    with stage(cores) as (addresses, gateway):
        run = Run(calls, seconds, addresses["public"], addresses["bot"])
        asyncio.run(play(run, direct=True))
        direct = orjson.loads(_get(f"{addresses['bot']}/figures"))
        cpu_before, before = _used(gateway)
        sent = asyncio.run(play(run, direct=False))
        cpu, held = _used(gateway)
        through = orjson.loads(_get(f"{addresses['bot']}/figures"))
        kept = re.search(rb'outcome="kept"} ([\d.e+]+)', _get(f"{addresses['internal']}/metrics"))
        return {
            "calls": calls,
            "seconds": seconds,
            "frames": sent,
            "lost_on_the_way": sent - through["frames"],
            "not_kept": sent - int(float(kept[1])) if kept else sent,
            "direct_p50_ms": round(direct["p50_ms"], 2),
            "direct_p99_ms": round(direct["p99_ms"], 2),
            "added_p50_ms": round(through["p50_ms"] - direct["p50_ms"], 2),
            "added_p99_ms": round(through["p99_ms"] - direct["p99_ms"], 2),
            "cpu_percent_per_call": round(100 * (cpu - cpu_before) / seconds / calls, 3),
            "memory_mb_per_call": round((held - before) / calls, 3),
        }


def main() -> None:
    """Print the figures as JSON; exit 1 if a frame was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calls", description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pin", action="store_true", help="give the gateway a core of its own")
    parser.add_argument("--bot", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.bot is not None:
        bot(arguments.bot)
        return
    figures = measure(arguments.calls, arguments.seconds, Cores.split(pin=arguments.pin))
    print(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode())
    sys.exit(1 if figures["lost_on_the_way"] or figures["not_kept"] else 0)


if __name__ == "__main__":
    main()
