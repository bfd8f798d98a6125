"""What every `BlobStore` promises, over memory, a directory and a bucket of a real S3 server."""

from __future__ import annotations

import fcntl
import secrets
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from storage.blobs import BlobStore, MemoryBlobs
from storage.blobs.files import FileBlobs
from storage.blobs.s3 import PART_BYTES, S3Blobs
from storage.buckets import Bucket
from storage.errors import SealBrokenError, StoreUnavailableError
from tests.s3_server import S3Server, s3_server

FOLDER = "0" * 32
NAME = f"{FOLDER}/{'1' * 32}"


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


def bucket(server: S3Server, name: str) -> Bucket:
    return Bucket(name, "calls/sealed", server.endpoint, "us-east-1", "test", "test")


def _memory(_: Path, __: Callable[[], S3Server]) -> BlobStore:
    return MemoryBlobs()


def _files(directory: Path, _: Callable[[], S3Server]) -> BlobStore:
    return FileBlobs(directory / "blobs")


def _s3(_: Path, server: Callable[[], S3Server]) -> BlobStore:
    name = f"b-{secrets.token_hex(4)}"
    server().make_bucket(name)
    return S3Blobs(bucket(server(), name))


MAKERS = {"memory": _memory, "files": _files, "s3": _s3}


@pytest.fixture(params=list(MAKERS))
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BlobStore]:
    made = MAKERS[request.param](tmp_path, lambda: request.getfixturevalue("s3"))
    await made.start()
    yield made
    await made.close()


async def pieces(*content: bytes, fail: bool = False) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece
    if fail:
        raise StoreUnavailableError("the caller has no more")


async def got(blobs: BlobStore, name: str = NAME) -> bytes:
    return b"".join([piece async for piece in blobs.get(name)])


async def listed(blobs: BlobStore, folder: str = FOLDER) -> set[str]:
    return {name async for name in blobs.names(folder)}


class TestBlobStore:
    async def test_what_was_put_is_got_and_listed(self, blobs: BlobStore) -> None:
        await blobs.put(NAME, pieces(b"sealed", b" ", b"sound"))
        assert await got(blobs) == b"sealed sound"
        other = f"{'a' * 32}/{'1' * 32}"
        await blobs.put(other, pieces())
        assert (await got(blobs, other), await listed(blobs), await listed(blobs, "b" * 32)) == (b"", {NAME}, set())

    async def test_what_is_large_is_kept_whole(self, blobs: BlobStore) -> None:
        content = [bytes([number]) * (PART_BYTES // 4) for number in range(9)]
        await blobs.put(NAME, pieces(*content))
        assert await got(blobs) == b"".join(content)

    async def test_the_same_may_be_put_again(self, blobs: BlobStore) -> None:
        for _ in range(2):
            await blobs.put(NAME, pieces(b"sealed"))
        assert (await got(blobs), await listed(blobs)) == (b"sealed", {NAME})

    @pytest.mark.parametrize("size", [1, PART_BYTES])
    async def test_what_broke_off_is_not_there(self, blobs: BlobStore, size: int) -> None:
        with pytest.raises(StoreUnavailableError):
            await blobs.put(NAME, pieces(bytes(size), bytes(size), fail=True))
        assert await listed(blobs) == set()
        with pytest.raises(SealBrokenError):
            await got(blobs)

    async def test_what_was_deleted_is_gone(self, blobs: BlobStore) -> None:
        names = [f"{FOLDER}/{number:032x}" for number in range(5)]
        for name in names:
            await blobs.put(name, pieces(b"sealed"))
        await blobs.delete([*names[:4], NAME])
        await blobs.delete(names[:4])
        await blobs.delete([])
        assert await listed(blobs) == {names[4]}
        with pytest.raises(SealBrokenError, match="missing"):
            await got(blobs, names[0])

    @pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", f"{FOLDER}/../{'1' * 32}", NAME.upper() + "G", ""])
    async def test_nothing_else_is_a_name(self, blobs: BlobStore, name: str) -> None:
        with pytest.raises(ValueError, match="random ids"):
            await blobs.put(name, pieces(b"sealed"))
        with pytest.raises(ValueError, match="random ids"):
            await got(blobs, name)
        with pytest.raises(ValueError, match="random ids"):
            await blobs.delete([name])

    async def test_it_says_that_it_serves(self, blobs: BlobStore) -> None:
        await blobs.check()
        await blobs.start()
        assert await listed(blobs) == set()


class TestFiles:
    async def test_only_the_owner_reads_them(self, tmp_path: Path) -> None:
        blobs = FileBlobs(tmp_path / "blobs")
        await blobs.start()
        await blobs.put(NAME, pieces(b"sealed"))
        found = [tmp_path / "blobs", *(tmp_path / "blobs").rglob("*")]
        modes = {(path.is_file(), stat.S_IMODE(path.stat().st_mode)) for path in found}
        assert modes == {(False, 0o700), (True, 0o600)}

    async def test_a_start_removes_what_a_dead_process_had_begun(self, tmp_path: Path) -> None:
        blobs = FileBlobs(tmp_path / "blobs")
        await blobs.start()
        await blobs.put(NAME, pieces(b"sealed"))
        (blob,) = (path for path in (tmp_path / "blobs").rglob("*") if path.is_file())
        dead, alive = blob.with_name("2" * 32 + ".part"), blob.with_name("3" * 32 + ".part")
        dead.write_bytes(b"half")
        asked = tmp_path / "blobs" / ("4" * 32 + ".probe")  # killed while it saw whether it can write
        asked.touch()
        with alive.open("wb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            await FileBlobs(tmp_path / "blobs").start()
            assert (dead.exists(), asked.exists(), alive.exists()) == (False, False, True)
            assert await listed(blobs) == {NAME}

    async def test_a_directory_that_can_not_be_written_is_said_without_its_path(self, tmp_path: Path) -> None:
        (tmp_path / "secret-place").write_text("a file")
        with pytest.raises(StoreUnavailableError) as raised:
            await FileBlobs(tmp_path / "secret-place" / "blobs").start()
        assert "secret-place" not in str(raised.value)


class TestS3:
    async def test_a_bucket_that_keeps_versions_is_refused(self, s3: S3Server) -> None:
        s3.make_bucket("versions", versioned=True)
        blobs = S3Blobs(bucket(s3, "versions"))
        for refused in (blobs.start(), blobs.put(NAME, pieces(b"x")), blobs.put(NAME, pieces(bytes(PART_BYTES + 1)))):
            with pytest.raises(StoreUnavailableError, match="versions"):
                await refused

    async def test_a_check_leaves_nothing_and_blobs_lie_under_their_prefix(self, s3: S3Server) -> None:
        s3.make_bucket("clean")
        blobs = S3Blobs(bucket(s3, "clean"))
        await blobs.start()
        assert s3.objects("clean") == []
        await blobs.put(NAME, pieces(b"sealed"))
        assert s3.objects("clean") == [f"calls/sealed/{NAME}"]

    async def test_what_is_away_is_said_without_address_or_key(self, s3: S3Server) -> None:
        missing = Bucket("not-there", "", s3.endpoint, "us-east-1", "secret-id", "secret-key")
        away = Bucket("bucket", "", "http://127.0.0.1:9", "us-east-1", "secret-id", "secret-key")
        for each in (missing, away):
            with pytest.raises(StoreUnavailableError) as raised:
                await S3Blobs(each).start()
            assert not [word for word in ("127.0.0.1", "secret", "bucket/") if word in str(raised.value)]
        assert "secret" not in repr(missing)
