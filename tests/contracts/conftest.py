from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from storage import SessionStore
from storage.blobs import MemoryBlobs
from storage.recordings import Recordings
from tests.contracts.outages import Outage, outage_on
from tests.contracts.shelf import MAKERS, Shelf
from tests.contracts.stores import STORES
from tests.fakes import FlakyBlobs
from tests.kept import Kept


@pytest_asyncio.fixture(params=list(STORES), loop_scope="session")
async def store(request: pytest.FixtureRequest, tmp_path: Path, kept: Kept) -> AsyncIterator[SessionStore]:
    made = await STORES[request.param](tmp_path, kept)
    await made.start()
    yield made
    await made.close()


@pytest_asyncio.fixture(params=list(MAKERS), loop_scope="session")
async def shelf(request: pytest.FixtureRequest, tmp_path: Path, kept: Kept) -> AsyncIterator[Shelf]:
    blobs = FlakyBlobs(MemoryBlobs())
    store = await MAKERS[request.param](tmp_path, blobs, kept)
    await store.start()
    yield Shelf(store, Recordings(store.recording_backend, blobs, retry_seconds=(0.0, 0.0)), blobs)
    await store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def outage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Outage]:
    async with outage_on(request.param, tmp_path, lambda: request.getfixturevalue("postgres")) as made:
        await made.start()
        yield made
        await made.come_back()
        await made.store.close()
