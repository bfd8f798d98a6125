"""An open-model load generator: messages come at a rate of their own, whether or not those before were answered.

    python -m benchmarks.open_model http://127.0.0.1:8080/chatbot --rate 50 --mode stream

Prints one line of JSON. Arrivals are those of a Poisson process. Times run from the moment at which a message was due,
so that a target that holds up the generator does not make its own figures better; `late_p99_ms` says how late the
generator itself was. Connections are kept and used again; as many are opened as are needed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import numpy as np
import orjson
import uvloop

from benchmarks.arriving import Arriving, percentile_ms
from benchmarks.messages import message

_PATIENCE_SECONDS = 30.0
_MOST_OPEN = 4_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send where, how often, and for how long."""

    url: str
    rate: float = 50.0
    mode: str = "plain"
    size: int = 200
    seconds: float = 10.0
    warmup_seconds: float = 1.0
    first: int = 1


@dataclass(slots=True)
class Tally:
    """What came of it; times in seconds."""

    latencies: list[float] = field(default_factory=list)
    first_texts: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    open: int = 0
    most_open: int = 0


class Connection(asyncio.Protocol):
    """One kept connection; it carries one message at a time."""

    def __init__(self, load: Load) -> None:
        """Start unused."""
        self._load = load
        self._answer = Arriving()
        self._due: float | None = None
        self._counts = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def ask(self, due: float, request: bytes, *, counts: bool) -> None:
        """Send a message that was due at this moment."""
        self._due, self._counts, self._answer = due, counts, Arriving()
        if counts:
            self._load.tally.late.append(time.perf_counter() - due)
        if self._transport is not None:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Collect the answer; when it is whole, count it."""
        if self._due is not None and self._answer.feed(data):
            due, self._due = self._due, None
            self._load.answered(self, self._answer, due, counts=self._counts)

    def connection_lost(self, _error: Exception | None) -> None:
        """Count an answer that will not come."""
        self._load.lost(self, waiting=self._due is not None)


class Load:
    """Sends what is due."""

    def __init__(self, plan: Plan) -> None:
        """Prepare the head of each request."""
        target = urlsplit(plan.url)
        self.tally = Tally()
        self._plan = plan
        self._place = target.hostname or "", target.port or 80
        self._head = f"POST {target.path}/v1/chat/completions HTTP/1.1\r\nHost: {target.netloc}\r\n".encode()
        self._free: list[Connection] = []
        self._quiet = asyncio.Event()

    async def run(self) -> dict[str, Any]:
        """Carry the plan out and return its figures."""
        plan, tally = self._plan, self.tally
        whole = plan.warmup_seconds + plan.seconds
        gaps = np.random.default_rng(plan.first).exponential(1 / plan.rate, int(whole * plan.rate * 2) + 10)
        began = time.perf_counter()
        counted = began + plan.warmup_seconds
        sent = 0
        async with asyncio.TaskGroup() as group:
            for number, due in enumerate((began + np.cumsum(gaps)).tolist(), plan.first):
                if due >= began + whole:
                    break
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                sent += due >= counted
                group.create_task(self._send(number, due, counts=due >= counted))
        self._quiet.clear()
        if tally.open:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._quiet.wait(), _PATIENCE_SECONDS)
        tally.failed["no answer"] += tally.open
        return {
            "offered_per_second": round(sent / plan.seconds, 1),
            "answered": len(tally.latencies),
            "p50_ms": percentile_ms(tally.latencies, 0.50),
            "p99_ms": percentile_ms(tally.latencies, 0.99),
            "first_text_p50_ms": percentile_ms(tally.first_texts, 0.50),
            "first_text_p99_ms": percentile_ms(tally.first_texts, 0.99),
            "late_p99_ms": percentile_ms(tally.late, 0.99),
            "most_open": tally.most_open,
            "failed": {reason: count for reason, count in tally.failed.items() if count},
        }

    async def _send(self, number: int, due: float, *, counts: bool) -> None:
        tally = self.tally
        if tally.open >= _MOST_OPEN:
            tally.failed["too many open"] += 1
            return
        tally.open += 1
        tally.most_open = max(tally.most_open, tally.open)
        try:
            connection = self._free.pop() if self._free else await self._connect()
        except OSError:
            self._over()
            tally.failed["no connection"] += 1
            return
        connection.ask(due, self._request(number), counts=counts)

    def _over(self) -> None:
        self.tally.open -= 1
        if not self.tally.open:
            self._quiet.set()

    async def _connect(self) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(lambda: Connection(self), *self._place)
        return connection

    def _request(self, number: int) -> bytes:
        plan = self._plan
        streams = {"stream": True} if plan.mode == "stream" else {}
        said = [{"role": "user", "content": message(number, plan.size)}]
        body = orjson.dumps({"model": f"bench-{plan.size}", "messages": said, **streams})
        return self._head + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    def answered(self, connection: Connection, answer: Arriving, due: float, *, counts: bool) -> None:
        """Count a whole answer, and keep the connection."""
        now, tally = time.perf_counter(), self.tally
        self._over()
        problem = answer.problem(stream=self._plan.mode == "stream")
        if problem:
            tally.failed[problem] += 1
        elif counts:
            tally.latencies.append(now - due)
            tally.first_texts.append((answer.first_text or now) - due)
        self._free.append(connection)

    def lost(self, connection: Connection, *, waiting: bool) -> None:
        """Leave a connection that is gone."""
        if waiting:
            self._over()
            self.tally.failed["connection lost"] += 1
        if connection in self._free:
            self._free.remove(connection)


def main() -> None:
    """Read the arguments, run, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    plan = Plan(url="")
    parser.add_argument("url", help="base address; /v1/chat/completions is added")
    parser.add_argument("--rate", type=float, default=plan.rate, help="messages a second")
    parser.add_argument("--mode", choices=["plain", "stream"], default=plan.mode)
    parser.add_argument("--size", type=int, default=plan.size)
    parser.add_argument("--seconds", type=float, default=plan.seconds)
    parser.add_argument("--warmup-seconds", type=float, default=plan.warmup_seconds)
    parser.add_argument("--first", type=int, default=plan.first)
    print(orjson.dumps(uvloop.run(Load(Plan(**vars(parser.parse_args()))).run())).decode())


if __name__ == "__main__":
    main()
