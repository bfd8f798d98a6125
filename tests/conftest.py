"""What tests of all kinds share: a PostgreSQL server and a browser, started when the first of them asks for it."""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import trustme
from hypothesis import HealthCheck, settings

from tests.chromium import running_chromium
from tests.kept import Kept
from tests.postgres import PostgresServer, empty_pair

# How long examples take says how busy the machine is.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_collection() -> None:
    """Collect no garbage while tests are collected: there is hardly any."""
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the tests over databases that stay open share the loop that these belong to."""
    for item in items:
        if isinstance(item, pytest.Function) and "kept" in item.fixturenames and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def pytest_collection_finish() -> None:
    """Leave what lives as long as the process out of collections: each went through five thousand tests again."""
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for each worker of pytest; its directory can be entered by the user that it runs as."""
    directory = Path(tempfile.mkdtemp(prefix="sordino-postgres-"))
    directory.chmod(0o755)
    server = PostgresServer(directory / "server")
    try:
        server.make()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kept]:
    """Databases that stay open, for each worker of pytest."""
    made = Kept(tmp_path_factory.mktemp("kept"), lambda: request.getfixturevalue("postgres"))
    yield made
    await made.close()


@pytest.fixture
async def postgres_urls(postgres: PostgresServer) -> tuple[str, str]:
    """Two databases with nothing in them, for sessions and for keys."""
    return await empty_pair(postgres)


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    """One browser for each worker of pytest; yields the address that it is driven at."""
    with running_chromium() as address:
        yield address


@pytest.fixture(scope="session")
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of an authority that vouches for nobody; a file without any is an error to some clients."""
    path = tmp_path_factory.mktemp("authority") / "authority.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    return path
