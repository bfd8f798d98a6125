"""kill -9 while calls are recorded: each segment that was told is kept is heard, and what is erased leaves nothing."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from pathlib import Path
from uuid import UUID

from storage import ErasureReason
from storage.sql import SqlStore
from tests.e2e.recording_worker import sound
from tests.unit.storage.builders import NOW, prepared, sql_store

ROUNDS = int(os.environ.get("SORDINO_TEST_KILL_ROUNDS", "3"))


async def test_what_was_stored_is_heard_and_what_is_erased_leaves_nothing(tmp_path: Path) -> None:
    await prepared(tmp_path)
    told: dict[tuple[UUID, UUID], int] = {}
    for _ in range(ROUNDS):
        told |= await _record_until_killed(tmp_path)
    assert sum(told.values()) > ROUNDS, "the load was too thin to show anything"
    store = sql_store(tmp_path)
    await store.start()
    for (session, part), segments in told.items():
        await _heard(store, session, part, segments)
    await store.recordings.collect_orphans()
    erased = [part for each in await store.sessions(NOW, limit=10_000) for part in await store.part_ids(each.id)]
    assert {part for _, part in told} <= set(erased)
    assert len(await store.erase(erased, ErasureReason.REQUESTED, NOW, "dpo")) == len(erased)
    await store.close()
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


async def _record_until_killed(directory: Path) -> dict[tuple[UUID, UUID], int]:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.e2e.recording_worker", str(directory), stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    first = await worker.stdout.readline()
    await asyncio.sleep(secrets.randbelow(800) / 1000)
    worker.kill()
    lines = [first, *(await worker.stdout.read()).splitlines(keepends=True)]
    await worker.wait()
    told = {}
    for line in lines:
        if line.endswith(b"\n"):  # the last may be cut
            session, part, segments = line.decode().split()
            told[UUID(session), UUID(part)] = int(segments)
    return told


async def _heard(store: SqlStore, session: UUID, part: UUID, segments: int) -> None:
    found = await store.recordings.read(session, "improve-chatbot", NOW)
    (recording,) = [each for each in found if each.part_id == part]
    runs = [run async for _, runs in recording.segments() for run in runs]
    assert len(runs) >= segments
    assert [run.audio for run in runs] == [sound(number) for number in range(len(runs))]
