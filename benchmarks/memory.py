"""What the gateway takes of memory: for each open stream, and more and more over many exchanges, if it does."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from benchmarks.messages import message
from benchmarks.processes import Stage

_TEXT: Final = b'"content":"'
_QUARTERS: Final = 4


async def of_streams(stage: Stage, count: int, seconds: float) -> dict[str, Any]:
    """Return how much memory each of so many open streams takes; each goes on for so many seconds."""
    before = sum(stage.resident_megabytes("sordino"))
    target, talking = urlsplit(stage.targets["sordino"]), asyncio.Event()
    begun, whole = 0, 0

    async def stream(number: int) -> None:
        nonlocal begun, whole
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        said = [{"role": "user", "content": message(number, 200)}]
        model = f"bench-200-over-{max(1, round(seconds))}"
        body = orjson.dumps({"model": model, "stream": True, "messages": said})
        head = f"POST {target.path}/v1/chat/completions HTTP/1.1\r\nHost: {target.netloc}\r\nConnection: close\r\n"
        writer.write(head.encode() + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        received, heard = b"", False
        while data := await reader.read(65_536):
            received += data
            if not heard and _TEXT in received:
                heard, begun = True, begun + 1
                if begun == count:
                    talking.set()
        whole += b"data: [DONE]" in received
        writer.close()

    streams = asyncio.gather(*(stream(number) for number in range(1, count + 1)), return_exceptions=True)
    try:
        await asyncio.wait_for(talking.wait(), seconds)
    except TimeoutError:
        print(f"memory: only {begun} of {count} streams were open at once", file=sys.stderr)
    held = sum(stage.resident_megabytes("sordino")) - before
    await streams
    return {
        "streams_open": begun,
        "kb_a_stream": round(held * 1024 / begun, 1) if begun else None,
        "streams_broken": count - whole,
    }


def over_exchanges(stage: Stage, exchanges: int, some: Callable[[], int]) -> dict[str, Any]:
    """Return the memory of each worker after each quarter of so many exchanges; `some` makes some and counts them."""
    quarters, done = [stage.resident_megabytes("sordino")], 0
    for quarter in range(1, _QUARTERS + 1):
        while done < exchanges * quarter / _QUARTERS:
            made = some()
            if made == 0:
                raise SystemExit("the gateway answers nobody any more")
            done += made
        quarters.append(stage.resident_megabytes("sordino"))
    grown = sum(quarters[-1]) - sum(quarters[1])
    per_thousand = grown * 1024 / (done * (_QUARTERS - 1) / _QUARTERS) * 1000 if done else 0.0
    return {
        "exchanges": done,
        "workers_mb": [[round(each, 1) for each in workers] for workers in quarters],
        "kb_grown_a_thousand_after_the_first_quarter": round(per_thousand, 1),
    }
