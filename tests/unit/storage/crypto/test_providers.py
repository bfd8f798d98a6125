from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path

import pytest

from storage import FileKeyProvider, KeyUnavailableError
from storage.crypto.keyring import new_key
from storage.crypto.providers import WrappedByRoot
from storage.durable import write_beside


def test_a_new_key_file_is_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    FileKeyProvider.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    said = json.loads(path.read_text())
    assert (said["format"], said["current"]) == ("sordino-root-keys-1", 1)
    assert len(base64.b64decode(said["keys"]["1"])) == 32
    assert list(tmp_path.iterdir()) == [path]


def test_the_umask_makes_it_no_wider(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        FileKeyProvider.create(tmp_path / "root.key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "root.key").stat().st_mode) == 0o600


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    FileKeyProvider.create(path)
    before = path.read_bytes()
    with pytest.raises(KeyUnavailableError, match="never overwritten"):
        FileKeyProvider.create(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailableError, match="can't be written"):
        FileKeyProvider.create(tmp_path / "none" / "root.key")


async def test_what_one_reading_of_the_file_wraps_another_unwraps(tmp_path: Path) -> None:
    provider, key = FileKeyProvider.create(tmp_path / "root.key"), new_key()
    wrapped = await provider.wrap(key, b"use")
    assert wrapped.version == 1
    again = FileKeyProvider(str(tmp_path / "root.key"))
    assert (await again.unwrap(wrapped, b"use")).reveal() == key.reveal()


async def test_another_key_or_use_or_version_is_refused(tmp_path: Path) -> None:
    provider = FileKeyProvider.create(tmp_path / "root.key")
    wrapped = await provider.wrap(new_key(), b"use")
    with pytest.raises(KeyUnavailableError, match="another key"):
        await FileKeyProvider.create(tmp_path / "other.key").unwrap(wrapped, b"use")
    with pytest.raises(KeyUnavailableError, match="another key"):
        await provider.unwrap(wrapped, b"other use")
    with pytest.raises(KeyUnavailableError, match="no version 2"):
        await provider.unwrap(WrappedByRoot(2, wrapped.wrapped), b"use")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
async def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "root.key"
    provider = FileKeyProvider.create(path)
    path.chmod(mode)
    with pytest.raises(KeyUnavailableError, match=f"{mode:04o}.*0600"):
        FileKeyProvider(path)
    with pytest.raises(KeyUnavailableError):
        await provider.check()


async def test_a_file_that_only_its_owner_may_read_is_good(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    FileKeyProvider.create(path)
    path.chmod(0o400)
    await FileKeyProvider(path).check()


async def test_a_lost_file_is_noticed_while_running(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    provider = FileKeyProvider.create(path)
    path.unlink()
    with pytest.raises(KeyUnavailableError, match="missing"):
        await provider.check()


GOOD = {"format": "sordino-root-keys-1", "current": 1, "keys": {"1": base64.b64encode(b"s" * 32).decode()}}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "\xff",
        json.dumps(GOOD | {"format": "sordino-root-keys-2"}),
        json.dumps(GOOD | {"current": 2}),
        json.dumps(GOOD | {"current": "x"}),
        json.dumps(GOOD | {"keys": {}}),
        json.dumps(GOOD | {"keys": []}),
        json.dumps(GOOD | {"keys": {"1": "c3Nz"}}),
        json.dumps(GOOD | {"keys": {"1": "secret, and no base64!"}}),
        json.dumps(GOOD | {"keys": {"one": base64.b64encode(b"s" * 32).decode()}}),
        json.dumps({"keys": GOOD["keys"]}),
    ],
)
def test_a_damaged_file_is_refused_without_being_quoted(tmp_path: Path, content: str) -> None:
    path = tmp_path / "root.key"
    path.touch(mode=0o600)
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(KeyUnavailableError, match="damaged") as refused:
        FileKeyProvider(path)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert "c3Nz" not in str(refused.value)


def test_something_that_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailableError, match="can't be read"):
        FileKeyProvider(tmp_path)


def names_in(directory: Path) -> set[str]:
    return {each.name for each in directory.iterdir()}


async def test_destroying_a_version_leaves_none_in_what_a_killed_process_left_beside(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    provider = FileKeyProvider.create(path)
    for gone in (1, 2):
        await provider.rotate()
        left = write_beside(path, path.read_bytes(), 0o600)
        linked = tmp_path / f".root.key.{'0' * 16}"
        linked.hardlink_to(path)
        other = tmp_path / ".root.key.swp"
        other.write_bytes(b"another's")
        with left.open("rb") as held:
            await provider.destroy(gone)
            assert set(held.read()) == {0}, "overwritten where it lay"
        assert names_in(tmp_path) == {path.name, other.name}
        assert await FileKeyProvider(path).versions() == (gone + 1,)
    left = write_beside(path, path.read_bytes(), 0o600)
    await provider.destroy(2)  # a second time, as after a kill
    assert not left.exists()
