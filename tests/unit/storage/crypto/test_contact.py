"""Keys in memory serve for an hour without the provider, not longer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from storage import FileKeyProvider, KeyUnavailableError, SecretBytes
from storage.crypto.contact import WatchedProvider
from storage.crypto.keyring import new_key
from storage.crypto.providers import WrappedByRoot
from storage.errors import ProviderDownError
from tests.fakes import FakeClock


@dataclass
class Failing:
    """A provider that fails when it is told to."""

    inner: FileKeyProvider
    error: KeyUnavailableError | None = None
    asked: int = 0

    async def wrap(self, key: SecretBytes, bound_to: bytes) -> WrappedByRoot:
        self._fail()
        return await self.inner.wrap(key, bound_to)

    async def unwrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> SecretBytes:
        self._fail()
        return await self.inner.unwrap(wrapped, bound_to)

    async def rewrap(self, wrapped: WrappedByRoot, bound_to: bytes) -> WrappedByRoot:
        self._fail()
        return await self.inner.rewrap(wrapped, bound_to)

    async def check(self) -> None:
        self.asked += 1
        self._fail()

    async def versions(self) -> tuple[int, ...]:
        self._fail()
        return await self.inner.versions()

    async def rotate(self) -> int:
        self._fail()
        return await self.inner.rotate()

    async def destroy(self, up_to: int) -> None:
        self._fail()
        await self.inner.destroy(up_to)

    async def close(self) -> None:
        self.error = None

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


@dataclass
class Watch:
    """A watched provider with its clock; `forgotten` counts how often all keys were forgotten."""

    provider: Failing
    clock: FakeClock = field(default_factory=FakeClock)
    forgotten: int = 0

    def __post_init__(self) -> None:
        self.watched = WatchedProvider(self.provider, self.clock, self._forget)

    def _forget(self) -> None:
        self.forgotten += 1

    async def confirm(self) -> None:
        await self.watched.confirm()
        await asyncio.sleep(0)  # lets the question be asked that nobody waits for
        await asyncio.sleep(0)


@pytest.fixture
async def watch(tmp_path: Path) -> Watch:
    made = Watch(Failing(FileKeyProvider.create(tmp_path / "root.key")))
    await made.watched.wrap(new_key(), b"use")
    return made


DOWN = ProviderDownError("down")


async def test_keys_serve_for_an_hour_without_the_provider(watch: Watch) -> None:
    watch.provider.error = DOWN
    for _ in range(59):
        await watch.confirm()
        watch.clock.move(minutes=1)
    await watch.confirm()
    assert not watch.watched.state().serves
    assert watch.watched.state().unconfirmed_seconds == 59 * 60
    assert watch.forgotten == 0
    watch.clock.move(minutes=1)
    with pytest.raises(ProviderDownError, match="for an hour"):
        await watch.confirm()
    assert watch.forgotten > 0
    watch.clock.move(seconds=2)
    watch.provider.error = None
    await watch.confirm()
    assert watch.watched.state().serves
    assert watch.watched.state().unconfirmed_seconds == 0


async def test_it_is_asked_once_a_minute_while_keys_are_used(watch: Watch) -> None:
    for _ in range(600):
        await watch.confirm()
        watch.clock.move(seconds=1)
    assert 8 <= watch.provider.asked <= 10


async def test_a_check_is_calm_for_an_hour(watch: Watch) -> None:
    watch.provider.error = DOWN
    watch.clock.move(minutes=59)
    await watch.watched.check()
    watch.clock.move(minutes=2)
    with pytest.raises(ProviderDownError):
        await watch.watched.check()
    watch.provider.error = None
    await watch.watched.check()


async def test_a_key_that_is_gone_or_bare_ends_it_at_once(watch: Watch) -> None:
    watch.provider.error = KeyUnavailableError("readable by others")
    with pytest.raises(KeyUnavailableError):
        await watch.watched.check()
    with pytest.raises(KeyUnavailableError):
        await watch.confirm()
    assert watch.forgotten > 0
    watch.provider.error = None
    watch.clock.move(seconds=2)
    await watch.confirm()


async def test_a_question_that_does_not_fit_says_nothing_of_the_provider(watch: Watch) -> None:
    with pytest.raises(KeyUnavailableError):
        await watch.watched.unwrap(WrappedByRoot(7, b""), b"use")
    assert watch.watched.state().serves
    await watch.confirm()


async def test_a_clock_that_goes_back_has_it_asked(watch: Watch) -> None:
    watch.clock.move(hours=-5)
    await watch.confirm()
    assert watch.provider.asked == 1
    watch.clock.move(hours=-5)
    watch.provider.error = DOWN
    with pytest.raises(ProviderDownError):
        await watch.confirm()
