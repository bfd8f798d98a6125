"""A process that forks the program, and a place on each engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import PostgresServer
from tests.torture.forking import Forks, shared_forks
from tests.torture.places import ENGINES, Place, new_place


@pytest.fixture(scope="session")
def forking() -> Forks:
    return shared_forks()


@pytest.fixture(params=ENGINES)
async def place(request: pytest.FixtureRequest, tmp_path: Path, forking: Forks) -> Place:
    server: PostgresServer | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
    return await new_place(tmp_path, forking, server)


@pytest.fixture
async def on_sqlite(tmp_path: Path, forking: Forks) -> Place:
    return await new_place(tmp_path, forking, None)


@pytest.fixture
async def on_postgresql(tmp_path: Path, forking: Forks, postgres: PostgresServer) -> Place:
    return await new_place(tmp_path, forking, postgres)
