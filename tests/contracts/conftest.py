from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import SessionStore
from storage.blobs import MemoryBlobs
from storage.recordings import Recordings
from tests.contracts.outages import Outage, outage_on
from tests.contracts.shelf import MAKERS, Shelf
from tests.contracts.stores import STORES
from tests.fakes import FlakyBlobs


@pytest.fixture(params=list(STORES))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SessionStore]:
    made = await STORES[request.param](tmp_path, lambda: request.getfixturevalue("postgres"))
    await made.start()
    yield made
    await made.close()


@pytest.fixture(params=list(MAKERS))
async def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shelf]:
    blobs = FlakyBlobs(MemoryBlobs())
    store = await MAKERS[request.param](tmp_path, blobs, lambda: request.getfixturevalue("postgres"))
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
