from __future__ import annotations

import asyncio
import contextlib

from prometheus_client import Counter

from gateway.rounds import again


async def test_what_is_slow_or_fails_does_not_stop_the_others() -> None:
    never, ticked = asyncio.Event(), asyncio.Semaphore(0)

    async def slow() -> None:
        await never.wait()

    async def fails() -> None:
        raise OSError

    async def counts() -> None:
        ticked.release()

    failures = Counter("failures", "-", registry=None)
    rounds = [again(slow, 0.0, "slow"), again(fails, 0.0, "failed", failures), again(counts, 0.0, "counts")]
    running = asyncio.gather(*rounds)
    async with asyncio.timeout(60):
        for _ in range(3):
            await ticked.acquire()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    (failed,) = failures.collect()
    assert failed.samples[0].value >= 2
