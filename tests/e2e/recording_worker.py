"""Records calls until it is killed; tells of each segment that it was told is kept: `session part segments`."""

from __future__ import annotations

import asyncio
import secrets
import sys
from pathlib import Path

from storage.audio import AudioCodec, AudioFormat, Frame
from tests.unit.storage.builders import NOW, Customer, assignment, plan, sql_store

FRAME = 160
KEPT = plan(recording=assignment())


def sound(number: int) -> bytes:
    return bytes([number % 251]) * FRAME


async def call(directory: Path) -> None:
    store = sql_store(directory)
    await store.start()

    async def record() -> None:
        while True:
            customer = Customer(secrets.token_hex(8))
            await store.write(customer.opening(KEPT))
            recorder = await store.recordings.open(customer.id, KEPT, AudioFormat(AudioCodec.PCMU), NOW)
            for number in range(20):
                recorder.append(Frame(0, number * FRAME, sound(number)), NOW)
                recorder.pause(NOW)
                await recorder.stored()
                recorder.resume(NOW)
                told = len(recorder.manifest().segments)
                print(customer.id, recorder.part_id, told, flush=True)  # noqa: T201 - it is read by the test
            await recorder.stop(NOW)

    await asyncio.gather(*(record() for _ in range(4)))


if __name__ == "__main__":
    asyncio.run(call(Path(sys.argv[1])))
