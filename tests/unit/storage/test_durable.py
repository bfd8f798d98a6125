import resource
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.durable import write_beside, write_new


@pytest.mark.parametrize("mode", [0o400, 0o600])
def test_a_new_file_is_whole_private_and_alone(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    write_new(path, b"content", mode)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"content", mode)
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        write_new(path, b"new", 0o600)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


def test_of_many_at_once_one_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "key"

    def make(content: bytes) -> bool:
        try:
            write_new(path, content, 0o600)
        except FileExistsError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(make, [b"%d" % number * 1000 for number in range(8)]))
    assert made.count(True) == 1
    assert path.read_bytes() == b"%d" % made.index(True) * 1000


def test_of_a_file_that_can_not_be_written_nothing_is_left(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_beside(tmp_path / "key", b"x" * 100, 0o600)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
