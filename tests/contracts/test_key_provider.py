"""What every provider of a root key promises."""

from __future__ import annotations

import base64
import contextlib
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage import KeyUnavailableError
from storage.crypto.keyring import new_key
from storage.crypto.providers import (
    EnvKeyProvider,
    FileKeyProvider,
    KeyProvider,
    WrappedByRoot,
)
from storage.crypto.providers.openbao import OpenBaoKeyProvider
from tests.bao import bao_server


@dataclass
class Case:
    """A provider as one process has it, another process's, and how versions are made and destroyed."""

    provider: KeyProvider
    again: Callable[[], KeyProvider]
    rotate: Callable[[], Awaitable[None]]
    destroy: Callable[[int], Awaitable[None]]
    other: KeyProvider


@contextlib.asynccontextmanager
async def _file(directory: Path) -> AsyncIterator[Case]:
    provider = FileKeyProvider.create(directory / "root.key")

    async def rotate() -> None:
        await provider.rotate()

    other = FileKeyProvider.create(directory / "other.key")
    yield Case(provider, lambda: FileKeyProvider(directory / "root.key"), rotate, provider.destroy, other)


@contextlib.asynccontextmanager
async def _env(directory: Path) -> AsyncIterator[Case]:
    """Versions are made and destroyed by whoever sets the variable; a process sees it when it starts."""
    del directory
    environment = {"KEY": _random(), "OTHER": _random()}
    case: Case

    async def rotate() -> None:
        with pytest.raises(KeyUnavailableError, match="add a new value to KEY"):
            await case.provider.rotate()
        environment["KEY"] += "," + _random()
        case.provider = case.again()

    async def destroy(up_to: int) -> None:
        values = environment["KEY"].split(",")
        if up_to >= len(values):
            await case.provider.destroy(up_to)
        if any(values[:up_to]):
            with pytest.raises(KeyUnavailableError, match="empty the values"):
                await case.provider.destroy(up_to)
        environment["KEY"] = ",".join([""] * up_to + values[up_to:])
        case.provider = case.again()
        await case.provider.destroy(up_to)

    case = Case(
        EnvKeyProvider(environment, "KEY"), lambda: EnvKeyProvider(environment, "KEY"), rotate, destroy,
        EnvKeyProvider(environment, "OTHER"),
    )  # fmt: skip
    yield case


@contextlib.asynccontextmanager
async def _openbao(directory: Path) -> AsyncIterator[Case]:
    async with bao_server(directory) as bao:
        opened: list[OpenBaoKeyProvider] = []

        def provider(key: str = "sordino") -> OpenBaoKeyProvider:
            opened.append(OpenBaoKeyProvider(bao.address(key), lambda: bao.token))
            return opened[-1]

        async def rotate() -> None:
            await opened[0].rotate()

        try:
            for key in ("sordino", "other"):
                await provider(key).create()
            yield Case(opened[0], provider, rotate, opened[0].destroy, opened[1])
        finally:
            for each in opened:
                await each.close()


def _random() -> str:
    return base64.b64encode(new_key().reveal()).decode()


@pytest.fixture(params=[_file, _env, _openbao], ids=["file", "env", "openbao"])
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Case]:
    async with request.param(tmp_path) as made:
        yield made


async def test_a_wrapped_key_comes_back_also_in_another_process(case: Case) -> None:
    key = new_key()
    wrapped = await case.provider.wrap(key, b"use")
    assert wrapped.version == 1
    assert key.reveal() not in wrapped.wrapped
    for provider in (case.provider, case.again()):
        assert (await provider.unwrap(wrapped, b"use")).reveal() == key.reveal()
    assert (await case.provider.wrap(key, b"use")).wrapped != wrapped.wrapped
    await case.provider.check()


async def test_what_was_wrapped_opens_for_its_own_use_only(case: Case) -> None:
    wrapped = await case.provider.wrap(new_key(), b"use")
    refused = [
        WrappedByRoot(1, wrapped.wrapped[:-8]),
        WrappedByRoot(1, b""),
        WrappedByRoot(1, b"\xff\x00"),
        WrappedByRoot(1, wrapped.wrapped[:-6] + wrapped.wrapped[-5:]),
    ]
    for each in refused:
        with pytest.raises(KeyUnavailableError):
            await case.provider.unwrap(each, b"use")
    for use in (b"other use", b"us", b"use\0"):
        with pytest.raises(KeyUnavailableError):
            await case.provider.unwrap(wrapped, use)
    with pytest.raises(KeyUnavailableError):
        await case.other.unwrap(wrapped, b"use")


async def test_a_new_version_wraps_and_the_old_still_opens(case: Case) -> None:
    running, key = case.again(), new_key()
    before = await running.wrap(key, b"use")
    assert await running.versions() == (1,)
    await case.rotate()
    assert await case.provider.versions() == (1, 2)
    after = await case.provider.wrap(key, b"use")
    assert after.version == 2
    for each in (before, after):
        assert (await case.provider.unwrap(each, b"use")).reveal() == key.reveal()
    moved = await case.provider.rewrap(before, b"use")
    assert moved.version == 2
    assert (await case.provider.unwrap(moved, b"use")).reveal() == key.reveal()
    with pytest.raises(KeyUnavailableError):
        await case.provider.rewrap(before, b"other use")


async def test_a_running_process_follows_a_rotation(case: Case) -> None:
    running = case.again()
    await case.rotate()
    if isinstance(running, EnvKeyProvider):
        running = case.again()  # a variable is read when a process starts
    assert (await running.wrap(new_key(), b"use")).version == 2
    assert (await running.unwrap(await case.provider.wrap(new_key(), b"use"), b"use")) is not None


async def test_a_destroyed_version_opens_nothing_any_more(case: Case) -> None:
    key = new_key()
    old = await case.provider.wrap(key, b"use")
    with pytest.raises(KeyUnavailableError):
        await case.destroy(1)  # the current one
    for version in (2, 3):
        await case.rotate()
        assert (await case.provider.wrap(key, b"use")).version == version
    kept = await case.provider.wrap(key, b"use")
    await case.destroy(2)
    assert await case.provider.versions() == (3,)
    await case.destroy(2)  # again: nothing is left to do
    for provider in (case.provider, case.again()):
        with pytest.raises(KeyUnavailableError):
            await provider.unwrap(old, b"use")
        assert (await provider.unwrap(kept, b"use")).reveal() == key.reveal()


async def test_nothing_of_a_key_is_shown_or_pickled(case: Case) -> None:
    key = new_key()
    wrapped = await case.provider.wrap(key, b"use")
    opened = await case.provider.unwrap(wrapped, b"use")
    assert "SecretBytes(...)" in repr(opened)
    for said in (repr(case.provider), repr(wrapped), str(vars(case.provider))):
        assert key.reveal().hex() not in said
    with pytest.raises(TypeError):
        pickle.dumps(opened)
    with pytest.raises((TypeError, AttributeError)):
        pickle.dumps(case.provider)
