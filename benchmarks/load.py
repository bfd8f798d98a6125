"""A closed-loop load generator: N keep-alive connections, each sending its next message when the last was answered.

    python -m benchmarks.load http://127.0.0.1:8080/chatbot --mode stream --size 200

Prints one line of JSON. Raw asyncio protocols on uvloop, because a full HTTP client would cost more than the
proxies that are measured. An answer counts when it is whole: status 200, and for a stream its end mark.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
import uvloop

from benchmarks.arriving import Arriving, percentile_ms
from benchmarks.messages import message

_SESSION = re.compile(rb"\r\nx-sordino-session: *([^\r]+)", re.IGNORECASE)
_CONTENT = re.compile(rb'"content":("(?:[^"\\]|\\.)*")')


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send where, and for how long."""

    url: str
    mode: str = "plain"
    size: int = 200
    turns: int = 1
    connections: int = 16
    seconds: float = 2.0
    warmup_seconds: float = 0.5
    first: int = 1


@dataclass(slots=True)
class Tally:
    """What came of it; times in seconds of the monotonic clock."""

    begins: float
    ends: float
    number: int
    latencies: list[float] = field(default_factory=list)
    first_bytes: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)


class Customer(asyncio.Protocol):
    """One connection: conversations of `turns` messages one after the other, the history resent each time."""

    def __init__(self, plan: Plan, tally: Tally, done: asyncio.Future[None]) -> None:
        """Prepare the head of each request."""
        target = urlsplit(plan.url)
        self._plan, self._tally, self._done = plan, tally, done
        self._head = f"POST {target.path}/v1/chat/completions HTTP/1.1\r\nHost: {target.netloc}\r\n".encode()
        self._history: list[dict[str, str]] = []
        self._session = b""
        self._answer = Arriving()
        self._sent = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first message."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it
        self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        """Count an answer that will not come."""
        if not self._done.done():
            self._tally.failed["connection lost"] += 1
            self._done.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Collect the answer; when it is whole, count it and send the next message."""
        if self._answer.feed(data):
            self._answered(self._answer)

    def _answered(self, answer: Arriving) -> None:
        now = time.perf_counter()
        problem = answer.problem(stream=self._plan.mode == "stream")
        if problem:
            self._tally.failed[problem] += 1
        elif self._sent >= self._tally.begins and now <= self._tally.ends:
            self._tally.latencies.append(now - self._sent)
            self._tally.first_bytes.append(answer.first_byte - self._sent)
        self._answer = Arriving()
        self._remember(bytes(answer.received), answer.body, failed=bool(problem))
        if now < self._tally.ends:
            self._send()
        elif not self._done.done():
            self._done.set_result(None)
            if self._transport:
                self._transport.close()

    def _remember(self, answer: bytes, body: int, *, failed: bool) -> None:
        if failed or len(self._history) >= 2 * self._plan.turns - 1:
            self._history, self._session = [], b""
            return
        said = "".join(orjson.loads(text) for text in _CONTENT.findall(answer, body))
        self._history.append({"role": "assistant", "content": said})
        session = _SESSION.search(answer, 0, body)
        if session:
            self._session = b"X-Sordino-Session: " + session[1] + b"\r\n"

    def _send(self) -> None:
        self._history.append({"role": "user", "content": message(self._tally.number, self._plan.size)})
        self._tally.number += 1
        streams = {"stream": True} if self._plan.mode == "stream" else {}
        body = orjson.dumps({"model": f"bench-{self._plan.size}", "messages": self._history, **streams})
        head = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._sent = time.perf_counter()
        if self._transport:
            self._transport.write(self._head + self._session + head + body)


async def run(plan: Plan) -> dict[str, Any]:
    """Carry the plan out and return its figures."""
    begins = time.perf_counter() + plan.warmup_seconds
    tally = Tally(begins, begins + plan.seconds, plan.first)
    target = urlsplit(plan.url)
    loop = asyncio.get_running_loop()
    customers: list[asyncio.Future[None]] = [loop.create_future() for _ in range(plan.connections)]
    for done in customers:
        await loop.create_connection(partial(Customer, plan, tally, done), target.hostname or "", target.port or 80)
    _, late = await asyncio.wait(customers, timeout=plan.warmup_seconds + plan.seconds + 10)
    tally.failed["no answer"] += len(late)
    return {
        "requests": len(tally.latencies),
        "per_second": round(len(tally.latencies) / plan.seconds, 1),
        "p50_ms": percentile_ms(tally.latencies, 0.50),
        "p99_ms": percentile_ms(tally.latencies, 0.99),
        "first_byte_p50_ms": percentile_ms(tally.first_bytes, 0.50),
        "failed": {reason: count for reason, count in tally.failed.items() if count},
        "sent": tally.number - plan.first,
    }


def main() -> None:
    """Read the arguments, run, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="base address; /v1/chat/completions is added")
    plan = Plan(url="")
    parser.add_argument("--mode", choices=["plain", "stream"], default=plan.mode)
    for name in ("size", "turns", "connections", "first"):
        parser.add_argument(f"--{name}", type=int, default=getattr(plan, name))
    parser.add_argument("--seconds", type=float, default=plan.seconds)
    parser.add_argument("--warmup-seconds", type=float, default=plan.warmup_seconds)
    print(orjson.dumps(uvloop.run(run(Plan(**vars(parser.parse_args()))))).decode())


if __name__ == "__main__":
    main()
