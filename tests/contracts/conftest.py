from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import SessionStore
from tests.contracts.stores import STORES


@pytest.fixture(params=list(STORES))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SessionStore]:
    made = await STORES[request.param](tmp_path, lambda: request.getfixturevalue("postgres"))
    await made.start()
    yield made
    await made.close()
